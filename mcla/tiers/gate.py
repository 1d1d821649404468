# SPDX-License-Identifier: Apache-2.0
"""What terms, and a decision about them, say at a gate before it loads a model (`mcla.tiers.hurdle`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcla.tiers.bases import LOOKED
from mcla.tiers.conditions import Unknown
from mcla.tiers.evaluating import Outcome
from mcla.tiers.hurdle import Hurdle
from mcla.tiers.terms import Effect

PERMITS: tuple[Effect, ...] = ("permit", "permit-with-duty")


def terms_hurdle(outcome: Outcome, *, duties_met: bool) -> Hurdle:
    """Whether the terms permit the use: for certain, and with every duty that was said to be met."""
    asked = "; ".join(each.sentence for each in outcome.unknown)
    ground = outcome.decided_by
    if outcome.effect in PERMITS:
        return _permitted("terms", outcome.to_dict(), duties_met=duties_met)
    if not outcome.certain and outcome.at_best in PERMITS:
        said = f"{outcome.terms.id} may come to {outcome.effect} ({ground.rests_on}): {asked}"
        return Hurdle("terms", "unknown", "use-unknown", said, _asking(outcome.unknown))
    said = (
        f"{outcome.terms.id} comes to {outcome.effect}: {ground.rests_on}; {', '.join(ground.conditions) or 'always'}"
    )
    step = f"Ask the licensor: {ground.contact}" if ground.contact else "Use another model, or ask the licensor."
    return Hurdle("terms", "no", f"use-{outcome.effect}", said, step)


def _asking(unknown: Sequence[Unknown]) -> str:
    """What to add, by the names of the members; what no fact about the use can settle is left to a person."""
    facts = [_member(each) for each in unknown if each.fact not in ("feed", "terms")]
    steps = [f"Add to the facts: {', '.join(facts)}."] if facts else []
    steps += ["Give the feed that counts now: --feed FILE."] if any(each.fact == "feed" for each in unknown) else []
    steps += ["A person reads the text: what is not known of it, no fact settles."]
    return " ".join(steps if any(each.fact == "terms" for each in unknown) else steps[:-1])


def _member(unknown: Unknown) -> str:
    how = ", ".join(f"{name} {value}" for name, value in unknown.how)
    return f"{unknown.fact} ({how})" if how else unknown.fact


def decision_hurdle(document: Mapping[str, Any], origin: str, *, duties_met: bool) -> Hurdle:
    """What a decision that holds for these files and facts says; one that is silent on bases opens nothing."""
    outcome, looked = document["outcome"], document.get("bases")
    word = str(looked.get("word")) if isinstance(looked, Mapping) else ""
    if word not in LOOKED:
        said = f"expected {origin} to say in its decision which bases it looked at, got none"
        return Hurdle("decision", "no", "decision-bases-unsaid", said, "Ask the service for a new decision.")
    bases = f"Of what they rest on it says: {LOOKED[word]}."
    if outcome["certain"] is True and outcome["effect"] in PERMITS and word not in ("denied", "open"):
        found = _permitted("decision", outcome, duties_met=duties_met)
        return Hurdle(found.name, found.word, found.code, f"{origin} decided: {found.sentence}. {bases}", found.next)
    said = f"{origin} decided: {outcome['effect']}, at best {outcome['at_best']}. {bases}"
    return Hurdle("decision", "no", "decision-not-permitting", said, "Ask again with more facts, or use another model.")


def _permitted(name: str, outcome: Mapping[str, Any], *, duties_met: bool) -> Hurdle:
    duties = [str(each) for each in outcome["duties"]]
    terms = outcome["terms"]["id"]
    if duties and not duties_met:
        said = f"{terms} permits the use with duties: {' '.join(duties)}"
        return Hurdle(name, "no", "duties-open", said, "Meet them and say so with --duties-met.")
    return Hurdle(
        name, "yes", "permitted", f"{terms} permits the use" + (f"; met: {' '.join(duties)}" if duties else "")
    )
