# SPDX-License-Identifier: Apache-2.0
"""The words on the pages of a PDF, in the order in which they are drawn; where spaces stand among them is left open.

pypdf reads any page, and works out where on it each piece of text stands, to set spaces: that was most of what a
verification cost, and words are compared without them (`mcla.records.text`). So a plain page is read here: letters
that stand by themselves, from left to right, in fonts that say which they are, drawn by known operators. Whatever else
is on a page leaves all of it to pypdf. This is never another reading of a page, only a quicker one.
"""

import io
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from struct import unpack
from typing import Any

from pypdf import PdfReader

_STRING = rb"\([^()\\\r]*(?:\\[^\r][^()\\\r]*)*\)|<[0-9A-Fa-f]*>"
_PIECE = re.compile(_STRING, re.DOTALL)
_QUIET = rb"b\*?|B\*?|BDC|BMC|BT|c|cm|CS|cs|d|EMC|ET|f\*?|G|g|gs|h|i|J|j|K|k|l|M|m|n|re|RG|rg|ri|S|s|SC|sc|SCN|scn|sh"
_QUIET += rb"|T\*|Tc|TD|Td|TL|Tm|Tr|Ts|Tw|Tz|v|W\*?|w|y"
_NAME = rb"/[A-Za-z0-9_.+\-]+"
_SAID = rb"<<\s*/(?:MCID\s+\d+|Type\s*/Pagination)\s*>>"
_TOKEN = re.compile(
    rb"(?:[\s\d.+\-]+|" + _SAID + rb"|(?:" + _QUIET + rb")(?![A-Za-z*0-9'\"]))+"
    rb"|(?P<text>\[(?:[\s\d.+\-]|" + _STRING + rb")*\]\s*TJ|(?:" + _STRING + rb")\s*Tj)(?![A-Za-z*])"
    rb"|(?P<font>" + _NAME + rb")\s+[\d.]+\s+Tf(?![A-Za-z*0-9'\"])"
    rb"|(?P<form>" + _NAME + rb")\s+Do(?![A-Za-z*0-9'\"])"
    rb"|" + _NAME + rb"(?![#\0])"
    rb"|\[[\s\d.+\-]*\]"  # of dashes
    rb"|(?P<state>q|Q)(?![A-Za-z*0-9'\"])"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_RANGES = rb"(?:\d+ beginbfrange\n(?:<[0-9a-f]{4}> <[0-9a-f]{4}> <[0-9a-f]{4}>\n)+endbfrange\n)*"
_TO_UNICODE = re.compile(rb"[^<]*<<[^<>]*>>[^<]*<0000> <ffff>\nendcodespacerange\n(" + _RANGES + rb")endcmap\n[^<]*")
_RANGE = re.compile(rb"<(.{4})> <(.{4})> <(.{4})>")
_PLAIN = re.compile(r"[ -\u02ff\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u27e5]*")
"""No letter that joins, stacks or turns, and not the bracket in which a code point stands."""
_MANY = 64
_NO_FONT: Mapping[int, str] = {}


class _NotPlain(Exception):
    """A page that pypdf has to read."""


def opened(pdf: bytes) -> PdfReader:
    """The file as pypdf reads it; raises what that raises."""
    return PdfReader(io.BytesIO(pdf), strict=True)


def page_texts(reader: PdfReader) -> list[str]:
    """The words of every page; raises what pypdf raises for a page that it cannot read."""
    return [_text(page) for page in reader.pages]


def _text(page: Any) -> str:
    try:
        content = page.get_contents()
        text = "".join(_drawn(page["/Resources"], content.get_data(), within=False)) if content is not None else ""
    except (_NotPlain, KeyError, AttributeError):
        return str(page.extract_text())
    return text if _PLAIN.fullmatch(text) else str(page.extract_text())


def _drawn(resources: Any, content: bytes, *, within: bool) -> Iterator[str]:
    """What the operators of a page, or of a form `within` one, draw."""
    fonts, letters = _Fonts(resources), _NO_FONT
    kept: list[Mapping[int, str]] = []
    for token in _TOKEN.finditer(content):
        kind, said = token.lastgroup, token[0]
        if kind == "text":
            yield _shown(said, letters)
        elif kind == "font":
            letters = fonts[token["font"].decode()]
        elif kind == "form":
            yield from _form(resources["/XObject"][token["form"].decode()], within=within)
        elif said == b"q":
            kept.append(letters)
        elif said == b"Q" and kept:
            letters = kept.pop()
        elif kind is not None:
            raise _NotPlain


def _form(form: Any, *, within: bool) -> Iterator[str]:
    if form["/Subtype"] != "/Form" or within:
        raise _NotPlain
    yield from _drawn(form["/Resources"], form.get_data(), within=True)


def _shown(operation: bytes, letters: Mapping[int, str]) -> str:
    """The letters of the strings that are drawn by one operation, whose codes are two bytes each (Identity-H)."""
    codes = b"".join(_bytes(piece) for piece in _PIECE.findall(operation))
    return "".join(map(letters.__getitem__, unpack(f">{len(codes) // 2}H", codes)))


def _bytes(piece: bytes) -> bytes:
    if piece.startswith(b"<"):
        codes = bytes.fromhex(piece[1:-1].decode()) if len(piece) % 2 == 0 else b"?"
    elif b"\\" in piece:
        codes = _ESCAPE.sub(_unescaped, piece[1:-1])
    else:
        codes = piece[1:-1]
    if len(codes) % 2:
        raise _NotPlain
    return codes


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    return bytes([int(escaped, 8) & 0xFF]) if escaped.isdigit() else _ESCAPED.get(escaped, escaped)


class _Fonts(dict[str, Mapping[int, str]]):
    """The letter of each code of a font, by the font's name on a page, as the font itself says it."""

    def __init__(self, resources: Any) -> None:
        super().__init__()
        self._resources = resources

    def __missing__(self, name: str) -> Mapping[int, str]:
        font = self._resources["/Font"][name]
        if (font["/Subtype"], font["/Encoding"]) != ("/Type0", "/Identity-H"):
            raise _NotPlain
        self[name] = _map(font["/ToUnicode"].get_data())
        return self[name]


@lru_cache(maxsize=_MANY)
def _map(content: bytes) -> Mapping[int, str]:
    """A map to Unicode (ISO 32000-1, 9.10.3) in the one form that is read here; a function of its bytes alone."""
    found = _TO_UNICODE.fullmatch(content)
    if found is None:
        raise _NotPlain
    ranges = [[int(one, 16) for one in each] for each in _RANGE.findall(found[1])]
    letters = {code: chr(to + code - start) for start, end, to in ranges for code in range(start, end + 1)}
    return {code: letter for code, letter in letters.items() if code < 0xD800}
