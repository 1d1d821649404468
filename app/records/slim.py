# SPDX-License-Identifier: Apache-2.0
"""The same pages and the same reading order in fewer bytes: what the renderer writes at length is said shortly.

Records are kept for decades and sent by mail. A third of an unslimmed one says nothing: a structure element around
every line of text, and brackets between every two letters. What a reader or a screen reader gets stays the same.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

_HEX = re.compile(rb"<([0-9a-f]+)>")
_LONG = re.compile(rb"-?\d+\.\d{3,}")
_SPECIAL = re.compile(rb"[\\()]")
_LINE_BEGINS, _HALF_WAY = re.compile(rb"\d+ \d+\.5 m"), re.compile(rb"\d+ \d+\.5 [ml]")
_WHITE, _PRIMARIES = b"0.9505 1 1.089", b"0.4124 0.2126 0.0193 0.3576 0.7152 0.1192 0.1805 0.0722 0.9505"
"""Of sRGB (IEC 61966-2-1) in CIE XYZ."""
_SHOWN = rb"/\w+ [\d.]+ Tf\n\[(?:\((?:[^()\\]|\\.)*\)|[^()\]])*\] TJ\n"
# One line of text: its marked content and colour, where it begins, and what it shows in one font after another.
_LINE = re.compile(
    rb"(/\w+\n<</MCID \d+>>\nBDC\n(?:(?:[\d.]+ [\d.]+ [\d.]+ rg|/[\w.]+ gs)\n)*)"
    rb"BT\n1 0 0 -1 (-?[\d.]+) (-?[\d.]+) Tm\n((?:" + _SHOWN + rb")+)ET\nEMC\n",
    re.DOTALL,
)


def slim(pdf: Any) -> None:
    """Make a pydyf `pdf` smaller in place, after its structure tree is built and before it is written."""
    _drop_lines(pdf)
    _name_colours(pdf)
    _drop_opacity(pdf)
    _drop_boxes(pdf)
    _describe_files(pdf)
    for content in drawn(pdf):
        content.stream = _in_squares([_shorter(bytes_of(operation)) for operation in content.stream])


def joined(operations: Sequence[bytes]) -> bytes:
    """The content of a page: lines that follow each other in one text object, each told from where it stands.

    To a tenth of a pixel (26 micrometres): the way from line to line is then mostly the same number.
    """
    content = b"\n".join(operations) + b"\n"
    out: list[bytes] = []
    place, before = 0, (0, 0)
    for line in _LINE.finditer(content):
        begin, shown = line[1], line[4]
        at = round(float(line[2]) * 10), round(float(line[3]) * 10)
        if out and line.start() == place:
            out += (begin, b"%b %b Td\n" % (_tenths(at[0] - before[0]), _tenths(before[1] - at[1])))
        else:
            out += (b"ET\n" if out else b"", content[place : line.start()], b"BT\n", begin)
            out.append(b"1 0 0 -1 %b %b Tm\n" % (_tenths(at[0]), _tenths(at[1])))
        out += (shown.replace(b"0] TJ", b"]TJ"), b"EMC\n")
        place, before = line.end(), at
    return b"".join((*out, b"ET\n" if out else b"", content[place:]))


def object_of(pdf: Any, reference: Any) -> Any:
    """The object of a pydyf `pdf` that is referred to."""
    return pdf.objects[int(bytes_of(reference).split()[0])]


def pages_of(pdf: Any) -> Sequence[Any]:
    """The page dictionaries of a pydyf `pdf`, in their order."""
    return [pdf.objects[number] for number in pdf.pages["Kids"][::3]]


def drawn(pdf: Any) -> list[Any]:
    """The contents of pages and of the forms that they draw."""
    forms = [each for each in pdf.objects if getattr(each, "extra", {}).get("Subtype") == "/Form"]
    return [*(object_of(pdf, page["Contents"]) for page in pages_of(pdf)), *forms]


def bytes_of(item: Any) -> bytes:
    """A part of a pydyf document as it is written."""
    return bytes(item) if isinstance(item, bytes) else bytes(item.data) if hasattr(item, "data") else str(item).encode()


def _shorter(operation: bytes) -> bytes:
    """One operation: the glyphs of a run in one string, lengths to a hundredth of a point (4 micrometres)."""
    if operation.endswith(b" cm"):  # a matrix multiplies what follows, and so would its error
        return operation
    return _HEX.sub(_as_literal, _LONG.sub(_rounded, operation.replace(b">0<", b"")))


def _in_squares(operations: list[bytes]) -> list[bytes]:
    """With a QR code, which the renderer draws as thick lines, as areas: two thirds of the bytes, and no seams."""
    start = next((place for place, each in enumerate(operations) if _LINE_BEGINS.fullmatch(each)), None)
    if start is None:
        return operations
    lines = list(takewhile(_HALF_WAY.fullmatch, operations[start:]))
    end = start + len(lines)
    if operations[start - 1] != b"0 0 m" or operations[end] != b"B" or len(lines) % 2:
        return operations
    places = [(int(column), int(float(row))) for column, row in (line.split()[:2] for line in lines)]
    begins, ends = places[::2], places[1::2]
    runs = [(column, row, last - column) for (column, row), (last, _) in zip(begins, ends, strict=True)]
    return [*operations[: start - 1], *squares(runs), b"f", *operations[end + 1 :]]


def squares(runs: Iterable[tuple[int, int, int]]) -> list[bytes]:
    """Areas one module high, each from where it begins (column, row) so many modules wide, for the operator `f`."""
    return [b"%d %d %d 1 re" % run for run in sorted(runs)]


def _rounded(number: re.Match[bytes]) -> bytes:
    return (b"%.2f" % float(number.group())).rstrip(b"0").rstrip(b".")


def _tenths(number: int) -> bytes:
    return b"%d" % (number // 10) if number % 10 == 0 else b"%.1f" % (number / 10)


def _as_literal(string: re.Match[bytes]) -> bytes:
    return literal(bytes.fromhex(string.group(1).decode()))


def literal(plain: bytes) -> bytes:
    """A literal string: half the bytes of a hexadecimal one before compression (ISO 32000-1, 7.3.4.2)."""
    return b"(" + _SPECIAL.sub(rb"\\\g<0>", plain).replace(b"\r", rb"\r") + b")"


def _name_colours(pdf: Any) -> None:
    """Say in one line which red, green and blue are meant (those of sRGB; ISO 32000-1, 8.6.5.6), without a profile.

    PDF/A (ISO 19005-3, 6.2.4.3) wants a profile only for colours that depend on the device.
    """
    intent = pdf.catalog.pop("OutputIntents", None)
    if intent is not None:
        profile = object_of(pdf, intent[0]["DestOutputProfile"])
        pdf.objects[profile.number] = freed()
    spaces = object_of(pdf, object_of(pdf, pages_of(pdf)[0]["Resources"])["ColorSpace"])
    spaces.clear()
    spaces["DefaultRGB"] = b"[/CalRGB<</WhitePoint[%b]/Gamma[2.2 2.2 2.2]/Matrix[%b]>>]" % (_WHITE, _PRIMARIES)


def _drop_opacity(pdf: Any) -> None:
    """Leave out that everything is opaque, where everything is: a page begins like that."""
    states = object_of(pdf, pages_of(pdf)[0]["Resources"])["ExtGState"]
    if all(value == 1 for state in states.values() for value in state.values()):
        states.clear()
        for content in drawn(pdf):
            content.stream = [one for one in content.stream if not bytes_of(one).endswith(b" gs")]


def _drop_boxes(pdf: Any) -> None:
    """Leave out what a page says of its edges, where that is what it has by default (ISO 32000-1, table 30)."""
    for page in pages_of(pdf):
        for name in ("BleedBox", "TrimBox"):
            if page.get(name) == page["MediaBox"]:
                del page[name]


def _describe_files(pdf: Any) -> None:
    """Say size and dates of attached files where what is said is compressed; without an MD5, which proves nothing.

    `record.json` has the SHA-256 of each.
    """
    for file in [each for each in pdf.objects if getattr(each, "extra", {}).get("Type") == "/EmbeddedFile"]:
        parameters = file.extra["Params"]
        del parameters["CheckSum"]
        pdf.add_object(parameters)
        file.extra["Params"] = parameters.reference


def _drop_lines(pdf: Any) -> None:
    """Let the marked content of a line belong to its paragraph itself: what stands between the two says nothing."""
    moved: dict[bytes, bytes] = {}
    for element in filter(_is_element, reversed(pdf.objects)):  # what is inside comes behind what it is in
        parent = object_of(pdf, element["P"])
        if _says_nothing(element) and parent.get("Pg") == element["Pg"]:
            parent["K"][parent["K"].index(element.reference)] = element["K"][0]
            moved[element.reference] = parent.reference
            pdf.objects[element.number] = freed()
    for nums in parent_tree(pdf):
        nums[:] = [_end(moved, reference) for reference in nums]
    for element in filter(_is_element, pdf.objects):
        _tell_shortly(pdf, element)


def _tell_shortly(pdf: Any, element: Any) -> None:
    """Without what is optional (ISO 32000-1, table 323): the type, and the page where no content is named by number.

    A header says whether it heads a row or a column (table 349) instead of being named by each of its cells.
    """
    del element["Type"]
    if element["S"] == "/TH":
        column = object_of(pdf, object_of(pdf, element["P"])["P"])["S"] == "/THead"
        element["A"]["Scope"] = "/Column" if column else "/Row"
        element.pop("ID", None)
    if element["S"] == "/TD":
        del element["A"]["Headers"]
        if element["A"].keys() == {"O"}:
            del element["A"]
    if "Pg" in element and not any(isinstance(kid, int) for kid in element["K"]):
        del element["Pg"]
    if len(element["K"]) == 1:
        element["K"] = element["K"][0]


def _is_element(each: Any) -> bool:
    return isinstance(each, dict) and each.get("Type") == "/StructElem"


def _says_nothing(element: Any) -> bool:
    """Whether this is one piece of text without a meaning, a language or an attribute of its own."""
    plain = element.keys() == {"Type", "S", "K", "Pg", "P"} and element["S"] in ("/Span", "/NonStruct")
    return plain and len(element["K"]) == 1 and isinstance(element["K"][0], int)


def _end(moved: dict[bytes, bytes], reference: bytes) -> bytes:
    while reference in moved:
        reference = moved[reference]
    return reference


def parent_tree(pdf: Any) -> Sequence[Any]:
    """The lists of the tree that leads from marked content to its element, one a page."""
    root = object_of(pdf, pdf.catalog["StructTreeRoot"])
    return [each for each in object_of(pdf, root["ParentTree"])["Nums"] if isinstance(each, list)]


def freed() -> Any:
    """An object that is not written."""
    import pydyf

    free = pydyf.Object()
    free.number, free.generation, free.free = 0, 65535, "f"
    return free
