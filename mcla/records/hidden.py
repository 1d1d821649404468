# SPDX-License-Identifier: Apache-2.0
"""Ways in which a viewer shows something else than the words that are read on a page: records use none of them.

Words are read wherever they are drawn, and nobody looks at the picture. So what hides words, or puts pictures and
appearances over them, is refused: invisible or light letters, transparency, patterns, images, layers, cropped pages,
notes, forms that draw themselves. Drawn outside of the page or of a clip, or in letters of another shape than their
font says, words are read all the same: that whoever seals does no such thing is the seal's word.
"""

import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader

from mcla.records.errors import SealInvalid

_STRING = re.compile(rb"\([^()\\]*(?:\\.[^()\\]*)*\)", re.DOTALL)
_ODD = re.compile(rb"[()%\\]")
"""Beside strings it begins a comment or a string in a string, behind which an operator could stand unseen."""
_INK = re.compile(rb"(?<![^\s\0>\])}])(?:(?P<light>rg|g)|Tr|k|scn?|sh|BI)(?![^\s\0/\[(<{%])")
_LIGHTEST = 0.8
_FORMS_IN_FORMS = 4
_OPAQUE = ({"/ca": 1}, {"/CA": 1}, {"/ca": 1, "/CA": 1})
"""States that renderers set and that change nothing."""
_OF_FILE = ("/OCProperties", "/OpenAction", "/AA", "/NeedsRendering")
_OF_FORM = ("/XFA",)


def check_open(reader: PdfReader) -> None:
    """Raises `SealInvalid` (`pages`) for a file that could show otherwise than it is read."""
    root = reader.root_object
    _none_of(root, _OF_FILE)
    _none_of(root.get("/AcroForm", {}), _OF_FORM)
    for page in reader.pages:
        if page.cropbox != page.mediabox:
            raise _hides("a cropped page")
        _check_notes(page.get("/Annots", ()))
        content = page.get_contents()
        _check_inks(content.get_data() if content is not None else b"")
        for form in _forms(page["/Resources"], _FORMS_IN_FORMS):
            _check_inks(form)


def _none_of(found: Any, names: tuple[str, ...]) -> None:
    for name in names:
        if name in found:
            raise _hides(name[1:])


def _check_notes(notes: Any) -> None:
    """Links and the seal's field are what a record has; neither brings an appearance of its own."""
    for note in (each.get_object() for each in notes):
        if note["/Subtype"] not in ("/Link", "/Widget") or "/AP" in note:
            raise _hides("a note or a stamp on a page")


def _forms(resources: Any, depth: int) -> Iterator[bytes]:
    """What the forms of a page draw, and forms within them; raises for what they draw with."""
    for state in resources.get("/ExtGState", {}).values():
        if {name: value for name, value in state.get_object().items() if name != "/Type"} not in _OPAQUE:
            raise _hides("transparency")
    for form in resources.get("/XObject", {}).values():
        drawn = form.get_object()
        if drawn["/Subtype"] != "/Form" or not depth:
            raise _hides("an image")
        yield drawn.get_data()
        yield from _forms(drawn.get("/Resources", {}), depth - 1)


def _check_inks(content: bytes) -> None:
    drawn = _STRING.sub(b" ", content)
    if _ODD.search(drawn):
        raise _hides("a comment or a nested string")
    for found in _INK.finditer(drawn):
        if found["light"] is None:
            raise _hides(f"the operator {found[0].decode()}")
        inks = drawn[max(0, found.start() - 60) : found.start()].split()
        if min(map(float, inks[-3 if found[0] == b"rg" else -1 :])) > _LIGHTEST:
            raise _hides("light ink")


def _hides(what: str) -> SealInvalid:
    return SealInvalid("pages", f"the pages could show otherwise than they are read: {what} is in the file")
