# SPDX-License-Identifier: Apache-2.0
"""The decision on changed files: by their very digests, under the rule of their path, and nothing by likeness."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mcla.checks.answer import Answer, ArtifactAnswer, Basis, KindAnswer, PolicyUsed
from mcla.checks.change import Account, Change, ChangedFile
from mcla.checks.deciding import decide
from mcla.checks.facts import Facts, Given, OutboundTerms
from mcla.checks.people import ByAccount, Forge, people_of
from mcla.checks.policy import DEFAULT, Policy, parse_policy
from mcla.verify.standing import AsOf

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
HEX, ROOT = "a" * 64, "b" * 64
BASIS = Basis("contribution", "mcla-individual", "1.0.0", "c" * 64, 9, NOW)
GIVEN = Given(
    contribution="ctr_1",
    kind="weights",
    schedule="W",
    key_holder="browser",
    basis=BASIS,
    outbound=OutboundTerms("listed", ("Apache-2.0",)),
    found="file",
    size=10,
    proven=True,
    state="in-force",
    sentence="In force.",
)
FILE = ChangedFile("weights/model.safetensors", HEX, 10)


def rule(**keys: str) -> Policy:
    told = {"paths": '["weights/**"]', "kind": '"weights"'} | keys
    return parse_policy("version = 1\n[[artifacts]]\n" + "\n".join(f"{key} = {value}" for key, value in told.items()))


def decided(
    *files: ChangedFile, policy: Policy | None = None, given: Any = (GIVEN,), tensors: Any = (), **known: Any
) -> Answer:
    ada = ByAccount("github", "7")
    used = policy or rule()
    facts = Facts(
        "aurora",
        AsOf(9, NOW),
        used,
        PolicyUsed("default" if used is DEFAULT else "server"),
        accounts={ada: {"code": KindAnswer("covered", "covered", "Signed.")}},
        given={HEX: given},
        tensors={ROOT: tensors},
        give_urls={"weights": "https://x/contributions/new?project=aurora&kind=weights"},
    )
    change = Change("aurora", Account("github", "7"), (), files or (FILE,))
    return decide(change, people_of(change, (Forge("github", "github", "github.com"),)), facts)


def only(*files: ChangedFile, **known: Any) -> ArtifactAnswer:
    (found,) = decided(*files, **known).artifacts
    return found


def said(*files: ChangedFile, **known: Any) -> tuple[str, str]:
    found = only(*files, **known).said
    return found.word, found.code


def test_a_file_is_covered_by_a_contribution_of_its_very_digest() -> None:
    found = only()
    assert found.said.reason == "Given as weights under mcla-individual 1.0.0 (log entry 9)."
    assert (found.contribution, found.found, found.rule, found.kind) == ("ctr_1", "file", 0, "weights")
    assert decided().said.reason == "Everything is covered: 1 person and 1 file."


def test_a_member_of_a_folder_is_covered_like_a_file() -> None:
    found = only(given=(replace(GIVEN, found="member"),))
    assert (found.found, found.said.reason[:21]) == ("member", "Given with a folder a")


def test_a_file_that_nobody_gave_says_how_to_give_it() -> None:
    found = only(given=())
    assert (found.said.word, found.said.code) == ("not-covered", "not-given")
    assert found.said.next == (
        "Its owner gives it with `mcla sign FILE --project aurora --kind weights` "
        "or at https://x/contributions/new?project=aurora&kind=weights."
    )
    assert found.sign_url == "https://x/contributions/new?project=aurora&kind=weights"


def test_files_under_no_rule_and_small_files_are_free_and_counted() -> None:
    made = decided(FILE, ChangedFile("src/x.py", "d" * 64, 9**9), policy=rule(from_size="11"))
    assert (made.verdict, made.artifacts, made.files_free) == ("covered", (), 2)


def test_no_file_is_small_by_what_its_pointer_says() -> None:
    typed = ChangedFile("weights/large.safetensors", "d" * 64, 10, pointer=True)
    made = decided(typed, policy=rule(from_size='"1 KiB"'))
    assert (made.verdict, made.files_free) == ("not-covered", 0)


def test_an_excluded_path_is_free_although_a_later_rule_fits() -> None:
    policy = parse_policy(
        "version = 1\n[[artifacts]]\npaths=['weights/ci/**']\nkind='none'\n[[artifacts]]\npaths=['**']\nkind='weights'"
    )
    made = decided(FILE, ChangedFile("weights/ci/x", "d" * 64, 1), policy=policy)
    assert [(each.path, each.rule) for each in made.artifacts] == [("weights/model.safetensors", 1)]


def test_without_a_policy_every_sent_file_must_be_given_as_any_kind() -> None:
    assert said(policy=DEFAULT) == ("covered", "covered")
    assert said(ChangedFile("anywhere", "d" * 64, 0), policy=DEFAULT) == ("not-covered", "not-given")


@pytest.mark.parametrize(
    ("policy", "given", "code"),
    [
        (rule(kind='"adapter"'), GIVEN, ("not-covered", "other-kind")),
        (rule(agreements='["mcla-grant"]'), GIVEN, ("not-covered", "agreement-not-allowed")),
        (rule(agreements='["mcla-grant", "mcla-individual"]'), GIVEN, ("covered", "covered")),
        (rule(schedule='"W"'), replace(GIVEN, schedule=None), ("not-covered", "schedule-unmet")),
        (rule(outbound='["Apache-2.0"]'), GIVEN, ("covered", "covered")),
        (rule(outbound='["Apache-2.0", "MIT"]'), GIVEN, ("not-covered", "outbound-not-allowed")),
        (rule(outbound='["MIT"]'), replace(GIVEN, outbound=OutboundTerms("any", ())), ("covered", "covered")),
        (
            rule(outbound='["MIT"]'),
            replace(GIVEN, outbound=OutboundTerms("open-only", ())),
            ("unknown", "outbound-unclear"),
        ),
        (rule(key_holders='["browser"]'), GIVEN, ("covered", "covered")),
        (
            rule(key_holders='["browser"]'),
            replace(GIVEN, key_holder="service"),
            ("not-covered", "key-holder-not-allowed"),
        ),
        (rule(), replace(GIVEN, state="ended"), ("not-covered", "contribution-ended")),
        (rule(), replace(GIVEN, state="pending"), ("unknown", "offer-pending")),
        (rule(), replace(GIVEN, state="declined"), ("not-covered", "contribution-declined")),
        (rule(), replace(GIVEN, state="lapsed"), ("not-covered", "contribution-lapsed")),
        (rule(), replace(GIVEN, state="unknown"), ("unknown", "contribution-unknown")),
        (rule(), replace(GIVEN, proven=False), ("not-covered", "contribution-unproven")),
        (rule(), replace(GIVEN, size=11), ("unknown", "size-contradicts")),
    ],
)
def test_a_contribution_that_does_not_fit_says_why(policy: Policy, given: Given, code: tuple[str, str]) -> None:
    assert said(policy=policy, given=(given,)) == code


def test_one_contribution_that_fits_is_enough_wherever_it_stands() -> None:
    found = only(
        given=(replace(GIVEN, state="ended"), replace(GIVEN, kind="data"), replace(GIVEN, contribution="ctr_3"))
    )
    assert (found.said.word, found.contribution) == ("covered", "ctr_3")


def test_of_several_that_do_not_fit_the_nearest_is_told() -> None:
    found = only(given=(replace(GIVEN, kind="data"), replace(GIVEN, state="ended", contribution="ctr_2")))
    assert (found.said.code, found.contribution) == ("contribution-ended", "ctr_2")


TENSORS = replace(FILE, sha256="e" * 64, tensors=ROOT)
OTHER = replace(GIVEN, found="same-tensors", size=None)


def test_the_same_tensors_in_another_file_are_told_as_such_and_the_policy_decides() -> None:
    refused = only(TENSORS, tensors=(OTHER,))
    assert (refused.said.word, refused.said.code, refused.found) == ("not-covered", "same-tensors", "same-tensors")
    accepted = only(TENSORS, tensors=(OTHER,), policy=rule(same_tensors='"accept"'))
    assert (accepted.said.word, accepted.said.code) == ("covered", "same-tensors")
    assert said(TENSORS, tensors=(replace(OTHER, state="ended"),), policy=rule(same_tensors='"accept"')) == (
        "not-covered",
        "contribution-ended",
    )
    assert said(TENSORS, tensors=(OTHER,), policy=DEFAULT) == ("not-covered", "same-tensors")


def test_the_very_bytes_count_before_the_same_tensors() -> None:
    assert only(replace(FILE, tensors=ROOT), tensors=(OTHER,)).found == "file"


def test_of_what_is_under_embargo_nothing_is_told_but_that_it_covers_the_file() -> None:
    hidden = replace(GIVEN, open=False)
    covered, unfit = only(given=(hidden,)), only(given=(replace(hidden, kind="data", state="ended"),))
    assert (covered.said.word, covered.contribution, covered.found) == ("covered", None, None)
    assert (unfit.said.code, unfit.contribution) == ("contribution-unfit", None)
    for found in (covered, unfit):
        assert not {"mcla-individual", "ctr_1", "data", "log entry"} & set(str(found.said).split())
        assert "log entry" not in found.said.reason


@pytest.mark.parametrize(
    ("why", "word"),
    [
        ("symlink", "unknown"),
        ("submodule", "unknown"),
        ("unreadable", "unknown"),
        ("pointer-without-filter", "not-covered"),
    ],
)
def test_what_has_no_digest_is_no_yes_under_a_rule_and_free_elsewhere(why: Any, word: str) -> None:
    assert said(ChangedFile("weights/x", None, None, unread=why)) == (word, why)
    assert decided(ChangedFile("docs/x", None, None, unread=why)).artifacts == ()


def test_several_kinds_in_one_change_are_judged_each_by_its_rule() -> None:
    policy = parse_policy(
        "version = 1\n[[artifacts]]\npaths=['weights/**']\nkind='weights'\n"
        "[[artifacts]]\npaths=['data/**']\nkind='data'"
    )
    made = decided(FILE, ChangedFile("data/a", HEX, 10), policy=policy)
    assert [(each.kind, each.said.code) for each in made.artifacts] == [("weights", "covered"), ("data", "other-kind")]
    assert (made.verdict, made.said.reason) == ("not-covered", "1 of 2 files is not covered: data/a.")


@pytest.mark.parametrize("path", ["Weights/model.safetensors", "WEIGHTS/new"])
def test_another_letter_case_slips_through_no_rule_and_the_answer_says_why_it_is_asked(path: str) -> None:
    (found,) = decided(ChangedFile(path, "d" * 64, 10)).artifacts
    assert (found.said.word, found.said.code) == ("not-covered", "not-given")
    assert "letter case or Unicode form alone" in found.said.reason
    assert decided(replace(FILE, path=path)).verdict == "covered"


def test_a_file_that_two_rules_name_by_letter_case_has_to_meet_both() -> None:
    policy = parse_policy(
        "version = 1\n[[artifacts]]\npaths = ['models/**']\nkind = 'weights'\n"
        "[[artifacts]]\npaths = ['Models/**']\nkind = 'adapter'\n"
    )
    adapter = replace(GIVEN, kind="adapter", contribution="ctr_2")
    file = replace(FILE, path="Models/x")
    answers = [decided(file, policy=policy, given=given).artifacts[0] for given in ((GIVEN,), (adapter,))]
    assert [(each.said.word, each.said.code, each.rule) for each in answers] == [
        ("not-covered", "other-kind", 1),
        ("not-covered", "other-kind", 0),
    ]
    assert decided(file, policy=policy, given=(GIVEN, adapter)).verdict == "covered"
