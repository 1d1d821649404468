# SPDX-License-Identifier: Apache-2.0
"""A colour font as desktops have one, made here: pictures (sbix), under the name that every fontconfig prefers."""

import io
from pathlib import Path

import segno
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph
from fontTools.ttLib.tables.sbixStrike import Strike

FAMILY = "Noto Color Emoji"


def colour_font(path: Path, characters: str) -> None:
    """Write a font that has a picture in PNG for each of `characters`."""
    names = {ord(one): f"u{ord(one):X}" for one in characters}
    order = [".notdef", *names.values()]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(order)
    font.setupCharacterMap(names)
    font.setupGlyf({name: _square() for name in order})
    font.setupHorizontalMetrics(dict.fromkeys(order, (1000, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    font.setupPost()
    font.font["sbix"] = table = newTable("sbix")
    table.strikes[100] = strike = Strike(ppem=100, resolution=72)
    for name in names.values():
        strike.glyphs[name] = Glyph(glyphName=name, graphicType="png ", imageData=_picture())
    font.save(path)


def _picture() -> bytes:
    out = io.BytesIO()
    segno.make("x").save(out, kind="png")
    return out.getvalue()


def _square() -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()
