# SPDX-License-Identifier: Apache-2.0
"""A record's layout with holes: compiled from one record by the full renderer, filled for every other of its shape.

Every value is set anew in every record, also in the one that the template was compiled from: so the bytes follow from
the data alone, whichever record came first. What cannot be set in the template's lines and faces is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.records.chunks import Chunked
from app.records.data import AttachedFile, RecordData, utc
from app.records.faces import CannotFill, Face
from app.records.packing import Frame, packed, packed_once, stream
from app.records.pages import qr_of
from app.records.render import metadata_of
from app.records.slim import joined, squares
from app.records.xmp import with_record


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a value: on which canvas, at which of its operations, from where (pixels), and how wide it may be.

    `right` is where it ends instead, for what stands at the right.
    """

    canvas: int
    place: int
    x: bytes
    y: bytes
    room: float
    right: float | None
    shown: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The lines of one value on one canvas, and what they are set in; `font` is its name on the page."""

    value: int
    face: Face
    font: bytes
    size: bytes
    lines: tuple[Line, ...]
    linked: bool
    """Whether an area over each line can be clicked: then the lines must have the same lengths."""

    def set(self, text: str) -> Iterator[tuple[Line, bytes]]:
        """Each line with the operations that draw it; raises `CannotFill`."""
        size = float(self.size)
        lines = list(self.face.broken(text, size, self.lines[0].room))
        if len(lines) != len(self.lines):
            raise CannotFill("a value that takes more or fewer lines")
        for line, words in zip(self.lines, lines, strict=True):
            if self.linked and len(words) != len(line.shown):
                raise CannotFill("an address of another length")
            x = line.x if line.right is None else b"%.2f" % (line.right - self.face.width(words, size))
            drawn = self.face.shown(words, self.font, self.size)
            yield line, b"BT\n1 0 0 -1 %b %b Tm\n%b\nET" % (x, line.y, drawn)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The content of a page or form: object number, what its dictionary says, operations with holes."""

    number: int
    head: bytes
    operations: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Code:
    """Where the QR code is drawn, and how many modules it is wide."""

    canvas: int
    place: int
    modules: int


@dataclass(frozen=True, slots=True)
class Spot:
    """An object of which one or more entries differ from record to record; `entries` are those that do not."""

    number: int
    entries: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """What records of one shape share."""

    frame: Frame
    canvases: tuple[Canvas, ...]
    slots: tuple[Slot, ...]
    code: Code
    files: Mapping[str, tuple[Spot, Spot]]
    """Of each attached file its stream, and what is told of it."""
    links: tuple[Spot, ...]
    figure: Spot
    info: Spot
    packet: "Packet"

    def fill(self, data: RecordData, chunked: Chunked, files: Sequence[AttachedFile]) -> bytes:
        """The unsealed PDF of a record of this shape; raises `CannotFill`."""
        changed = dict(self._contents(data, chunked.values))
        for file in files:
            changed.update(self._attached(file, data))
        address = _string(data.page_url)
        for link in self.links:
            action = b"/Contents %b/A<</Type/Action/S/URI/URI %b>>" % (address, address)
            changed[link.number] = b"<<%b%b>>" % (link.entries, action)
        changed[self.figure.number] = b"<<%b/Alt %b>>" % (self.figure.entries, _string(f"QR code of {data.page_url}"))
        dates = (_string(chunked.title), *[_string(f"D:{data.act.signed_at:%Y%m%d%H%M%S}Z")] * 2)
        changed[self.info.number] = b"<<%b/Title %b/CreationDate %b/ModDate %b>>" % (self.info.entries, *dates)
        changed[self.packet.number] = self.packet.told(chunked.title, data)
        return self.frame.write(changed)

    def _contents(self, data: RecordData, values: Mapping[int, str]) -> Iterator[tuple[int, bytes]]:
        drawn = [list(canvas.operations) for canvas in self.canvases]
        for slot in self.slots:
            for line, operations in slot.set(values[slot.value]):
                drawn[line.canvas][line.place] = operations
        modules = list(qr_of(data).matrix)
        if len(modules) != self.code.modules:
            raise CannotFill("a QR code of another size")
        drawn[self.code.canvas][self.code.place] = b"\n".join(qr_operations(modules))
        for canvas, content in zip(self.canvases, drawn, strict=True):
            yield canvas.number, stream(canvas.head, joined(content))

    def _attached(self, file: AttachedFile, data: RecordData) -> Mapping[int, bytes]:
        held, told = self.files[file.name]
        pack = packed_once if file.relationship == "Source" else packed
        moment = _string(f"D:{data.act.signed_at:%Y%m%d%H%M%S}Z")
        about = (told.entries, len(file.content), moment, moment)
        return {
            held.number: stream(held.entries, file.content, pack),
            told.number: b"<<%b/Size %d/CreationDate %b/ModDate %b>>" % about,
        }


@dataclass(frozen=True, slots=True)
class Packet:
    """The metadata: what stands around the description, which the renderer's own writer writes anew."""

    number: int
    head: bytes
    before: bytes
    behind: bytes
    metadata: Any

    def told(self, title: str, data: RecordData) -> bytes:
        own = copy(self.metadata)
        own.title, own.created, own.modified = title, *[utc(data.act.signed_at)] * 2
        content = self.before + with_record(described(own), metadata_of(data)) + self.behind
        return stream(self.head, content)


def described(metadata: Any) -> bytes:
    """What WeasyPrint's own writer says of a document, without what is added for records."""
    return bytes(type(metadata).generate_rdf_metadata(metadata, "a", 3, "A"))


def qr_operations(modules: Sequence[Sequence[int]]) -> list[bytes]:
    """How the code is drawn: an area for each run of dark modules in a row."""
    return squares(run for row, line in enumerate(modules) for run in _dark(row, line))


def _dark(row: int, line: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    start = 0
    for dark, run in groupby(line):
        width = len(list(run))
        if dark:
            yield start, row, width
        start += width


def _string(text: str) -> bytes:
    from pydyf import String

    return bytes(String(text).data)
