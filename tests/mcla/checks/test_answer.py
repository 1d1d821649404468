# SPDX-License-Identifier: Apache-2.0
"""The answer of a check: reads back as written, and never says better of the whole than of its parts."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mcla.checks.answer import (
    Answer,
    AnswerInvalid,
    ArtifactAnswer,
    Basis,
    KindAnswer,
    PolicyUsed,
    Said,
    SubjectAnswer,
    parse_answer,
    read_answer,
    worst,
)
from mcla.checks.change import Account
from mcla.verify.standing import AsOf

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
YES = Said("covered", "covered", "Everybody is covered.")
BASIS = Basis("individual", "mcla-individual", "1.0.0", "c" * 64, 7, NOW)
PERSON = SubjectAnswer(
    YES,
    ("opener", "author"),
    "Ada",
    "account",
    Account("github", "7"),
    ("1" * 40,),
    1,
    {"code": KindAnswer("covered", "covered", "Signed.", BASIS)},
)
FILE = ArtifactAnswer(YES, "model.safetensors", "a" * 64, 10, "weights", 0, "ctr_1", "member")
ANSWER = Answer("aurora", YES, AsOf(8, NOW), PolicyUsed("server", "d" * 64, "broken"), (PERSON,), (FILE,), 3, 1, 2)


def written(**changed: Any) -> bytes:
    return json.dumps({**ANSWER.to_dict(), **changed}).encode()


def test_an_answer_reads_back_as_it_was_written() -> None:
    again = parse_answer(written())
    assert again.to_dict() == ANSWER.to_dict()
    assert again.to_dict()["counts"] == {
        "subjects": {"covered": 1, "not-covered": 0, "unknown": 0},
        "artifacts": {"covered": 1, "not-covered": 0, "unknown": 0},
        "commits": 3,
        "merges_skipped": 1,
        "files_free": 2,
    }


def test_a_newer_service_may_tell_more() -> None:
    assert parse_answer(written(more="news")).verdict == "covered"


def test_a_known_no_outweighs_what_is_not_known() -> None:
    assert worst(["covered", "not-covered", "unknown"]) == "not-covered"
    assert worst(["covered", "unknown"]) == "unknown"
    assert worst([]) == "unknown"


@pytest.mark.parametrize("word", ["not-covered", "unknown"])
def test_a_yes_over_a_part_that_is_none_is_no_answer(word: Any) -> None:
    part = replace(PERSON, said=replace(YES, word=word))
    with pytest.raises(AnswerInvalid, match=f"got covered over {word}"):
        read_answer(replace(ANSWER, subjects=(part,)).to_dict())


def test_a_yes_over_nothing_is_no_answer() -> None:
    with pytest.raises(AnswerInvalid, match="got covered over unknown"):
        read_answer(replace(ANSWER, subjects=(), artifacts=()).to_dict())


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "verified"},
        {"verdict": None},
        {"subjects": None},
        {"subjects": [{}]},
        {"artifacts": [[]]},
        {"as_of": {"log_size": -1, "time": "2026-11-25T09:00:00Z"}},
        {"counts": {}},
        {"policy": {"source": "head", "sha256": None, "problem": None}},
    ],
)
def test_what_is_no_answer_is_no_yes(changed: dict[str, Any]) -> None:
    with pytest.raises(AnswerInvalid):
        parse_answer(written(**changed))
