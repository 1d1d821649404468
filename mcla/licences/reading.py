# SPDX-License-Identifier: Apache-2.0
"""JSON into the frozen dataclasses of this package, each member named and of the kind that its annotation says.

The facts decide about contributions, so a file that is not understood in full is refused: a member too many, one too
few or a value outside its enumeration is a fault with a JSON pointer (RFC 6901).
"""

import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from mcla.errors import MclaError

T = TypeVar("T")


class LicenceDataInvalid(MclaError):
    """A data file of licence facts or rules is not what this version reads."""

    code = "licence-data-invalid"
    hint = "Use the data files of the same release as the program; they are replaced together, never by hand."


def read(shape: type[T], value: object, pointer: str) -> T:
    """`value` as a `shape`; raises `LicenceDataInvalid` naming the place."""
    if not isinstance(value, dict):
        raise _unfit(pointer, "an object", value)
    known = {field.name: field for field in fields(shape)}  # type: ignore[arg-type]
    for name in value:
        if name not in known:
            raise LicenceDataInvalid(f"{pointer}/{name}: expected no such member, got one")
    for name, field in known.items():
        if name not in value and field.default is MISSING:
            raise LicenceDataInvalid(f"{pointer}/{name}: expected this member, got none")
    hints = _hints(cast("Any", shape))
    return shape(**{name: _fit(hints[name], each, f"{pointer}/{name}") for name, each in value.items()})


def _fit(hint: Any, value: object, pointer: str) -> Any:
    origin = get_origin(hint)
    if is_dataclass(hint):
        return read(hint, value, pointer)  # type: ignore[arg-type]
    if origin is Literal:
        if value not in get_args(hint) or isinstance(value, bool):
            raise _unfit(pointer, "one of " + ", ".join(map(str, get_args(hint))), value)
        return value
    if origin is tuple:
        return _list(get_args(hint)[0], value, pointer)
    if origin in (Union, types.UnionType):
        return None if value is None else _fit(get_args(hint)[0], value, pointer)
    if type(value) is not hint:
        raise _unfit(pointer, {str: "a text", bool: "true or false", int: "a whole number"}[hint], value)
    return value


def _list(hint: Any, value: object, pointer: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _unfit(pointer, "a list", value)
    found = tuple(_fit(hint, each, f"{pointer}/{place}") for place, each in enumerate(value))
    if len(set(found)) < len(found):
        raise LicenceDataInvalid(f"{pointer}: expected each entry once, got one twice")
    return found


def _unfit(pointer: str, expected: str, got: object) -> LicenceDataInvalid:
    return LicenceDataInvalid(f"{pointer}: expected {expected}, got {str(got)[:60]!a}")


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)
