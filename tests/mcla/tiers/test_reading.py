# SPDX-License-Identifier: Apache-2.0
"""Facts and terms that mean nothing, too much or two things are refused, each with the place and the reason."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mcla.artifacts.jsontext import JsonInvalid
from mcla.errors import MclaError
from mcla.tiers.errors import FactsContradict, FactsInvalid, MoneyWithoutUnit, TierImpossible, TiersInvalid
from mcla.tiers.example import example
from mcla.tiers.facts import read_use
from mcla.tiers.possible import check_possible
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import EFFECTS

USD: dict[str, Any] = {"amount": 10, "currency": "USD", "period": "year"}


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"colour": "red"}, FactsInvalid),
        ({"users": {"count": -1}}, FactsInvalid),
        ({"users": {"count": 1.5}}, FactsInvalid),
        ({"users": {"count": float("nan")}}, FactsInvalid),
        ({"users": {"count": float("inf")}}, FactsInvalid),
        ({"users": {"count": 2**60}}, FactsInvalid),
        ({"users": {"count": True}}, FactsInvalid),
        ({"users": {"count": "many"}}, FactsInvalid),
        ({"users": 5}, FactsInvalid),
        ({"users": {"count": 5, "measured": "sometimes"}}, FactsInvalid),
        ({"commercial": "yes"}, FactsInvalid),
        ({"jurisdictions": ["Germany"]}, FactsInvalid),
        ({"jurisdictions": ["*"]}, FactsInvalid),
        ({"jurisdictions": ["DE", "DE"]}, FactsInvalid),
        ({"uses": ["no_such_key"]}, FactsInvalid),
        ({"training_compute": "1e400"}, FactsInvalid),
        ({"training_compute": "-1e23"}, FactsInvalid),
        ({"date": "2026-02-30"}, FactsInvalid),
        ({"receipt": "by post"}, FactsInvalid),
        ({"revenue": {"amount": 10, "period": "year"}}, MoneyWithoutUnit),
        ({"revenue": [USD, {"amount": 10, "currency": "USD"}]}, MoneyWithoutUnit),
        ({"revenue": USD | {"currency": "dollars"}}, FactsInvalid),
        ({"revenue": USD | {"amount": -5}}, FactsInvalid),
        ({"users": [{"count": 5}, {"count": 6}]}, FactsContradict),
        ({"revenue": [USD, USD | {"amount": 11}]}, FactsContradict),
        ({"revenue": [USD, USD | {"period": "month", "amount": 11}]}, FactsContradict),
        ({"revenue": [USD, USD | {"of": "recurring", "amount": 11}]}, FactsContradict),
        ({"revenue": USD | {"of": "model-as-a-service"}, "business": []}, FactsContradict),
        ({"commercial": True, "purposes": ["personal"]}, FactsContradict),
        ([], FactsInvalid),
    ],
)
def test_facts_that_cannot_be_are_refused(facts: Any, error: type[MclaError]) -> None:
    with pytest.raises(error):
        read_use(facts)


@pytest.mark.parametrize(
    "text", ['{"commercial":true,"commercial":false}', '{"users":{"count":NaN}}', '{"users":{"count":1e400}}', "{", ""]
)
def test_facts_in_json_have_one_meaning(text: str) -> None:
    with pytest.raises(JsonInvalid):
        read_use(text.encode())


def test_null_and_absence_are_the_same_unknown() -> None:
    assert read_use(b'{"commercial":null,"users":null}') == read_use({})
    assert read_use({"users": {"count": 3}}) == read_use(json.dumps({"users": [{"count": 3}]}).encode())


HEAD = f"""
schema = "mcla.tiers/1"
id = "terms"
version = "1.0.0"
title = "Terms"
otherwise = "deny"
feed = "none"
text = {{ url = "https://example.org/terms.md", sha256 = "{"0" * 64}" }}
"""
TIER = '[[tier]]\nid = "one"\neffect = "permit"\nrests_on = "clause 1"\n'


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + TIER + TIER,
        HEAD.replace('otherwise = "deny"', 'otherwise = "permit"') + TIER,
        HEAD.replace('feed = "none"', "") + TIER,
        HEAD + TIER.replace("permit", "allow"),
        HEAD + TIER.replace("permit", "permit-with-duty"),
        HEAD + TIER.replace("permit", "separate-licence"),
        HEAD + TIER + "colour = 1",
        HEAD + TIER + 'when = [{ fact = "users", op = ">", count = 5 }]',
        HEAD
        + TIER
        + 'when = [{ fact = "users", op = ">", count = -5, measure = "monthly-active", measured = "ongoing" }]',
        HEAD + TIER + 'when = [{ fact = "revenue", op = ">", amount = 5, of = "everything", measured = "ongoing" }]',
        HEAD + TIER + 'when = [{ fact = "commercial" }]',
        HEAD + TIER + 'when = [{ fact = "commercial", is = true, count = 5 }]',
        HEAD + TIER + 'when = [{ fact = "sectors", any_of = [] }]',
        HEAD + TIER + 'when = [{ fact = "sectors", any_of = ["a"], none_of = ["b"] }]',
        HEAD + TIER + 'when = [{ fact = "jurisdictions", any_of = ["Europe"] }]',
        HEAD + TIER + 'when = [{ fact = "business", any_of = ["shop"] }]',
        HEAD + TIER + 'when = [{ fact = "uses", any_of = ["anything"] }]',
        HEAD + TIER + 'when = [{ fact = "training-compute", op = ">", flop = "lots" }]',
        HEAD + TIER + 'when = [{ fact = "date", from = "2026-02-30" }]',
        HEAD + TIER + 'when = [{ fact = "moon" }]',
        "this is not toml",
    ],
)
def test_terms_that_decide_nothing_definite_are_refused(text: str) -> None:
    with pytest.raises(TiersInvalid):
        read_terms(text.encode())


def users(op: str, count: int, measure: str = "monthly-active") -> str:
    return f'{{ fact = "users", op = "{op}", count = {count}, measure = "{measure}", measured = "ongoing" }}'


def compute(op: str, flop: str) -> str:
    return f'{{ fact = "training-compute", op = "{op}", flop = "{flop}" }}'


def listed(fact: str, how: str, *words: str) -> str:
    return f'{{ fact = "{fact}", {how} = {json.dumps(words)} }}'


def dated(how: str, day: str) -> str:
    return f'{{ fact = "date", {how} = "{day}" }}'


@pytest.mark.parametrize(
    "when",
    [
        (users("<", 10), users(">", 100)),
        (users(">", 10), users("<", 11)),
        (users("<", 0),),
        (users(">", 2**53 - 1),),
        (compute(">", "1e25"), compute("<=", "1e25")),
        (dated("from", "2027-01-01"), dated("before", "2027-01-01")),
        (dated("before", "2026-12-01"),),  # when the terms are not in force yet
        ("{ fact = 'commercial', is = true }", "{ fact = 'commercial', is = false }"),
        (listed("purposes", "only", "research"), listed("purposes", "only", "education")),
        (listed("sectors", "any_of", "health", "law"), listed("sectors", "none_of", "law", "health")),
        (listed("uses", "only", "military"), listed("uses", "any_of", "malware")),
        (listed("jurisdictions", "any_of", "DE"), listed("jurisdictions", "none_of", "EU")),
        (listed("jurisdictions", "any_of", "DE"), listed("jurisdictions", "none_of", "*")),
        (listed("receipt", "any_of", "direct"), listed("receipt", "any_of", "hosted-service")),
        (listed("receipt", "none_of", "direct", "hosted-service", "end-user-product"),),
    ],
)
def test_conditions_that_never_hold_together_are_named_with_their_tier(when: tuple[str, ...]) -> None:
    terms = read_terms((f'effective = "2026-12-01"\n{HEAD}{TIER}when = [{", ".join(when)}]').encode())
    with pytest.raises(TierImpossible, match="in tier one, got: ") as refused:
        check_possible(terms)
    assert all(each.sentence in refused.value.message for each in terms.tiers[0].when)


@pytest.mark.parametrize(
    "when",
    [
        (users(">=", 10), users("<=", 10)),
        (users("<", 10), users(">", 100, "monthly-unique")),  # two measurements are two facts
        (compute(">", "1e25"), compute("<", "2e25"), compute(">=", "1e25")),
        (dated("from", "2027-01-01"), dated("before", "2027-01-02")),
        (listed("sectors", "any_of", "health"), listed("sectors", "any_of", "law")),  # a use may be in both
        (listed("jurisdictions", "any_of", "EU"), listed("jurisdictions", "none_of", "DE")),
        (listed("jurisdictions", "any_of", "*"), listed("jurisdictions", "none_of", "EU", "US")),
        (listed("receipt", "any_of", "direct"), listed("receipt", "none_of", "hosted-service")),
        (),
    ],
)
def test_conditions_that_some_use_meets_are_let_through(when: tuple[str, ...]) -> None:
    check_possible(read_terms(f"{HEAD}{TIER}when = [{', '.join(when)}]".encode()))


def test_the_terms_in_the_documentation_are_those_that_the_command_prints_and_can_be_read() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "foundation.md").read_text(encoding="utf-8")
    shown = next(each for each in re.findall(r"^```toml\n(.*?)^```$", page, re.M | re.S) if "mcla.tiers/1" in each)
    assert shown.encode() == example()
    assert {tier.effect for tier in read_terms(example()).tiers} == set(EFFECTS)
    check_possible(read_terms(example()))
