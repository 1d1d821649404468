# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers from TOML (`mcla.tiers/1`), read in full or refused with every fault named."""

import re
from dataclasses import dataclass, field, fields
from typing import Annotated, Literal, get_args

from mcla.artifacts.digest import sha256_hex
from mcla.feed.entry import SLUG, Address, Day, Slug, Text, day_of, is_use_key
from mcla.feed.errors import FeedInvalid
from mcla.feed.parts import Hex
from mcla.feed.places import PLACE
from mcla.terms.strict import Pattern, Unreadable, read_toml
from mcla.tiers.conditions import (
    Compare,
    ComputeCondition,
    Condition,
    DateCondition,
    Flag,
    FlagCondition,
    How,
    ListCondition,
    Listing,
    RevenueCondition,
    UsersCondition,
)
from mcla.tiers.errors import TiersInvalid
from mcla.tiers.facts import Business, Count, Currency, Flop, Measure, Measured, Of, Period, Purpose, Receipt
from mcla.tiers.terms import VERSION, Effect, Refusing, Stance, Terms, Tier

MAX_TIERS, MAX_CONDITIONS = 200, 50
Version = Annotated[str, Pattern(VERSION, "a version like 1.0.0")]
Fact = Literal[
    "users", "revenue", "training-compute", "date",
    "commercial", "registered", "authorised", "multimodal",
    "purposes", "sectors", "jurisdictions", "business", "uses", "receipt",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhenPart:
    """A condition as it is written: which members it has, its `fact` decides."""

    fact: Fact
    op: Compare | None = None
    count: Count | None = None
    measure: Measure | None = None
    amount: Count | None = None
    currency: Currency | None = None
    period: Period | None = None
    of: Of | None = None
    measured: Measured | None = None
    flop: Flop | None = None
    value: bool | None = field(default=None, metadata={"key": "is"})
    any_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None
    begins: Day | None = field(default=None, metadata={"key": "from"})
    before: Day | None = None


@dataclass(frozen=True, slots=True)
class TierPart:
    id: Slug
    effect: Effect
    rests_on: Text
    when: tuple[WhenPart, ...] = ()
    duty: Text | None = None
    contact: Address | None = None


@dataclass(frozen=True, slots=True)
class TextPart:
    """The legal text that the tiers put into conditions: static, named by digest."""

    url: Address
    sha256: Hex


@dataclass(frozen=True, slots=True)
class TermsPart:
    schema: Literal["mcla.tiers/1"]
    id: Slug
    version: Version
    title: Text
    text: TextPart
    otherwise: Refusing
    feed: Stance
    tier: tuple[TierPart, ...]
    effective: Day | None = None


_NEEDED: dict[str, set[str]] = {
    "users": {"op", "count", "measure", "measured"},
    "revenue": {"op", "amount", "currency", "period", "of", "measured"},
    "training-compute": {"op", "flop"},
    **{fact: {"is"} for fact in get_args(Flag)},
}
_ONE_OF: dict[str, set[str]] = {
    "date": {"from", "before"},
    **{fact: {"any_of", "none_of", "only"} for fact in get_args(Listing)},
}
_WORDS: dict[str, tuple[str, ...]] = {
    "purposes": get_args(Purpose),
    "business": get_args(Business),
    "receipt": get_args(Receipt),
}


def read_terms(data: bytes) -> Terms:
    """Terms in tiers from TOML; raises `TiersInvalid` with every fault of form, or the first one of sense."""
    try:
        part = read_toml(TermsPart, data)
    except Unreadable as error:
        raise TiersInvalid(str(error)[:2000]) from None
    if not 1 <= len(part.tier) <= MAX_TIERS:
        raise TiersInvalid(f"expected 1 to {MAX_TIERS} tiers, got {len(part.tier)}")
    tiers = tuple(_tier(each) for each in part.tier)
    ids = [each.id for each in tiers]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise TiersInvalid(f"expected each id once among the tiers, got {twice} twice")
    text = f"{part.text.url} sha256:{part.text.sha256}"
    begins = _day(part.effective, "effective") if part.effective else None
    return Terms(part.id, part.version, part.title, text, sha256_hex(data), part.otherwise, part.feed, tiers, begins)


def _tier(part: TierPart) -> Tier:
    if len(part.when) > MAX_CONDITIONS:
        raise TiersInvalid(f"expected at most {MAX_CONDITIONS} conditions in tier {part.id}, got {len(part.when)}")
    if part.effect == "permit-with-duty" and not part.duty:
        raise TiersInvalid(f"expected the duty of tier {part.id}, which permits with one, got none")
    if part.effect in ("register", "separate-licence") and not part.contact:
        raise TiersInvalid(
            f"expected the contact of tier {part.id}, where to {part.effect.replace('-', ' ')}, got none"
        )
    when = tuple(condition_of(each, f"tier {part.id}, when[{number}]") for number, each in enumerate(part.when))
    return Tier(part.id, part.effect, part.rests_on, when, part.duty, part.contact)


def condition_of(part: WhenPart, where: str) -> Condition:
    """The condition that a fact and its members make; raises `TiersInvalid` for too few, too many or strange ones."""
    given = {str(each.metadata.get("key", each.name)) for each in fields(part) if getattr(part, each.name) is not None}
    given.discard("fact")
    _check_members(part.fact, given, where)
    match part:
        case WhenPart(fact="users", op=op, count=int(count), measure=measure, measured=measured) if op and measure:
            return UsersCondition(op, count, measure, measured or "ongoing")
        case WhenPart(fact="revenue", op=op, amount=int(amount), currency=str(currency), period=period, of=of):
            return RevenueCondition(
                op or ">", amount, currency, period or "year", of or "everything", part.measured or "ongoing"
            )
        case WhenPart(fact="training-compute", op=op, flop=str(flop)):
            return ComputeCondition(op or ">", flop)
        case WhenPart(fact="date"):
            return _dated(part, where)
        case WhenPart(fact="commercial" | "registered" | "authorised" | "multimodal" as fact, value=bool(value)):
            return FlagCondition(fact, value)
        case _:
            return _listed(part, where)


def _check_members(fact: str, given: set[str], where: str) -> None:
    needed, one_of = _NEEDED.get(fact, set()), _ONE_OF.get(fact, set())
    if missing := sorted(needed - given):
        raise TiersInvalid(f"{where}: expected {', '.join(missing)} for {fact}, got none")
    if strange := sorted(given - needed - one_of):
        raise TiersInvalid(f"{where}: expected no {', '.join(strange)} for {fact}, got one")
    if one_of and len(given) != 1:
        raise TiersInvalid(f"{where}: expected exactly one of {', '.join(sorted(one_of))} for {fact}, got {len(given)}")


def _dated(part: WhenPart, where: str) -> DateCondition:
    return DateCondition("from" if part.begins else "before", _day(part.begins or part.before or "", where))


def _day(day: str, where: str) -> str:
    try:
        return day_of(day, where).isoformat()
    except FeedInvalid as error:
        raise TiersInvalid(error.message) from None


def _listed(part: WhenPart, where: str) -> ListCondition:
    fact: Listing = part.fact  # type: ignore[assignment]  # the other facts have gone by
    lists: dict[How, tuple[str, ...] | None] = {"any-of": part.any_of, "none-of": part.none_of, "only": part.only}
    how, values = next((how, values) for how, values in lists.items() if values is not None)
    if not values:
        raise TiersInvalid(f"{where}: expected something in the list, got nothing")
    for value in values:
        if not _is_word(fact, value):
            raise TiersInvalid(f"{where}: expected a word for {fact}, got {value[:80]!a}")
    return ListCondition(fact, how, values)


def _is_word(fact: str, value: str) -> bool:
    if fact == "jurisdictions":
        return re.fullmatch(PLACE, value) is not None
    if fact == "uses":
        return is_use_key(value)
    if fact == "sectors":
        return re.fullmatch(SLUG, value) is not None
    return value in _WORDS[fact]
