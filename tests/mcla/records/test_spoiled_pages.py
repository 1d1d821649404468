# SPDX-License-Identifier: Apache-2.0
"""Thousands of pages spoiled by chance: whatever is read quickly, pypdf reads the same; the others are left to it."""

import random
import re
from collections.abc import Iterator

import pypdf
import pytest
from drawn_pages import pdf_of
from pypdf.generic import DecodedStreamObject

from mcla.records.reading import opened, page_texts
from mcla.records.text import folded

PAGES, QUICKLY = 6_000, 700
LEFT = "left to pypdf"
LIKE_A_RECORD = (
    rb"""1 0 0 -1 0 841.89 cm q 0.75 0 0 0.75 0 0 cm q
/Artifact BMC q 702.99 83.15 m 90.71 84.22 l W* n 0.07 0.07 0.07 rg 90.71 84.22 612.28 201.67 re f* Q EMC
BT /Span <</MCID 0>> BDC 1 0 0 -1 90.7 107.9 Tm /B 9.87 Tf [(SIGNED)-44 -46.02(R)10(ECORD \(1\))]TJ EMC
/P <</MCID 1>> BDC 0 -18.4 Td /B 12.27 Tf [(\334)]TJ /F 12.27 Tf [<002f>18(\0007)]TJ EMC ET
/Artifact <</Type/Pagination>> BDC /Form Do EMC""",
    b"BT /F 9 Tf q /G 9 Tf Q (\0\x34) Tj T* <0035> Tj ET [3 2] 0 d 0 0 m 9 9 l S",
    rb"BT /B 9 Tf (plain wor\)ds) Tj [(a) 2 (b)] TJ /F 9 Tf <0034>Tj ET",
    b"q /Form Do Q BT /F 9 Tf 3 Tr (\0\\064\\000\\66) Tj <0034>Tj ET",
)
SCRAPS = (
    *rb"""BT ET q Q Tf Tj TJ Td Tm Do BDC BMC EMC re cm d l T* W* f* Tr Tz TL BI ID EI ( ) < > [ ] << >> \ ' " % { } #
/F /G /B /Form 12 - . --1 1.2.3 +5 1e5 \0 \Z \8 <0034> (word)""".split(),
    *(b" ", b"\n", b"\r", b"\0", b"\v", b"\\\n", b"\x80", b"\xe9", b"(\0\x34)", b"3 Tr", b"/F 9 Tf", b"/None 9 Tf"),
)


def spoiled(chance: random.Random, content: bytes) -> bytes:
    """`content` with something left out, put in, said twice, put elsewhere or cut off: words of it, or any bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if chance.random() < 0.5:
            content = b" ".join(_other(chance, re.split(rb"[ \n]+", content), chance.choice(SCRAPS)))
        else:
            content = b"".join(_other(chance, [bytes([each]) for each in content], chance.choice(SCRAPS)))
    return content or b" "


def _other(chance: random.Random, parts: list[bytes], scrap: bytes) -> list[bytes]:
    start = chance.randrange(len(parts) + 1)
    end = min(len(parts), start + chance.randrange(1, 6))
    head, piece, tail = parts[:start], parts[start:end], parts[end:]
    there = chance.randrange(len(head) + 1)
    ways = (head + tail, [*head, scrap, *piece, *tail], [*head, scrap, *tail], head + piece + piece + tail)
    return chance.choice((*ways, head[:there] + piece + head[there:] + tail, head))


def spoiled_pages() -> Iterator[bytes]:
    for seed in range(PAGES):
        chance = random.Random(seed)  # noqa: S311  the same pages in every run
        yield spoiled(chance, chance.choice(LIKE_A_RECORD))


@pytest.mark.filterwarnings("ignore")
def test_no_spoiled_page_is_read_quickly_as_other_words_than_pypdf_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = opened(pdf_of(b"drawn"))
    (page,) = reader.pages
    drawn = page["/Contents"].get_object()
    assert isinstance(drawn, DecodedStreamObject)
    quickly, wrong = 0, list[bytes]()
    for content in spoiled_pages():
        drawn.set_data(content)
        read = _quickly(reader, monkeypatch)
        if read is not None:
            quickly += 1
            wrong += [content] if folded(read) != folded(_by_pypdf(page)) else []
    assert wrong == []
    assert quickly > QUICKLY


def _quickly(reader: pypdf.PdfReader, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What the page says as it is read here; None where pypdf is asked."""
    with monkeypatch.context() as patched:
        patched.setattr(pypdf.PageObject, "extract_text", lambda _: LEFT)
        (read,) = page_texts(reader)
    return None if read is LEFT else read


def _by_pypdf(page: pypdf.PageObject) -> str:
    """What it reads, or that it cannot; that would be another answer than any that is read quickly."""
    try:
        return page.extract_text()
    except Exception as error:  # noqa: BLE001  whatever it raises
        return f"not read: {error!r}"
