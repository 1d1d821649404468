# SPDX-License-Identifier: Apache-2.0
"""Questions, choices and the power to sign stand on the page in words, which the rule compares with `record.json`."""

import json
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from company_statements import OF_COMPANY
from real_records import Real
from record_samples import BASE, contribution

from app.records.data import RecordData, attached_files
from app.records.parts import CompanyDetail, Declaration
from app.records.render import render
from mcla.records.agreeing import _check_company, check_agreeing
from mcla.records.check import verify_record
from mcla.records.contents import Contents
from mcla.records.errors import SealInvalid
from mcla.records.text import check_pages

BY_LAW, BY_PROXY = "by law or by the company’s statutes", "by a written proxy"
DECLARED = (
    Declaration("relation", "How was it made?", "fine-tune", "Fine-tuned from a base"),
    Declaration("bases", "Which bases?", [{"name": "tiny-base"}], "", (BASE,)),
    Declaration("pickle", "Does a file hold code that runs when it is loaded?", value=True, shown="Yes"),
    Declaration("notes", "What else?", "山" * 9000, "山" * 9000),
    Declaration("turned", "מי עשה את זה?", "a", "אברהם (2) יוסף"),
)


def told(declared: tuple[Declaration, ...] = DECLARED, power: str = BY_LAW) -> RecordData:
    company = CompanyDetail("Example GmbH", "DE", "HRB 1234 B", "CEO", power, signed_power="by-law")
    data = contribution(2, declarations=declared)
    return replace(data, signer=replace(data.signer, company=company))


def contents(data: RecordData) -> Contents:
    files = {file.name: file.content for file in attached_files(data)}
    return Contents(json.loads(files["record.json"]), files)


@pytest.fixture(scope="module")
def printed() -> bytes:
    return render(told())


def test_the_words_of_every_question_and_choice_are_found_even_over_the_end_of_a_page(printed: bytes) -> None:
    assert check_pages(printed, contents(told())).startswith("the pages show")


def other(place: int, **changes: Any) -> tuple[Declaration, ...]:
    return (*DECLARED[:place], replace(DECLARED[place], **changes), *DECLARED[place + 1 :])


OTHERWISE: dict[str, tuple[tuple[Declaration, ...], str]] = {
    "another choice": (other(0, shown="From scratch"), "answer to relation"),
    "another question": (other(0, label="How was it not made?"), "answer to relation"),
    "another licence": (other(1, works=(replace(BASE, licence="MIT"),)), "answer to bases"),
    "another detail": (other(1, works=(replace(BASE, details=("How: Merged in",)),)), "answer to bases"),
    "no instead of yes": (other(2, shown="No"), "answer to pickle"),
    "a character more on the second page": (other(3, shown="山" * 9001), "answer to notes"),
    "another answer from right to left": (other(4, shown="אברהם (3) יוסף"), "answer to turned"),
    "an answer that no page has": ((*DECLARED, Declaration("more", "More?", "no")), "answer to more"),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_a_page_whose_words_are_others_than_those_of_record_json_is_refused(printed: bytes, what: str) -> None:
    declared, named = OTHERWISE[what]
    with pytest.raises(SealInvalid, match=f"does not show the {named} that record.json names") as refused:
        check_pages(printed, contents(told(declared)))
    assert refused.value.check == "pages"


def test_a_page_that_tells_another_power_to_sign_is_refused(printed: bytes) -> None:
    with pytest.raises(SealInvalid, match="does not show the company's powerWords"):
        check_pages(printed, contents(told(power=BY_PROXY)))


def test_record_json_has_words_for_exactly_the_answers_that_were_signed(real: Real) -> None:
    found = verify_record(real.pdf, real.trust, real.now).found
    assert found is not None
    record = deepcopy(found.record)
    record["contribution"]["answers"].append({"key": "waiver", "question": "Which rights?", "answer": "All"})
    with pytest.raises(SealInvalid, match=r"list of answers in record\.json is another than was signed"):
        check_agreeing(Contents(record, found.attachments))


@pytest.mark.parametrize(("power", "refused"), [("by-law", True), ("by-register", False), ("", True)])
def test_the_power_to_sign_in_record_json_is_the_one_that_was_signed(power: str, *, refused: bool) -> None:
    company = CompanyDetail("Example GmbH", "DE", "HRB 1234 B", "CEO", BY_LAW, signed_power=power)
    data = replace(told(), signer=replace(told().signer, company=company))
    with pytest.raises(SealInvalid, match="the power to sign") if refused else nullcontext():
        _check_company(contents(data).record["signer"]["company"], OF_COMPANY)
