# SPDX-License-Identifier: Apache-2.0
"""Makes a template of one record: lays it out in full, and finds again on the pages every value that was put in.

Nothing is guessed: a value counts as found where the renderer's own boxes say that it stands, and only if the words
that are drawn there are the value. If one is not found, or the record has what this does not know, there is no
template.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.records.bytewise import WIDE
from app.records.chunks import Chunked
from app.records.data import AttachedFile, RecordData
from app.records.faces import CannotFill, Face, face_of, set_for
from app.records.packing import Frame, Numbers, objects_of
from app.records.pages import qr_of
from app.records.render import attachments_of, laid_out, metadata_of, one_at_a_time
from app.records.slim import joined, object_of, pages_of
from app.records.subsets import complete, slim_fonts
from app.records.template import Canvas, Code, Line, Packet, Slot, Spot, Template, described, qr_operations
from app.records.xmp import with_record

BOLD = 600


def compile_template(data: RecordData, chunked: Chunked, files: tuple[AttachedFile, ...]) -> Template:
    """The template of the record's shape; raises `CannotFill`, and `GlyphMissing` as the renderer does."""
    made: list[Template] = []

    def take(document: Any, pdf: Any) -> bytes:
        made.append(_Compiler(document, pdf, data, chunked, files).template())
        return b""

    with one_at_a_time:
        laid_out(chunked.marked(data), attachments_of(files, data), metadata_of(data), take)
    return made[0]


@dataclass(frozen=True, slots=True)
class _Unit:
    """The operations of one line of text, from `BT` to `ET`."""

    start: int
    end: int
    x: bytes
    y: bytes
    font: bytes
    size: bytes

    def at(self, x: float, y: float) -> bool:
        return abs(float(self.x) - x) < 0.02 and abs(float(self.y) - y) < 0.02


@dataclass(frozen=True, slots=True)
class _Found:
    """A line of a value, as the renderer's boxes have it."""

    value: int
    text: str
    x: float
    y: float
    room: float
    right: float | None
    linked: bool


class _Compiler:
    """The steps over one laid out document."""

    def __init__(
        self, document: Any, pdf: Any, data: RecordData, chunked: Chunked, files: tuple[AttachedFile, ...]
    ) -> None:
        self._document, self._pdf, self._data, self._chunked, self._files = document, pdf, data, chunked, files
        self._letters = set_for(chunked.values.values())
        self._fonts = {font.hash.encode(): font for font in document.fonts.values()}
        self._contents = [object_of(pdf, page["Contents"]) for page in pages_of(pdf)]
        self._forms = _forms(pdf)
        self._streams = [*self._contents, *self._forms.values()]
        self._units = [list(_units(each.stream)) for each in self._streams]

    def template(self) -> Template:
        slots, holes = self._slots()
        code, qr = self._code()
        holes[code.canvas].append(qr)
        used = sorted(holes)
        self._complete_fonts(slots)
        numbers = Numbers(self._pdf)
        operations = {canvas: _with_holes(self._streams[canvas].stream, holes[canvas]) for canvas in used}
        for canvas, each in enumerate(self._streams):
            if canvas not in holes:
                each.stream = [joined(each.stream)]
        canvases = [self._canvas(numbers, canvas, operations[canvas][0]) for canvas in used]
        moved = _Moved(used, {canvas: places for canvas, (_, places) in operations.items()})
        files, links = self._files_in(numbers), self._links(numbers)
        figure, info, packet = self._figure(numbers), self._info(numbers), self._packet(numbers)
        spots = (*chain.from_iterable(files.values()), *links, figure, info)
        varying = {each.number for each in canvases} | {spot.number for spot in spots} | {packet.number}
        frame = Frame(objects_of(self._pdf, numbers), frozenset(varying))
        found = tuple(map(moved.slot, slots))
        return Template(frame, tuple(canvases), found, moved.code(code), files, links, figure, info, packet)

    def _slots(self) -> tuple[list[Slot], dict[int, list[_Unit]]]:
        lines: dict[tuple[int, int], list[tuple[Line, _Unit, bool]]] = defaultdict(list)
        holes: dict[int, list[_Unit]] = defaultdict(list)
        for number, page in enumerate(self._document.pages):
            for found in _boxes(page._page_box, None):
                canvas, unit = self._unit(number, found)
                if unit not in holes[canvas]:  # a form stands on many pages
                    holes[canvas].append(unit)
                    line = Line(canvas, unit.start, unit.x, unit.y, found.room, found.right, found.text)
                    lines[found.value, canvas].append((line, unit, found.linked))
        missing = self._chunked.values.keys() - {value for value, _ in lines}
        if missing:
            raise CannotFill("a value that stands on no page")
        return [self._slot(value, each) for (value, _), each in lines.items()], holes

    def _slot(self, value: int, lines: Sequence[tuple[Line, _Unit, bool]]) -> Slot:
        if _squeezed("".join(line.shown for line, _, _ in lines)) != _squeezed(self._chunked.values[value]):
            raise CannotFill("a value that is drawn in other words")
        units = {(unit.font, unit.size) for _, unit, _ in lines}
        if len(units) > 1:
            raise CannotFill("a value in more than one face")
        ((font, size),) = units
        return Slot(value, self._face(font), font, size, tuple(line for line, _, _ in lines), lines[0][2])

    def _face(self, name: bytes) -> Face:
        font = self._fonts[name]
        face = face_of(font.family, self._letters) if font.weight < BOLD else None
        if face is None:
            raise CannotFill("a value in a face that is not filled")
        return face

    def _unit(self, page: int, found: _Found) -> tuple[int, _Unit]:
        """Where a line is drawn: on the page itself, or in a form that the page draws."""
        drawn = b"\n".join(self._contents[page].stream)
        forms = [place for place, name in enumerate(self._forms, start=len(self._contents)) if name in drawn]
        for canvas in (page, *forms):
            for unit in self._units[canvas]:
                if unit.at(found.x, found.y):
                    return canvas, unit
        raise CannotFill("a value that is drawn at another place")

    def _code(self) -> tuple[Code, _Unit]:
        modules = list(qr_of(self._data).matrix)
        drawn = qr_operations(modules)
        for canvas, content in enumerate(self._contents):
            if b"/Figure" in content.stream:
                start = content.stream.index(drawn[0], content.stream.index(b"/Figure"))
                if content.stream[start : start + len(drawn)] == drawn:
                    unit = _Unit(start, start + len(drawn), b"", b"", b"", b"")
                    return Code(canvas, start, len(modules)), unit
        raise CannotFill("a QR code that is drawn in another way")

    def _complete_fonts(self, slots: Sequence[Slot]) -> None:
        if len(self._fonts) != len(self._document.fonts):
            raise CannotFill("a font that is there twice")
        for name, face in {slot.font: slot.face for slot in slots}.items():
            complete(self._fonts[name], face)
        slim_fonts(self._document, self._pdf)

    def _canvas(self, numbers: Numbers, canvas: int, operations: Sequence[bytes]) -> Canvas:
        each = self._streams[canvas]
        return Canvas(numbers[each], _entries(numbers, each.extra), operations)

    def _files_in(self, numbers: Numbers) -> dict[str, tuple[Spot, Spot]]:
        found = [one for one in numbers.kept if getattr(one, "extra", {}).get("Type") == "/EmbeddedFile"]
        pairs = zip(self._files, found, strict=True)
        return {file.name: self._file(numbers, one) for file, one in pairs}

    def _file(self, numbers: Numbers, stream: Any) -> tuple[Spot, Spot]:
        told = object_of(self._pdf, stream.extra["Params"])
        entries = _entries(numbers, told, "Size", "CreationDate", "ModDate")
        return Spot(numbers[stream], _entries(numbers, stream.extra)), Spot(numbers[told], entries)

    def _links(self, numbers: Numbers) -> tuple[Spot, ...]:
        links = [one for one in numbers.kept if isinstance(one, dict) and one.get("Subtype") == "/Link" and "A" in one]
        if any(one["A"]["URI"].string != self._data.page_url for one in links):
            raise CannotFill("a link to another address")
        return tuple(Spot(numbers[one], _entries(numbers, one, "Contents", "A")) for one in links)

    def _figure(self, numbers: Numbers) -> Spot:
        found = [one for one in numbers.kept if isinstance(one, dict) and "Alt" in one]
        if [one["Alt"].string for one in found] != [f"QR code of {self._data.page_url}"]:
            raise CannotFill("a picture that is none of ours")
        return Spot(numbers[found[0]], _entries(numbers, found[0], "Alt"))

    def _info(self, numbers: Numbers) -> Spot:
        info = self._pdf.info
        if info["Title"].string != self._chunked.title:
            raise CannotFill("a title in other words")
        return Spot(numbers[info], _entries(numbers, info, "Title", "CreationDate", "ModDate"))

    def _packet(self, numbers: Numbers) -> Packet:
        (found,) = (one for one in numbers.kept if getattr(one, "extra", {}).get("Type") == "/Metadata")
        metadata = self._document.metadata
        told = with_record(described(metadata), metadata_of(self._data))
        before, middle, behind = b"".join(found.stream).partition(told)
        if not middle:
            raise CannotFill("metadata in other words")
        return Packet(numbers[found], _entries(numbers, found.extra), before, behind, metadata)


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where canvases and operations are, once only those with holes are kept and a hole is one operation."""

    used: Sequence[int]
    places: dict[int, dict[int, int]]

    def slot(self, slot: Slot) -> Slot:
        lines = tuple(self._line(line) for line in slot.lines)
        return Slot(slot.value, slot.face, slot.font, slot.size, lines, slot.linked)

    def _line(self, line: Line) -> Line:
        canvas, place = self.used.index(line.canvas), self.places[line.canvas][line.place]
        return Line(canvas, place, line.x, line.y, line.room, line.right, line.shown)

    def code(self, code: Code) -> Code:
        return Code(self.used.index(code.canvas), self.places[code.canvas][code.place], code.modules)


def _forms(pdf: Any) -> dict[bytes, Any]:
    """The forms of the document by the operation that draws each."""
    named = object_of(pdf, pages_of(pdf)[0]["Resources"])["XObject"]
    return {b"/%b Do" % name.encode(): object_of(pdf, reference) for name, reference in named.items()}


def _units(operations: Sequence[bytes]) -> Iterator[_Unit]:
    for start, operation in enumerate(operations):
        if operation == b"BT":
            end = operations.index(b"ET", start) + 1
            matrix = next(one for one in operations[start:end] if one.endswith(b" Tm")).split()
            font, size = next(one for one in operations[start:end] if one.endswith(b" Tf")).split()[:2]
            if matrix[:4] == [b"1", b"0", b"0", b"-1"]:
                name = font.removeprefix(b"/").removesuffix(WIDE.encode())
                yield _Unit(start, end, matrix[4], matrix[5], name, size)


def _boxes(box: Any, block: Any) -> Iterator[_Found]:
    """The lines of values in the renderer's tree of boxes."""
    from weasyprint.formatting_structure.boxes import BlockContainerBox, TextBox

    if isinstance(box, TextBox):
        value = box.element.get("data-value") if box.element is not None else None
        if value is not None and box.text.strip():
            yield _found(box, block, int(value))
    for child in getattr(box, "children", ()):
        yield from _boxes(child, box if isinstance(box, BlockContainerBox) else block)


def _found(box: Any, block: Any, value: int) -> _Found:
    left = block.content_box_x()
    right = left + block.width if box.style["text_align_all"] in ("right", "end") else None
    room = block.width if right is not None else left + block.width - box.position_x
    return _Found(value, box.text, box.position_x, box.position_y + box.baseline, room, right, box.element.tag == "a")


def _with_holes(operations: Sequence[bytes], holes: Sequence[_Unit]) -> tuple[list[bytes], dict[int, int]]:
    """The operations with one empty one for each hole, and where these are by where the hole began."""
    out: list[bytes] = []
    places: dict[int, int] = {}
    end = 0
    for hole in sorted(holes, key=lambda each: each.start):
        out += operations[end : hole.start]
        places[hole.start] = len(out)
        out.append(b"")
        end = hole.end
    return out + list(operations[end:]), places


def _entries(numbers: Numbers, dictionary: Any, *without: str) -> bytes:
    """A dictionary's entries as they are written, but for those that differ from record to record."""
    from pydyf import Dictionary

    kept = Dictionary({key: value for key, value in dictionary.items() if key not in without})
    return numbers.in_bytes(bytes(kept.data)).removeprefix(b"<<").removesuffix(b">>")


def _squeezed(text: str) -> str:
    return "".join(text.split())
