# SPDX-License-Identifier: Apache-2.0
"""A bundle's JSON with one thing spoiled: every member and value in turn, in every way that a reader may pass over.

What is signed stays as it was: these are faults of the file, not of the proof.
"""

import base64
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]
Spoiled = Iterator[tuple[str, bytes]]
_TWICE = "\x07"  # marks the second of two members of one name until the text is written
_URL_SAFE = str.maketrans("+/", "-_")


def spoiled(bundle: dict[str, Any], other: dict[str, Any], below: Path = ()) -> Spoiled:
    """Name and bytes of each spoiled form of `bundle`; `other` is as sound and lends its values.

    Only what stands at or below the path `below` is spoiled, and of a list only the first item.
    """
    if not below:
        yield from _of_the_text(bundle)
    for path in paths(bundle):
        if path[: len(below)] != below or any(isinstance(key, int) and key > 0 for key in path):
            continue
        value = at(bundle, path)
        yield from _named("dropped", path, without(bundle, path))
        for name, new in instead(value, at(other, path)):
            yield from _named(name, path, replaced(bundle, path, new))
        if isinstance(value, dict):
            yield from _named("with one more member", path, replaced(bundle, path, value | {"extra": "x"}))
        if isinstance(path[-1], str):
            yield from _twice(bundle, path, at(other, path))


def paths(value: object, start: Path = ()) -> Iterator[Path]:
    """The path of every member and item below `value`."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*start, key)
            yield from paths(child, (*start, key))


def at(value: Any, path: Path) -> Any:
    """What stands there; None where the last step or one before it is missing."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
    return value


def replaced(bundle: dict[str, Any], path: Path, new: object) -> dict[str, Any]:
    copy = deepcopy(bundle)
    at(copy, path[:-1])[path[-1]] = new
    return copy


def without(bundle: dict[str, Any], path: Path) -> dict[str, Any]:
    copy = deepcopy(bundle)
    del at(copy, path[:-1])[path[-1]]
    return copy


def written(value: object) -> bytes:
    return json.dumps(value).replace("\\u0007", "").encode()


def is_base64(value: object) -> bool:
    """Whether a value of a bundle is bytes in base64; its names and numbers are shorter."""
    try:
        return isinstance(value, str) and len(value) >= 32 and bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False


def instead(value: Any, other: object) -> Iterator[tuple[str, object]]:
    """What may stand in place of `value`, each under a name; `other` is the same of another bundle."""
    yield "of another bundle", other
    for name, new in (("null", None), ("a number", 7), ("a list", [value]), ("an object", {"value": value})):
        yield f"as {name}", new
    yield "empty", type(value)()
    if isinstance(value, list):
        yield "twice", [*value, *value]
        yield "with an empty item", [*value, type(value[0])() if value else None]
        yield "backwards", value[::-1]
        yield "one short", value[:-1]
    elif isinstance(value, str):
        yield from _other_texts(value)


def _other_texts(value: str) -> Iterator[tuple[str, object]]:
    yield "in capitals", value.upper()
    yield "with a space before", f" {value}"
    yield "with a line end", f"{value}\n"
    yield "with a letter more", f"{value}x"
    yield "one letter short", value[:-1]
    if value.isdigit():
        yield from _other_numbers(int(value))
    elif is_base64(value):
        yield from _other_base64(value)


def _other_numbers(value: int) -> Iterator[tuple[str, object]]:
    yield "as a JSON number", value
    yield "as a fraction", float(value)
    for name, text in (("signed", f"+{value}"), ("padded", f"0{value}"), ("fraction in text", f"{value}.0")):
        yield f"{name}", text
    yield "in other digits", str(value).translate({ord("0") + n: chr(0x0660 + n) for n in range(10)})
    yield "in hexadecimal", hex(value)
    yield "one more", str(value + 1)
    yield "one less", str(value - 1)
    yield "below zero", "-1"
    yield "beyond 64 bits", str(value + 2**64)


def _other_base64(value: str) -> Iterator[tuple[str, object]]:
    data, plain = base64.b64decode(value), value.rstrip("=")
    for name, place in (("first", 0), ("middle", len(data) // 2), ("last", len(data) - 1)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        yield f"bit flipped in the {name} byte", base64.b64encode(flipped).decode()
    yield "one byte more", base64.b64encode(data + b"\0").decode()
    yield "one byte less", base64.b64encode(data[:-1]).decode()
    yield "url-safe", value.translate(_URL_SAFE)
    yield "without padding", plain
    yield "with padding to spare", f"{value}===="
    yield "with a line end inside", f"{value[:16]}\n{value[16:]}"
    yield "with junk inside", f"{value[:16]}*{value[16:]}"
    yield "with spare bits set", plain[:-1] + _next(plain[-1]) + "=" * (len(value) - len(plain))
    yield "in hexadecimal", data.hex()


def _next(letter: str) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return letters[letters.index(letter) ^ 1]


def _twice(bundle: dict[str, Any], path: Path, other: object) -> Spoiled:
    key, holder = str(path[-1]), at(bundle, path[:-1])
    if other is None:
        return
    yield from _named("named twice", path, _within(bundle, path[:-1], holder | {key + _TWICE: holder[key]}))
    yield from _named("named twice, the first wins", path, _within(bundle, path[:-1], holder | {key + _TWICE: other}))
    last = {name: (other if name == key else value) for name, value in holder.items()} | {key + _TWICE: holder[key]}
    yield from _named("named twice, the last wins", path, _within(bundle, path[:-1], last))


def _within(bundle: dict[str, Any], path: Path, new: dict[str, Any]) -> dict[str, Any]:
    return replaced(bundle, path, new) if path else new


def _named(how: str, path: Path, value: object) -> Spoiled:
    yield f"{'.'.join(map(str, path))} {how}", written(value)


def _of_the_text(bundle: dict[str, Any]) -> Spoiled:
    text = json.dumps(bundle)
    yield "as it is", text.encode()
    yield "indented", json.dumps(bundle, indent=3).encode()
    yield "members backwards", json.dumps(_backwards(bundle)).encode()
    yield "members in snake case", _snake_case(text).encode()
    yield "letters escaped", text.replace("A", "\\u0041").encode()
    yield "with a byte order mark", b"\xef\xbb\xbf" + text.encode()
    yield "in UTF-16", text.encode("utf-16")
    yield "with a comma at the end", f"{text[:-1]},}}".encode()
    yield "with a comment", f"{text}//".encode()
    yield "with a NUL at the end", f"{text}\0".encode()
    yield "twice", (text + text).encode()
    yield "in a list", f"[{text}]".encode()
    yield "cut", text[:-40].encode()
    yield "empty", b""
    yield "with a byte that is no UTF-8", text.replace("{", '{"x\xff": 1, ', 1).encode("latin-1")
    yield "with one more member", written(bundle | {"extra": 1})
    yield "with a very deep member", f'{text[:-1]},"extra":{"[" * 500}{"]" * 500}}}'.encode()


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _backwards(child) for name, child in reversed(value.items())}
    return [_backwards(child) for child in value] if isinstance(value, list) else value


def _snake_case(text: str) -> str:
    for name in ("mediaType", "verificationMaterial", "tlogEntries", "logIndex", "rawBytes", "inclusionProof"):
        text = text.replace(f'"{name}"', f'"{"".join(f"_{c.lower()}" if c.isupper() else c for c in name)}"')
    return text
