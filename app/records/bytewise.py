# SPDX-License-Identifier: Apache-2.0
"""Western letters in one byte each, as WinAnsiEncoding (ISO 32000-1, annex D) has them, instead of two.

The renderer names every letter by the number of its glyph, in two bytes. Most of a record is letters, and one byte
for each is a tenth less of its pages, needs no map to Unicode, and is read alike by every tool. What that encoding
lacks stays as it was, in a second font dictionary over the same file.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from struct import pack, unpack
from typing import Any

from app.records.slim import bytes_of, drawn

WIDE = "x"
"""Behind the name of a font on a page: the same one, for letters in two bytes."""
_PLAIN = bytes({*range(0x20, 0x7F), *range(0x80, 0x100)} - {0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xA0, 0xAD, 0xAF, 0xB5})
"""Without the codes that stand for nothing, and those whose name stands for another character too."""
CODES: Mapping[str, int] = {bytes([code]).decode("cp1252"): code for code in _PLAIN}
_ITEM = re.compile(rb"<([0-9a-f]+)>|(-?[\d.]+)")


def codes_of(to_unicode: Mapping[int, str]) -> dict[int, int]:
    """The code of each glyph that has one; of two glyphs for one letter the first has it."""
    letters = {to_unicode[glyph]: glyph for glyph in sorted(to_unicode, reverse=True)}
    return {glyph: CODES[letter] for letter, glyph in letters.items() if letter in CODES}


def fitting(document: Any) -> dict[str, Any]:
    """WeasyPrint’s fonts whose outlines this encoding is for, by their names on the pages; none that is there twice."""
    times = Counter(font.hash for font in document.fonts.values())
    fonts = (font for font in document.fonts.values() if times[font.hash] == 1)
    return {font.hash: font for font in fonts if font.type == "ttf" and not font.bitmap}


def in_bytes(document: Any, pdf: Any) -> None:
    """Say the letters of every page shortly, where their font can; before anything else is made of the operations."""
    codes = {name.encode(): codes_of(font.to_unicode) for name, font in fitting(document).items()}
    for content in drawn(pdf):
        content.stream = list(_said(list(map(bytes_of, content.stream)), codes))


def _said(operations: Sequence[bytes], codes: Mapping[bytes, Mapping[int, int]]) -> Iterator[bytes]:
    name = size = b""
    for operation in operations:
        if operation.endswith(b" Tf"):
            name, size = operation[1:-3].split()
            if name in codes:
                continue
        elif operation.endswith(b"] TJ") and name in codes:
            yield from _runs(operation, name, size, codes[name])
            continue
        yield operation


def _runs(operation: bytes, name: bytes, size: bytes, codes: Mapping[int, int]) -> Iterator[bytes]:
    """One operation as pieces, each behind the font that it is in; the renderer names the font for each anew."""
    shown = operation.replace(b">0<", b"").replace(b"<>", b" ")
    for wide, run in groupby(_items(shown, codes), key=itemgetter(0)):
        yield b"/%b%b %b Tf" % (name, WIDE.encode() if wide else b"", size)
        yield b"[%b] TJ" % b"".join(piece for _, piece in run)


def _items(operation: bytes, codes: Mapping[int, int]) -> Iterator[tuple[bool, bytes]]:
    """Strings and distances in order, and whether each needs two bytes a letter; a distance is as what it follows."""
    wide, end = False, b""
    for string, distance in _ITEM.findall(operation):
        if distance:
            yield wide, end + distance
            end = b" "
            continue
        end = b""
        glyphs = unpack(f">{len(string) // 4}H", bytes.fromhex(string.decode()))
        for wide, run in groupby(glyphs, key=lambda glyph: glyph not in codes):
            yield wide, _string(list(run), None if wide else codes)


def _string(glyphs: Sequence[int], codes: Mapping[int, int] | None) -> bytes:
    if codes is None:
        return b"<%b>" % pack(f">{len(glyphs)}H", *glyphs).hex().encode()
    return b"<%b>" % bytes(map(codes.__getitem__, glyphs)).hex().encode()
