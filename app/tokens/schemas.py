# SPDX-License-Identifier: Apache-2.0
"""JSON of the exchange, with the names of RFC 8693. Field names are a contract with outside scripts."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from app.platform.bodies import Answer, Body
from app.platform.scopes import Scope
from app.tokens.exchange import Exchanged
from app.tokens.values import told

ONE = f"({'|'.join(Scope)})"
SCOPES = f"^{ONE}( {ONE})*$"


class ExchangeIn(Body):
    """What a job brings: the ID token that its forge made for it, and whose token it wants."""

    max_bytes: ClassVar[int] = 128 * 1024

    project: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$", description="The project's slug.")
    subject_token: str = Field(
        min_length=1, max_length=16384, description="The forge's ID token, made for this service's origin as audience."
    )
    scope: str | None = Field(
        default=None,
        max_length=200,
        pattern=SCOPES,
        description="Scopes with spaces between; left out, all of the rule.",
    )


class ExchangeOut(Answer):
    """A token of the project for the rest of the job."""

    access_token: str = Field(description="Send it as Authorization: Bearer …")
    issued_token_type: Literal["urn:ietf:params:oauth:token-type:access_token"]
    token_type: Literal["Bearer"]
    expires_in: int = Field(ge=1, description="Seconds.")
    scope: str
    project: str


def exchange_out(project: str, made: Exchanged) -> dict[str, Any]:
    """The JSON of an exchange."""
    return {
        "access_token": made.secret,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": made.expires_in,
        "scope": told(made.scopes),
        "project": project,
    }
