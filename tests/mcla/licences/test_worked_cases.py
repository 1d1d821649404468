# SPDX-License-Identifier: Apache-2.0
"""The worked cases, answered as they are worked: verdict, rules in order, and missing duties, to the letter."""

import json
from typing import Any

import pytest

from mcla.licences.asking import read_question
from mcla.licences.deciding import evaluate
from mcla.licences.registry import data_file, registry
from mcla.licences.sentences import SENTENCES

CASES = {case["id"]: case for case in json.loads(data_file("cases.json"))["cases"]}


@pytest.mark.parametrize("name", CASES)
def test_a_worked_case_is_answered_as_it_is_worked(name: str) -> None:
    case = CASES[name]
    answer = evaluate(read_question(case), registry()).to_dict()
    assert {key: answer[key] for key in case["expect"]} == case["expect"]


def test_an_answer_carries_a_sentence_for_every_rule_and_names_its_data() -> None:
    answer = evaluate(read_question(CASES["LC-046"]), registry()).to_dict()
    assert {reason["rule"] for reason in answer["reasons"]} == set(answer["rules"])
    assert all(reason["sentence"].endswith(".") and "%(" not in reason["sentence"] for reason in answer["reasons"])
    assert answer["data"] == {"digest": f"sha256:{registry().digest}", "as_of": "2026-11-22"}
    assert answer["notice"] == "Screening, not legal advice."


def test_the_same_question_is_answered_the_same_again() -> None:
    said: list[Any] = [evaluate(read_question(case), registry()).to_dict() for case in CASES.values()]
    assert said == [evaluate(read_question(case), registry()).to_dict() for case in CASES.values()]


def test_every_sentence_is_said_by_some_rule() -> None:
    from pathlib import Path

    import mcla.licences.rules as rules

    code = "".join(path.read_text() for path in Path(rules.__file__).parent.glob("*.py"))
    assert [name for name in SENTENCES if f'"{name}"' not in code] == []
