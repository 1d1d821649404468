# SPDX-License-Identifier: Apache-2.0
"""Signs of a lost licence in an answer: told, or weighed as unknown until somebody has looked; never a no."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mcla.checks.answer import Answer, AnswerInvalid, ArtifactAnswer, PolicyUsed, Said, SubjectAnswer, read_answer
from mcla.checks.deciding_licences import cited, with_signs
from mcla.checks.policy import Licences, PolicyInvalid, parse_policy
from mcla.licences.claimed import Judged, judge
from mcla.licences.licence_file import LicenceFile
from mcla.licences.lineage import Edge
from mcla.licences.question import Policy
from mcla.licences.signals import Signal
from mcla.verify.standing import AsOf

YES, NO = Said("covered", "covered", "Given."), Said("not-covered", "other-kind", "Given as data.")
SIGN = Signal("tensors-of-another", "3 of 4 tensors are equal to X.", {"tensors": 3, "artifact": "X"})


def artifact(path: str, contribution: str | None, said: Said = YES) -> ArtifactAnswer:
    return ArtifactAnswer(said, path, "a" * 64, 10, "weights", 0, contribution)


ANSWER = Answer(
    project="aurora",
    said=Said("covered", "covered", "Everything is covered."),
    as_of=AsOf(9, datetime(2026, 11, 25, 9, tzinfo=UTC)),
    policy=PolicyUsed("server", "0" * 64),
    subjects=(SubjectAnswer(YES, ("opener",), "ada", "account"),),
    artifacts=(artifact("a", "ctr_1"), artifact("b", "ctr_1"), artifact("c", "ctr_2"), artifact("d", None)),
)
FOUND = {"ctr_1": Judged(None, (SIGN, SIGN)), "ctr_2": Judged(None, ())}


def words(answer: Answer) -> list[str]:
    return [each.said.code for each in answer.artifacts]


def test_signs_are_told_with_the_files_that_they_are_about_and_change_nothing_by_themselves() -> None:
    assert cited(ANSWER) == ("ctr_1", "ctr_2")
    told = with_signs(ANSWER, Licences(), FOUND, then=False)
    assert replace(told, signs=()) == ANSWER
    assert [(each.contribution, each.paths, each.paths_total, each.weighs) for each in told.signs] == [
        ("ctr_1", ("a", "b"), 2, False)
    ] * 2
    assert read_answer(told.to_dict()) == told


def test_where_they_are_weighed_a_person_looks_before_the_files_count() -> None:
    told = with_signs(ANSWER, Licences("review"), FOUND, then=False)
    assert words(told) == ["licence-signals", "licence-signals", "covered", "covered"]
    assert (told.verdict, told.said.code) == ("unknown", "licence-signals")
    reason, step = told.artifacts[0].said.reason, told.artifacts[0].said.next or ""
    assert "3 of 4 tensors are equal to X. And 1 more." in reason
    assert "no accusation" in step
    assert "add ctr_1 to accepted" in step
    assert all(each.weighs for each in told.signs)
    then = with_signs(ANSWER, Licences("review"), FOUND, then=True)
    assert "ask without as_of" in (then.said.next or "")


def test_what_was_looked_at_counts_and_is_still_told() -> None:
    told = with_signs(ANSWER, Licences("review", ("ctr_1",)), FOUND, then=False)
    assert (told.said, told.artifacts) == (ANSWER.said, ANSWER.artifacts)
    assert [each.weighs for each in told.signs] == [False, False]


def test_what_nobody_could_look_at_is_no_yes_where_signs_are_weighed() -> None:
    assert with_signs(ANSWER, Licences(), {}, then=False) == ANSWER
    told = with_signs(ANSWER, Licences("review"), {"ctr_1": Judged(None, ())}, then=False)
    assert words(told) == ["covered", "covered", "licence-signals-unseen", "covered"]
    assert told.verdict == "unknown"


def test_a_known_no_stays_one() -> None:
    refused = replace(ANSWER, said=NO, artifacts=(artifact("a", "ctr_1", NO),))
    told = with_signs(refused, Licences("review"), FOUND, then=False)
    assert (told.verdict, words(told)) == ("not-covered", ["other-kind"])
    assert len(told.signs) == 2


@pytest.mark.parametrize(
    ("table", "licences"),
    [
        ("", None),
        ("[licences]", Licences()),
        ("[licences]\nsignals = 'review'\naccepted = ['ctr_1']", Licences("review", ("ctr_1",))),
        ("[licences]\nrules = 'require'", Licences(rules="require")),
        ("[licences.stance]\nnc_data = 'deny'\nsa_data = 'allow'", Licences(stance=Policy("deny", "allow"))),
    ],
)
def test_the_policy_asks_by_a_table_of_its_own(table: str, licences: Licences | None) -> None:
    assert parse_policy(f"version = 1\n{table}").licences == licences


@pytest.mark.parametrize(
    "table",
    [
        "signals = 'deny'",
        "signals = true",
        "accepted = 'ctr_1'",
        "accepted = ['']",
        "accepted = ['a b']",
        "signs = 1",
        "rules = 'deny'",
        "stance = 'allow'",
        "stance = { nc_data = 'maybe' }",
        "stance = { nc_dta = 'deny' }",
        "stance = { nc_data = true }",
        "stance = { unknown = 'allow' }",
    ],
)
def test_a_table_that_is_not_understood_is_refused(table: str) -> None:
    with pytest.raises(PolicyInvalid, match=r"licences\."):
        parse_policy(f"version = 1\n[licences]\n{table}")


@pytest.mark.parametrize("change", [{"code": 1}, {"evidence": {"a": []}}, {"paths_total": -1}, {"weighs": "no"}])
def test_an_answer_with_signs_of_another_form_is_none(change: dict[str, Any]) -> None:
    told = with_signs(ANSWER, Licences(), FOUND, then=False).to_dict()
    told["signals"][0] |= change
    with pytest.raises(AnswerInvalid):
        read_answer(told)


NC = (Edge("a", "org/data@1", "trained-on-data", "CC-BY-NC-4.0"),)
LOST = (Edge("a", "org/base@1", "fine-tune", "CC-BY-NC-4.0"),)


def ruled(policy: Licences, bases: tuple[Edge, ...], outbound: str | None = "MIT") -> Answer:
    stance = policy.stance or Policy()
    found = {each: judge(outbound, "", bases, policy=stance) for each in ("ctr_1", "ctr_2")}
    return with_signs(replace(ANSWER, artifacts=ANSWER.artifacts[:1]), policy, found, then=False)


@pytest.mark.parametrize(
    ("policy", "bases", "outbound", "verdict", "code"),
    [
        (Licences(rules="tell"), LOST, "MIT", "covered", "covered"),
        (Licences(rules="review"), LOST, "MIT", "unknown", "licence-review"),
        (Licences(rules="require"), LOST, "MIT", "not-covered", "licence-denied"),
        (Licences(rules="require", accepted=("ctr_1",)), LOST, "MIT", "covered", "covered"),
        (Licences(rules="require"), LOST, "CC-BY-NC-4.0", "covered", "covered"),  # duties alone stop nothing
        (Licences(rules="require"), LOST, None, "unknown", "licence-review"),  # bases, and nothing declared
        (Licences(rules="require"), LOST, "my own words", "unknown", "licence-review"),
        (Licences(rules="require"), (), None, "covered", "covered"),
        (Licences(rules="require"), NC, "MIT", "unknown", "licence-review"),
        (Licences(rules="require", stance=Policy(nc_data="allow")), NC, "MIT", "covered", "covered"),
        (Licences(rules="require", stance=Policy(nc_data="deny")), NC, "MIT", "not-covered", "licence-denied"),
        (Licences(rules="require", stance=Policy(nc_data="allow")), LOST, "MIT", "not-covered", "licence-denied"),
    ],
)
def test_the_rules_weigh_as_the_policy_says_and_debated_points_are_its_own(
    policy: Licences, bases: tuple[Edge, ...], outbound: str | None, verdict: str, code: str
) -> None:
    told = ruled(policy, bases, outbound)
    assert (told.verdict, words(told)) == (verdict, [code])
    assert read_answer(told.to_dict()) == told


def test_a_licence_file_that_the_asker_read_is_held_against_what_was_declared() -> None:
    found = {each: judge("Apache-2.0", "", ()) for each in ("ctr_1", "ctr_2")}
    files = (LicenceFile("LICENSE", "b" * 64, "a" * 64, "same", "MIT"),)
    for policy, verdict in ((Licences(), "covered"), (Licences("review", ("ctr_2",)), "unknown")):
        told = with_signs(ANSWER, policy, found, then=False, files=files)
        assert [(each.contribution, each.code, each.paths) for each in told.signs] == [
            ("ctr_1", "file-differs-from-tag", ("a", "b")),
            ("ctr_2", "file-differs-from-tag", ("c",)),
        ]
        assert (told.verdict, told.signs[0].evidence["path"]) == (verdict, "LICENSE")
        assert read_answer(told.to_dict()) == told
    assert words(told) == ["licence-signals", "licence-signals", "covered", "covered"]


def test_what_the_rules_say_is_told_with_a_stance_and_not_where_nobody_asks() -> None:
    [told] = [each for each in ruled(Licences(stance=Policy(nc_data="deny")), NC).signs if each.code == "rules-deny"]
    assert (told.weighs, told.evidence) == (False, {"verdict": "denied", "rules": "R-NC-2"})
    assert told.sentence.startswith("By what its giver declared, the rules deny its licence. How far non-commercial")
    assert {each.code for each in ruled(Licences(), LOST).signs} == {"more-permissive-than-base"}
