# SPDX-License-Identifier: Apache-2.0
"""Writes the objects of a PDF in few bytes, and such that what many records share stands at the front of each, once.

Objects are numbered anew without gaps. What a reader of pages looks up stands in one object stream (ISO 32000-1,
7.5.7), the structure tree and the bookmarks in another; the cross-reference stream says how one row differs from that
above (7.4.4.4), which takes a tenth of the rows themselves. The file identifier follows from the content.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import deflate

from app.records.slim import bytes_of

LEVEL = 12
"""Of libdeflate, which looks for the shortest way to say it: a twentieth less than zlib's best, a fifth in the tree."""
HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
# Strings are stepped over: what somebody wrote may look like a reference.
_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]+>|(?<![\w.])(\d+) 0 R\b", re.DOTALL)
_TREE_KEYS = ({"S", "P"}, {"Title", "Parent"}, {"Nums"})


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a document by their number: `streams` stand by themselves, the others in object streams."""

    streams: Mapping[int, bytes]
    front: Mapping[int, bytes]
    tree: Mapping[int, bytes]
    root: int
    info: int

    @property
    def count(self) -> int:
        return len(self.streams) + len(self.front) + len(self.tree)


class Numbers:
    """New numbers for the objects of a pydyf document, without those that were dropped."""

    def __init__(self, pdf: Any) -> None:
        if pdf.info.number is None:
            pdf.add_object(pdf.info)
        kept = [one for one in pdf.objects if one.free != "f"]
        order = [*filter(_is_stream, kept), *filter(_is_front, kept), *filter(_is_tree, kept)]
        self._new = {one.number: number for number, one in enumerate(order, start=1)}
        self.kept = kept

    def __getitem__(self, item: Any) -> int:
        return self._new[item.number]

    def in_bytes(self, data: bytes) -> bytes:
        """`data` with every reference told by its new number."""
        return _REFERENCE.sub(self._renamed, data)

    def _renamed(self, found: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % self._new[int(found[1])] if found[1] else found[0]


def objects_of(pdf: Any, numbers: Numbers | None = None) -> Objects:
    """The objects of a pydyf document as they are written."""
    numbers = numbers or Numbers(pdf)
    streams = {numbers[one]: _stream(one, numbers) for one in numbers.kept if _is_stream(one)}
    front = {numbers[one]: numbers.in_bytes(one.data) for one in numbers.kept if _is_front(one)}
    tree = {numbers[one]: numbers.in_bytes(one.data) for one in numbers.kept if _is_tree(one)}
    return Objects(streams, front, tree, numbers[pdf.catalog], numbers[pdf.info])


def packed(content: bytes) -> bytes:
    return bytes(deflate.zlib_compress(content, LEVEL))


@lru_cache(maxsize=32)
def packed_once(content: bytes) -> bytes:
    """The same, for what many records have alike."""
    return packed(content)


def stream(head: bytes, content: bytes, pack: Callable[[bytes], bytes] = packed) -> bytes:
    """A compressed stream; `head` is what its dictionary says beside filter and length."""
    body = pack(content)
    return b"<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (head, len(body), body)


class Frame:
    """A file of which all but the objects `varying` is written already."""

    def __init__(self, objects: Objects, varying: frozenset[int] = frozenset()) -> None:
        self._objects, self._varying = objects, varying
        head = _Writer(HEADER, objects.count + 4)
        head.add({number: body for number, body in objects.streams.items() if number not in varying})
        head.add_packed(objects.count + 1, objects.tree)
        self._head = head

    def write(self, changed: Mapping[int, bytes] | None = None) -> bytes:
        """The whole file; `changed` are the bodies of the varying objects."""
        changed = changed if changed is not None else {}
        if changed.keys() != self._varying:
            raise ValueError("expected every varying object, and no other")
        objects, file = self._objects, self._head.copy()
        file.add({number: body for number, body in changed.items() if number in objects.streams})
        front = {number: changed.get(number, body) for number, body in objects.front.items()}
        file.add_packed(objects.count + 2, front)
        return file.end(objects.count + 3, b"/Root %d 0 R/Info %d 0 R" % (objects.root, objects.info))


class _Writer:
    """Bytes of a file as they grow, and where in them each object stands."""

    def __init__(self, start: bytes, size: int) -> None:
        self._out, self._rows = bytearray(start), [b""] * size
        self._rows[0] = _row(0, 0, 0xFFFF)

    def copy(self) -> "_Writer":
        other = _Writer(bytes(self._out), 1)
        other._rows = list(self._rows)
        return other

    def add(self, bodies: Mapping[int, bytes]) -> None:
        for number, body in bodies.items():
            self._rows[number] = _row(1, len(self._out), 0)
            self._out += b"%d 0 obj\n%b\nendobj\n" % (number, body)

    def add_packed(self, number: int, bodies: Mapping[int, bytes]) -> None:
        """The `bodies` together, compressed, in the object stream `number`."""
        index, place = [], 0
        for row, (inner, body) in enumerate(bodies.items()):
            index.append(b"%d %d" % (inner, place))
            self._rows[inner] = _row(2, number, row)
            place += len(body) + 1
        first = b" ".join(index) + b"\n"
        head = b"/Type/ObjStm/N %d/First %d" % (len(bodies), len(first))
        self.add({number: stream(head, first + b"\n".join(bodies.values()))})

    def end(self, number: int, trailer: bytes) -> bytes:
        place, identifier = len(self._out), hashlib.sha256(self._out).hexdigest()[:32].encode()
        self._rows[number] = _row(1, place, 0)
        told = b"/Type/XRef/W[1 4 2]/Size %d%b/ID[<%b><%b>]" % (len(self._rows), trailer, identifier, identifier)
        told += b"/DecodeParms<</Predictor 12/Columns %d>>" % len(self._rows[0])
        self.add({number: stream(told, _differences(self._rows))})
        return bytes(self._out) + b"startxref\n%d\n%%%%EOF\n" % place


def _row(kind: int, place: int, more: int) -> bytes:
    return bytes([kind]) + place.to_bytes(4, "big") + more.to_bytes(2, "big")


def _differences(rows: Sequence[bytes]) -> bytes:
    """Each row as its difference from the one above: predictor "Up" of PNG."""
    width, flat = len(rows[0]), b"".join(rows)
    told = _less(flat, bytes(width) + flat[:-width])
    return b"".join(b"\2" + told[place : place + width] for place in range(0, len(told), width))


def _less(one: bytes, other: bytes) -> bytes:
    """Byte by byte `one - other` modulo 256, all at once: the high bits are kept apart so that none is borrowed."""
    high = int.from_bytes(b"\x80" * len(one), "big")
    left, right = int.from_bytes(one, "big"), int.from_bytes(other, "big")
    return (((left | high) - (right & ~high)) ^ ((left ^ right ^ high) & high)).to_bytes(len(one), "big")


def _stream(one: Any, numbers: Numbers) -> bytes:
    from pydyf import Dictionary

    head = numbers.in_bytes(Dictionary(one.extra).data).removeprefix(b"<<").removesuffix(b">>")
    return stream(head, b"\n".join(map(bytes_of, one.stream)))


def _is_stream(one: Any) -> bool:
    return not one.compressible


def _is_tree(one: Any) -> bool:
    """Whether this is an element of the structure tree or a bookmark, which nobody asks for who reads pages."""
    tree = one.compressible and isinstance(one, dict) and any(keys <= one.keys() for keys in _TREE_KEYS)
    return tree and "Alt" not in one  # the words for a picture differ from record to record


def _is_front(one: Any) -> bool:
    return one.compressible and not _is_tree(one)
