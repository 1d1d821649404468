# SPDX-License-Identifier: Apache-2.0
"""Cases of our own, in the shape of the worked ones, reasoned from rule texts and facts before the rules were asked.

Of the first forty one came out otherwise and the rules were wrong: what is given under GPL 2 "or any later version"
may go out under version 3. Of the next forty-one one did and the case was wrong: data that are non-commercial and
share-alike are looked at for both. The twenty after them (RC-082 to RC-101), by another reader, came out as reasoned.
"""

from pathlib import Path
from typing import Any

import pytest

from mcla.artifacts.jsontext import parse_json
from mcla.licences.asking import read_question
from mcla.licences.deciding import evaluate
from mcla.licences.registry import registry

CASES = parse_json(Path(__file__).with_name("reasoned_cases.json").read_bytes())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}: {case['title']}")
def test_a_case_is_answered_as_it_was_reasoned(case: dict[str, Any]) -> None:
    answer = evaluate(read_question(case), registry()).to_dict()
    assert {key: answer[key] for key in case["expect"]} == case["expect"]


def test_terms_that_leave_an_older_version_open_keep_no_newer_one() -> None:
    bases = [{"licence": "GPL-3.0", "relation": "fine-tune"}]
    taken = {"bases": bases, "kind": "fine-tune", "declared": "GPL-2.0-or-later"}
    assert evaluate(read_question(taken), registry()).verdict.word == "denied"
