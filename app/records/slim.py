# SPDX-License-Identifier: Apache-2.0
"""The same pages and the same reading order in fewer bytes: what the renderer writes at length is said shortly.

Records are kept for decades and sent by mail. A third of an unslimmed one says nothing: a structure element around
every line of text, and brackets between every two letters. What a reader or a screen reader gets stays the same.
"""

import re
from collections.abc import Sequence
from typing import Any

_HEX = re.compile(rb"<([0-9a-f]+)>")
_LONG = re.compile(rb"-?\d+\.\d{3,}")
_SPECIAL = re.compile(rb"[\\()]")


def slim(pdf: Any) -> None:
    """Make a pydyf `pdf` smaller in place, after its structure tree is built and before it is written."""
    _drop_lines(pdf)
    for page in pdf.pages["Kids"][::3]:
        stream = _object(pdf, pdf.objects[page]["Contents"])
        stream.stream = [_shorter(_bytes(operation)) for operation in stream.stream]


def _shorter(operation: bytes) -> bytes:
    """One operation: the glyphs of a run in one string, lengths to a hundredth of a point (4 micrometres)."""
    if operation.endswith(b" cm"):  # a matrix multiplies what follows, and so would its error
        return operation
    return _HEX.sub(_as_literal, _LONG.sub(_rounded, operation.replace(b">0<", b"")))


def _rounded(number: re.Match[bytes]) -> bytes:
    return (b"%.2f" % float(number.group())).rstrip(b"0").rstrip(b".")


def _as_literal(string: re.Match[bytes]) -> bytes:
    """A string in hexadecimal as a literal one: half the bytes before compression (ISO 32000-1, 7.3.4.2)."""
    plain = bytes.fromhex(string.group(1).decode())
    return b"(" + _SPECIAL.sub(rb"\\\g<0>", plain).replace(b"\r", rb"\r") + b")"


def _drop_lines(pdf: Any) -> None:
    """Let the marked content of a line belong to its paragraph itself: what stands between the two says nothing."""
    moved: dict[bytes, bytes] = {}
    for element in filter(_is_element, reversed(pdf.objects)):  # what is inside comes behind what it is in
        parent = _object(pdf, element["P"])
        if _says_nothing(element) and parent.get("Pg") == element["Pg"]:
            parent["K"][parent["K"].index(element.reference)] = element["K"][0]
            moved[element.reference] = parent.reference
            pdf.objects[element.number] = _freed()
    for nums in _parent_tree(pdf):
        nums[:] = [_end(moved, reference) for reference in nums]
    for element in filter(_is_element, pdf.objects):
        del element["Type"]  # optional (ISO 32000-1, table 323)


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


def _parent_tree(pdf: Any) -> Sequence[Any]:
    """The lists of the tree that leads from marked content to its element, one a page."""
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    return [each for each in _object(pdf, root["ParentTree"])["Nums"] if isinstance(each, list)]


def _freed() -> Any:
    """An object that is not written and keeps the numbers of those behind it: a free entry of the table."""
    import pydyf

    free = pydyf.Object()
    free.number, free.generation, free.free = 0, 65535, "f"
    return free


def _object(pdf: Any, reference: Any) -> Any:
    return pdf.objects[int(_bytes(reference).split()[0])]


def _bytes(item: Any) -> bytes:
    return bytes(item) if isinstance(item, bytes) else bytes(item.data) if hasattr(item, "data") else str(item).encode()
