# SPDX-License-Identifier: Apache-2.0
"""Small PDF files of one page, whose operators a test writes itself."""

import io

import pypdf
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

MAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo
<< /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
4 beginbfrange
<0003> <005f> <0020>
<0061> <0061> <05d0>
<0062> <0062> <0301>
<0063> <0063> <27e8>
endbfrange
endcmap
end
end"""


def stream(content: bytes, **entries: object) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(content)
    made.update({NameObject(f"/{name}"): value for name, value in entries.items()})
    return made


def pdf_of(content: bytes, letters: str = MAP) -> bytes:
    """A page that draws this, with a font of these `letters`, a form that draws in it and one that draws the first."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(99, 99)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type0"),
                             NameObject("/Encoding"): NameObject("/Identity-H"),
                             NameObject("/DescendantFonts"): ArrayObject(),
                             NameObject("/ToUnicode"): writer._add_object(stream(letters.encode()))})  # fmt: skip
    plain = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                              NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    short = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/TrueType"),
                              NameObject("/Encoding"): NameObject("/WinAnsiEncoding")})  # fmt: skip
    named = {"/F": font, "/G": font, "/Plain": plain, "/B": short}
    fonts = DictionaryObject({NameObject(name): each for name, each in named.items()})
    about = {"Subtype": NameObject("/Form"), "Resources": DictionaryObject({NameObject("/Font"): fonts})}
    form = writer._add_object(stream(b"BT /F 9 Tf (\0\x35\0\x36) Tj ET", **about))
    inside = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/Form"): form})})
    within = writer._add_object(stream(b"/Form Do", Subtype=NameObject("/Form"), Resources=inside))
    forms = DictionaryObject({NameObject("/Form"): form, NameObject("/Within"): within})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts, NameObject("/XObject"): forms})
    page[NameObject("/Contents")] = writer._add_object(stream(content))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
