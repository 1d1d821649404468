# SPDX-License-Identifier: Apache-2.0
"""Reading what providers send: sizes first, then strict JSON; every fault is a `ProviderAnswerInvalid`.

Unlike in the protocol's own JSON (`mcla.artifacts.jsontext`), fractions are allowed: RFC 7519's NumericDate has them.
"""

import base64
import binascii
import json
from typing import Any

from app.identity.errors import ProviderAnswerInvalid

MAX_DEPTH = 12


def json_object(data: bytes, what: str, fault: type[ProviderAnswerInvalid] = ProviderAnswerInvalid) -> dict[str, Any]:
    """A JSON object without duplicate names, NaN and deep nesting; `data` was capped by the caller."""
    value = json_value(data, what, fault)
    if not isinstance(value, dict):
        raise fault(f"{what} is not a JSON object.")
    return value


def json_value(data: bytes, what: str, fault: type[ProviderAnswerInvalid] = ProviderAnswerInvalid) -> Any:
    """Any JSON value, under the same rules."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in items}) != len(items):
            raise ValueError("a name is repeated")
        return dict(items)

    def constant(name: str) -> float:
        raise ValueError(f"{name} is not JSON")

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise fault(f"{what} is not usable JSON ({type(error).__name__}).") from error
    if _depth(value) > MAX_DEPTH:
        raise fault(f"{what} is nested deeper than {MAX_DEPTH} levels.")
    return value


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        level = [child for item in level if isinstance(item, dict | list) for child in _children(item)]
        depth += 1
    return depth


def _children(item: dict[str, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def base64url(text: str, what: str, fault: type[ProviderAnswerInvalid] = ProviderAnswerInvalid) -> bytes:
    """Unpadded base64url (RFC 7515 section 2); raises for padding and for any other character."""
    try:
        if not text.isascii() or "=" in text or "+" in text or "/" in text:
            raise ValueError("not base64url")
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise fault(f"{what} is not base64url.") from error
