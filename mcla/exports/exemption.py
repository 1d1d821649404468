# SPDX-License-Identifier: Apache-2.0
"""What one licence does for the AI Act's exemption of open models: conditions and duties, each met, lost or open.

Art. 53(2) and 54(6) free the provider of an open model of some duties, if anybody may use, change and pass it on, its
weights are public, nobody pays for it and it has no systemic risk. A licence answers a part of that; what its text
cannot answer stays open. Nothing here is a certification; `mcla.exports.certification` is what one looks like.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mcla.exports.ai_act import ACT, DISCLAIMER, GUIDELINES, State, of_licence
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class Point:
    """One condition or duty: its name, how it stands, why, and the source that says so."""

    key: str
    name: str
    state: State
    why: str
    source: str

    def to_dict(self) -> dict[str, str]:
        told = {"key": self.key, "name": str(self.name), "state": self.state}
        return told | {"why": str(self.why), "source": self.source}


@dataclass(frozen=True, slots=True)
class Reading:
    """The view of a licence. `conditions` lead to `state`, which the `duties` follow as far as the exemption goes."""

    licence: str
    state: State
    sentence: str
    conditions: tuple[Point, ...]
    duties: tuple[Point, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "licence": self.licence,
            "exemption": self.state,
            "sentence": str(self.sentence),
            "conditions": [each.to_dict() for each in self.conditions],
            "duties": [each.to_dict() for each in self.duties],
            "rests_on": {"licences": registry().digest, "as_of": registry().as_of},
            "disclaimer": DISCLAIMER,
        }


_SENTENCES: Mapping[State, str] = MappingProxyType(
    {
        "met": Worded("As far as its text decides, this licence keeps the exemption for open models."),
        "lost": Worded("Under this licence the exemption for open models is lost."),
        "open": Worded("It is not settled whether this licence keeps the exemption for open models."),
    }
)
_NO_MODELS = Worded("This is no licence of a model. What the model itself goes out under decides on the exemption.")
_NO_LICENCE = Worded("Without a licence nobody may use the model: the exemption is lost.")
Answer = tuple[State, str]


def of(licence: Licence) -> Reading:
    """The view of one licence: its record's own reading decides, its conditions say why."""
    if licence.id in registry().rulebook.no_licence:
        return Reading(licence.id, "lost", _NO_LICENCE, (), (*_freed("lost"), *_DUE))
    if licence.ai_act_foss_exemption == "n/a":
        return Reading(licence.id, "open", _NO_MODELS, (), (*_freed("open"), *_DUE))
    text = _of_the_text(licence)
    state = _state(licence, text)
    return Reading(licence.id, state, _SENTENCES[state], (*text, *_BEYOND), (*_freed(state), *_DUE))


def _state(licence: Licence, text: tuple[Point, ...]) -> State:
    """What was read, held to its reasons: one that is open or lost leaves nothing met."""
    read = of_licence(licence)[0].state
    if any(each.state == "lost" for each in text):
        return "lost"
    return "open" if read == "met" and any(each.state == "open" for each in text) else read


def _commercial(licence: Licence) -> Answer:
    if licence.commercial_use == "no":
        return "lost", Worded("It is for non-commercial use or research alone.")
    if licence.commercial_use != "yes":
        return "open", Worded("It allows business on conditions, and they decide.")
    return "met", Worded("Business is allowed.")


def _scale(licence: Licence) -> Answer:
    if any(each.effect != "display-required" for each in licence.thresholds):
        return "lost", Worded("Large or certain parties need more than this licence.")
    if licence.thresholds:
        return "open", Worded("Large parties have to display a name; whether that counts as a limit is not settled.")
    return "met", Worded("It has no limits on users, revenue or business.")


def _uses(licence: Licence) -> Answer:
    if licence.restrictions:
        return "open", Worded("It bars uses. Only proportionate limits for safety keep the exemption.")
    return "met", Worded("It bars no uses.")


def _places(licence: Licence) -> Answer:
    if licence.territory_excluded:
        places = ", ".join(licence.territory_excluded)
        return "open", Worded("It leaves places out: %(places)s.", places=places)
    return "met", Worded("It leaves no places out.")


def _changes(licence: Licence) -> Answer:
    if licence.derivatives.outbound == "none":
        return "lost", Worded("A changed model may not be passed on.")
    if licence.derivatives.owner == "licensor":
        return "lost", Worded("Changed models belong to the publisher.")
    if licence.derivatives.outbound == "unknown":
        return "open", Worded("It is not known what a changed model may go out under.")
    return "met", Worded("It may be changed and passed on.")


_CONDITIONS: tuple[tuple[str, str, str, Callable[[Licence], Answer]], ...] = (
    ("commercial_use", Worded("For business too"), "paragraph 83", _commercial),
    ("thresholds", Worded("For parties of every size"), "paragraph 83", _scale),
    ("restrictions", Worded("For every purpose"), "paragraphs 83 and 84", _uses),
    ("territory_excluded", Worded("In every place"), "paragraphs 76 to 89", _places),
    ("derivatives.outbound", Worded("Changing and passing on"), "paragraphs 76 to 89", _changes),
)
"""Each by the field of the record that answers it; a field that is not known answers nothing."""


def _of_the_text(licence: Licence) -> tuple[Point, ...]:
    found = []
    for field, name, where, answer in _CONDITIONS:
        state, why = answer(licence) if licence.knows(field) else _unknown()
        found.append(Point(field, name, state, why, f"{ACT}, Art. 53(2); Commission's guidelines, {where}"))
    return tuple(found)


def _unknown() -> Answer:
    return "open", Worded("This is not known of its text: a person reads it.")


_BEYOND = (
    Point(
        "public",
        Worded("Weights, architecture and usage are public"),
        "open",
        Worded("No licence says this: whoever releases the model shows it."),
        f"{ACT}, Art. 53(2)",
    ),
    Point(
        "monetised",
        Worded("Nobody pays for it, with personal data neither"),
        "open",
        Worded("No licence says this: how the model is offered decides."),
        f"{ACT}, recital 103; Commission's guidelines, paragraph 87",
    ),
    Point(
        "systemic",
        Worded("No systemic risk"),
        "open",
        Worded("A model with systemic risk has every duty, whatever its licence."),
        f"{ACT}, Art. 53(2) and 51",
    ),
)
_FREEABLE = (
    ("technical-file", Worded("Technical documentation"), "Art. 53(1)(a) with 53(2)"),
    ("downstream-file", Worded("Documentation for those who build on it"), "Art. 53(1)(b) with 53(2)"),
    ("representative", Worded("A representative in the EU, for providers elsewhere"), "Art. 54 with 54(6)"),
)
_FREED_WHY: Mapping[State, str] = MappingProxyType(
    {
        "met": Worded("Not due, if the conditions that the text leaves open hold too."),
        "lost": Worded("Due: the exemption does not free of it."),
        "open": Worded("Due, unless somebody shows that the exemption holds."),
    }
)


def _freed(state: State) -> tuple[Point, ...]:
    sources = [f"{ACT}, {where}; {GUIDELINES}" for _, _, where in _FREEABLE]
    named = zip(_FREEABLE, sources, strict=True)
    return tuple(Point(key, name, state, _FREED_WHY[state], source) for (key, name, _), source in named)


_STAYS = Worded("Due for open models too; no licence meets it.")
_DUE = (
    Point("copyright-policy", Worded("A policy for copyright"), "open", _STAYS, f"{ACT}, Art. 53(1)(c)"),
    Point("training-summary", Worded("A summary of the training content"), "open", _STAYS, f"{ACT}, Art. 53(1)(d)"),
)
