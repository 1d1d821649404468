# SPDX-License-Identifier: Apache-2.0
"""A strict reader from TOML 1.0 bytes into frozen dataclasses whose annotations are the vocabulary.

Invariant: a file is either understood in full or refused; every fault is reported at once, each naming its key, what
was found and what is allowed. Unknown keys are faults, because a term nobody reads is a term nobody agreed to.
"""

import difflib
import json
import re
import tomllib
import types
import unicodedata
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

MAX_BYTES = 256 * 1024

T = TypeVar("T")


@dataclass(frozen=True)
class Pattern:
    """`Annotated[str, Pattern(...)]`: the text must match `regex` in full; `words` says so to a person."""

    regex: str
    words: str


@dataclass(frozen=True)
class Between:
    """`Annotated[int, Between(low, high)]`: both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file: `key` is its dotted place, empty for the file as a whole.

    `unknown`: the fault is a member that nobody reads.
    """

    key: str
    message: str
    unknown: bool = False

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class Unreadable(Exception):
    """The file was refused; `faults` lists everything wrong with it, in the file's order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def read_toml(shape: type[T], data: bytes) -> T:
    """Read `data` into the dataclass `shape`; raises `Unreadable` with every fault."""
    return read_value(shape, _table(data))


def read_value(shape: type[T], value: object) -> T:
    """The same for a value that was parsed already, such as JSON; raises `Unreadable`."""
    faults: list[Fault] = []
    read = _read(shape, value, "", faults)
    if faults:
        raise Unreadable(faults)
    return read  # type: ignore[no-any-return]


def unfit_character(text: str) -> str | None:
    """The first character that could make a text read differently from its bytes, as `U+202E`; None if there is none.

    Refused are control, format (bidirectional overrides, zero-width marks), surrogate, private and unassigned
    characters and the Unicode line separators. Line feed is needed; the two joiners belong to written languages.
    """
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and character not in "\n\u200c\u200d":
            return f"U+{ord(character):04X}"
    return None


def quoted(values: Iterable[object]) -> str:
    """`"a", "b"`: allowed values as a person would type them."""
    return ", ".join(_shown(value) for value in values)


def _table(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise Unreadable([Fault("", f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")])
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable([Fault("", f"the file is not UTF-8: bad byte at offset {error.start}")]) from None
    except tomllib.TOMLDecodeError as error:
        raise Unreadable([Fault("", f"the file is not TOML: {error}")]) from None
    except RecursionError:
        raise Unreadable([Fault("", "the file is nested too deeply")]) from None


def _read(shape: Any, value: object, key: str, faults: list[Fault]) -> Any:
    origin = get_origin(shape)
    if is_dataclass(shape):
        return _read_table(shape, value, key, faults)
    if origin is Literal:
        return _read_choice(get_args(shape), value, key, faults)
    if origin is Annotated:
        return _read_limited(shape, value, key, faults)
    if origin is tuple:
        return _read_list(get_args(shape)[0], value, key, faults)
    if origin is dict:
        return _read_free_table(get_args(shape)[1], value, key, faults)
    if origin in (Union, types.UnionType):  # only `X | None`, for keys that may be left out
        return _read(get_args(shape)[0], value, key, faults)
    return _read_plain(shape, value, key, faults)


def _read_table(shape: Any, value: object, key: str, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(Fault(key, f"expected a table, got {_shown(value)}"))
        return None
    # `metadata={"key": …}` names a member that no attribute of Python can be called, such as `from`.
    known, hints = {field.metadata.get("key", field.name): field for field in fields(shape)}, _hints(shape)
    _report_unknown(value, known, key, faults)
    before, found = len(faults), {}
    for name, field in known.items():
        if name in value:
            found[field.name] = _read(hints[field.name], value[name], _below(key, name), faults)
        elif _is_required(field):
            faults.append(Fault(_below(key, name), "is missing; " + _expected(hints[field.name])))
    return None if len(faults) > before else shape(**found)


def _report_unknown(value: dict[str, Any], known: dict[str, Field[Any]], key: str, faults: list[Fault]) -> None:
    for name in value:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known keys are " + quoted(known)
            faults.append(Fault(_below(key, name), f"is not a known key; {hint}", unknown=True))


def _read_choice(allowed: tuple[object, ...], value: object, key: str, faults: list[Fault]) -> object:
    # `True == 1` in Python, hence the type as well.
    if not any(value == choice and type(value) is type(choice) for choice in allowed):
        faults.append(Fault(key, f"got {_shown(value)}, allowed: {quoted(allowed)}"))
    return value


def _read_limited(shape: Any, value: object, key: str, faults: list[Fault]) -> object:
    kind, limit = get_args(shape)
    before = len(faults)
    _read(kind, value, key, faults)
    if len(faults) > before:
        return value
    fits = (
        re.fullmatch(limit.regex, str(value), re.DOTALL) is not None
        if isinstance(limit, Pattern)
        else limit.low <= value <= limit.high
    )
    if not fits:
        faults.append(Fault(key, f"got {_shown(value)}, {_expected(shape)}"))
    return value


def _read_list(item: Any, value: object, key: str, faults: list[Fault]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        faults.append(Fault(key, f"expected a list, got {_shown(value)}"))
        return ()
    read = tuple(_read(item, each, f"{key}[{number}]", faults) for number, each in enumerate(value))
    seen: set[str] = set()
    for number, each in enumerate(value):
        told = json.dumps(each, sort_keys=True, default=str)
        if told in seen:
            faults.append(Fault(f"{key}[{number}]", f"{_shown(each)} is listed twice"))
        seen.add(told)
    return read


def _read_free_table(item: Any, value: object, key: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(value, dict):
        faults.append(Fault(key, f"expected a table, got {_shown(value)}"))
        return {}
    return {name: _read(item, each, _below(key, name), faults) for name, each in value.items()}


def _read_plain(shape: type, value: object, key: str, faults: list[Fault]) -> object:
    if type(value) is not shape:  # exactly: TOML's true is no integer
        faults.append(Fault(key, f"got {_shown(value)}, {_expected(shape)}"))
    elif isinstance(value, str) and (bad := unfit_character(value)):
        faults.append(Fault(key, f"carries the invisible or control character {bad}"))
    return value


def _expected(shape: Any) -> str:
    if get_origin(shape) is Literal:
        return "allowed: " + quoted(get_args(shape))
    if get_origin(shape) is Annotated:
        limit = get_args(shape)[1]
        words = limit.words if isinstance(limit, Pattern) else f"a whole number from {limit.low} to {limit.high}"
        return "expected " + words
    if get_origin(shape) is tuple:
        return "expected a list; each " + _expected(get_args(shape)[0])
    names = {bool: "true or false", int: "a whole number", str: "a text"}
    return "expected " + (names.get(shape) or "a table")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else str(value)[:60]


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)
