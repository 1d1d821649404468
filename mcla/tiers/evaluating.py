# SPDX-License-Identifier: Apache-2.0
"""Which effect terms have for a use, by what is known: pure, strictest wins, and what is unknown never permits.

An unknown fact is thought of both ways. `effect` is the strictest that may come out and has to be assumed, `at_best`
the mildest; where both are the same the answer is certain, whatever else is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mcla.feed.document import Feed
from mcla.feed.replay import Hit, hits
from mcla.tiers.conditions import Unknown
from mcla.tiers.facts import Use
from mcla.tiers.terms import Effect, Terms, Tier, strictness

DISCLAIMER = "Screening, not legal advice."
_OF_ENTRY: dict[str, Effect] = {"prohibited": "deny", "regulated": "permit-with-duty", "duty": "permit-with-duty"}


@dataclass(frozen=True, slots=True)
class Ground:
    """Why an effect comes out: the tier, what it demands, the text it rests on, and what is to be done.

    `sure`: all of its conditions are known to hold. Otherwise `unknown` are the facts that would tell.
    """

    tier: str
    effect: Effect
    conditions: tuple[str, ...]
    rests_on: str
    sure: bool
    unknown: tuple[Unknown, ...] = ()
    duty: str | None = None
    contact: str | None = None

    def to_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"tier": self.tier, "effect": self.effect, "conditions": list(self.conditions)}
        return told | {"rests_on": self.rests_on, "sure": self.sure, "duty": self.duty, "contact": self.contact}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer about one use under one set of terms on one day."""

    effect: Effect
    at_best: Effect
    decided_by: Ground
    unknown: tuple[Unknown, ...]
    duties: tuple[str, ...]
    """Of every tier that holds or may."""
    told: tuple[Ground, ...]
    """What a feed says that these terms only advise to heed; it changes no effect."""
    as_of: date
    terms: Terms
    feed: str | None
    """The digest of the feed that was looked at."""

    @property
    def certain(self) -> bool:
        return self.effect == self.at_best

    def to_dict(self) -> dict[str, Any]:
        return {
            "effect": self.effect,
            "certain": self.certain,
            "at_best": self.at_best,
            "decided_by": self.decided_by.to_dict(),
            "unknown": [each.to_dict() for each in self.unknown],
            "duties": list(self.duties),
            "told": [each.to_dict() for each in self.told],
            "as_of": self.as_of.isoformat(),
            "terms": self._named(),
            "text": self.terms.text,
            "feed": {"stance": self.terms.feed, "digest": self.feed},
            "disclaimer": DISCLAIMER,
        }

    def _named(self) -> dict[str, str]:
        terms = self.terms
        begins = {"effective": terms.effective} if terms.effective else {}
        return {"id": terms.id, "version": terms.version, "digest": terms.digest, **begins}


def evaluate(terms: Terms, use: Use, day: date, feed: Feed | None = None, beside: Sequence[Ground] = ()) -> Outcome:
    """The effect of `terms` for a use on a day: the use's own where it names one, else `day`.

    `feed` counts as the terms say: binding, advisory or not at all. Where it binds and is not at hand, nothing is
    permitted; nor is it before the terms begin. `beside`: what holds besides, such as what bases bar.
    """
    day = date.fromisoformat(use.date) if use.date else day
    terms = terms if terms.begun(day) else replace(terms, tiers=())
    told = _of_feed(feed, use, day)
    grounds = [each for tier in terms.tiers if (each := _judged(tier, use, day)) is not None]
    binding = [*_binding(terms, feed, told), *beside]
    base = _base(terms, grounds)
    worst = max([*base, *binding], key=_order)
    best = _mildest(terms, grounds, binding)
    asked = _settling(grounds, binding, worst.effect, best)
    return Outcome(
        effect=worst.effect,
        at_best=best,
        decided_by=worst,
        unknown=asked,
        duties=tuple(dict.fromkeys(each.duty for each in [*grounds, *binding] if each.duty)),
        told=tuple(told) if terms.feed == "advisory" else (),
        as_of=day,
        terms=terms,
        feed=feed.digest if feed and terms.feed != "none" else None,
    )


def _judged(tier: Tier, use: Use, day: date) -> Ground | None:
    """The tier as a ground; None where one of its conditions is known not to hold."""
    held = [(each, each.holds(use, day)) for each in tier.when]
    if any(value is False for _, value in held):
        return None
    unknown = tuple(dict.fromkeys(each.ask for each, value in held if value is None))
    said = tuple(each.sentence for each in tier.when)
    return Ground(tier.id, tier.effect, said, tier.rests_on, not unknown, unknown, tier.duty, tier.contact)


def _base(terms: Terms, grounds: Sequence[Ground]) -> list[Ground]:
    """What the tiers alone may come to: those that hold or may, and `otherwise` while none is sure to hold."""
    return [*grounds, *([] if any(each.sure for each in grounds) else [_otherwise(terms)])]


def _otherwise(terms: Terms) -> Ground:
    early = terms.effective is not None and not terms.tiers
    why = f"{terms.version} begins on {terms.effective}" if early else "no tier is known to hold"
    return Ground("otherwise", terms.otherwise, (), f"{terms.id}: {why}", sure=True)


def _mildest(terms: Terms, grounds: Sequence[Ground], binding: Sequence[Ground]) -> Effect:
    sure = [each.effect for each in grounds if each.sure]
    own = (
        max(sure, key=strictness)
        if sure
        else min([terms.otherwise, *(each.effect for each in grounds)], key=strictness)
    )
    return max([own, *(each.effect for each in binding if each.sure)], key=strictness)


def _settling(grounds: Sequence[Ground], binding: Sequence[Ground], worst: Effect, best: Effect) -> tuple[Unknown, ...]:
    """The unknown facts that could change the effect: of what is not sure, and not milder than what is sure anyway."""
    if worst == best:
        return ()
    settled = any(each.sure for each in grounds)
    may = [each for each in [*grounds, *binding] if not each.sure]
    asked = (ask for each in may if not settled or strictness(each.effect) > strictness(best) for ask in each.unknown)
    return tuple(dict.fromkeys(asked))


def _order(ground: Ground) -> tuple[int, bool]:
    return strictness(ground.effect), ground.sure


def _of_feed(feed: Feed | None, use: Use, day: date) -> list[Ground]:
    found = hits(feed.entries, day, use.uses, use.jurisdictions, use.sectors) if feed else ()
    return [_entry_ground(each) for each in found]


def _entry_ground(hit: Hit) -> Ground:
    entry = hit.entry
    asked = [Unknown(name, (), f"the {name} of the use, all of them") for name in hit.unknown]
    if not hit.sure and not asked:
        asked = [Unknown("feed", (), f"whether {entry.id} holds: its date or its source is disputed")]
    said = (f"{entry.key} in {', '.join(entry.jurisdictions)} from {entry.begins} on",)
    duty = None if entry.effect == "prohibited" else entry.meaning
    effect = _OF_ENTRY[entry.effect]
    return Ground(f"feed:{entry.id}", effect, said, entry.source.text, hit.sure, tuple(asked), duty)


def _binding(terms: Terms, feed: Feed | None, told: Sequence[Ground]) -> list[Ground]:
    if terms.feed != "binding":
        return []
    if feed is not None:
        return list(told)
    ask = Unknown("feed", (), "a compliance feed that counts on that day")
    return [Ground("feed", "deny", (), f"{terms.id} binds to a feed, which was not given", sure=False, unknown=(ask,))]
