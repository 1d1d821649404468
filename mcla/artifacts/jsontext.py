# SPDX-License-Identifier: Apache-2.0
"""JSON in one form only: written as RFC 8785 (JCS), read so strictly that two parsers cannot disagree.

The protocol knows no fractions, so both directions take whole numbers within 2**53 - 1 (RFC 7493, I-JSON) and
refuse floats: the hard half of RFC 8785 is then absent, and the verifier needs no package to rebuild signed bytes.
It sits lowest because manifests need it; `mcla.statements.canonical` and `.strict` are its public names.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from mcla.errors import MclaError

MAX_INT = 2**53 - 1
DEFAULT_MAX_BYTES = 8 * 1024 * 1024
DEFAULT_MAX_DEPTH = 32
DEFAULT_MAX_VALUES = 250_000


class JsonInvalid(MclaError):
    """Text is not JSON, or is JSON that parsers read in different ways."""

    code = "json-invalid"
    hint = "Use the file exactly as the service gave it; a tool may have rewritten or cut it."


class JsonUnwritable(MclaError):
    """A value has no place in the protocol's JSON (float, huge number, lone surrogate, other type)."""

    code = "json-unwritable"
    hint = "Use text, whole numbers up to 2^53 - 1, true, false, null, lists and objects with text keys."


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 bytes of `value`; raises `JsonUnwritable` for what the protocol does not carry."""
    try:
        return _WRITER.encode(_ordered(value, 0)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise JsonUnwritable("expected Unicode text, got half of a surrogate pair") from error


# The standard encoder's escapes (short forms, lower-case \u00xx below U+0020, all else literal) are RFC 8785's.
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _ordered(value: object, depth: int) -> object:
    if depth > DEFAULT_MAX_DEPTH:
        raise JsonUnwritable(f"expected at most {DEFAULT_MAX_DEPTH} levels, got more")
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is dict:
        return _ordered_object(value, depth)  # type: ignore[arg-type]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        if abs(value) > MAX_INT:
            raise JsonUnwritable("expected a whole number of at most 2^53 - 1, got a larger one")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return _ordered_object(value, depth)
    raise JsonUnwritable(f"expected a JSON value, got {type(value).__name__}")


def _ordered_object(value: Mapping[Any, Any], depth: int) -> dict[str, object]:
    try:
        plain = "".join(value).isascii()  # then the two orders are the same
    except TypeError:
        raise JsonUnwritable("expected text as the name of every member") from None
    ordered: dict[str, object] = {}
    for name in sorted(value, key=None if plain else _utf_16):
        item = value[name]
        ordered[name] = item if type(item) is str else _ordered(item, depth + 1)
    return ordered


def _utf_16(name: str) -> bytes:
    # RFC 8785 3.2.3 orders by UTF-16 code units, which differs from code points beyond the basic plane.
    return name.encode("utf-16-be", "surrogatepass")


def parse_json(
    data: bytes,
    max_depth: int = DEFAULT_MAX_DEPTH,
    max_bytes: int = DEFAULT_MAX_BYTES,
    max_values: int = DEFAULT_MAX_VALUES,
    *,
    fractions: bool = False,
) -> Any:
    """Read UTF-8 JSON; raises `JsonInvalid` on a duplicate name, NaN, fraction, number beyond 2**53 - 1, lone
    surrogate, byte order mark, more than `max_depth` levels, `max_bytes` bytes or about `max_values` values.

    `fractions` keeps what is no whole number within 2**53 - 1 as a `float`: for files of others, in which one such
    number is no reason to refuse everything else.
    """
    if len(data) > max_bytes:
        raise JsonInvalid(f"expected at most {max_bytes} bytes of JSON, got {len(data)}")
    # Before any of them is made: "[],[],…" takes twenty times its own size. Commas within text count too.
    opened = data.count(b"[") + data.count(b"{")
    if data.count(b",") + opened > max_values:
        raise JsonInvalid(f"expected at most about {max_values} values in the JSON, got more")
    try:
        value = (_READER_OF_OTHERS if fractions else _READER).decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise JsonInvalid(f"expected UTF-8, got other bytes at position {error.start}") from error
    except RecursionError:
        raise JsonInvalid(f"expected at most {max_depth} levels, got more") from None
    except json.JSONDecodeError as error:
        raise JsonInvalid(f"expected JSON: {error.msg} at line {error.lineno} column {error.colno}") from error
    surrogates = b"\\u" in data and _SURROGATE.search(data) is not None
    if surrogates or opened > max_depth:  # what is not opened is not deep
        _check_shape(value, max_depth, surrogates=surrogates)
    return value


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise JsonInvalid(f"expected each name once in an object, got {twice[:80]!a} twice")
    return members


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INT:
        raise JsonInvalid("expected a whole number of at most 2^53 - 1, got a larger one")
    return int(text)


def _no_fraction(text: str) -> NoReturn:
    raise JsonInvalid(f"expected a whole number, got {text[:40]}")


def _no_constant(text: str) -> NoReturn:
    raise JsonInvalid(f"expected a number, got {text}")


_READER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_constant
)


def _number(text: str) -> int | float:
    return int(text) if len(text) <= 17 and abs(int(text)) <= MAX_INT else float(text)


_READER_OF_OTHERS = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_number, parse_constant=_no_constant)


def _check_shape(root: object, max_depth: int, *, surrogates: bool) -> None:
    level: list[object] = [root]
    for _ in range(max_depth + 1):
        if surrogates:
            _check_text(level)
        inner = [item for item in level if isinstance(item, dict | list)]
        if not inner:
            return
        level = [child for item in inner for child in _children(item)]
    raise JsonInvalid(f"expected at most {max_depth} levels, got more")


def _children(item: dict[str, object] | list[object]) -> list[object]:
    return list(item.values()) if isinstance(item, dict) else item


def _check_text(level: list[object]) -> None:
    for item in level:
        for text in [item, *item] if isinstance(item, dict) else [item]:
            # Only escapes can bring a lone surrogate in: the UTF-8 decoder refuses raw ones.
            if isinstance(text, str) and not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
                raise JsonInvalid("expected Unicode text, got half of a surrogate pair")
