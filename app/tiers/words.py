# SPDX-License-Identifier: Apache-2.0
"""Tiers in plain words: what each condition asks, as somebody would say it to whoever wants to use the model.

Numbers have spaces between their thousands, which every language reads the same.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from mcla.licences.meanings import RESTRICTIONS
from mcla.tiers.conditions import (
    ComputeCondition,
    Condition,
    DateCondition,
    FlagCondition,
    ListCondition,
    RevenueCondition,
    UsersCondition,
)
from mcla.tiers.terms import EFFECTS, Effect, Stance, Terms, Tier
from mcla.wording import Joined, Worded

Words = Mapping[str, Worded]
EFFECT: Mapping[Effect, Worded] = MappingProxyType(
    {
        "permit": Worded("You may use it"),
        "permit-with-duty": Worded("You may use it if you do something for it"),
        "register": Worded("You have to register first"),
        "separate-licence": Worded("You need a licence of your own first"),
        "deny": Worded("You may not use it"),
    }
)
TONE: Mapping[Effect, str] = MappingProxyType(
    {"permit": "yes", "permit-with-duty": "yes", "register": "care", "separate-licence": "care", "deny": "no"}
)
STANCE: Mapping[Stance, Worded] = MappingProxyType(
    {
        "none": Worded("Not looked at: the terms stand for themselves"),
        "advisory": Worded("Advisory: what a feed says is told beside the answer and changes nothing of it"),
        "binding": Worded("Binding: what a feed prohibits is not allowed, and without a feed nothing is"),
    }
)
COMPARE: Words = MappingProxyType(
    {
        ">": Worded("more than"),
        ">=": Worded("at least"),
        "<": Worded("less than"),
        "<=": Worded("at most"),
    }
)
MEASURED: Words = MappingProxyType(
    {
        "at-release-date": Worded("measured when the model was released"),
        "ongoing": Worded("measured at any time"),
        "preceding-year": Worded("measured over the year before"),
        "preceding-12-months": Worded("measured over the 12 months before"),
        "any-12-months": Worded("measured over any 12 months"),
    }
)
MEASURE: Words = MappingProxyType(
    {"monthly-active": Worded("monthly active users"), "monthly-unique": Worded("monthly users")}
)
REVENUE: Mapping[tuple[str, str], Worded] = MappingProxyType(
    {
        ("everything", "year"): Worded("revenue a year"),
        ("everything", "month"): Worded("revenue a month"),
        ("recurring", "year"): Worded("recurring revenue a year"),
        ("recurring", "month"): Worded("recurring revenue a month"),
        ("model-as-a-service", "year"): Worded("revenue a year from offering models as a service"),
        ("model-as-a-service", "month"): Worded("revenue a month from offering models as a service"),
    }
)
FLAG: Mapping[tuple[str, bool], Worded] = MappingProxyType(
    {
        ("commercial", True): Worded("The use is commercial"),
        ("commercial", False): Worded("The use is not commercial"),
        ("registered", True): Worded("You have registered"),
        ("registered", False): Worded("You have not registered"),
        ("authorised", True): Worded("You have permission in writing"),
        ("authorised", False): Worded("You have no permission in writing"),
        ("multimodal", True): Worded("The model takes more than text"),
        ("multimodal", False): Worded("The model takes text alone"),
    }
)
FACT: Words = MappingProxyType(
    {
        "purposes": Worded("Purposes of the use"),
        "sectors": Worded("Sectors that it is used in"),
        "jurisdictions": Worded("Places that it is used in"),
        "business": Worded("Kind of business"),
        "uses": Worded("What it is used for"),
        "receipt": Worded("How the model is received"),
    }
)
LISTED: Words = MappingProxyType(
    {
        "any-of": Worded("at least one of these"),
        "none-of": Worded("none of these"),
        "only": Worded("nothing but these"),
    }
)
WORD: Words = MappingProxyType(
    {
        "research": Worded("research"),
        "education": Worded("education"),
        "evaluation": Worded("evaluation"),
        "personal": Worded("personal use"),
        "government": Worded("government"),
        "internal": Worded("inside of an organisation"),
        "product": Worded("in a product"),
        "service": Worded("as a service"),
        "hosting": Worded("hosting it for others"),
        "model-as-a-service": Worded("offering models as a service"),
        "competing-service": Worded("a competing service"),
        "direct": Worded("directly"),
        "end-user-product": Worded("inside a product for end users"),
        "hosted-service": Worded("through a hosted service"),
    }
)


def said(condition: Condition) -> str:
    """The condition as a sentence; one that only known licences have is told as the protocol tells it."""
    match condition:
        case UsersCondition(compare, count, measure, measured):
            parts = {"compare": COMPARE[compare], "count": _spaced(count), "users": MEASURE[measure]}
            return Worded(
                "You have %(compare)s %(count)s %(users)s, %(measured)s", **parts, measured=MEASURED[measured]
            )
        case RevenueCondition(compare, amount, currency, period, of, measured):
            parts = {"compare": COMPARE[compare], "amount": f"{_spaced(amount)} {currency}"}
            parts |= {"revenue": REVENUE[of, period], "measured": MEASURED[measured]}
            return Worded("You and your group have %(compare)s %(amount)s %(revenue)s, %(measured)s", **parts)
        case ComputeCondition(compare, flop):
            return Worded("Training took %(compare)s %(flop)s operations", compare=COMPARE[compare], flop=flop)
        case FlagCondition(fact, value):
            return FLAG[fact, value]
        case DateCondition("from", day):
            return Worded("The day is %(day)s or later", day=date.fromisoformat(day))
        case DateCondition(_, day):
            return Worded("The day is before %(day)s", day=date.fromisoformat(day))
        case ListCondition(fact, how, values):
            words = Joined(", ", (_value(fact, each) for each in values))
            return Worded("%(what)s: %(how)s: %(values)s", what=FACT[fact], how=LISTED[how], values=words)
        case _:
            return condition.sentence


def by_effect(terms: Terms) -> list[tuple[Effect, list[Tier]]]:
    """The tiers under their effects, the mildest first; effects that no tier has are left out."""
    groups = [(effect, [each for each in terms.tiers if each.effect == effect]) for effect in EFFECTS]
    return [(effect, tiers) for effect, tiers in groups if tiers]


def _value(fact: str, value: str) -> str:
    if fact == "uses":
        return RESTRICTIONS.get(value, value)
    return WORD.get(value, value) if fact in ("purposes", "business", "receipt") else value


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")
