# SPDX-License-Identifier: Apache-2.0
"""JSON between the service and its own pages: what a browser is asked of a passkey and what it answers."""

from typing import Annotated

from pydantic import Field

from app.platform.bodies import Answer, Body

Base64 = Annotated[str, Field(min_length=4, max_length=4096)]


class RegistrationIn(Body):
    """For which foundation a passkey is to be made."""

    foundation: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")


class RegistrationOut(Answer):
    """The options of `navigator.credentials.create`; bytes in base64."""

    challenge: Base64
    rp_id: str
    rp_name: str
    user_handle: Base64
    user_name: str
    known: list[str]


class NewPasskeyIn(Body):
    """`response.clientDataJSON` and `response.getAuthenticatorData()`, base64."""

    client_data: Base64
    authenticator_data: Base64


class AssertionIn(Body):
    """The answer of `navigator.credentials.get`, base64."""

    client_data: Base64
    authenticator_data: Base64
    signature: Base64
