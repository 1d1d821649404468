# SPDX-License-Identifier: Apache-2.0
"""What a gateway looks at before it loads a model: each hurdle says yes, no or unknown, and the worst decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcla.errors import MclaError
from mcla.licences.asking import QuestionInvalid
from mcla.licences.claimed import Judged, judge_declarations
from mcla.licences.offer import Offer, offers
from mcla.licences.question import Policy
from mcla.licences.registry import Registry
from mcla.licences.rules.fitting import is_permissive
from mcla.statements.statement import Contribution
from mcla.tiers.conditions import Unknown
from mcla.tiers.evaluating import Outcome
from mcla.tiers.terms import Effect

Word = Literal["yes", "unknown", "no"]
_ORDER: tuple[Word, ...] = ("yes", "unknown", "no")
PERMITS: tuple[Effect, ...] = ("permit", "permit-with-duty")


@dataclass(frozen=True, slots=True)
class Hurdle:
    """One thing that was looked at: how it went, why, and what to do next."""

    name: str
    word: Word
    code: str
    sentence: str
    next: str = ""

    def to_dict(self) -> dict[str, str]:
        told = {"name": self.name, "outcome": self.word, "code": self.code, "message": self.sentence}
        return told | ({"hint": self.next} if self.next else {})


def worst(hurdles: Sequence[Hurdle]) -> Word:
    """No over unknown over yes; of nothing at all unknown."""
    return max((each.word for each in hurdles), key=_ORDER.index, default="unknown")


def refused(name: str, error: MclaError, word: Word = "no") -> Hurdle:
    return Hurdle(name, word, error.code, error.message, error.hint)


def declared_hurdle(licence: str, declared: Collection[str], registry: Registry) -> Hurdle | None:
    """Whether files that givers declare to go out so may be asked about under `licence`; None where they may.

    What is declared to be permissive may be taken under any terms.
    """
    asked = registry.get(licence).id
    told = {each: _allowed(asked, each, registry) for each in sorted(declared)}
    others = [each for each, word in told.items() if word != "yes"]
    if not others:
        return None
    said = f"expected a licence that is declared in the proofs ({', '.join(others)}), got {licence}"
    step = "Ask under what they declare. What a licensor gave you apart from that stands in --terms FILE."
    return Hurdle("declared", max(told.values(), key=_ORDER.index), "licence-not-declared", said, step)


def _allowed(asked: str, declared: str, registry: Registry) -> Word:
    """The best of the choices that a declaration leaves; it may be any words, and then nobody can tell."""
    try:
        choices = offers(registry, declared)
    except QuestionInvalid:
        return "unknown"
    return min((_covered(asked, each) for each in choices), key=_ORDER.index)


def _covered(asked: str, choice: Offer) -> Word:
    """Whether the licence asked for tells of every term that applies together here: the others have to be free."""
    if not all(each.id == asked or is_permissive(each) for each in choice.records):
        return "no"
    return "unknown" if choice.unrecorded else "yes"


def rules_hurdle(licence: str, givers: Sequence[Contribution], policy: Policy) -> Hurdle:
    """Whether the rules let the files go out as their `givers` declare; who declares no licence, under `licence`.

    `policy` is on debated points. What ships beside the files stands in no declaration, so duties are told as open.
    """
    judged = [(each, _judged(licence, each, policy)) for each in givers]
    if found := [hurdle for each, told in judged if (hurdle := _stopped(each, told))]:
        return max(found, key=lambda hurdle: _ORDER.index(hurdle.word))
    answers = [told.answer for _, told in judged if told.answer]
    if not answers:
        return Hurdle("rules", "yes", "rules-unasked", "no giver names a base that a licence could be held against")
    duties = sorted({duty for each in answers for duty in each.missing})
    open_ = f", with duties that no proof shows to be met: {', '.join(duties)}" if duties else ""
    return Hurdle("rules", "yes", "rules-kept", f"the bases that givers declare let it go out{open_}")


def _judged(licence: str, giver: Contribution, policy: Policy) -> Judged:
    return judge_declarations(giver.manifest.root, {"outbound": licence, **giver.declarations}, policy)


def _stopped(giver: Contribution, judged: Judged) -> Hurdle | None:
    """What stops one contribution, if something does; a base that cannot be read as one could be anything."""
    rows = giver.declarations.get("bases") or ()
    name = f"{giver.declarations.get('title') or giver.kind} under {judged.declared or 'no licence'}"
    if (told := judged.ruled) is not None:
        word: Word = "no" if told.code == "rules-deny" else "unknown"
        return Hurdle("rules", word, told.code, f"{name}: {told.sentence}", _MEND)
    if not isinstance(rows, list | tuple) or len(judged.bases) < len(rows):
        return Hurdle("rules", "unknown", "rules-open", f"{name}: bases are named that cannot be read.", _MEND)
    return None


_MEND = (
    "Let its giver give it again with the licence and the bases put right. What you say to debated points stands in "
    "--policy FILE, and what a licensor gave you apart in --terms FILE."
)


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
    """What a decision that holds for these files and facts says."""
    outcome = document["outcome"]
    if outcome["certain"] is True and outcome["effect"] in PERMITS:
        found = _permitted("decision", outcome, duties_met=duties_met)
        return Hurdle(found.name, found.word, found.code, f"{origin} decided: {found.sentence}", found.next)
    said = f"{origin} decided: {outcome['effect']}, at best {outcome['at_best']}"
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
