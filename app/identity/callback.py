# SPDX-License-Identifier: Apache-2.0
"""What the adapters share: reading a callback's parameters, and when an e-mail address counts."""

import re
from collections.abc import Mapping
from typing import Any

from app.identity.errors import CallbackInvalid, ProviderRefused
from app.identity.ports import Params
from mcla.wording import Worded

_WORD = re.compile(r"[a-z_]{1,60}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\\\"()\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")


def single(params: Params, name: str) -> str | None:
    """The one value of a parameter, None if absent; raises `CallbackInvalid` if repeated or oversized."""
    values = params.get(name, ())
    if len(values) > 1:
        raise CallbackInvalid(Worded("The provider's answer repeats the parameter %(name)s.", name=repr(name)))
    if values and len(values[0]) > 4096:
        raise CallbackInvalid(Worded("The provider's answer has an oversized %(name)s.", name=repr(name)))
    return values[0] if values else None


def authorization_code(params: Params, issuer: str, iss_required: bool, label: str) -> str:
    """The code of a callback, after RFC 9207: `iss` must be there when promised and right when there."""
    told = single(params, "iss")
    if told is None and iss_required:
        raise CallbackInvalid(
            Worded("%(label)s always names itself in its answer, and this answer does not.", label=label)
        )
    if told is not None and told != issuer:
        raise CallbackInvalid(Worded("The answer names another issuer than %(label)s.", label=label))
    error = single(params, "error")
    if error is not None:
        if error == "access_denied":
            raise ProviderRefused(
                Worded("You, or %(label)s, said no to this sign-in. Nothing was changed.", label=label)
            )
        raise ProviderRefused(
            Worded("%(label)s ended the sign-in with: %(plain_word)s.", label=label, plain_word=plain_word(error))
        )
    code = single(params, "code")
    if not code:
        raise CallbackInvalid(Worded("The answer of %(label)s carries no code.", label=label))
    return code


def plain_word(told: object) -> str:
    """An error code of a provider, fit to show; anything else than an RFC 6749 style word is not repeated."""
    return told if isinstance(told, str) and _WORD.fullmatch(told) else "an unreadable error"


def verified_email(told: Mapping[str, Any]) -> str | None:
    """The address, only if `email_verified` is exactly true: the text "true" is not."""
    email = told.get("email")
    if told.get("email_verified") is not True or not isinstance(email, str):
        return None
    return email if len(email) <= 320 and _EMAIL.fullmatch(email) else None
