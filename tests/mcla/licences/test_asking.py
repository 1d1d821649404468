# SPDX-License-Identifier: Apache-2.0
"""Questions that cannot mean anything are refused by name and place, and nothing is filled in for them."""

import json
from typing import Any

import pytest

from mcla.licences.asking import (
    CurrencyMissing,
    FactsContradict,
    FigureInvalid,
    QuestionInvalid,
    TextMisleads,
    TooManyBases,
    read_question,
)
from mcla.licences.question import MAX_BASES, Money
from mcla.licences.registry import data_file

BASE = {"licence": "MIT", "relation": "fine-tune"}
GOOD: dict[str, Any] = {"bases": [BASE], "kind": "fine-tune", "declared": "MIT"}


def asked(**context: Any) -> dict[str, Any]:
    return GOOD | {"context": context}


def test_the_worked_cases_are_questions() -> None:
    cases = json.loads(data_file("cases.json"))["cases"]
    assert len([read_question(case) for case in cases]) == 44


@pytest.mark.parametrize("name", ["MI\u202eT", "M\u00adIT", "MIT\u2066", "MI\0T", "M\u200bIT", "MIT\x1b[2J"])
def test_a_name_that_reads_otherwise_than_it_is_has_an_error_of_its_own(name: str) -> None:
    with pytest.raises(TextMisleads, match="/declared: expected a text as it reads, got one with the character U"):
        read_question(GOOD | {"declared": name})
    with pytest.raises(TextMisleads):
        read_question(GOOD | {"bases": [BASE | {"name": name}]})
    assert read_question(GOOD | {"bases": [BASE | {"licence": name}]})  # somebody else's word, and none that is known
    assert read_question(
        GOOD | {"artifact_name": "\u0646\u0645\u0648\u0646\u0647\u200c\u0627\u06cc"}
    )  # a joiner of Persian


def test_what_is_not_said_is_not_known() -> None:
    question = read_question(GOOD)
    assert question.context.commercial is None
    assert question.context.facts == {}
    assert question.evidence.licence_copies == frozenset()
    assert question.policy.unknown == "review"
    assert read_question(GOOD | {"artifact_name": None, "context": {"mau": None}}) == question


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ([], ""),
        ({"kind": "fine-tune", "declared": "MIT"}, ""),
        ({"bases": [BASE], "kind": "fine-tune"}, ""),
        (GOOD | {"colour": "red"}, ""),
        (GOOD | {"bases": []}, "/bases"),
        (GOOD | {"bases": BASE}, "/bases"),
        (GOOD | {"bases": [BASE, {"licence": "MIT"}]}, "/bases/1"),
        (GOOD | {"bases": [BASE | {"relation": "copied"}]}, "/bases/0/relation"),
        (GOOD | {"bases": [BASE | {"licence": None}]}, "/bases/0"),
        (GOOD | {"bases": [BASE | {"licence": 1}]}, "/bases/0/licence"),
        (GOOD | {"bases": [BASE | {"licence": "x" * 301}]}, "/bases/0/licence"),
        (GOOD | {"bases": [BASE | {"sha256": "AB"}]}, "/bases/0/sha256"),
        (GOOD | {"bases": [BASE | {"retrieved": "yesterday"}]}, "/bases/0/retrieved"),
        (GOOD | {"bases": [BASE | {"retrieved": "2026-02-30"}]}, "/bases/0/retrieved"),
        (GOOD | {"kind": "finetune"}, "/kind"),
        (GOOD | {"declared": 3}, "/declared"),
        (GOOD | {"declared_terms": {"restrictions": "military"}}, "/declared_terms/restrictions"),
        (GOOD | {"declared_terms": {"limits": []}}, "/declared_terms"),
        (GOOD | {"evidence": {"notice_file": "yes"}}, "/evidence/notice_file"),
        (GOOD | {"evidence": {"licence_copies": ["MIT"] * 2_001}}, "/evidence/licence_copies"),
        (GOOD | {"policy": {"nc_data": "perhaps"}}, "/policy/nc_data"),
        (asked(contributor_territory="Germany"), "/context/contributor_territory"),
        (asked(project_outbound=[]), "/context/project_outbound"),
        (asked(publish="everywhere"), "/context/publish"),
    ],
)
def test_a_question_that_cannot_mean_anything_is_refused_with_its_place(given: Any, pointer: str) -> None:
    with pytest.raises(QuestionInvalid) as caught:
        read_question(given)
    assert caught.value.pointer == pointer
    assert "expected" in caught.value.message


@pytest.mark.parametrize("figure", [-1, float("nan"), float("inf"), True, "900M"])
def test_users_are_a_finite_number_of_zero_or_more(figure: object) -> None:
    with pytest.raises(FigureInvalid):
        read_question(asked(mau=figure))


@pytest.mark.parametrize("given", [5_000_000, {"value": 5_000_000}])
def test_an_amount_of_money_has_a_currency(given: object) -> None:
    with pytest.raises(CurrencyMissing):
        read_question(asked(annual_revenue=given))


@pytest.mark.parametrize(
    "context",
    [
        {"annual_revenue": {"value": 5, "currency": "USD"}},
        {"annual_revenue": 5, "currency": "USD"},
        {"annual_revenue_usd": 5},
        {"revenue_usd": 5},
        {"revenue": {"value": 5, "currency": "USD"}},
    ],
)
def test_an_amount_may_be_said_in_several_ways(context: dict[str, Any]) -> None:
    assert read_question(asked(**context)).context.facts == {"annual_revenue": Money(5, "USD")}


@pytest.mark.parametrize(
    "context",
    [
        {"annual_revenue_usd": 5, "annual_revenue": {"value": 6, "currency": "USD"}},
        {"annual_revenue_usd": 5, "monthly_revenue_usd": 6},
        {"commercial": False, "commercial_use": True},
    ],
)
def test_facts_that_cannot_both_be_true_are_refused(context: dict[str, Any]) -> None:
    with pytest.raises(FactsContradict):
        read_question(asked(**context))


def test_ten_thousand_bases_are_refused_before_any_is_read() -> None:
    with pytest.raises(TooManyBases):
        read_question(GOOD | {"bases": [None] * 10_000})
    assert len(read_question(GOOD | {"bases": [BASE] * MAX_BASES}).bases) == MAX_BASES


@pytest.mark.parametrize(("said", "read"), [("uk", "GB"), ("de", "DE"), ("US-CA", "US"), ("EU", "EU")])
def test_a_territory_is_a_country_whatever_its_spelling(said: str, read: str) -> None:
    assert read_question(asked(contributor_territory=said)).context.contributor_territory == read
