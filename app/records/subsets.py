# SPDX-License-Identifier: Apache-2.0
"""The fonts inside a record, without what no reader of a PDF looks at, and with every glyph that a template sets."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from app.records.bytewise import CODES, WIDE, codes_of, fitting
from app.records.faces import CannotFill, Face
from app.records.slim import freed, object_of, pages_of

_READ = {"glyf", "head", "hhea", "hmtx", "loca", "maxp", "cvt ", "fpgm", "prep"}
"""The tables that a TrueType font in a PDF has to hold (ISO 32000-1, 9.9), but for the map of its characters."""
_SYMBOLIC, _NONSYMBOLIC = 4, 32


def slim_fonts(document: Any, pdf: Any) -> None:
    """Leave out the other tables and dictionaries, and say runs of characters as runs; once, before a file is written.

    Fonts of other kinds stay as the renderer wrote them.
    """
    named = object_of(pdf, object_of(pdf, pages_of(pdf)[0]["Resources"])["Font"])
    for name, font in fitting(document).items():
        if name in named:
            _put(pdf, font, named)


def complete(font: Any, face: Face) -> None:
    """Let the subset of WeasyPrint's `font` hold every glyph of `face`.

    Raises `CannotFill` if the two are not the same font.
    """
    before = codes_of(font.to_unicode)
    for letter, code in face.glyphs.items():
        glyph = int.from_bytes(code, "big")
        if len(font.to_unicode.setdefault(glyph, letter)) > 1:
            raise CannotFill("a font whose glyphs have other numbers")
        if abs(font.widths.setdefault(glyph, face.widths[letter]) - face.widths[letter]) > 1:
            raise CannotFill("a font whose glyphs have other widths")
    if not before.items() <= codes_of(font.to_unicode).items():
        raise CannotFill("a font with two glyphs for one letter")
    font.subset(font.to_unicode, hinting=False)


def _put(pdf: Any, font: Any, named: Any) -> None:
    """One font as one dictionary or two: for letters in one byte, and for those that are left."""
    codes = codes_of(font.to_unicode)
    wide = {glyph: text for glyph, text in font.to_unicode.items() if glyph not in codes}
    described = object_of(pdf, named.pop(font.hash))
    inner, unicode = object_of(pdf, described["DescendantFonts"][0]), object_of(pdf, described["ToUnicode"])
    descriptor = object_of(pdf, inner["FontDescriptor"])
    file, content = object_of(pdf, descriptor["FontFile2"]), _without_unread(font.file_content, codes)
    file.stream, file.extra["Length1"] = [content], len(content)
    if codes:
        descriptor["Flags"] = descriptor["Flags"] & ~_SYMBOLIC | _NONSYMBOLIC
        named[font.hash] = _short_font(pdf, font, descriptor, codes)
    if wide:
        named[font.hash + WIDE] = described.reference
        head, tail = unicode.stream.index(b"endcodespacerange") + 1, unicode.stream.index(b"endcmap")
        unicode.stream = [*unicode.stream[:head], *_mapped(wide), *unicode.stream[tail:]]
        inner["W"] = _widths({glyph: font.widths[glyph] for glyph in wide if glyph in font.widths})
    for each in (described, inner, unicode) if not wide else ():
        pdf.objects[each.number] = freed()


def _short_font(pdf: Any, font: Any, descriptor: Any, codes: Mapping[int, int]) -> bytes:
    """The font for letters in one byte each (ISO 32000-1, 9.6.3); returns the reference to it."""
    import pydyf

    widths = {code: font.widths[glyph] for glyph, code in codes.items()}
    first, last = min(widths), max(widths)
    made = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/TrueType",
            "BaseFont": descriptor["FontName"],
            "Encoding": "/WinAnsiEncoding",
            "FirstChar": first,
            "LastChar": last,
            "Widths": pydyf.Array(widths.get(code, 0) for code in range(first, last + 1)),
            "FontDescriptor": descriptor.reference,
        }
    )
    pdf.add_object(made)
    return bytes(made.reference)


def _without_unread(content: bytes, codes: Mapping[int, int]) -> bytes:
    """The font with the tables that are read alone, and with a map of the characters that have `codes`."""
    out = io.BytesIO()
    with TTFont(io.BytesIO(content), lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        for tag in set(font.reader.keys()) - _READ:
            del font[tag]
        if codes:
            table = newTable("cmap")
            table.tableVersion, table.tables = 0, [_characters(font, codes)]
            font["cmap"] = table
        font.save(out)
    return out.getvalue()


def _characters(font: TTFont, codes: Mapping[int, int]) -> Any:
    """For Windows, by Unicode, which readers take for this encoding (ISO 32000-1, 9.6.6.4)."""
    made = CmapSubtable.newSubtable(4)
    made.platformID, made.platEncID, made.language = 3, 1, 0
    letters = {code: letter for letter, code in CODES.items()}
    made.cmap = {ord(letters[code]): font.getGlyphName(glyph) for glyph, code in codes.items()}
    return made


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
