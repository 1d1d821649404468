# SPDX-License-Identifier: Apache-2.0
"""Who contributes, how large, from where and with what intent: R-SCALE-3, R-TERR-1, R-SAFE-1 and R-OWN-1.

Only facts that are given count: a party of unknown size is over no limit.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mcla.licences.meanings import METRICS
from mcla.licences.question import Fact, Money
from mcla.licences.records import Threshold
from mcla.licences.rules.case import (
    ALLOWED,
    DATA,
    DENIED,
    NEEDS_NOTICE,
    NEEDS_REVIEW,
    NOTHING,
    OUTPUTS,
    STANCES,
    TRAINED,
    Case,
    Found,
    Situation,
)
from mcla.licences.rules.knowing import unknown
from mcla.licences.verdict import Verdict
from mcla.licences.vocabulary import Metric
from mcla.wording import Joined

_OVER: dict[str, tuple[Verdict, str]] = {
    "separate-licence-required": (DENIED, "over-no-right"),
    "excluded": (DENIED, "over-no-right"),
    "licence-terminates": (DENIED, "over-ended"),
    "display-required": (NEEDS_NOTICE, "over-display"),
    "security-review-required": (NEEDS_REVIEW, "over-review"),
}


def thresholds(case: Case) -> Found:
    """R-SCALE-3: what a text asks of a party above its limits, or of one in business."""
    limits = case.licence.thresholds
    if not limits:
        return NOTHING
    return tuple(finding for limit in limits for finding in _of_limit(case, limit))


def _of_limit(case: Case, limit: Threshold) -> Found:
    context = case.situation.question.context
    if limit.metric == "registration":
        return _registration(case) if context.commercial else NOTHING
    fact = _known(limit, context.facts)
    if limit.metric == "written_authorisation":
        over = bool(context.commercial) and fact is not True
    elif isinstance(fact, Money) and fact.currency != limit.currency:
        parts: dict[str, Any] = {"limit": in_words(limit), "currency": fact.currency}
        return case.say("R-SCALE-3", NEEDS_REVIEW, "other-currency", **parts)
    else:
        over = _is_over(fact, limit)
    return _over(case, limit) if over else NOTHING


def _known(limit: Threshold, facts: Mapping[Metric, Fact]) -> Fact | None:
    """What is known of a party; a year brings in no less than one of its months."""
    fact = facts.get(limit.metric)
    if fact is None and limit.metric == "annual_revenue" and limit.measured != "preceding-year":
        return facts.get("monthly_revenue")
    return fact


def _is_over(fact: Fact | None, limit: Threshold) -> bool:
    if fact is None or limit.op == "is":
        return fact is True
    value = fact.value if isinstance(fact, Money) else fact
    if limit.value is None:
        return False
    return value >= limit.value if limit.op == ">=" else value > limit.value


def _over(case: Case, limit: Threshold) -> Found:
    verdict, code = _OVER[limit.effect]
    missing: tuple[str, ...] = ()
    if code == "over-display":
        shown = case.licence.id in case.situation.attributed
        verdict, missing = (ALLOWED, ()) if shown else (verdict, (f"attribution_display:{case.licence.id}",))
    if not case.licence.knows("thresholds"):
        verdict = min(verdict, NEEDS_REVIEW)
    return case.say("R-SCALE-3", verdict, code, missing, limit=in_words(limit))


def _registration(case: Case) -> Found:
    if case.situation.question.evidence.registered:
        return case.say("R-SCALE-3", ALLOWED, "registration")
    return case.say("R-SCALE-3", NEEDS_NOTICE, "registration", (f"registration:{case.licence.id}",))


def in_words(limit: Threshold) -> str:
    """`monthly active users > 700,000,000`."""
    metric = METRICS[limit.metric]
    if limit.op == "is":
        return metric
    value = "?" if limit.value is None else f"{limit.value:,}"
    return Joined(" ", (metric, limit.op, value, limit.currency or ""))


def territory(case: Case) -> Found:
    """R-TERR-1: a seat where the text gives no right, or publication that reaches there."""
    licence, context = case.licence, case.situation.question.context
    if not licence.territory_excluded:
        return NOTHING
    sure = True
    if licence.territory_scope == "multimodal-only" and licence.id not in case.situation.book.always_multimodal:
        if context.multimodal is False:
            return NOTHING
        sure = context.multimodal is True
    for seat in filter(None, (context.contributor_territory, context.project_territory)):
        if _inside(case.situation, seat, licence.territory_excluded):
            verdict, code = (DENIED, "seat-excluded") if sure else (NEEDS_REVIEW, "seat-perhaps-excluded")
            return case.say("R-TERR-1", verdict, code, territory=seat)
    if context.publish == "worldwide":
        return case.say("R-TERR-1", NEEDS_REVIEW, "published-excluded", excluded=", ".join(licence.territory_excluded))
    return NOTHING


def _inside(situation: Situation, seat: str, excluded: tuple[str, ...]) -> bool:
    return any(seat in _countries(situation, each) for each in excluded)


def _countries(situation: Situation, territory: str) -> Iterator[str]:
    yield territory
    yield from situation.book.territories.get(territory, ())


def safeguards(case: Case) -> Found:
    """R-SAFE-1: weakened safeguards, where the text bars that, ends on it or is silent."""
    if not case.situation.question.context.removes_safeguards:
        return NOTHING
    licence = case.licence
    bars = licence.guardrail_removal_terminates or "safety_circumvention" in licence.restrictions
    if bars and case.base.relation not in TRAINED | DATA:
        return case.say("R-SAFE-1", DENIED, "safeguards-barred")
    if not licence.knows("restrictions") and case.base.relation not in TRAINED | DATA:
        return case.say("R-SAFE-1", unknown(case.situation), "safeguards-unknown")
    return case.debated("R-SAFE-1", STANCES[case.situation.question.policy.removed_safeguards], "safeguards-silent")


def owner(case: Case) -> Found:
    """R-OWN-1: who does not own what was made cannot give it."""
    if case.licence.derivatives.owner == "licensor":
        return case.say("R-OWN-1", DENIED, "licensor-owns")
    return NOTHING


def business(case: Case) -> Found:
    """R-NC-1 for the party itself: whoever is in business has no right under non-commercial terms."""
    licence = case.licence
    if licence.commercial_use != "no" or not case.situation.question.context.commercial:
        return NOTHING
    if case.base.relation in OUTPUTS and licence.output_training != "noncommercial-only":
        return NOTHING
    return case.say("R-NC-1", DENIED, "nc-business")
