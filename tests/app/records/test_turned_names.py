# SPDX-License-Identifier: Apache-2.0
"""Names from right to left, beside digits, brackets and Latin letters, pass the rule and turn nothing else around."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from app.records.data import RecordData, attached_files
from app.records.parts import CompanyDetail
from app.records.render import render
from mcla.records.contents import Contents
from mcla.records.errors import SealInvalid
from mcla.records.text import check_pages, folded
from mcla.records.turned import stands_turned, turned

HEBREW, ARABIC = "אברהם 45 (בן) יוסף", "Mohammed محمد Al-Farsi الفارسي 123"
MARKED, FIRM, TITLE = "שָׁלוֹם", "شركة الفارسي (ذ.م.م) 2000 [x]", "محمد 👩 مدير"
TEXT = b"# Terms\n\nOne (the first) and two [the second].\n"


def written(make: Callable[..., RecordData], name: str = HEBREW) -> RecordData:
    """A record with all of these names, and brackets in its agreement."""
    company = CompanyDetail(FIRM, "DE", "HRB 1234 B", TITLE, "by law")
    data = make(name=name, login=ARABIC, subject=MARKED, capacity="company", company=company)
    return replace(data, agreement=replace(data.agreement, documents={"agreement.md": TEXT}))


def contents(data: RecordData) -> Contents:
    files = {file.name: file.content for file in attached_files(data)}
    return Contents(json.loads(files["record.json"]), files)


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture(scope="module")
def made(make_acceptance: Any) -> tuple[RecordData, bytes]:
    data = written(make_acceptance)
    return data, render(data)


def test_names_from_right_to_left_pass_the_rule(made: tuple[RecordData, bytes]) -> None:
    data, pdf = made
    assert check_pages(pdf, contents(data)).startswith("the pages show")


def test_brackets_elsewhere_stay_as_they_are(made: tuple[RecordData, bytes]) -> None:
    shown = " ".join(text_of(made[1]).split())
    assert "One (the first) and two [the second]." in shown
    assert "Mozilla/5.0 (X11; Linux x86_64)" in shown


def test_every_glyph_stands_for_some_text(made: tuple[RecordData, bytes]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(made[1]))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert not [font for font in fonts if "/ToUnicode" in font and b"<>" in font["/ToUnicode"].get_data()]


def test_an_agreement_from_right_to_left_is_not_found_in_order_so_that_none_is_published(make_acceptance: Any) -> None:
    data = make_acceptance()
    turned_text = "# הסכם\n\n## 1. כותרת\n\n1.1 התורם מעניק רישיון (ללא תמורה) ל־3 שנים.\n".encode()
    data = replace(data, agreement=replace(data.agreement, documents={"agreement.md": turned_text}))
    with pytest.raises(SealInvalid, match="do not show the attached agreement"):
        check_pages(render(data), contents(data))


def test_another_name_from_right_to_left_is_not_found(made: tuple[RecordData, bytes]) -> None:
    page = folded(text_of(made[1]))
    others = HEBREW.replace("ם", "ן"), HEBREW.replace("45", "46"), f"{HEBREW} א"
    assert [stands_turned(folded(name), page) for name in (HEBREW, *others)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("value", "page", "stands"),
    [
        ("אב12", "Name12אבAccount", True),
        ("(אב)", "Name(באAccount", True),
        ("שָׁב", "Nameב\u05b8\u05c1שAccount", True),
        ("אב👩", "Name⟩U+1F469⟨באAccount", True),
        ("אב12", "Name1אבAccount2", False),
        ("אבא", "NameאבAccount", False),
        ("אב", "א" + "a" * 40 + "ב", False),
        ("אב", "", False),
    ],
)
def test_its_letters_and_digits_stand_together_in_any_order(value: str, page: str, *, stands: bool) -> None:
    assert turned(value)
    assert stands_turned(folded(value), page) is stands


def test_what_is_written_from_left_to_right_keeps_its_order() -> None:
    assert not turned("Ada Lí, 山田, Ἀριστοτέλης (12)")
