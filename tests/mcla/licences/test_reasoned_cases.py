# SPDX-License-Identifier: Apache-2.0
"""Cases of our own, in the shape of the worked ones, reasoned from rule texts and facts before the rules were asked.

Of the first forty one came out otherwise and the rules were wrong: what is given under GPL 2 "or any later version"
may go out under version 3. Of the next forty-one one did and the case was wrong: data that are non-commercial and
share-alike are looked at for both. The twenty after them (RC-082 to RC-101), by another reader, came out as reasoned.
Of 159 by a third, who had read no rule, twelve came out otherwise. Two times the rules were wrong: `GPL-3.0+` is a name
of GPL-3.0-or-later, and Llama-30B does not begin with "Llama 3". Ten times the case was: those carry a reason. The ones
that show something new are RC-102 to RC-206.
"""

from pathlib import Path
from typing import Any

import pytest

from mcla.artifacts.jsontext import parse_json
from mcla.licences.asking import QuestionInvalid, read_question
from mcla.licences.deciding import evaluate
from mcla.licences.registry import registry

CASES = parse_json(Path(__file__).with_name("reasoned_cases.json").read_bytes())["cases"]
HUNYUAN = "LicenseRef-hunyuan3d-2.0"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}: {case['title']}")
def test_a_case_is_answered_as_it_was_reasoned(case: dict[str, Any]) -> None:
    answer = evaluate(read_question(case), registry()).to_dict()
    assert {key: answer[key] for key in case["expect"]} == case["expect"]


def test_terms_that_leave_an_older_version_open_keep_no_newer_one() -> None:
    bases = [{"licence": "GPL-3.0", "relation": "fine-tune"}]
    taken = {"bases": bases, "kind": "fine-tune", "declared": "GPL-2.0-or-later"}
    assert evaluate(read_question(taken), registry()).verdict.word == "denied"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("MIT\u200b", r"Nothing is known of the licence 'MIT\u200b'"),
        ("\u202eTIM", r"Nothing is known of the licence '\u202eTIM'"),
        ("M\u0406T", r"Nothing is known of the licence 'M\u0406T'"),
        ("Acme\n1", r"Nothing is known of the licence 'Acme\n1'"),
        ("MIT OR Apache-2.0", "name the base once with each that applies, or with the one that was chosen"),
    ],
)
def test_a_name_that_nobody_knows_is_told_as_what_it_is(name: str, told: str) -> None:
    asked = {"bases": [{"licence": name, "relation": "fine-tune"}], "kind": "fine-tune", "declared": "MIT"}
    answer = evaluate(read_question(asked), registry())
    assert answer.verdict.word == "needs-review"
    assert told in str(answer.findings[0].sentence)


def test_a_licence_with_an_exception_is_a_name_of_its_own_in_an_expression() -> None:
    bases = [{"licence": "GPL-3.0", "relation": "fine-tune"}]
    asked = {"bases": bases, "kind": "fine-tune", "declared": "GPL-3.0 WITH GCC-exception-3.1 OR GPL-3.0"}
    assert evaluate(read_question(asked), registry()).verdict.word == "denied"
    with pytest.raises(QuestionInvalid):
        evaluate(read_question(asked | {"declared": "GPL-3.0 WITH OR GPL-3.0"}), registry())


@pytest.mark.parametrize("place", ["RE", "FR-974", "AX", "EL", "UK"])
def test_a_place_is_inside_a_territory_also_where_it_has_a_code_of_its_own(place: str) -> None:
    assert _of_a_party(HUNYUAN, {"contributor_territory": place}) == "denied"


@pytest.mark.parametrize("place", ["CH", "NO", "JE", "BL", "GL"])
def test_a_place_that_is_near_a_territory_is_outside_it(place: str) -> None:
    assert _of_a_party(HUNYUAN, {"contributor_territory": place}) == "allowed"


@pytest.mark.parametrize(
    ("context", "verdict"),
    [
        ({"monthly_revenue_usd": 1_000_001}, "denied"),
        ({"monthly_revenue_usd": 1_000_000}, "allowed"),
        ({"monthly_revenue_usd": 900_000, "annual_revenue_usd": 1_000_001}, "denied"),
    ],
)
def test_a_year_brings_in_no_less_than_one_of_its_months(context: dict[str, Any], verdict: str) -> None:
    assert _of_a_party("LicenseRef-stability-community-2024", context) == verdict


def _of_a_party(licence: str, context: dict[str, Any]) -> str:
    """The verdict for a fine-tune that keeps its licence with every duty met."""
    shown = {"licence_copies": [licence], "attribution_for": [licence], "notice_file": True, "modified_notice": True}
    bases = [{"licence": licence, "relation": "fine-tune"}]
    asked = {"bases": bases, "kind": "fine-tune", "declared": licence, "evidence": shown, "context": context}
    return evaluate(read_question(asked), registry()).verdict.word
