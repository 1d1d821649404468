# SPDX-License-Identifier: Apache-2.0
"""Whether one changed file is covered: its very digest by a contribution in force that fits the policy's rule.

Of several contributions one that fits counts; else the one that comes nearest says what is wrong. Of what is under
embargo nothing is told but that it covers the file, or does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mcla.checks import telling
from mcla.checks.answer import WORST_LAST, ArtifactAnswer, Said
from mcla.checks.change import ChangedFile
from mcla.checks.facts import Facts, Given
from mcla.checks.policy import Rule, Ruled
from mcla.statements.parts import Kind


def decide_by_rules(file: ChangedFile, ruled: Sequence[Ruled], facts: Facts) -> ArtifactAnswer:
    """The answer on a file that has to meet each of some rules: the worst of theirs."""
    answers = [(each, decide_file(file, each.number, each.rule, facts)) for each in ruled]
    by, answer = max(answers, key=lambda each: WORST_LAST.index(each[1].said.word))
    return answer if by.exact else replace(answer, said=telling.spelt_otherwise(answer.said))


def decide_file(file: ChangedFile, number: int | None, rule: Rule | None, facts: Facts) -> ArtifactAnswer:
    """The answer on a file under a rule; without a rule a contribution of any kind covers it."""
    tried = _best(list(_tried(file, rule, facts)))
    kind: Kind | None = rule.kind if rule and rule.kind != "none" else None
    said = tried.said if tried else _not_found(file, kind, facts)
    given = tried.given if tried and tried.given.open else None
    wanted = said.word != "covered" and (tried is None or said.code in _CURED_BY_GIVING)
    return ArtifactAnswer(
        said=said,
        path=file.path,
        sha256=file.sha256,
        size=file.size,
        kind=kind,
        rule=number,
        contribution=given.contribution if given else None,
        found=given.found if given else None,
        sign_url=facts.give_urls.get(kind or "code") if wanted and file.unread is None else None,
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A contribution with what it says of the file, and how many of the questions it passed."""

    given: Given
    said: Said
    passed: int


_CURED_BY_GIVING = frozenset({"other-kind", "agreement-not-allowed", "same-tensors", "contribution-ended"})


def _not_found(file: ChangedFile, kind: Kind | None, facts: Facts) -> Said:
    if file.unread is not None:
        return telling.unread(file.unread)
    return telling.not_given(facts.project, kind, facts.give_urls.get(kind or "code"))


def _tried(file: ChangedFile, rule: Rule | None, facts: Facts) -> Iterator[_Tried]:
    for given in facts.given.get(file.sha256 or "", ()):
        yield _try(file, rule, given)
    for given in facts.tensors.get(file.tensors or "", ()):
        yield _try(file, rule, given)


def _best(tried: Sequence[_Tried]) -> _Tried | None:
    """The first that covers; else the one that passed most, the oldest first."""
    return max(tried, key=lambda each: (each.said.word == "covered", each.passed), default=None)


def _try(file: ChangedFile, rule: Rule | None, given: Given) -> _Tried:
    faults = list(_faults(file, rule, given))
    passed = next((place for place, fault in enumerate(faults) if fault), len(faults))
    if passed == len(faults):
        said = telling.given(given)
    else:
        fault = faults[passed]
        said = telling.HIDDEN_UNFIT if not given.open or fault is None else fault
    return _Tried(given, said, passed)


def _faults(file: ChangedFile, rule: Rule | None, given: Given) -> Iterator[Said | None]:
    """What is wrong by each question, in the order in which they are told."""
    wanted = rule or _ANY
    yield None if given.found != "same-tensors" or wanted.same_tensors == "accept" else telling.SAME_TENSORS
    yield None if rule is None or given.kind == wanted.kind else telling.other_kind(given.kind, wanted.kind)
    yield None if given.proven else telling.not_proven(given.sentence)
    yield telling.standing(given)
    yield None if given.size in (None, file.size) else telling.SIZE_CONTRADICTS
    yield telling.agreement(given, wanted.agreements)
    yield telling.schedule(given, wanted.schedule)
    yield telling.outbound(given, wanted.outbound)
    yield telling.key_holder(given, wanted.key_holders)


_ANY = Rule((), "none", same_tensors="refuse")
