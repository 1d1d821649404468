# SPDX-License-Identifier: Apache-2.0
"""The AI Act's duties for general-purpose models and its exemption for open ones: met, lost or open, never certified.

Art. 53(2) frees open-source models of the duties of Art. 53(1)(a) and (b); (c) and (d) stay due. Limits to
non-commercial use, on the number of users or on distribution lose it (Commission's guidelines, paragraphs 76 to 89).
A record says how its text reads; what was declared is evidence of what a file still has to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcla.exports.release import Given, Release, known_licence
from mcla.licences.records import Licence
from mcla.licences.registry import registry

State = Literal["met", "lost", "open"]
ACT = "Regulation (EU) 2024/1689"
GUIDELINES = "Commission's guidelines on general-purpose models, paragraphs 76 to 89"
DISCLAIMER = "Screening, not legal advice, and no certification."


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: met, lost (the exemption does not free of it) or open, by which source, and what there is for it."""

    duty: str
    state: State
    why: str
    source: str
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        told = {"duty": self.duty, "state": self.state, "why": self.why, "source": self.source}
        return told | {"evidence": list(self.evidence), "missing": list(self.missing)}


def of_licence(licence: Licence) -> tuple[Duty, ...]:
    """What a licence alone says of the exemption."""
    state, why = _exemption([licence.id], [licence])
    return tuple(Duty(duty, state, why, f"{ACT}, {part} with 53(2); {GUIDELINES}") for duty, part in _FREED)


def of_release(release: Release) -> tuple[Duty, ...]:
    """What the licences and declarations of a release say of each duty."""
    names = [name for each in release.given if (name := each.text("outbound") or each.text("licence"))]
    known = [each for name in dict.fromkeys(names) if (each := known_licence(name)) is not None]
    state, why = _exemption(list(dict.fromkeys(names)), known)
    undeclared = len(names) < len(release.given)
    if undeclared and state == "met":
        state, why = "open", "not every contribution declares the licence it goes out under"
    freed = [Duty(duty, state, why, f"{ACT}, {part} with 53(2); {GUIDELINES}") for duty, part in _FREED]
    return (*freed, _copyright(release.given), _summary(release.given), _money())


_FREED = (("technical file", "Art. 53(1)(a)"), ("file for those who build on it", "Art. 53(1)(b)"))


def _exemption(names: Sequence[str], known: Sequence[Licence]) -> tuple[State, str]:
    """Whether the licences leave the exemption; the worst of them counts."""
    lost = [each.id for each in known if each.ai_act_foss_exemption == "disqualified"]
    if lost:
        return "lost", f"{', '.join(lost)} limits use or distribution as no open-source licence does"
    unsure = [each.id for each in known if each.ai_act_foss_exemption != "likely-qualifies" or each.confidence == "low"]
    if unsure or len(known) < len(names) or not names:
        which = ", ".join(unsure) or "a licence that is not known, or none"
        return "open", f"it is not settled whether {which} leaves the exemption"
    return "met", f"{', '.join(each.id for each in known)} likely leaves the exemption, so the duty is not due"


def _copyright(given: Sequence[Given]) -> Duty:
    answers = {"respected": "opt-outs were respected", "by-source": "the sources say that they respected opt-outs"}
    seen = tuple(f"{each.title}: {answers[told]}" for each in given if (told := each.text("opt_outs")) in answers)
    why = "due for open models too; declarations are evidence and no policy"
    missing = ("the policy itself", *(f"{each.title}: opt-outs" for each in given if _trains(each) and not _told(each)))
    return Duty("copyright policy", "open", why, f"{ACT}, Art. 53(1)(c)", seen, missing)


def _told(given: Given) -> bool:
    return given.text("opt_outs") in ("respected", "by-source", "not-from-web")


def _trains(given: Given) -> bool:
    return given.statement.kind in ("weights", "adapter", "data", "synthetic")


_TEMPLATE = (("training_data", "sources"), ("personal_data",), ("screened",), ("opt_outs",))
_PART = ("the data that it was trained on", "data about people", "screening for unlawful content", "opt-outs")


def _summary(given: Sequence[Given]) -> Duty:
    evidence: list[str] = []
    missing = ["the summary itself, by the official template"]
    for each in given:
        for keys, words in zip(_TEMPLATE, _PART, strict=True):
            has = any(each.statement.declarations.get(key) for key in keys)
            if has:
                evidence.append(f"{each.title}: {words}")
            elif _trains(each):
                missing.append(f"{each.title}: {words}")
    why = "due for open models too; the declarations hold a part of it"
    return Duty("summary of training content", "open", why, f"{ACT}, Art. 53(1)(d)", tuple(evidence), tuple(missing))


def _money() -> Duty:
    why = "a model that is monetised, also by personal data as the price of access, is not exempt; nobody declared this"
    missing = ("how the model is offered, and for what",)
    return Duty("no monetisation", "open", why, GUIDELINES, (), missing)


def told(duties: Sequence[Duty]) -> dict[str, Any]:
    """The view as JSON values, with what it rests on."""
    rests_on = {"licences": registry().digest, "as_of": registry().as_of}
    return {"duties": [each.to_dict() for each in duties], "rests_on": rests_on, "disclaimer": DISCLAIMER}
