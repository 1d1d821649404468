# SPDX-License-Identifier: Apache-2.0
"""The terms of a known licence as tiers, made of its record: thresholds are data, and what a record does not know stays
unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from mcla.feed.entry import Text
from mcla.licences import vocabulary as v
from mcla.licences.records import Licence, Threshold
from mcla.licences.registry import Registry
from mcla.licences.rules.duties import display_condition
from mcla.terms.strict import read_toml
from mcla.tiers.conditions import (
    Condition,
    FlagCondition,
    ListCondition,
    RevenueCondition,
    UnsettledCondition,
    UsersCondition,
)
from mcla.tiers.facts import Business, Measure, Of, Period
from mcla.tiers.reading import WhenPart, condition_of
from mcla.tiers.terms import Effect, Terms, Tier

EFFECT: dict[v.Effect, Effect] = {
    "separate-licence-required": "separate-licence",
    "licence-terminates": "deny",
    "display-required": "permit-with-duty",
    "registration-required": "register",
    "excluded": "deny",
    "security-review-required": "register",
}
_USERS: dict[str, Measure] = {"mau": "monthly-active", "muu": "monthly-unique"}
_REVENUE: dict[str, tuple[Period, Of]] = {
    "annual_revenue": ("year", "everything"),
    "monthly_revenue": ("month", "everything"),
    "annual_recurring_revenue": ("year", "recurring"),
    "maas_revenue": ("year", "model-as-a-service"),
}
_BUSINESS: dict[str, Business] = {
    "maas_business": "model-as-a-service",
    "hosting_use": "hosting",
    "competing_service": "competing-service",
}


def terms_of(licence: Licence, registry: Registry) -> Terms:
    """The licence as terms, under the digest of the registry.

    A feed only advises: no text that is known names one. Where a text follows a list that its publisher changes, that
    list is the publisher's own, and reading its newest version is a duty.
    """
    rules = registry.rulebook
    granted = () if licence.id in rules.no_licence | rules.closed_terms else (_grant(licence),)
    places = _places(licence, multimodal=licence.id in rules.always_multimodal)
    changing = _changing(licence, registry) if granted else ()
    tiers = (*granted, *_commercial(licence), *_scale(licence), *places, *_uses(licence), *changing)
    several = licence.id in rules.family_tags
    return Terms(
        id=licence.id,
        version=licence.text_date or registry.as_of,
        title=licence.name,
        text=f"the text of {licence.id}",
        digest=registry.digest,
        otherwise="deny",
        feed="advisory",
        tiers=(*tiers, *_doubts(licence, several=several)),
    )


def _grant(licence: Licence) -> Tier:
    down = licence.flow_down
    shown = down.attribution_display
    always = shown if shown and display_condition(shown) != "" else None  # else the tier of the threshold says it
    wanted = {
        "the licence text": down.licence_copy,
        "the notices": down.notice_file,
        "word of what was changed": down.modified_notice,
        f"the words {shown!r}": always,
        f"a name that begins with {down.name_prefix!r}": down.name_prefix,
        "the model card": down.doc_retention,
    }
    carried = [words for words, needed in wanted.items() if needed]
    duty = f"Whoever passes it on adds {', '.join(carried)}." if carried else None
    covered = f"the grant, which covers {', '.join(licence.covers) or 'nothing that is known'}"
    return Tier("grant", "permit-with-duty" if duty else "permit", f"{licence.id}: {covered}", duty=duty)


def _commercial(licence: Licence) -> Iterator[Tier]:
    commercial, rests_on = FlagCondition("commercial", value=True), f"{licence.id}: commercial use"
    if licence.commercial_use == "no" and licence.knows("commercial_use"):
        yield Tier("non-commercial", "deny", rests_on, (commercial,))
    elif licence.commercial_use == "unknown" or not licence.knows("commercial_use"):
        unsettled = UnsettledCondition("whether the text allows commercial use is not known")
        yield Tier("commercial-use", "deny", rests_on, (commercial, unsettled))
    elif licence.commercial_use == "conditional" and not licence.thresholds:
        unsettled = UnsettledCondition("on which condition the text allows commercial use is not known")
        yield Tier("commercial-use", "separate-licence", rests_on, (commercial, unsettled))


def _scale(licence: Licence) -> Iterator[Tier]:
    for number, each in enumerate(licence.thresholds, 1):
        when = (*_measured(each), *_scope(licence.id, each.metric))
        duty = _duty(licence, each)
        rests_on = f"{licence.id}: threshold of {each.metric}" + (f" ({each.note})" if each.note else "")
        yield Tier(f"threshold-{number}-{each.metric}", EFFECT[each.effect], rests_on, when, duty)


def _measured(threshold: Threshold) -> tuple[Condition, ...]:
    metric, value = threshold.metric, threshold.value
    if metric in _BUSINESS:
        return (ListCondition("business", "any-of", (_BUSINESS[metric],)),)
    if metric in ("registration", "written_authorisation"):
        return (FlagCondition("registered" if metric == "registration" else "authorised", value=False),)
    if value is None or threshold.op == "is":
        return (UnsettledCondition(f"from which {metric} on the clause holds is not known"),)
    if metric in _USERS:
        return (UsersCondition(threshold.op, value, _USERS[metric], threshold.measured),)
    period, of = _REVENUE[metric]
    if threshold.currency is None:
        return (UnsettledCondition(f"in which currency the clause counts {metric} is not known"),)
    return (RevenueCondition(threshold.op, value, threshold.currency, period, of, threshold.measured),)


def _duty(licence: Licence, threshold: Threshold) -> str | None:
    match threshold.effect:
        case "display-required":
            return f"Display the name that {licence.id} asks for."
        case "security-review-required":
            return "Go through the security review of the licensor."
        case _:
            return None


def _places(licence: Licence, *, multimodal: bool) -> Iterator[Tier]:
    if licence.territory_excluded:
        asks = licence.territory_scope == "multimodal-only" and not multimodal
        scope = (FlagCondition("multimodal", value=True),) if asks else ()
        where = ListCondition("jurisdictions", "any-of", licence.territory_excluded)
        yield Tier("territory", "deny", f"{licence.id}: territory", (where, *scope))


def _uses(licence: Licence) -> Iterator[Tier]:
    rests_on = f"{licence.id}: restrictions of use ({licence.restrictions_source})"
    if licence.restrictions:
        yield Tier("restrictions", "deny", rests_on, (ListCondition("uses", "any-of", licence.restrictions),))
    if licence.restrictions_source == "unknown" or not licence.knows("restrictions"):
        what = "whether the text restricts more uses than the table knows is not known"
        yield Tier("unknown-restrictions", "deny", rests_on, (UnsettledCondition(what),))


def _changing(licence: Licence, registry: Registry) -> Iterator[Tier]:
    if licence.restrictions_dynamic and licence.knows("restrictions_dynamic"):
        rests_on = f"{licence.id}: restrictions of use ({licence.restrictions_source}; {'; '.join(licence.sources)})"
        duty = f"Read the newest version of the publisher's policy on uses: it was last read here on {registry.as_of}."
        yield Tier("changing-policy", "permit-with-duty", rests_on, duty=duty)


def _doubts(licence: Licence, *, several: bool) -> Iterator[Tier]:
    rests_on = f"{licence.id}: {'; '.join(licence.sources) or 'no source'}"
    if not licence.knows("thresholds"):
        what = "whether the text has a clause on scale is not known"
        yield Tier("unknown-thresholds", "separate-licence", rests_on, (UnsettledCondition(what),))
    if several:
        what = "the name stands for several texts, and which one came with the files is not known"
        yield Tier("several-texts", "deny", rests_on, (UnsettledCondition(what),))
    if licence.confidence == "low":
        what = "the record rests on too little to be relied on; a person reads the text"
        yield Tier("low-confidence", "separate-licence", rests_on, (UnsettledCondition(what),))


@dataclass(frozen=True, slots=True)
class _ScopePart:
    licences: tuple[Text, ...]
    metrics: tuple[v.Metric, ...]
    why: Text
    when: tuple[WhenPart, ...]


@dataclass(frozen=True, slots=True)
class _ScopesPart:
    schema: Literal["mcla.threshold-scopes/1"]
    scope: tuple[_ScopePart, ...]


def _scope(licence: str, metric: str) -> Iterator[Condition]:
    for each in _scopes().scope:
        if licence in each.licences and metric in each.metrics:
            yield from (condition_of(part, licence) for part in each.when)


@cache
def _scopes() -> _ScopesPart:
    return read_toml(_ScopesPart, (files("mcla.tiers") / "data" / "scopes.toml").read_bytes())
