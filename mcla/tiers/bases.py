# SPDX-License-Identifier: Apache-2.0
"""What the givers of files declare, held against a licence that somebody asks about: for a gate and for a decision.

A declaration is its giver's word. Nobody has looked whether it is true, so it can shut a door and opens none by itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mcla.licences.asking import QuestionInvalid
from mcla.licences.claimed import NOTHING, REVIEW, Beside, Judged, judge_declarations
from mcla.licences.offer import Offer, offers
from mcla.licences.question import Policy
from mcla.licences.registry import Registry
from mcla.licences.rules.fitting import is_permissive
from mcla.tiers.conditions import Unknown
from mcla.tiers.evaluating import Ground
from mcla.tiers.hurdle import WORDS, Hurdle, Word, worst

Looked = Literal["kept", "open", "denied", "unseen", "unasked"]
"""What became of the bases: all are kept; a person has to look; the rules deny; those of a file are not known, or not
all; or no licence was asked about that they could be held against."""
LOOKED: Mapping[str, str] = {
    "kept": "what the givers of the files declare of their bases lets them go out so",
    "open": "a person has to look at what the givers of the files declare of their bases",
    "denied": "what the givers of the files declare of their bases bars it",
    "unseen": "of some files, or of all, nothing was looked at that they rest on",
    "unasked": "no bases were held against these terms, which are no known licence",
}
_OF_HURDLES: Mapping[Word, Looked] = {"yes": "kept", "unknown": "open", "no": "denied"}
MOST_LEFT = 100
"""So many things that were not looked at are named; how many there are is told besides."""
MOST_SIGNS = 200
"""So many signs are told one by one; how many there are is told besides."""


@dataclass(frozen=True, slots=True)
class Giver:
    """A contribution that covers a file: its manifest's `root` (64 hex), what is declared with it, the stance on
    debated points that it is judged by, `of` a project's policy where that is known, and what is known `beside` it.

    `weighs`: whoever decides wants a person to look at signs of a lost licence, and none has looked at this one.
    """

    name: str
    kind: str
    root: str
    declarations: Mapping[str, Any]
    policy: Policy = REVIEW
    of: Mapping[str, Any] | None = None
    beside: Beside = NOTHING
    weighs: bool = False

    @property
    def outbound(self) -> str | None:
        """What it declares to go out under, as it stands there."""
        return str(said) if (said := self.declarations.get("outbound")) else None

    def to_dict(self) -> dict[str, Any]:
        rows = self.declarations.get("bases") or ()
        bases = len(rows) if isinstance(rows, list | tuple) else 1
        told = {"contribution": self.name, "artifact": f"sha256:{self.root}", "declared": self.outbound}
        return told | {"bases": bases, "policy_of": self.of}


@dataclass(frozen=True, slots=True)
class Left:
    """What was not looked at: a `file` by its path or a `contribution` by its id, and why."""

    what: Literal["file", "contribution"]
    name: str
    why: Literal["not-given-here", "withdrawn", "too-many", "shares-small-files"]


def look(licence: str | None, givers: Sequence[Giver], left: Sequence[Left], registry: Registry) -> dict[str, Any]:
    """What a decision says of bases: the word for it, each hurdle, and which claims were looked at and which were not.

    `licence` is None where own terms are asked about. Raises `LicenceUnknown` or `LicenceAmbiguous`.
    """
    signs = signs_of(licence, givers)
    found = [
        *(licence_hurdles(licence, givers, registry) if licence is not None else []),
        *filter(None, [signs_hurdle(signs)]),
    ]
    word = _OF_HURDLES[worst(found)] if found else "kept"
    if word == "kept":
        word = "unasked" if licence is None else "unseen" if _missing(givers, left) else "kept"
    return {
        "word": word,
        "sentence": LOOKED[word],
        "hurdles": [each.to_dict() for each in found],
        "looked_at": [each.to_dict() for each in givers],
        "not_looked_at": {"count": len(left), "first": [asdict(each) for each in left[:MOST_LEFT]]},
        "signs": {"count": len(signs), "first": signs[:MOST_SIGNS]},
    }


def _missing(givers: Sequence[Giver], left: Sequence[Left]) -> bool:
    return not givers or any(each.why in ("not-given-here", "too-many") for each in left)


def grounds_of(looked: Mapping[str, Any]) -> tuple[Ground, ...]:
    """What the bases do to an answer about a use, out of what `look` found: what they deny, nobody may."""
    stopped = (each for each in looked["hurdles"] if each["outcome"] != "yes")
    return tuple(_ground(each["name"], str(each["message"]), each["outcome"]) for each in stopped)


def _ground(name: str, sentence: str, outcome: str) -> Ground:
    asked = (Unknown("bases", (), sentence),) if outcome != "no" else ()
    return Ground(f"bases:{name}", "deny", (), sentence, sure=not asked, unknown=asked)


def licence_hurdles(licence: str, givers: Sequence[Giver], registry: Registry) -> list[Hurdle]:
    """Whether files of these givers may be asked about under `licence`: as they declare, and as the rules let them.

    Empty where there are no givers. Raises `LicenceUnknown` or `LicenceAmbiguous`.
    """
    asked = registry.get(licence).id
    declared = declared_hurdle(licence, asked, {each.outbound for each in givers if each.outbound}, registry)
    return [*filter(None, [declared]), *([rules_hurdle(asked, givers)] if givers else [])]


def declared_hurdle(licence: str, asked: str, declared: Collection[str], registry: Registry) -> Hurdle | None:
    """Whether files that givers declare to go out so may be asked about under `licence`; None where they may.

    What is declared to be permissive may be taken under any terms.
    """
    told = {each: _allowed(asked, each, registry) for each in sorted(declared)}
    others = [each for each, word in told.items() if word != "yes"]
    if not others:
        return None
    said = f"expected a licence that is declared in the proofs ({', '.join(others)}), got {licence}"
    step = "Ask under what they declare. What a licensor gave you apart from that stands in --terms FILE."
    return Hurdle("declared", max(told.values(), key=WORDS.index), "licence-not-declared", said, step)


def _allowed(asked: str, declared: str, registry: Registry) -> Word:
    """The best of the choices that a declaration leaves; it may be any words, and then nobody can tell."""
    try:
        choices = offers(registry, declared)
    except QuestionInvalid:
        return "unknown"
    return min((_covered(asked, each) for each in choices), key=WORDS.index)


def _covered(asked: str, choice: Offer) -> Word:
    """Whether the licence asked for tells of every term that applies together here: the others have to be free."""
    if not all(each.id == asked or is_permissive(each) for each in choice.records):
        return "no"
    return "unknown" if choice.unrecorded else "yes"


def rules_hurdle(licence: str, givers: Iterable[Giver]) -> Hurdle:
    """Whether the rules let the files go out as their `givers` declare; who declares no licence, under `licence`.

    What ships beside the files stands in no declaration, so duties are told as open.
    """
    judged = [(each, _judged(licence, each)) for each in givers]
    if found := [hurdle for each, told in judged if (hurdle := _stopped(each, told))]:
        return max(found, key=lambda hurdle: WORDS.index(hurdle.word))
    answers = [told.answer for _, told in judged if told.answer]
    if not answers:
        return Hurdle("rules", "yes", "rules-unasked", "no giver names a base that a licence could be held against")
    duties = sorted({duty for each in answers for duty in each.missing})
    open_ = f", with duties that no proof shows to be met: {', '.join(duties)}" if duties else ""
    return Hurdle("rules", "yes", "rules-kept", f"the bases that givers declare let it go out{open_}")


def signs_of(licence: str | None, givers: Iterable[Giver]) -> list[dict[str, Any]]:
    """Each sign of a lost licence on a contribution (`mcla.licences.signals`), those that weigh first."""
    signs = [
        {"contribution": giver.name, **signal.to_dict(), "weighs": giver.weighs}
        for giver in givers
        for signal in _judged(licence, giver).signals
    ]
    return sorted(signs, key=lambda sign: not sign["weighs"])


def signs_hurdle(signs: Sequence[Mapping[str, Any]]) -> Hurdle | None:
    """What signs do: they are told, and where they weigh a person looks. A sign is no accusation, so none is a no."""
    if not signs:
        return None
    weighed = any(each["weighs"] for each in signs)
    more = f" And {len(signs) - 1} more." if len(signs) > 1 else ""
    first = next((each for each in signs if each["weighs"]), signs[0])
    said = f"signs of a licence lost on the way, which accuse nobody: {first['sentence']}{more}"
    if not weighed:
        return Hurdle("signs", "yes", "signs-told", said)
    step = f"Ask the giver. If it is explained, add {first['contribution']} to accepted under [licences] in the policy."
    return Hurdle("signs", "unknown", "licence-signals", said, step)


def _judged(licence: str | None, giver: Giver) -> Judged:
    return judge_declarations(giver.root, {"outbound": licence, **giver.declarations}, giver.policy, giver.beside)


def _stopped(giver: Giver, judged: Judged) -> Hurdle | None:
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
