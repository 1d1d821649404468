# SPDX-License-Identifier: Apache-2.0
"""Facts about an intended use. What is left out, or null, is unknown; a list that is given is whole.

Numbers of users and money say how they were measured, because terms do: 700 million "in the month before the release"
and today are two facts. Money has a currency and a period, and is never converted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from mcla.feed.entry import Day, Slug, day_of, is_use_key
from mcla.feed.errors import FeedInvalid
from mcla.feed.places import is_place
from mcla.statements.canonical import MAX_INT
from mcla.statements.strict import parse_json
from mcla.terms.strict import Between, Pattern, Unreadable, read_value
from mcla.tiers.errors import FactsContradict, FactsInvalid, MoneyWithoutUnit

Measured = Literal["ongoing", "at-release-date", "preceding-year", "preceding-12-months", "any-12-months"]
Measure = Literal["monthly-active", "monthly-unique"]
Period = Literal["month", "year"]
Of = Literal["everything", "recurring", "model-as-a-service"]
Purpose = Literal["research", "education", "evaluation", "personal", "government", "internal", "product", "service"]
Business = Literal["hosting", "model-as-a-service", "competing-service"]
Receipt = Literal["direct", "end-user-product", "hosted-service"]
Count = Annotated[int, Between(0, MAX_INT)]
Currency = Annotated[str, Pattern(r"[A-Z]{3}", "a currency of ISO 4217 such as USD")]
Flop = Annotated[str, Pattern(r"[1-9](\.[0-9]{1,6})?e[1-9][0-9]?", "operations such as 1e23 or 3.5e24")]
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Users:
    """How many use it in a month, of the user and everybody in the same group of companies."""

    count: Count
    measure: Measure = "monthly-active"
    measured: Measured = "ongoing"


@dataclass(frozen=True, slots=True)
class Revenue:
    """What the user's whole group earned in a period, in whole units of a currency."""

    amount: Count
    currency: Currency
    period: Period
    of: Of = "everything"
    measured: Measured = "ongoing"


@dataclass(frozen=True, slots=True)
class Use:
    """An intended use as far as it is known; None is unknown. `uses` are keys of restrictions and of feed entries."""

    schema: Literal["mcla.use/1"] = "mcla.use/1"
    date: Day | None = None
    commercial: bool | None = None
    registered: bool | None = None
    authorised: bool | None = None
    multimodal: bool | None = None
    purposes: tuple[Purpose, ...] | None = None
    sectors: tuple[Slug, ...] | None = None
    jurisdictions: tuple[str, ...] | None = None
    business: tuple[Business, ...] | None = None
    uses: tuple[str, ...] | None = None
    receipt: Receipt | None = None
    training_compute: Flop | None = None
    users: tuple[Users, ...] = ()
    revenue: tuple[Revenue, ...] = ()


def read_use(value: bytes | Mapping[str, Any]) -> Use:
    """Facts from JSON bytes, or from what was parsed already; `users` and `revenue` are one measurement or a list.

    Raises `FactsInvalid` with every fault, `MoneyWithoutUnit`, `FactsContradict`, or `JsonInvalid` (a name twice, NaN).
    """
    told = parse_json(value, max_bytes=MAX_BYTES) if isinstance(value, bytes) else value
    if not isinstance(told, Mapping):
        raise FactsInvalid("expected an object of facts, got something else")
    known = {name: _listed(name, each) for name, each in told.items() if each is not None}
    _check_money(known.get("revenue"))
    try:
        use = read_value(Use, known)
    except Unreadable as error:
        raise FactsInvalid(str(error)[:2000]) from None
    _check_words(use)
    check_sense(use)
    return use


def operations(text: str) -> Fraction:
    """The number that `3.5e24` stands for, exactly."""
    digits, _, exponent = text.partition("e")
    return Fraction(digits) * Fraction(10 ** int(exponent))


Money = tuple[str, Period, Of, Measured]
"""How an amount was measured: its currency, period, what it is of, and when."""


def money_of(each: Any) -> Money:
    """How a revenue, or a condition on one, is measured."""
    return each.currency, each.period, each.of, each.measured


def within(part: Money, whole: Money) -> bool:
    """Whether what is measured so is a part of the other: of the same or all revenue, in the same or a longer time."""
    (currency, period, of, measured), (currency2, period2, of2, measured2) = part, whole
    return (
        part != whole
        and (currency, measured) == (currency2, measured2)
        and (period, period2) != ("year", "month")
        and of2 in (of, "everything")
    )


def _listed(name: str, value: Any) -> Any:
    return [value] if name in ("users", "revenue") and isinstance(value, Mapping) else value


def _check_money(value: object) -> None:
    for number, each in enumerate(value if isinstance(value, list) else ()):
        for unit in ("currency", "period"):
            if isinstance(each, Mapping) and each.get(unit) is None:
                raise MoneyWithoutUnit(f"expected {unit} in revenue[{number}], got none")


def _check_words(use: Use) -> None:
    for place in use.jurisdictions or ():
        if not is_place(place):
            raise FactsInvalid(
                f"jurisdictions: expected a country in two capitals such as DE, or EU, got {place[:40]!a}"
            )
    for key in use.uses or ():
        if not is_use_key(key):
            raise FactsInvalid(
                f"uses: expected a restriction key, or one of a feed as namespace:name, got {key[:80]!a}"
            )
    if use.date:
        try:
            day_of(use.date, "date")
        except FeedInvalid as error:
            raise FactsInvalid(error.message) from None


def check_sense(use: Use) -> None:
    """Raise `FactsContradict` for facts that cannot all be true; what is not told contradicts nothing."""
    _check_once({(each.measure, each.measured): each.count for each in use.users}, len(use.users), "users")
    money = {money_of(each): each.amount for each in use.revenue}
    _check_once(money, len(use.revenue), "revenue")
    for part, amount in money.items():
        for whole, most in money.items():
            if within(part, whole) and amount > most:
                what = f"revenue of {part[2]} in a {part[1]} of at most the {most} of {whole[2]} in a {whole[1]}"
                raise FactsContradict(f"expected {what}, got {amount}")
        of = part[2]
        if of == "model-as-a-service" and amount and use.business is not None and of not in use.business:
            raise FactsContradict("expected model-as-a-service in business, as it earns something, got none")
    if use.commercial and use.purposes == ("personal",):
        raise FactsContradict("expected a use that is not commercial, as its only purpose is personal, got one that is")


def _check_once(measured: Mapping[Any, int], count: int, what: str) -> None:
    if len(measured) != count:
        raise FactsContradict(f"expected one number for each way of measuring {what}, got two")
