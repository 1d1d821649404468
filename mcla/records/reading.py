# SPDX-License-Identifier: Apache-2.0
"""The words on the pages of a PDF, in the order in which they are drawn; where spaces stand among them is left open.

pypdf reads any page, and works out where on it each piece of text stands, to set spaces: that was most of what a
verification cost, and words are compared without them (`mcla.records.text`). So a plain page is read here: letters
that stand by themselves, from left to right, in fonts that say which they are, drawn by known operators. Whatever else
is on a page leaves all of it to pypdf. This is never another reading of a page, only a quicker one.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from struct import unpack
from typing import Any

from pypdf import PdfReader

_SPACE, _END = rb"[ \t\n\f\r]", rb"(?![^ \t\n\f\r])"
_OCTAL = rb"[0-3][0-7]{0,2}+|[4-7][0-7]?+"
_STRING = rb"\((?:[^()\\\r]|\\(?:[nrtbf()\\\n]|" + _OCTAL + rb"))*+\)|<(?:[0-9A-Fa-f]{2})*+>"
_PIECE = re.compile(_STRING, re.DOTALL)
_NUMBER = rb"[+\-]?+(?:\d++(?:\.\d*+)?+|\.\d++)"
_NAME = rb"/[A-Za-z0-9_.+\-]++"
_SAID = rb"<<%b*+/(?:MCID%b++\d++|Type%b*+/Pagination)%b*+>>" % ((_SPACE,) * 4)
_TAKING = {
    0: rb"b\*?+|B\*?+|BT|EMC|ET|f\*?+|h|n|S|s|T\*|W\*?+",
    1: rb"G|g|i|J|j|M|Tc|TL|Tr|Ts|Tw|Tz|w",
    2: rb"l|m|TD|Td",
    3: rb"RG|rg",
    4: rb"K|k|re|v|y",
    6: rb"c|cm|Tm",
}
"""Operators that draw no letters, by how many numbers each takes (ISO 32000-1, annex A)."""
_QUIET = b"|".join((_NUMBER + _SPACE + b"++") * many + b"(?:" + names + b")" for many, names in _TAKING.items())
_TOKEN = re.compile(
    rb"(?:"
    + b"|".join(
        (
            rb"(?:(?:" + _QUIET + rb")" + _END + rb"|" + _SPACE + rb")++",
            rb"(?P<text>(?:\[(?:"
            + _SPACE
            + rb"|"
            + _NUMBER
            + rb"(?=[ \t\n\f\r(<\]])|"
            + _STRING
            + rb")*+\]"
            + _SPACE
            + rb"*+TJ|(?:"
            + _STRING
            + rb")"
            + _SPACE
            + rb"*+Tj)"
            + _END
            + rb")",
            rb"(?P<font>" + _NAME + rb")" + _SPACE + rb"++" + _NUMBER + _SPACE + rb"++Tf" + _END,
            rb"(?P<form>" + _NAME + rb")" + _SPACE + rb"++Do" + _END,
            _NAME + _SPACE + rb"*+" + _SAID + _SPACE + rb"*+BDC" + _END,
            _NAME + _SPACE + rb"++(?:BMC|CS|cs|gs|ri|sh)" + _END,
            rb"\[(?:" + _SPACE + rb"|" + _NUMBER + rb")*+\]" + _SPACE + rb"*+" + _NUMBER + _SPACE + rb"++d" + _END,
            rb"(?P<state>[qQ])" + _END,
            rb"(?P<other>.)",
        )
    )
    + rb")",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(" + _OCTAL + rb"|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_RANGES = rb"(?:\d+ beginbfrange\n(?:<[0-9a-f]{4}> <[0-9a-f]{4}> <[0-9a-f]{4}>\n)+endbfrange\n)*"
_TO_UNICODE = re.compile(rb"[^<]*<<[^<>]*>>[^<]*<0000> <ffff>\nendcodespacerange\n(" + _RANGES + rb")endcmap\n[^<]*")
_RANGE = re.compile(rb"<(.{4})> <(.{4})> <(.{4})>")
_PLAIN = re.compile(r"[ -\u02ff\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u27e5]*")
"""No letter that joins, stacks or turns, and not the bracket in which a code point stands."""
_MANY = 64
_ONE_BYTE = re.compile(rb"[ -~\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f\xa1-\xac\xae-\xff]*")
"""The codes that stand for one letter that is drawn, and for no other."""
Letters = Callable[[bytes], str]


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
    fonts, kept = _Fonts(resources), list[Letters]()
    letters: Letters = _no_font
    for token in _TOKEN.finditer(content):
        kind, said = token.lastgroup, token[0]
        if kind == "text":
            yield from map(letters, map(_bytes, _PIECE.findall(said)))
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


def _bytes(piece: bytes) -> bytes:
    """What a string holds."""
    if piece.startswith(b"<"):
        return bytes.fromhex(piece[1:-1].decode())
    return _ESCAPE.sub(_unescaped, piece[1:-1]) if b"\\" in piece else piece[1:-1]


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    return bytes([int(escaped, 8)]) if escaped.isdigit() else _ESCAPED.get(escaped, escaped)


def _no_font(codes: bytes) -> str:
    if codes:
        raise _NotPlain
    return ""


def _in_one_byte(codes: bytes) -> str:
    """In WinAnsiEncoding (ISO 32000-1, annex D), where each code stands for what it is in code page 1252."""
    if _ONE_BYTE.fullmatch(codes) is None:
        raise _NotPlain
    return codes.decode("cp1252")


def _in_two_bytes(letters: Mapping[int, str], codes: bytes) -> str:
    """In Identity-H, whose codes are two bytes each."""
    if len(codes) % 2:
        raise _NotPlain
    return "".join(map(letters.__getitem__, unpack(f">{len(codes) // 2}H", codes)))


class _Fonts(dict[str, Letters]):
    """What reads the strings that are set in a font, by the font's name on a page."""

    def __init__(self, resources: Any) -> None:
        super().__init__()
        self._resources = resources

    def __missing__(self, name: str) -> Letters:
        font = self._resources["/Font"][name]
        match font["/Subtype"], font["/Encoding"]:
            case "/Type0", "/Identity-H":
                self[name] = partial(_in_two_bytes, _map(font["/ToUnicode"].get_data()))
            case "/TrueType", "/WinAnsiEncoding" if "/ToUnicode" not in font:
                self[name] = _in_one_byte
            case _:
                raise _NotPlain
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
