# SPDX-License-Identifier: Apache-2.0
"""The fonts inside a record, without what no reader of a PDF looks at, and with every glyph that a template sets."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from fontTools.ttLib import TTFont

from app.records.faces import CannotFill, Face
from app.records.slim import object_of, pages_of

_READ = {"glyf", "head", "hhea", "hmtx", "loca", "maxp", "cvt ", "fpgm", "prep"}
"""The tables that a font of type CIDFontType2 has to hold (ISO 32000-1, 9.9)."""


def slim_fonts(document: Any, pdf: Any) -> None:
    """Leave out the other tables, and say runs of characters as runs."""
    named = fonts_of(pdf)
    for font in document.fonts.values():
        described = named.get(font.hash)
        if described is not None and font.type == "ttf" and not font.bitmap:
            _put(pdf, font, described)


def fonts_of(pdf: Any) -> dict[str, Any]:
    """The font dictionaries of a document by their names on its pages."""
    named = object_of(pdf, object_of(pdf, pages_of(pdf)[0]["Resources"])["Font"])
    return {name: object_of(pdf, reference) for name, reference in named.items()}


def complete(pdf: Any, font: Any, face: Face) -> None:
    """Let the subset of WeasyPrint's `font` hold every glyph of `face`.

    Raises `CannotFill` if the two are not the same font.
    """
    for letter, code in face.glyphs.items():
        glyph = int.from_bytes(code, "big")
        if len(font.to_unicode.setdefault(glyph, letter)) > 1:
            raise CannotFill("a font whose glyphs have other numbers")
        if abs(font.widths.setdefault(glyph, face.widths[letter]) - face.widths[letter]) > 1:
            raise CannotFill("a font whose glyphs have other widths")
    font.subset(font.to_unicode, hinting=False)
    described = fonts_of(pdf)[font.hash]
    _put(pdf, font, described)
    object_of(pdf, described["DescendantFonts"][0])["W"] = _widths(font.widths)


def _put(pdf: Any, font: Any, described: Any) -> None:
    descriptor = object_of(pdf, object_of(pdf, described["DescendantFonts"][0])["FontDescriptor"])
    file, content = object_of(pdf, descriptor["FontFile2"]), _without_unread(font.file_content)
    file.stream, file.extra["Length1"] = [content], len(content)
    unicode = object_of(pdf, described["ToUnicode"])
    head, tail = unicode.stream.index(b"endcodespacerange") + 1, unicode.stream.index(b"endcmap")
    unicode.stream = [*unicode.stream[:head], *_mapped(font.to_unicode), *unicode.stream[tail:]]


def _without_unread(content: bytes) -> bytes:
    out = io.BytesIO()
    with TTFont(io.BytesIO(content), lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        for tag in set(font.reader.keys()) - _READ:
            del font[tag]
        font.save(out)
    return out.getvalue()


def _mapped(to_unicode: Mapping[int, str]) -> Iterator[bytes]:
    """What each glyph stands for, as a ToUnicode map says it (ISO 32000-1, 9.10.3)."""
    ranges = [b"<%04x> <%04x> <%b>" % (first, last, _hex(text)) for first, last, text in _runs(to_unicode)]
    for place in range(0, len(ranges), 100):
        batch = ranges[place : place + 100]
        yield from (b"%d beginbfrange" % len(batch), *batch, b"endbfrange")


def _runs(to_unicode: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """Glyphs that follow each other for characters that do: first and last glyph, first character.

    Only the last byte of a code may change within a run.
    """
    first = last = -2
    for glyph, text in sorted(to_unicode.items()):
        begun = to_unicode.get(first, "")
        follows = glyph == last + 1 and len(text) == len(begun) == 1 and ord(text) - ord(begun) == glyph - first
        if not follows or glyph >> 8 != first >> 8 or ord(text) >> 8 != ord(begun) >> 8:
            if first >= 0:
                yield first, last, begun
            first = glyph
        last = glyph
    if first >= 0:
        yield first, last, to_unicode[first]


def _hex(text: str) -> bytes:
    return text.encode("utf-16-be").hex().encode()


def _widths(widths: Mapping[int, int]) -> bytes:
    """As `W` has them (ISO 32000-1, 9.7.4.3): runs of glyphs, each by its first number."""
    told: list[str] = []
    for glyph in sorted(widths):
        told.append(f"{widths[glyph]}" if glyph - 1 in widths else f"{']' if told else ''}{glyph}[{widths[glyph]}")
    return f"[{' '.join(told)}]]".encode()
