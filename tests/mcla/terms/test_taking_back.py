# SPDX-License-Identifier: Apache-2.0
"""What the terms say of taking back, at each stage, with and without a cause, early and late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from mcla.statements.parts import END_REASONS, STAGES
from mcla.terms import parse_terms
from mcla.terms.taking_back import LIMITS, STEPS, first_answer_by, limits_at, steps_at, taking_back

FOLDER = Path(__file__).resolve().parents[3] / "agreements" / "mcla-individual" / "1.0.0"
TERMS = parse_terms((FOLDER / "terms.toml").read_bytes())
EARLY, LATE = timedelta(days=3), timedelta(days=46)
NONE = "none-given"


def terms(**changed: object) -> object:
    return replace(TERMS, withdrawal=replace(TERMS.withdrawal, **changed))


@pytest.mark.parametrize(
    ("stage", "reason", "age", "answer", "code"),
    [
        ("S0", NONE, EARLY, "yes", "not-merged"),
        ("S0", NONE, LATE, "yes", "not-merged"),
        ("S0", "rights-claim", LATE, "yes", "not-merged"),
        ("S1", NONE, EARLY, "yes", "in-window"),
        ("S1", NONE, timedelta(days=45), "yes", "in-window"),
        ("S1", NONE, timedelta(days=45, seconds=1), "no", "window-over"),
        ("S2", NONE, EARLY, "no", "used-already"),
        ("S3", NONE, EARLY, "no", "used-already"),
        ("S4", NONE, LATE, "no", "window-over"),
        ("S1", "court-order", LATE, "yes", "for-cause"),
        ("S4", "child-data", LATE, "yes", "for-cause"),
        (None, NONE, EARLY, "depends", "stage-not-known"),
        (None, NONE, LATE, "depends", "stage-not-known"),
        (None, "consent-withdrawn", LATE, "yes", "for-cause"),
    ],
)
def test_the_individual_agreement_allows(stage, reason, age, answer, code):
    said = taking_back(TERMS, stage, reason, age)
    assert (said.answer, said.code) == (answer, code)
    assert said.steps == (() if answer == "no" else steps_at(TERMS, stage))


@pytest.mark.parametrize("stage", STAGES[1:])
@pytest.mark.parametrize("reason", END_REASONS)
def test_terms_that_take_nothing_back_after_the_merge_refuse_every_cause(stage, reason):
    strict = terms(after_merge="none", convenience_days=0)
    assert taking_back(strict, stage, reason, EARLY).answer == "no"
    assert taking_back(strict, "S0", reason, EARLY).answer == "yes"
    assert taking_back(strict, None, reason, EARLY).answer == "depends"


def test_the_steps_grow_with_the_stage_and_follow_the_terms_on_unlearning():
    seen = [steps_at(TERMS, stage) for stage in STAGES]
    assert seen[0] == ("leave-unmerged",)
    for less, more in pairwise(seen[1:]):
        assert set(less) < set(more)
    assert "out-of-next-training" in seen[3]
    assert seen[4][-2:] == ("publish-advisory", "name-replacement")
    trained = {each: steps_at(terms(unlearning=each), "S3")[3:] for each in ("none", "best-effort", "within-days")}
    assert trained == {
        "none": (),
        "best-effort": ("out-of-next-training", "try-unlearning"),
        "within-days": ("out-of-next-training", "unlearn-in-time"),
    }
    assert {step for stage in STAGES for step in steps_at(TERMS, stage)} < set(STEPS)


def test_what_cannot_be_undone_adds_up_and_is_told_in_full_where_the_stage_is_not_known():
    assert limits_at("S0") == (LIMITS["S0"],)
    assert limits_at("S3") == tuple(LIMITS[each] for each in ("S0", "S1", "S2", "S3"))
    assert limits_at(None) == limits_at("S4") == tuple(LIMITS.values())


def test_the_first_answer_is_due_after_the_days_of_the_agreement():
    asked = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert first_answer_by(TERMS, asked) == asked + timedelta(days=5)
