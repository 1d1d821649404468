# SPDX-License-Identifier: Apache-2.0
"""A question out of parsed JSON: every member known, every figure finite, and no fact given twice in two ways.

Refused is what does not mean one thing. Null is not known, like a member that is not there. A fault names its place as
a JSON pointer (RFC 6901).
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from mcla.errors import MclaError
from mcla.licences.question import (
    MAX_BASES,
    Base,
    Context,
    Evidence,
    Fact,
    Figure,
    Money,
    Policy,
    Publish,
    Question,
    Relation,
    Terms,
    TextVersion,
)
from mcla.licences.vocabulary import CommercialUse, ShareAlike, Stance
from mcla.terms.strict import unfit_character

T = TypeVar("T")
Read = Callable[[object, str], Any]

MAX_TEXT = 300
MAX_ENTRIES = 2_000
_OF_CONTRIBUTIONS = ("data", "synthetic", "eval", "weights", "safety")  # those that no relation is named like
KINDS = frozenset({*get_args(Relation), *_OF_CONTRIBUTIONS, "synthetic-data", "model", "dataset"})
ASIDE = frozenset({"id", "title", "expect", "reason", "confidence"})
"""What a worked case carries beside the question."""


class QuestionInvalid(MclaError):
    """A question about licences that cannot mean anything; `pointer` is the place."""

    code = "licence-question-invalid"
    status = 422
    hint = "Correct the member named and ask again; `mcla licences check --help` names the members."

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer


class TooManyBases(QuestionInvalid):
    """More bases than a question may have."""

    code = "too-many-bases"
    hint = "Ask for parts of the artifact, or name each base once with its strictest licence."

    @classmethod
    def of(cls, number: int, pointer: str) -> "TooManyBases":
        return cls(f"expected at most {MAX_BASES:,} bases, got {number:,}", pointer)


class FigureInvalid(QuestionInvalid):
    """A number of users or an amount that is none."""

    code = "figure-invalid"
    hint = "Give a finite number of zero or more, or leave the member out when it is not known."


class CurrencyMissing(QuestionInvalid):
    """An amount of money without its currency."""

    code = "currency-missing"
    hint = 'Give amounts as {"value": 1500000, "currency": "USD"} with the code of ISO 4217.'


class TextMisleads(QuestionInvalid):
    """A name that reads differently from what it is: with marks that turn its direction, or that nobody sees."""

    code = "text-misleads"
    hint = "Type the name again, without invisible or control characters."


class FactsContradict(QuestionInvalid):
    """Two facts that cannot both be true."""

    code = "facts-contradict"
    hint = "Keep the fact that is true and leave the other out."


def read_question(value: object) -> Question:
    """The question in parsed JSON; raises `QuestionInvalid` or one of its kinds."""
    members = _object(value, "", frozenset(_MEMBERS) | ASIDE)
    for name in ("bases", "kind"):
        if name not in members:
            raise QuestionInvalid(f"expected the member {name}, got none")
    if "declared" not in members and "declared_terms" not in members:
        raise QuestionInvalid("expected outbound terms in declared or declared_terms, got neither")
    found = {name: read(members[name], f"/{name}") for name, read in _MEMBERS.items() if name in members}
    return Question(**{"declared": None, **found})


def _object(value: object, pointer: str, known: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QuestionInvalid(f"expected an object, got {_shown(value)}", pointer)
    for name in value:
        if name not in known:
            raise QuestionInvalid(
                f"expected one of {', '.join(sorted(known - ASIDE))}, got {str(name)[:60]!a}", pointer
            )
    return {name: each for name, each in value.items() if each is not None}


def _bases(value: object, pointer: str) -> tuple[Base, ...]:
    if not isinstance(value, list) or not value:
        raise QuestionInvalid("expected a list of at least one base, got none", pointer)
    if len(value) > MAX_BASES:
        raise TooManyBases.of(len(value), pointer)
    return tuple(_base(each, f"{pointer}/{place}") for place, each in enumerate(value))


def _base(value: object, pointer: str) -> Base:
    members = _object(value, pointer, set(_OF_A_BASE))
    for name in ("licence", "relation"):
        if name not in members:
            raise QuestionInvalid(f"expected the member {name}, got none", pointer)
    return Base(**{name: _OF_A_BASE[name](each, f"{pointer}/{name}") for name, each in members.items()})


def _fields(shape: Callable[..., T], readers: Mapping[str, Read]) -> Callable[[object, str], T]:
    def read(value: object, pointer: str) -> T:
        members = _object(value, pointer, set(readers))
        return shape(**{name: readers[name](each, f"{pointer}/{name}") for name, each in members.items()})

    return read


def _text(value: object, pointer: str) -> str:
    text = _as_told(value, pointer)
    if bad := unfit_character(text):
        raise TextMisleads(f"expected a text as it reads, got one with the character {bad}", pointer)
    return text


def _as_told(value: object, pointer: str) -> str:
    """A name as somebody else gave it to a base: one that misleads is none that is known, and for a person."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise QuestionInvalid(f"expected a text of at most {MAX_TEXT} characters, got {_shown(value)}", pointer)
    return value


def _truth(value: object, pointer: str) -> bool:
    if not isinstance(value, bool):
        raise QuestionInvalid(f"expected true or false, got {_shown(value)}", pointer)
    return value


def _one_of(choices: tuple[Any, ...]) -> Read:
    def read(value: object, pointer: str) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise QuestionInvalid(f"expected one of {', '.join(choices)}, got {_shown(value)}", pointer)
        return value

    return read


def _texts(value: object, pointer: str) -> frozenset[str]:
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        raise QuestionInvalid(f"expected a list of at most {MAX_ENTRIES:,} texts, got {_shown(value)}", pointer)
    return frozenset(_text(each, f"{pointer}/{place}") for place, each in enumerate(value))


def _outbound(value: object, pointer: str) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    if not several:
        raise QuestionInvalid("expected at least one licence, got none", pointer)
    return tuple(sorted(_texts(several, pointer)))


def _matching(regex: str, words: str) -> Read:
    def read(value: object, pointer: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(regex, value):
            raise QuestionInvalid(f"expected {words}, got {_shown(value)}", pointer)
        return value

    return read


def _day(value: object, pointer: str) -> str:
    day: str = _matching(r"\d{4}-\d\d-\d\d", "a day such as 2026-01-31")(value, pointer)
    try:
        date.fromisoformat(day)
    except ValueError:
        raise QuestionInvalid(f"expected a day of the calendar, got {day}", pointer) from None
    return day


_OF_THE_EU = {"UK": "GB", "EL": "GR"}
"""What the Union's own papers write for codes of ISO 3166."""


def _territory(value: object, pointer: str) -> str:
    code: str = _matching(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?", "a code of ISO 3166 such as DE, or EU")(value, pointer)
    country = code[:2].upper()
    return _OF_THE_EU.get(country, country)


def _figure(value: object, pointer: str) -> Figure:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FigureInvalid(f"expected a number, got {_shown(value)}", pointer)
    if (isinstance(value, float) and not math.isfinite(value)) or value < 0:
        raise FigureInvalid(f"expected a finite number of zero or more, got {str(value)[:40]}", pointer)
    return value


_currency = _matching(r"[A-Z]{3}", "a currency code of ISO 4217 such as USD")


def _money(value: object, pointer: str) -> Money:
    if not isinstance(value, dict):
        _figure(value, pointer)
        raise CurrencyMissing("expected an amount with its currency, got a number alone", pointer)
    members = _object(value, pointer, {"value", "currency"})
    if "currency" not in members:
        raise CurrencyMissing("expected an amount with its currency, got none", pointer)
    return Money(
        _figure(members.get("value"), f"{pointer}/value"), _currency(members["currency"], f"{pointer}/currency")
    )


def _context(value: object, pointer: str) -> Context:
    members = _one_word_each(_object(value, pointer, _OF_A_CONTEXT), pointer)
    plain = {name: read(members[name], f"{pointer}/{name}") for name, read in _PLAIN.items() if name in members}
    return Context(**plain, facts=MappingProxyType(_facts(members, pointer)))


def _one_word_each(members: dict[str, Any], pointer: str) -> dict[str, Any]:
    """The members under one word each; raises `FactsContradict` where two words for one fact say different things."""
    found = {name: each for name, each in members.items() if name not in _OTHER_WORDS}
    for name in members.keys() & _OTHER_WORDS.keys():
        if found.setdefault(_OTHER_WORDS[name], members[name]) != members[name]:
            raise FactsContradict(f"expected one answer, got two for {_OTHER_WORDS[name]}", f"{pointer}/{name}")
    return found


def _facts(members: Mapping[str, Any], pointer: str) -> dict[Any, Fact]:
    facts: dict[Any, Fact] = {}
    for name, read in _METRICS.items():
        if name in members and read is _money and not isinstance(members[name], dict) and "currency" in members:
            whole = {"value": members[name], "currency": members["currency"]}
            facts[name] = _money(whole, f"{pointer}/{name}")
        elif name in members:
            facts[name] = read(members[name], f"{pointer}/{name}")
        if read is _money and f"{name}_usd" in members:
            dollars = Money(_figure(members[f"{name}_usd"], f"{pointer}/{name}_usd"), "USD")
            if facts.setdefault(name, dollars) != dollars:
                raise FactsContradict(f"expected one figure, got two for {name}", f"{pointer}/{name}")
    _check_facts(facts, pointer)
    return facts


def _check_facts(facts: Mapping[Any, Fact], pointer: str) -> None:
    month, year = facts.get("monthly_revenue"), facts.get("annual_revenue")
    if not isinstance(month, Money) or not isinstance(year, Money) or month.currency != year.currency:
        return
    if month.value > year.value:
        raise FactsContradict("expected a year's revenue of at least a month's, got less", f"{pointer}/annual_revenue")


_MONEY = ("annual_revenue", "monthly_revenue", "annual_recurring_revenue", "maas_revenue")
_METRICS: dict[str, Read] = {
    **dict.fromkeys(("mau", "muu"), _figure),
    **dict.fromkeys(_MONEY, _money),
    **dict.fromkeys(("maas_business", "hosting_use", "competing_service", "written_authorisation"), _truth),
}
_PLAIN: dict[str, Read] = {
    **dict.fromkeys(("contributor_territory", "project_territory"), _territory),
    **dict.fromkeys(("multimodal", "commercial", "competing_model", "removes_safeguards"), _truth),
    "publish": _one_of(get_args(Publish)),
    "project_outbound": _outbound,
}
_OTHER_WORDS = {
    "commercial_use": "commercial",
    "revenue": "annual_revenue",
    "revenue_usd": "annual_revenue_usd",
    "project_seat": "project_territory",
}
_OF_A_CONTEXT = {*_METRICS, *_PLAIN, *_OTHER_WORDS, "currency", *(f"{name}_usd" for name in _MONEY)}
_hex = _matching(r"[0-9a-f]{64}", "64 hex digits in lower case")
_OF_A_BASE: dict[str, Read] = {
    "licence": _as_told,
    "relation": _one_of(get_args(Relation)),
    "text_version": _one_of(get_args(TextVersion)),
    "retrieved": _day,
    "licence_sha256": _hex,
    "name": _text,
    "revision": _text,
    "sha256": _hex,
}
_OF_EVIDENCE: dict[str, Read] = {
    **dict.fromkeys(("licence_copies", "attribution_for"), _texts),
    **dict.fromkeys(("notice_file", "modified_notice", "docs_retained", "includes_base_weights", "registered"), _truth),
}
_OF_TERMS: dict[str, Read] = {
    "commercial_use": _one_of(get_args(CommercialUse)),
    "restrictions": _texts,
    "enforceable": _truth,
    "share_alike": _one_of(get_args(ShareAlike)),
    "equivalent_to": _texts,
    "base_licence_kept": _truth,
}
_MEMBERS: dict[str, Read] = {
    "bases": _bases,
    "kind": _one_of(tuple(sorted(KINDS))),
    "declared": _text,
    "declared_terms": _fields(Terms, _OF_TERMS),
    "artifact_name": _text,
    "evidence": _fields(Evidence, _OF_EVIDENCE),
    "context": _context,
    "policy": _fields(Policy, dict.fromkeys(Policy.__dataclass_fields__, _one_of(get_args(Stance)))),
}


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value):,}"
    return repr(value)[:80] if not isinstance(value, str) else f"{value[:60]!a}"
