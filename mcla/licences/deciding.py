# SPDX-License-Identifier: Apache-2.0
"""A question and the facts -> an answer. Pure: the same question with the same data is answered the same again.

The worst finding wins. An answer always rests on at least one finding for each base, so nothing is allowed because
nothing was looked at.
"""

from mcla.licences.offer import Offer, offers
from mcla.licences.question import Base, Question
from mcla.licences.registry import Registry
from mcla.licences.rules import ENDING, OF_THE_WHOLE, Case, Found, Situation, rules_of, unidentified
from mcla.licences.verdict import Answer, Finding


def evaluate(question: Question, registry: Registry) -> Answer:
    """The answer; of outbound terms that leave a choice, to the worst choice.

    Raises `QuestionInvalid` where what is declared is no expression, and `FactsContradict`.
    """
    choices = [
        _evaluate(question, registry, offer) for offer in offers(registry, question.declared, question.declared_terms)
    ]
    return max(choices, key=lambda answer: answer.verdict)


def _evaluate(question: Question, registry: Registry, offer: Offer) -> Answer:
    situation = Situation(question, registry, offer)
    looked_at = [_look(situation, place, base) for place, base in enumerate(question.bases)]
    situation.cases = [each for each in looked_at if isinstance(each, Case)]
    findings: list[Finding] = []
    for each in looked_at:
        findings.extend(_of_base(each) if isinstance(each, Case) else each)
    for rule in OF_THE_WHOLE:
        findings.extend(rule(situation))
    worst = max(finding.verdict for finding in findings)
    return Answer(worst, tuple(findings), registry.digest, registry.as_of, question.policy)


def _look(situation: Situation, place: int, base: Base) -> Case | Found:
    """The base with its record, or the finding that there is no single one."""
    match = situation.registry.find(base.licence)
    return unidentified(situation, place, base, match) or Case(situation, place, base, match.licences[0])


def _of_base(case: Case) -> list[Finding]:
    findings: list[Finding] = []
    for rule in rules_of(case.base.relation, case.licence):
        found = rule(case)
        if found:
            findings.extend(found)
            if found[-1].code in ENDING:
                break
    return findings
