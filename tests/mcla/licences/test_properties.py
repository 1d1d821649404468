# SPDX-License-Identifier: Apache-2.0
"""What holds for every question, whatever it is made of: the worst wins, and nothing is mild by accident."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcla.licences.deciding import evaluate
from mcla.licences.question import Base, Context, Evidence, Money, Policy, Question, Relation, Terms
from mcla.licences.registry import Registry, registry
from mcla.licences.rules.case import IN_THE_FILE, OUTPUTS
from mcla.licences.verdict import Answer, Verdict
from mcla.licences.vocabulary import Stance

REGISTRY = registry()
IDS = [licence.id for licence in REGISTRY]
RESTRICTIONS = [*REGISTRY.restrictions]
STANCES: list[Stance] = ["allow", "review", "deny"]
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

ids = st.sampled_from(IDS)
some_ids = st.frozensets(ids, max_size=4)
maybe = st.sampled_from([None, True, False])
bases = st.builds(
    Base,
    licence=st.one_of(ids, st.sampled_from(["gemma", "no-such-licence", "LicenseRef-none"])),
    relation=st.sampled_from(get_args(Relation)),
    text_version=st.sampled_from([None, "older", "newer"]),
)
terms = st.builds(
    Terms,
    commercial_use=st.sampled_from([None, "no"]),
    restrictions=st.none() | st.frozensets(st.sampled_from(RESTRICTIONS), max_size=30),
    enforceable=st.booleans(),
    base_licence_kept=st.booleans(),
)
declared = st.one_of(ids, st.sampled_from(["LicenseRef-proprietary", "LicenseRef-own", "MIT AND CC-BY-NC-4.0"]))
evidence = st.builds(
    Evidence,
    licence_copies=some_ids,
    notice_file=st.booleans(),
    modified_notice=st.booleans(),
    attribution_for=some_ids,
    docs_retained=st.booleans(),
    includes_base_weights=st.booleans(),
    registered=st.booleans(),
)
contexts = st.builds(
    Context,
    contributor_territory=st.sampled_from([None, "US", "DE", "KR"]),
    publish=st.sampled_from([None, "worldwide", "gated"]),
    multimodal=maybe,
    commercial=maybe,
    competing_model=maybe,
    removes_safeguards=maybe,
    facts=st.fixed_dictionaries({}, optional={"mau": st.integers(0, 10**9), "hosting_use": st.booleans()}),
)
policies = st.builds(Policy, *[st.sampled_from(STANCES)] * 6)
questions = st.builds(
    Question,
    bases=st.lists(bases, min_size=1, max_size=3).map(tuple),
    kind=st.sampled_from(["fine-tune", "merge"]),
    declared=declared,
    declared_terms=st.none() | terms,
    artifact_name=st.sampled_from([None, "Llama-3-x", "HyperCLOVA X y", "thing"]),
    evidence=evidence,
    context=contexts,
    policy=policies,
)


def answered(question: Question, facts: Registry = REGISTRY) -> Answer:
    return evaluate(question, facts)


def changed(name: str, **fields: Any) -> Registry:
    """The facts with one record changed."""
    records = tuple(replace(each, **fields) if each.id == name else each for each in REGISTRY)
    return replace(REGISTRY, licences=records)


@few
@given(questions)
def test_the_worst_finding_is_the_verdict_and_every_base_has_one(question: Question) -> None:
    answer = answered(question)
    assert answer.verdict == max(finding.verdict for finding in answer.findings)
    assert {finding.base for finding in answer.findings} >= set(range(len(question.bases)))
    assert set(answer.rules) <= set(REGISTRY.rulebook.rules)
    assert all(finding.sentence for finding in answer.findings)


@few
@given(questions, policies)
def test_no_stance_makes_a_known_denial_milder_or_a_stricter_word_a_milder_answer(
    question: Question, policy: Policy
) -> None:
    silent = answered(replace(question, policy=Policy()))
    known = [finding for finding in silent.findings if finding.verdict == Verdict.DENIED]
    for stance in (policy, Policy(*["allow"] * 6)):
        assert set(map(str, known)) <= set(map(str, answered(replace(question, policy=stance)).findings))
    strict = answered(replace(question, policy=Policy(*["deny"] * 6)))
    assert answered(question).verdict <= strict.verdict


@few
@given(questions)
def test_something_is_missing_exactly_where_a_duty_keeps_a_verdict_from_being_allowed(question: Question) -> None:
    answer = answered(question)
    assert list(answer.missing) == sorted(set(answer.missing))
    if answer.missing:
        assert answer.verdict >= Verdict.NEEDS_NOTICE
    if answer.verdict == Verdict.NEEDS_NOTICE:
        assert answer.missing


@few
@given(questions, bases)
def test_one_more_base_never_makes_a_verdict_milder(question: Question, more: Base) -> None:
    # Weights of the same family are what a text lets its outputs train: there a base is a fact in favour.
    if more.relation in IN_THE_FILE and any(base.relation in OUTPUTS for base in question.bases):
        more = replace(more, relation="trained-on-data")
    assert answered(replace(question, bases=(*question.bases, more))).verdict >= answered(question).verdict


@few
@given(questions, evidence)
def test_more_evidence_never_makes_a_verdict_worse_and_leaves_less_to_do(question: Question, more: Evidence) -> None:
    had = question.evidence
    both = Evidence(
        licence_copies=had.licence_copies | more.licence_copies,
        notice_file=had.notice_file or more.notice_file,
        modified_notice=had.modified_notice or more.modified_notice,
        attribution_for=had.attribution_for | more.attribution_for,
        docs_retained=had.docs_retained or more.docs_retained,
        includes_base_weights=had.includes_base_weights,
        registered=had.registered or more.registered,
    )
    before, after = answered(question), answered(replace(question, evidence=both))
    assert after.verdict <= before.verdict
    assert set(after.missing) <= set(before.missing)


@few
@given(questions, st.sampled_from(list(Policy.__dataclass_fields__)))
def test_a_stricter_policy_never_makes_a_verdict_milder(question: Question, point: str) -> None:
    said = [
        answered(replace(question, policy=replace(question.policy, **{point: stance}))).verdict  # type: ignore[arg-type]
        for stance in STANCES
    ]
    assert said == sorted(said)


@few
@given(
    questions,
    st.sampled_from(
        [
            {"contributor_territory": "KR"},
            {"publish": "worldwide"},
            {"commercial": True},
            {"competing_model": True},
            {"removes_safeguards": True},
            {"project_outbound": ("Apache-2.0",)},
            {"facts": {"mau": 10**10}},
            {"facts": {"annual_revenue": Money(10**12, "USD")}},
        ]
    ),
)
def test_a_fact_against_a_use_never_makes_a_verdict_milder(question: Question, fact: dict[str, Any]) -> None:
    plain = replace(question, context=Context())
    assert answered(replace(plain, context=replace(Context(), **fact))).verdict >= answered(plain).verdict


@few
@given(questions, ids, st.data())
def test_a_restriction_more_in_a_base_never_makes_a_verdict_milder(question: Question, name: str, data: Any) -> None:
    was = REGISTRY.by_id(name)
    assert was is not None
    change = data.draw(
        st.sampled_from(
            [
                {"restrictions": tuple({*was.restrictions, data.draw(st.sampled_from(RESTRICTIONS))})},
                {"commercial_use": "no"},
                {"confidence": "low"},
                {"territory_excluded": ("US", "KR", "EU")},
                {"flow_down": replace(was.flow_down, name_prefix="Zeta", notice_file=True, doc_retention=True)},
                {"derivatives": replace(was.derivatives, owner="licensor")},
                {"derivatives": replace(was.derivatives, outbound="none")},
            ]
        )
    )
    asked = replace(question, bases=(replace(question.bases[0], licence=name), *question.bases[1:]))
    if name in (asked.declared or ""):  # a change of what is declared is no change of the base alone
        asked = replace(asked, declared="LicenseRef-own")
    assert answered(asked, changed(name, **change)).verdict >= answered(asked).verdict


@few
@given(questions, ids)
def test_what_is_unknown_never_beats_a_known_denial(question: Question, name: str) -> None:
    asked = replace(question, bases=(replace(question.bases[0], licence=name), *question.bases[1:]))
    before = answered(asked).verdict
    assert answered(asked, changed(name, confidence="low")).verdict >= before
    lost = replace(asked, bases=(*asked.bases, Base("no-such-licence", "merge")))
    assert answered(lost).verdict >= max(before, Verdict.NEEDS_REVIEW) or "R-OUT-1" in answered(asked).rules


@pytest.mark.parametrize("relation", get_args(Relation))
@pytest.mark.parametrize("licence", ["no-such-licence", "gemma", "openrail", "other", "", "MIT OR Apache-2.0"])
def test_a_base_of_no_single_known_text_is_never_allowed_whatever_the_policy(licence: str, relation: Any) -> None:
    lax = Policy(*["allow"] * 6)  # type: ignore[arg-type]
    asked = Question((Base(licence, relation),), "fine-tune", "Apache-2.0", policy=lax)
    assert answered(asked).verdict >= Verdict.NEEDS_REVIEW


def test_a_thousand_bases_are_answered() -> None:
    many = tuple(Base(IDS[place % len(IDS)], "merge") for place in range(1_000))
    assert answered(Question(many, "merge", "MIT")).verdict == Verdict.DENIED
