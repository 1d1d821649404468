# SPDX-License-Identifier: Apache-2.0
"""Whether the conditions of a tier can hold together: one that never can is a slip of its author's pen.

All conditions of a tier have to hold, so that it is enough to look at each fact by itself, as it was measured, and at
facts that bound each other (`mcla.tiers.facts.check_sense`): part of the revenue and the whole, revenue of a model as a
service and the business, commercial and personal purposes. A number takes the least that its conditions let it take, a
list everything that they let stand in it; if that does not do, nothing does. So what is refused holds for no use on any
day, and for what passes there are facts that `read_use` takes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any, get_args

from mcla.licences.registry import registry
from mcla.statements.canonical import MAX_INT
from mcla.tiers.conditions import (
    Compare,
    ComputeCondition,
    Condition,
    DateCondition,
    FlagCondition,
    ListCondition,
    RevenueCondition,
    UsersCondition,
)
from mcla.tiers.errors import TierImpossible
from mcla.tiers.facts import Money, Purpose, Receipt, Use, money_of, operations, within
from mcla.tiers.terms import Terms, Tier

_ANY_DAY = date(2000, 1, 1)
_SERVICE = ListCondition("business", "any-of", ("model-as-a-service",))
_ELSEWHERE = "ZZ"
"""A place that no rule names, in ISO 3166's range for users."""


def check_possible(terms: Terms) -> None:
    """Raise `TierImpossible` for the first tier whose conditions no use can meet once the terms are in force."""
    for tier in terms.tiers:
        if clash := _clash(tier, terms.effective):
            said = "; ".join(dict.fromkeys(each.sentence for each in clash))
            raise TierImpossible(f"expected conditions that can hold together in tier {tier.id}, got: {said}")


def _clash(tier: Tier, begins: str | None) -> Sequence[Condition]:
    """The conditions on one fact that cannot all hold; none where each fact can be as they ask."""
    groups: dict[Any, list[Condition]] = {}
    for each in tier.when:
        groups.setdefault(each.ask, []).append(each)
    alone = next((group for group in groups.values() if not _can_hold(group, begins)), ())
    return alone or next(filter(None, _together(tier.when)), ())


def _together(when: Sequence[Condition]) -> Iterator[Sequence[Condition]]:
    """The conditions on two facts that can each hold and not both; none for each pair that can."""
    revenue: dict[Money, list[RevenueCondition]] = {}
    for each in when:
        if isinstance(each, RevenueCondition):
            revenue.setdefault(money_of(each), []).append(each)
    for (part, less), (whole, more) in permutations(revenue.items(), 2):
        yield [*less, *more] if within(part, whole) and _least(less) > _most(more) else ()
    yield _of_a_service(when, revenue)
    yield _not_personal(when)


def _can_hold(group: Sequence[Any], begins: str | None) -> bool:
    match group[0]:
        case UsersCondition():
            return _in_between([(each.compare, each.count) for each in group], most=MAX_INT)
        case RevenueCondition():
            return _in_between([(each.compare, each.amount) for each in group], most=MAX_INT)
        case ComputeCondition():
            return _in_between([(each.compare, operations(each.flop)) for each in group])
        case DateCondition():
            return _day_between(group, begins)
        case FlagCondition():
            return len({each.value for each in group}) == 1
        case ListCondition(fact="receipt"):
            return any(_all_hold(group, word) for word in get_args(Receipt))
        case ListCondition():
            return _listed(group)
        case _:
            return True


def _in_between(limits: Iterable[tuple[Compare, int | Fraction]], most: int | None = None) -> bool:
    """Whether a number from 0 on keeps all limits: a whole one up to `most`, where that is given."""
    lows: list[tuple[int | Fraction, bool]] = [(0, False)]
    highs: list[tuple[int | Fraction, bool]] = [] if most is None else [(most, False)]
    for compare, limit in limits:
        above, strict = compare in (">", ">="), compare in (">", "<")
        whole = most is not None and strict
        end = (limit + (1 if above else -1), False) if whole else (limit, strict)
        (lows if above else highs).append(end)
    low, without_low = max(lows)
    return all(low < high or (low == high and not without_low and not without) for high, without in highs)


def _day_between(group: Iterable[DateCondition], begins: str | None) -> bool:
    """Whether there is a day that keeps all limits, on which the terms are in force."""
    starts = [date.fromisoformat(each.day) for each in group if each.how == "from"]
    ends = [date.fromisoformat(each.day) for each in group if each.how == "before"]
    starts += [date.fromisoformat(begins)] if begins else []
    return not starts or not ends or max(starts) <= min(ends) - timedelta(days=1)


def _listed(group: Sequence[ListCondition]) -> bool:
    """Whether some list does: of what every none-of and only lets stand, each any-of and each only needs something."""
    asking = [each for each in group if each.how != "none-of"]
    limiting = [each for each in group if each.how != "any-of"]
    allowed = [value for value in _values(group) if _all_hold(limiting, (value,))]
    return all(any(_all_hold([each], (value,)) for value in allowed) for each in asking)


def _least(group: Iterable[RevenueCondition]) -> int:
    """The smallest amount that keeps all limits from below."""
    return max([0, *(each.amount + (each.compare == ">") for each in group if each.compare in (">", ">="))])


def _most(group: Iterable[RevenueCondition]) -> int:
    """The largest amount that keeps all limits from above."""
    return min([MAX_INT, *(each.amount - (each.compare == "<") for each in group if each.compare in ("<", "<="))])


def _of_a_service(
    when: Sequence[Condition], revenue: Mapping[Money, Sequence[RevenueCondition]]
) -> Sequence[Condition]:
    """Whoever earns something with a model as a service has that business, if it is told."""
    business = [each for each in when if isinstance(each, ListCondition) and each.fact == "business"]
    earning = (group for money, group in revenue.items() if money[2] == _SERVICE.values[0] and _least(group) > 0)
    first = next(earning, None) if business else None
    return [*first, *business] if first and not _listed([*business, _SERVICE]) else ()


def _not_personal(when: Sequence[Condition]) -> Sequence[Condition]:
    """What is commercial has a purpose that is not personal, if any is told."""
    paid = [each for each in when if isinstance(each, FlagCondition) and each.fact == "commercial" and each.value]
    purposes = [each for each in when if isinstance(each, ListCondition) and each.fact == "purposes"]
    if not paid or all(each.how == "none-of" for each in purposes):
        return ()
    return (
        ()
        if any(_all_limits(purposes, word) for word in get_args(Purpose) if word != "personal")
        else [*paid, *purposes]
    )


def _all_limits(group: Iterable[ListCondition], word: str) -> bool:
    return _all_hold([each for each in group if each.how != "any-of"], (word,))


def _all_hold(group: Iterable[ListCondition], told: Any) -> bool:
    return all(each.holds(Use(**{each.fact: told}), _ANY_DAY) for each in group)


def _values(group: Sequence[ListCondition]) -> list[str]:
    """Everything that could stand in the list and be told apart by these conditions."""
    named = {value for each in group for value in each.values}
    if group[0].fact != "jurisdictions":
        return sorted(named)
    territories = registry().rulebook.territories
    return sorted((named - {"*"}).union({_ELSEWHERE}, *territories.values()))
