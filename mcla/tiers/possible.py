# SPDX-License-Identifier: Apache-2.0
"""Whether the conditions of a tier can hold together: one that never can is a slip of its author's pen.

Told of each fact by itself, as it was measured. Which facts depend on each other is not looked at, so what passes here
may be impossible all the same; what is refused holds for no use on any day.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
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
from mcla.tiers.facts import Receipt, Use, operations
from mcla.tiers.terms import Terms, Tier

_ANY_DAY = date(2000, 1, 1)
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
    return next((group for group in groups.values() if not _can_hold(group, begins)), ())


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


def _all_hold(group: Iterable[ListCondition], told: Any) -> bool:
    return all(each.holds(Use(**{each.fact: told}), _ANY_DAY) for each in group)


def _values(group: Sequence[ListCondition]) -> list[str]:
    """Everything that could stand in the list and be told apart by these conditions."""
    named = {value for each in group for value in each.values}
    if group[0].fact != "jurisdictions":
        return sorted(named)
    territories = registry().rulebook.territories
    return sorted((named - {"*"}).union({_ELSEWHERE}, *territories.values()))
