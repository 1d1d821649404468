# SPDX-License-Identifier: Apache-2.0
"""The quick reading of a page finds the words that pypdf finds, and leaves to pypdf what it does not know."""

import io

import pypdf
import pytest
from drawn_pages import MAP, pdf_of

from mcla.records.reading import opened, page_texts
from mcla.records.text import folded

WORDS = rb"[(\0003\0\120\000O)-300<0024>12(\000\\\000\))] TJ"
PLAIN = (
    rb"BT /F 12 Tf 1 0 0 -1 9.5 9 Tm " + WORDS + b" ET",
    b"q 1 0 0 1 0 0 cm /Span <</MCID 0>> BDC BT /F 9 Tf (\0\x34)Tj ET EMC Q",
    b"BT /F 9 Tf q /G 9 Tf Q (\0\x34) Tj T* <0035> Tj ET [3 2] 0 d 0 0 m 9 9 l S",
    b"q /Form Do Q BT /F 9 Tf (\0\x34) Tj ET",
    b"BT /F 9 Tf 3 Tr (\0\x34) Tj ET",
    b"BT /B 9 Tf [(one b\\)yte)-30(\xdc\x80)] TJ /F 9 Tf (\0\x34) Tj ET",
    b"0 0 9 9 re f",
)
OTHER = (
    rb"/Span <</MCID 0 /ActualText (other words)>> BDC BT /F 9 Tf (\0004) Tj ET EMC",
    b"BT /F 9 Tf (\0\x34) ' ET",
    b'BT /F 9 Tf 0 0 (\0\x34) " ET',
    b"BT /F 9 Tf (\0\x34) Tj % (\0\x35) Tj\n ET",
    b"BT /F 9 Tf (\0(\0)) Tj ET",
    b"BT /F 9 Tf (\0\x34\x35) Tj ET",
    b"BT /F 9 Tf (\x12\x34) Tj ET",
    b"BT /F 9 Tf <003> Tj ET",
    b"BT /F 9 Tf [(\0\x34) /Name] TJ ET",
    b"BT /Plain 9 Tf (words) Tj ET",
    b"BT /None 9 Tf (\0\x34) Tj ET",
    b"BT (\0\x34) Tj ET",
    b"BT /F 9 Tf [(\0\x61\0\x34)] TJ ET",
    b"BT /F 9 Tf (\0\x34) Tj (\0\x62) Tj ET",
    b"BT /F 9 Tf (\0\x63\0\x34) Tj ET",
    b"/Within Do",
    b"/Form 0 0 9 9 re Do BT /F 9 Tf (\0\x34) Tj ET",
    b"/F 9 0 0 0 rg Tf BT (\0\x34) Tj ET",
    b"/Missing Do BT /F 9 Tf (\0\x34) Tj ET",
    b"BI /W 1 /H 1 /BPC 8 /CS /G ID (\0\x34)Tj EI BT /F 9 Tf (\0\x34) Tj ET",
    b"BT /F 9 Tf (\0\x34) TJunk ET",
    b"BT /F 9 Tf (\0\x34) Tj12 ET",
    b"BT /F 9 Tf /G(\0\x34) Tj ET",
    b"BT /BT /F 9 Tf (\0\x34) Tj ET",
    b"BT 3 /F 9 Tf (\0\x34) Tj ET",
    b"BT 9 Tm /F 9 Tf (\0\x34) Tj ET",
    b"BT /B 9 Tf (a \\Z) Tj ET",
    b"BT /B 9 Tf (a \\8) Tj ET",
    b"BT /B 9 Tf (a \x81) Tj ET",
    b"BT /B 9 Tf (a \xa0) Tj ET",
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pypdf was asked to read."""
    read, asked = pypdf.PageObject.extract_text, list[str]()

    def extract_text(page: pypdf.PageObject) -> str:
        asked.append(read(page))
        return asked[-1]

    monkeypatch.setattr(pypdf.PageObject, "extract_text", extract_text)
    return asked


def by_pypdf(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize("content", PLAIN)
def test_a_plain_page_is_read_without_pypdf_and_says_what_pypdf_reads(content: bytes, asked: list[str]) -> None:
    pdf = pdf_of(content)
    (read,) = page_texts(opened(pdf))
    assert asked == []
    assert [folded(read)] == [folded(text) for text in by_pypdf(pdf)]


def test_what_a_plain_page_draws_is_read_in_the_order_in_which_it_is_drawn() -> None:
    assert [page_texts(opened(pdf_of(content))) for content in PLAIN] == [
        ["PmlAyF"], ["Q"], ["QR"], ["RSQ"], ["Q"], ["one b)yteÜ€Q"], [""],
    ]  # fmt: skip


@pytest.mark.parametrize("content", OTHER)
def test_a_page_with_anything_else_is_left_to_pypdf_whole(content: bytes, asked: list[str]) -> None:
    pdf = pdf_of(content)
    assert page_texts(opened(pdf)) == asked
    assert len(asked) == 1


def test_a_font_that_says_its_letters_in_another_form_is_left_to_pypdf(asked: list[str]) -> None:
    assert page_texts(opened(pdf_of(PLAIN[0], MAP.replace("<0020>", "[<0020>]")))) == asked
    assert len(asked) == 1


def test_only_a_file_is_read(asked: list[str]) -> None:
    with pytest.raises(pypdf.errors.PyPdfError):
        opened(b"%PDF-1.7\nnothing")
    assert asked == []
