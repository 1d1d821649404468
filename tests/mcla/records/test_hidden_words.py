# SPDX-License-Identifier: Apache-2.0
"""A page on which words could be hidden, or pictures stand over them, is refused before it is read."""

import io
from collections.abc import Callable

import pypdf
import pytest
from drawn_pages import pdf_of, stream
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    RectangleObject,
)

from mcla.records.errors import SealInvalid
from mcla.records.hidden import check_open
from mcla.records.reading import opened

Change = Callable[[pypdf.PdfWriter], None]
WORDS = rb"0.07 0.07 0.07 rg BT /F 9 Tf (\0\x34 Tr \) gs) Tj ET "


def named(**entries: object) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})


def refused(pdf: bytes) -> str:
    with pytest.raises(SealInvalid) as caught:
        check_open(opened(pdf))
    assert caught.value.check == "pages"
    return caught.value.message.rpartition(": ")[2].removesuffix(" is in the file")


def changed(change: Change) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf_of(WORDS))))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("content", [WORDS, b"q 0.6 g /Form Do Q " + WORDS, b"0 0 0 rg 0 0 9 9 re f", b""])
def test_dark_letters_and_lines_are_what_a_record_has(content: bytes) -> None:
    check_open(opened(pdf_of(content)))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"BT /F 9 Tf 3 Tr (\0\x34)Tj ET", "the operator Tr"),
        (b"BT /F 9 Tf 3\0Tr(\0\x34)Tj ET", "the operator Tr"),
        (b"1 1 1 rg " + WORDS, "light ink"),
        (b".95 0.99 1.0 rg(\0\x34)Tj", "light ink"),
        (WORDS + b"1 g 0 0 99 99 re f", "light ink"),
        (b"0 0 0 0 k " + WORDS, "the operator k"),
        (b"/Pattern cs /P scn " + WORDS, "the operator scn"),
        (WORDS + b"/S sh", "the operator sh"),
        (WORDS + b"BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI", "the operator BI"),
        (b"% (\n 3 Tr \n% )\n" + WORDS, "a comment or a nested string"),
        (b"((\0\x34) % ) 3 Tr \n) Tj", "a comment or a nested string"),
    ],
)
def test_an_operator_that_could_hide_words_is_refused_wherever_it_stands(content: bytes, what: str) -> None:
    assert refused(pdf_of(content)) == what


def test_a_form_is_looked_into_like_a_page() -> None:
    def whiten(writer: pypdf.PdfWriter) -> None:
        writer.pages[0]["/Resources"]["/XObject"]["/Form"].set_data(b"1 1 1 rg 0 0 99 99 re f")

    assert refused(changed(whiten)) == "light ink"


def image(writer: pypdf.PdfWriter) -> None:
    writer.pages[0]["/Resources"]["/XObject"][NameObject("/I")] = writer._add_object(
        stream(b"\xff", Subtype=NameObject("/Image"))
    )


def state(**entries: object) -> Change:
    def set_state(writer: pypdf.PdfWriter) -> None:
        writer.pages[0]["/Resources"][NameObject("/ExtGState")] = named(G=named(**entries))

    return set_state


def note(subtype: str, **entries: object) -> Change:
    def add_note(writer: pypdf.PdfWriter) -> None:
        writer.pages[0][NameObject("/Annots")] = ArrayObject([named(Subtype=NameObject(subtype), **entries)])

    return add_note


def of_file(name: str) -> Change:
    return lambda writer: writer.root_object.update(named(**{name: named()}))


def crop(writer: pypdf.PdfWriter) -> None:
    writer.pages[0].cropbox = RectangleObject((0, 0, 9, 9))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (image, "an image"),
        (state(ca=FloatObject(0)), "transparency"),
        (state(ca=NumberObject(1), SMask=named()), "transparency"),
        (state(Font=ArrayObject()), "transparency"),
        (note("/FreeText"), "a note or a stamp on a page"),
        (note("/Widget", AP=named()), "a note or a stamp on a page"),
        (of_file("OCProperties"), "OCProperties"),
        (of_file("OpenAction"), "OpenAction"),
        (lambda writer: writer.root_object.update(named(AcroForm=named(XFA=ArrayObject()))), "XFA"),
        (crop, "a cropped page"),
    ],
)
def test_what_shows_beside_the_operators_of_a_page_is_refused_too(change: Change, what: str) -> None:
    assert refused(changed(change)) == what


@pytest.mark.parametrize("change", [state(ca=NumberObject(1)), note("/Link"), note("/Widget")])
def test_opaque_states_links_and_the_seal_s_field_are_none_of_it(change: Change) -> None:
    check_open(opened(changed(change)))
