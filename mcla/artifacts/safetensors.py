# SPDX-License-Identifier: Apache-2.0
"""The header of a safetensors file, read so strictly that its bytes have one meaning only.

Layout (the format's README and `tensor.rs`): a u64 little-endian length N, N bytes of JSON padded with spaces, then the
buffer. The tensors must cover the buffer to its last byte without hole or overlap, so nothing can hide between them.
The JSON has one shape, so it is read member by member and refused at the first byte that does not fit: a hostile
header costs no more memory than its own length. A tensor's name is a label here, never a path.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

from mcla.artifacts.jsontext import MAX_INT, JsonInvalid, parse_json
from mcla.artifacts.paths import unreadable_character
from mcla.errors import MclaError

SUFFIX = ".safetensors"
LENGTH_BYTES = 8
MAX_HEADER = 100_000_000  # the format's own limit
MAX_TENSORS = 250_000
MAX_METADATA = 100_000
MAX_NAME_BYTES = 1024
METADATA = "__metadata__"

BITS: Mapping[str, int] = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}
"""Bits of one element, by dtype."""

_SPACE = re.compile(r"[ \t\n\r]*")
# Flat, short, and without a minus sign, which JSON knows as "-0" and the format does not.
_ENTRY = re.compile(r"\{[^{}\-]{0,4096}\}")
_DECODER = JSONDecoder()
_MEMBERS = {"dtype", "shape", "data_offsets"}


class SafetensorsInvalid(MclaError):
    """A file is not safetensors, or is so in a way that two programs would read differently."""

    code = "safetensors-invalid"
    hint = "Write the file anew with the safetensors library; it may have been cut, joined or edited by hand."


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor of a header: `start` and `end` in bytes from the beginning of the buffer."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Header:
    """What a file holds: its tensors in the order of the buffer, and its metadata.

    `metadata_at`: the character of the header after the brace that opens the metadata; None without any.
    """

    tensors: tuple[TensorEntry, ...]
    metadata: Mapping[str, str]
    metadata_at: int | None = None


def is_safetensors(path: str) -> bool:
    """Whether a file of this name is taken for safetensors."""
    return path.endswith(SUFFIX)


def header_length(first: bytes, file_size: int) -> int:
    """The length N that the first 8 bytes of a file of `file_size` bytes claim; raises `SafetensorsInvalid`."""
    if len(first) < LENGTH_BYTES:
        raise SafetensorsInvalid(f"expected 8 bytes of header length, got a file of {file_size} bytes")
    length = int.from_bytes(first[:LENGTH_BYTES], "little")
    if length > MAX_HEADER:
        raise SafetensorsInvalid(f"expected a header of at most {MAX_HEADER} bytes, got a claim of {length}")
    if length > file_size - LENGTH_BYTES:
        raise SafetensorsInvalid(f"expected a header within the file of {file_size} bytes, got a claim of {length}")
    if length < 2:
        raise SafetensorsInvalid(f"expected a header of at least 2 bytes, got a claim of {length}")
    return length


def parse_header(data: bytes, buffer_size: int) -> Header:
    """Read the JSON of a header whose buffer has `buffer_size` bytes; raises `SafetensorsInvalid`."""
    check_start(data)
    try:
        members = _Scanner(data.decode("utf-8"))
        header = members.read()
    except UnicodeDecodeError as error:
        raise SafetensorsInvalid(f"expected UTF-8 in the header, got other bytes at {error.start}") from error
    except (JSONDecodeError, JsonInvalid) as error:
        reason = error.msg if isinstance(error, JSONDecodeError) else error.message
        raise SafetensorsInvalid(f"expected JSON in the header: {reason}") from error
    _check_cover(header.tensors, buffer_size)
    return header


def check_start(data: bytes | bytearray) -> None:
    """Refuse a header by its first byte, before anything is kept of it; raises `SafetensorsInvalid`."""
    if data[:1] != b"{":
        raise SafetensorsInvalid("expected a header that begins with '{'")


class _Scanner:
    """Walks over the one object of a header, once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._metadata_at: int | None = None

    def read(self) -> Header:
        tensors: dict[str, TensorEntry] = {}
        metadata: dict[str, str] | None = None
        for name in self._names():
            if name in tensors or (name == METADATA and metadata is not None):
                raise SafetensorsInvalid(f"expected each name once in the header, got {name[:80]!a} twice")
            if name == METADATA:
                metadata = self._metadata()
                continue
            if len(tensors) >= MAX_TENSORS:
                raise SafetensorsInvalid(f"expected at most {MAX_TENSORS} tensors in a file, got more")
            tensors[_check_name(name)] = self._tensor(name)
        if self._text[self._at :].strip(" "):
            raise SafetensorsInvalid("expected nothing but spaces after the header's object")
        ordered = sorted(tensors.values(), key=lambda tensor: (tensor.start, tensor.end))
        return Header(tuple(ordered), metadata or {}, self._metadata_at)

    def _names(self) -> Iterator[str]:
        """The names of one object's members; the caller reads each value before it asks for the next name."""
        self._expect("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            name = self._string()
            self._expect(":")
            yield name
            if self._next() == "}":
                self._at += 1
                return
            self._expect(",")

    def _metadata(self) -> dict[str, str]:
        values: dict[str, str] = {}
        self._next()
        self._metadata_at = self._at + 1  # whatever stands there is looked at next
        for name in self._names():
            if name in values:
                raise SafetensorsInvalid(f"expected each name once in {METADATA}, got {name[:80]!a} twice")
            if len(values) >= MAX_METADATA:
                raise SafetensorsInvalid(f"expected at most {MAX_METADATA} members in {METADATA}, got more")
            values[name] = self._string()
        return values

    def _tensor(self, name: str) -> TensorEntry:
        self._next()
        match = _ENTRY.match(self._text, self._at)
        if match is None:
            self._refuse(f"an object of dtype, shape and data_offsets for {name[:80]!a}")
        self._at = match.end()
        value = parse_json(match[0].encode(), max_depth=2)
        if set(value) != _MEMBERS:
            raise SafetensorsInvalid(f"expected dtype, shape and data_offsets for {name[:80]!a}, no more and no less")
        return _entry(name, value["dtype"], value["shape"], value["data_offsets"])

    def _string(self) -> str:
        if self._next() != '"':
            self._refuse("text in quotes")
        value, self._at = _DECODER.raw_decode(self._text, self._at)  # stands at a quote: reads this string and no more
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise SafetensorsInvalid("expected Unicode text, got half of a surrogate pair") from None
        return text

    def _next(self) -> str:
        if space := _SPACE.match(self._text, self._at):
            self._at = space.end()
        return self._text[self._at : self._at + 1]

    def _expect(self, char: str) -> None:
        if self._next() != char:
            self._refuse(f"'{char}'")
        self._at += 1

    def _refuse(self, expected: str) -> NoReturn:
        got = self._text[self._at : self._at + 20]
        raise SafetensorsInvalid(f"expected {expected} at character {self._at} of the header, got {got!a}")


def _check_name(name: str) -> str:
    length = len(name.encode())
    if not 1 <= length <= MAX_NAME_BYTES:
        raise SafetensorsInvalid(f"expected a tensor's name of 1 to {MAX_NAME_BYTES} bytes, got {length}")
    if (char := unreadable_character(name)) is not None:
        raise SafetensorsInvalid(f"expected no control characters in a name, got U+{ord(char):04X} in {name[:80]!a}")
    return name


def _entry(name: str, dtype: object, shape: object, offsets: object) -> TensorEntry:
    if not isinstance(dtype, str) or dtype not in BITS:
        raise SafetensorsInvalid(f"expected a known dtype for {name[:80]!a}, got {str(dtype)[:40]!a}")
    if not isinstance(shape, list) or not all(type(size) is int for size in shape):
        raise SafetensorsInvalid(f"expected a shape of whole numbers for {name[:80]!a}")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(offset) is int for offset in offsets):
        raise SafetensorsInvalid(f"expected two data_offsets for {name[:80]!a}")
    start, end = offsets
    size = _byte_count(name, dtype, shape)
    if end - start != size:
        raise SafetensorsInvalid(f"expected {size} bytes for {name[:80]!a} by dtype and shape, got {end - start}")
    return TensorEntry(name, dtype, tuple(shape), start, end)


def _byte_count(name: str, dtype: str, shape: list[int]) -> int:
    bits = BITS[dtype]
    for size in shape:
        bits *= size
        if bits > MAX_INT:
            raise SafetensorsInvalid(f"expected at most 2^53 - 1 bits in {name[:80]!a}, got more")
    if bits % 8:
        raise SafetensorsInvalid(f"expected whole bytes for {name[:80]!a}, got {bits} bits")
    return bits // 8


def _check_cover(tensors: tuple[TensorEntry, ...], buffer_size: int) -> None:
    at = 0
    for tensor in tensors:
        if tensor.start != at:
            what = "a hole before it" if tensor.start > at else "an overlap with the one before"
            raise SafetensorsInvalid(f"expected {tensor.name[:80]!a} to begin at {at}, got {tensor.start}: {what}")
        at = tensor.end
    if at != buffer_size:
        raise SafetensorsInvalid(f"expected tensors to the end of the buffer of {buffer_size} bytes, got {at} bytes")
