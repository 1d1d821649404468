# SPDX-License-Identifier: Apache-2.0
"""The faces that values are set in: which characters a template has of each, how wide they are, and where lines break.

Only characters that stand by themselves are among them: no script whose letters join or stack, as those need shaping,
which is the full renderer's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from fontTools.ttLib import TTFont

from app.records.bytewise import CODES, WIDE
from app.records.glyphs import FONTS
from app.records.slim import literal

_BASIC = "".join(map(chr, range(0x20, 0x7F))).translate(dict.fromkeys(map(ord, "$*<>[\\]^`{|}~"))) + "–—‘’“”•…·"
_LATIN_1 = _BASIC + "".join(map(chr, (*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100))))
_LATIN = _LATIN_1 + "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
SETS = (_BASIC, _LATIN_1, _LATIN)
"""What templates can set: a record's is the first that has all its letters, as every letter costs thirty bytes."""
_MONO = "abcdefghijklmnopqrstuvwxyz0123456789_:/.-?="
"""Digests, ids and addresses."""
_FILES = {"Record Serif": "DejaVuSerifCondensed.ttf", "Record Mono": "DejaVuSansMono.ttf"}
# A line may end at a space, and behind a sign that parts words, as the full renderer has it too (UAX 14).
_PIECES = re.compile(r"[^ ]*?[-/?](?=[A-Za-z])|[^ ]+| +")


class CannotFill(Exception):
    """A record that needs the full renderer; the message says why, and never what the record says."""


@dataclass(frozen=True, slots=True)
class Face:
    """Glyph number (two bytes) and width (thousandths of the size) by character."""

    glyphs: Mapping[str, bytes]
    widths: Mapping[str, int]

    def width(self, text: str, size: float) -> float:
        """In the unit of `size`; raises `CannotFill` for a character that the template does not have."""
        try:
            return sum(map(self.widths.__getitem__, text)) * size / 1000
        except KeyError:
            raise CannotFill("a character outside the template's faces") from None

    def shown(self, text: str, font: bytes, size: bytes) -> bytes:
        """The operations that show `text`: letters in one byte each where they have one (`app.records.bytewise`)."""
        if text.isascii():
            return b"/%b %b Tf\n[%b0] TJ" % (font, size, literal(text.encode()))
        runs = ((wide, "".join(run)) for wide, run in groupby(text, key=lambda letter: letter not in CODES))
        return b"\n".join(self._run(run, font, size, wide=wide) for wide, run in runs)

    def _run(self, text: str, font: bytes, size: bytes, *, wide: bool) -> bytes:
        codes = b"".join(map(self.glyphs.__getitem__, text)) if wide else bytes(map(CODES.__getitem__, text))
        return b"/%b%b %b Tf\n[%b0] TJ" % (font, WIDE.encode() if wide else b"", size, literal(codes))

    def broken(self, text: str, size: float, room: float) -> Iterator[str]:
        """The lines of `text` in a column `room` wide; a word that is wider than it breaks anywhere."""
        line, width = "", 0.0
        for piece in _PIECES.findall(text):
            wide = self.width(piece, size)
            if line.strip() and width + wide > room + _SPARE and piece.strip():
                yield line.strip(" ")
                line, width = "", 0.0
            while wide > room + _SPARE:
                fits = self._fitting(piece, size, room)
                yield piece[:fits]
                piece = piece[fits:]
                wide = self.width(piece, size)
            line, width = line + piece, width + wide
        yield line.strip(" ")

    def _fitting(self, text: str, size: float, room: float) -> int:
        """How many characters fit, at least one."""
        total = 0.0
        for count, each in enumerate(text):
            total += self.widths[each] * size / 1000
            if total > room + _SPARE:
                return max(count, 1)
        return len(text)


_SPARE = 0.05
"""By so much (pixels) a line may be wider: the numbers are rounded on their way."""


def set_for(texts: Iterable[str]) -> int:
    """The number of the first of `SETS` that has every character of these; raises `CannotFill`."""
    letters = set().union(*texts)
    for number, each in enumerate(SETS):
        if letters <= set(each):
            return number
    raise CannotFill("a character outside the template's faces")


@cache
def face_of(family: str, letters: int) -> Face | None:
    """The bundled face of this family, as far as values are set in it; `letters` is the number of one of `SETS`."""
    if family not in _FILES:
        return None
    with TTFont(str(FONTS / _FILES[family]), lazy=True) as font:
        cmap, metrics, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        found = {each: cmap[ord(each)] for each in (_MONO if family == "Record Mono" else SETS[letters])}
        glyphs = {each: font.getGlyphID(name).to_bytes(2, "big") for each, name in found.items()}
        widths = {each: round(metrics[name][0] * 1000 / unit) for each, name in found.items()}
    return Face(glyphs, widths)
