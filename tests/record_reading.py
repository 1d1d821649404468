# SPDX-License-Identifier: Apache-2.0
"""The words on the pages of a PDF, and whether each is really drawn, for tests."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf
from fontTools.ttLib import TTFont

_MAPPED = re.compile(rb"^<([0-9a-fA-F]{4})>(?: <([0-9a-fA-F]{4})>)? <([0-9a-fA-F]+)>$", re.MULTILINE)
"""A line of a ToUnicode map: a glyph, for a range also the last one, and what the first stands for."""


def shown(pdf: bytes) -> str:
    """All of them, with single spaces between."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def drawn(pdf: bytes) -> set[str]:
    """The characters that have ink: by the outlines of the embedded fonts, of the glyphs that the pages name."""
    return {text for text, inked in _glyphs(pdf) if inked}


def empty_boxes(pdf: bytes) -> set[str]:
    """The visible characters that are drawn with the glyph for what is missing, or with none."""
    found = {text for text, inked in _glyphs(pdf) if not inked}
    return {text for text in found if text.strip("\u200b\u200c\u200d\ufe0e\ufe0f") and not text.isspace()}


def _glyphs(pdf: bytes) -> Iterator[tuple[str, bool]]:
    """Every glyph on the pages as the text that it stands for, and whether its font has an outline for it."""
    known: dict[int, _Font] = {}
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        fonts, font = page["/Resources"]["/Font"], None
        for operands, operator in pypdf.generic.ContentStream(page["/Contents"], page.pdf).operations:
            if operator == b"Tf":
                named = fonts.raw_get(operands[0])
                if named.idnum not in known:
                    known[named.idnum] = _Font(named.get_object())
                font = known[named.idnum]
            strings = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else []
            for string in (each for each in strings if isinstance(each, str | bytes)):
                assert font is not None
                yield from font.glyphs(string if isinstance(string, bytes) else string.original_bytes)


class _Font:
    """A font of a page: one byte a letter (WinAnsiEncoding) or two (Identity-H)."""

    def __init__(self, font: Any) -> None:
        self._wide = font["/Subtype"] == "/Type0"
        self._texts = _told(font["/ToUnicode"].get_data()) if self._wide else {}
        described = font["/DescendantFonts"][0] if self._wide else font
        read = TTFont(io.BytesIO(described["/FontDescriptor"]["/FontFile2"].get_data()))
        self._outlines, self._named = read["glyf"], read.getBestCmap() if "cmap" in read else {}

    def glyphs(self, codes: bytes) -> Iterator[tuple[str, bool]]:
        if self._wide:
            order = self._outlines.glyphOrder
            for code in (int.from_bytes(codes[place : place + 2]) for place in range(0, len(codes), 2)):
                yield self._texts.get(code, "\ufffd"), 0 < code < len(order) and self._has_ink(order[code])
        else:
            for letter in codes.decode("cp1252"):
                yield letter, ord(letter) in self._named and self._has_ink(self._named[ord(letter)])

    def _has_ink(self, glyph: str) -> bool:
        return glyph != ".notdef" and bool(self._outlines[glyph].numberOfContours)


def _told(unicode: bytes) -> dict[int, str]:
    texts: dict[int, str] = {}
    for first, last, hexed in _MAPPED.findall(unicode):
        begun = bytes.fromhex(hexed.decode()).decode("utf-16-be")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            texts[code] = begun[:-1] + chr(ord(begun[-1]) + code - int(first, 16))
    return texts
