# SPDX-License-Identifier: Apache-2.0
"""A tier is refused exactly if no facts that can all be true meet it: held against trying every one of them."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcla.tiers.conditions import (
    Condition,
    DateCondition,
    FlagCondition,
    ListCondition,
    RevenueCondition,
    UsersCondition,
)
from mcla.tiers.errors import FactsContradict, TierImpossible
from mcla.tiers.facts import Revenue, Use, Users, check_sense, read_use
from mcla.tiers.possible import check_possible
from mcla.tiers.terms import Terms, Tier

DAYS = ("2027-01-01", "2027-01-02", "2027-01-03")
WORDS = {
    "purposes": ("personal", "research", "product"),
    "business": ("model-as-a-service", "hosting"),
    "receipt": ("direct", "hosted-service", "end-user-product"),
}
OUTSIDE = {"purposes": ("internal",), "business": ("competing-service",), "receipt": ()}
"""A word that no condition here names: a use may have it."""
AMOUNTS = range(5)
"""Conditions name 0 to 3, so that these are all that can be told apart."""

operators = st.sampled_from([">", ">=", "<", "<="])
amounts = st.integers(0, 3)
conditions = st.one_of(
    st.builds(
        RevenueCondition,
        operators,
        amounts,
        st.just("USD"),
        st.sampled_from(["month", "year"]),
        st.sampled_from(["everything", "recurring", "model-as-a-service"]),
        st.just("ongoing"),
    ),
    st.builds(UsersCondition, operators, amounts, st.just("monthly-active"), st.just("ongoing")),
    st.builds(FlagCondition, st.just("commercial"), st.booleans()),
    st.builds(DateCondition, st.sampled_from(["from", "before"]), st.sampled_from(DAYS)),
    *(
        st.builds(
            ListCondition,
            st.just(fact),
            st.sampled_from(["any-of", "none-of", "only"]),
            st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple),
        )
        for fact, words in WORDS.items()
    ),
)


def refused(when: Sequence[Condition]) -> str | None:
    """What is said of a tier with these conditions, if it is refused."""
    tier = Tier("one", "permit", "clause 1", tuple(when))
    try:
        check_possible(Terms("t", "1.0.0", "T", "text", "0" * 64, "deny", "none", (tier,)))
    except TierImpossible as error:
        return error.message
    return None


def met_by_some_use(when: Sequence[Condition]) -> bool:
    days = [date(2026, 12, 31), *map(date.fromisoformat, DAYS)]
    return any(all(each.holds(use, day) for each in when) for use in every_use(when) for day in days)


def every_use(when: Sequence[Condition]) -> Iterator[Use]:
    """All uses that tell of the facts which are asked about and do not contradict themselves."""
    money = list(dict.fromkeys((each.period, each.of) for each in when if isinstance(each, RevenueCondition)))
    asked = {each.ask.fact for each in when}
    lists = {fact: _lists(fact) if fact in asked else [None] for fact in WORDS}
    for earned, users, commercial, *told in product(
        product(AMOUNTS, repeat=len(money)),
        AMOUNTS if "users" in asked else [None],
        [True, False] if "commercial" in asked else [None],
        *lists.values(),
    ):
        use = Use(
            commercial=commercial,
            users=() if users is None else (Users(users),),
            revenue=tuple(Revenue(amount, "USD", *how) for amount, how in zip(earned, money, strict=True)),
            **dict(zip(WORDS, told, strict=True)),  # type: ignore[arg-type]  # words of the lists
        )
        try:
            check_sense(use)
        except FactsContradict:
            continue
        yield use


def _lists(fact: str) -> list[Any]:
    words = (*WORDS[fact], *OUTSIDE[fact])
    if fact == "receipt":
        return list(words)
    return [some for number in range(len(words) + 1) for some in combinations(words, number)]


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(conditions, min_size=1, max_size=4))
def test_a_tier_is_refused_exactly_if_no_use_meets_it(when: list[Condition]) -> None:
    assert (refused(when) is None) is met_by_some_use(when)


def revenue(compare: Any, amount: int, period: Any = "year", of: Any = "everything", currency: str = "USD") -> Any:
    return RevenueCondition(compare, amount, currency, period, of, "ongoing")


def listing(fact: Any, how: Any, *values: str) -> ListCondition:
    return ListCondition(fact, how, values)


COMMERCIAL = FlagCondition("commercial", value=True)


@pytest.mark.parametrize(
    "when",
    [
        (revenue(">", 100, "month"), revenue("<=", 100)),
        (revenue(">=", 5, of="recurring"), revenue("<", 5)),
        (revenue(">=", 5, "month", "recurring"), revenue("<", 5)),  # by way of two that are not told
        (revenue(">", 0, of="model-as-a-service"), listing("business", "only", "hosting")),
        (revenue(">", 0, of="model-as-a-service"), listing("business", "none-of", "model-as-a-service")),
        (COMMERCIAL, listing("purposes", "only", "personal")),
    ],
)
def test_facts_that_bound_each_other_are_looked_at_together_and_both_are_named(when: tuple[Any, ...]) -> None:
    assert all(each.sentence in (refused(when) or "") for each in when)


@pytest.mark.parametrize(
    "when",
    [
        (revenue(">", 100, "month"), revenue("<=", 101)),
        (revenue(">", 100, "month"), revenue("<=", 1, currency="EUR")),  # nothing is converted
        (revenue(">", 9, of="recurring"), revenue("<", 5, of="model-as-a-service")),  # two parts of one whole
        (revenue(">=", 0, of="model-as-a-service"), listing("business", "only", "hosting")),
        (COMMERCIAL, listing("purposes", "any-of", "personal")),
        (COMMERCIAL, listing("purposes", "none-of", "research", "product")),
    ],
)
def test_facts_that_leave_each_other_room_are_let_through(when: tuple[Any, ...]) -> None:
    assert refused(when) is None


def test_a_part_is_never_more_than_the_whole_by_whatever_way() -> None:
    month = {"amount": 9, "currency": "USD", "period": "month", "of": "recurring"}
    year = {"amount": 5, "currency": "USD", "period": "year"}
    with pytest.raises(FactsContradict, match="revenue of recurring in a month of at most the 5 of everything in a ye"):
        read_use({"revenue": [month, year]})
