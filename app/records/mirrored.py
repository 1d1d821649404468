# SPDX-License-Identifier: Apache-2.0
"""Brackets stand for themselves: among letters from right to left each is drawn as the other (UAX 9, L4).

A glyph stands for one text in the whole file, and WeasyPrint takes that of its first use. Left so, one name would turn
the brackets of the whole agreement for whoever searches, copies or hears it, and for the rule.
"""

import io
import unicodedata
from typing import Any

from fontTools.ttLib import TTFont


def straightened(fonts: list[Any]) -> None:
    """Let the mirrored characters in `fonts`, which are WeasyPrint's, stand for what their glyphs are.

    So does a glyph that got no text, as points on a letter do: readers stumble over a map with an empty one.
    """
    if not any(_turned(text) for font in fonts for text in font.to_unicode.values()):
        return  # as in almost every record
    for font in fonts:
        wrong = [glyph for glyph, text in font.to_unicode.items() if not text or _mirrored(text)]
        own = _characters(font) if wrong else {}
        font.to_unicode.update({glyph: own[glyph] for glyph in wrong if glyph in own})


def _turned(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)


def _mirrored(text: str) -> bool:
    return len(text) == 1 and unicodedata.mirrored(text) == 1


def _characters(font: Any) -> dict[int, str]:
    """The characters of a font by the numbers of their glyphs, in the whole font and not its subset."""
    from weasyprint.text.fonts import get_hb_object_data

    whole = io.BytesIO(get_hb_object_data(font.hb_face))
    with TTFont(whole, fontNumber=font.index, lazy=True) as read:
        letters = sorted((read.getBestCmap() or {}).items(), reverse=True)  # the lowest code wins
        return {read.getGlyphID(name): chr(code) for code, name in letters}
