# SPDX-License-Identifier: Apache-2.0
"""Conditions over facts about a use, in the three values of Kleene: holds, does not, unknown.

A number counts only if it was measured as the condition says, in the currency that it names; any other is unknown.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from mcla.feed.places import covers
from mcla.tiers.facts import Measure, Measured, Of, Period, Use, operations

Compare = Literal[">", ">=", "<", "<="]
Flag = Literal["commercial", "registered", "authorised", "multimodal"]
Listing = Literal["purposes", "sectors", "jurisdictions", "business", "uses", "receipt"]
How = Literal["any-of", "none-of", "only"]
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that would settle something: its name, how it has to be measured, and the same as a sentence."""

    fact: str
    how: tuple[tuple[str, str], ...]
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        return {"fact": self.fact, **dict(self.how), "sentence": self.sentence}


class Condition(Protocol):
    """One condition; `sentence` is what it demands, `ask` the fact that it hangs on."""

    @property
    def sentence(self) -> str: ...

    @property
    def ask(self) -> Unknown: ...

    def holds(self, use: Use, day: date) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class UsersCondition:
    """So many users in a month."""

    compare: Compare
    count: int
    measure: Measure
    measured: Measured

    @property
    def sentence(self) -> str:
        return f"{self.measure} users {self.compare} {self.count:,}, measured {self.measured}"

    @property
    def ask(self) -> Unknown:
        how = (("measure", self.measure), ("measured", self.measured))
        return Unknown("users", how, f"how many {self.measure} users there are, measured {self.measured}")

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        found = [each.count for each in use.users if (each.measure, each.measured) == (self.measure, self.measured)]
        return _COMPARE[self.compare](found[0], self.count) if found else None


@dataclass(frozen=True, slots=True)
class RevenueCondition:
    """So much money of one currency in a period."""

    compare: Compare
    amount: int
    currency: str
    period: Period
    of: Of
    measured: Measured

    @property
    def sentence(self) -> str:
        what = f"revenue of {self.of} in a {self.period}"
        return f"{what} {self.compare} {self.amount:,} {self.currency}, measured {self.measured}"

    @property
    def ask(self) -> Unknown:
        names = ("currency", "period", "of", "measured")
        how = tuple((name, str(getattr(self, name))) for name in names)
        what = f"the revenue of {self.of} in a {self.period}, in {self.currency}, measured {self.measured}"
        return Unknown("revenue", how, what)

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        mine = (self.currency, self.period, self.of, self.measured)
        found = [each.amount for each in use.revenue if (each.currency, each.period, each.of, each.measured) == mine]
        return _COMPARE[self.compare](found[0], self.amount) if found else None


@dataclass(frozen=True, slots=True)
class ComputeCondition:
    """So many operations to train it."""

    compare: Compare
    flop: str

    @property
    def sentence(self) -> str:
        return f"training compute {self.compare} {self.flop} operations"

    @property
    def ask(self) -> Unknown:
        return Unknown("training_compute", (), "how many operations the training took")

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        if use.training_compute is None:
            return None
        return _COMPARE[self.compare](operations(use.training_compute), operations(self.flop))


@dataclass(frozen=True, slots=True)
class FlagCondition:
    """Something is so, or is not."""

    fact: Flag
    value: bool

    @property
    def sentence(self) -> str:
        return self.fact if self.value else f"not {self.fact}"

    @property
    def ask(self) -> Unknown:
        return Unknown(self.fact, (), f"whether the use is {self.fact}")

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        known: bool | None = getattr(use, self.fact)
        return None if known is None else known is self.value


@dataclass(frozen=True, slots=True)
class ListCondition:
    """Some of what is listed (any-of), nothing of it (none-of), or nothing else (only)."""

    fact: Listing
    how: How
    values: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"{self.fact} {self.how} {', '.join(self.values)}"

    @property
    def ask(self) -> Unknown:
        all_of = "how the model is received" if self.fact == "receipt" else f"the {self.fact} of the use, all of them"
        return Unknown(self.fact, (), all_of)

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        told = getattr(use, self.fact)
        if told is None:
            return None
        known = (told,) if isinstance(told, str) else told
        match self.how:
            case "any-of":
                return _any(self._among(each) for each in known)
            case "none-of":
                return _not(_any(self._among(each) for each in known))
            case "only":
                return _not(_any(_not(self._among(each)) for each in known)) if known else None

    def _among(self, value: str) -> bool | None:
        if self.fact != "jurisdictions":
            return value in self.values
        return _any(covers(rule, value) for rule in self.values)


@dataclass(frozen=True, slots=True)
class DateCondition:
    """From a day on, or before one."""

    how: Literal["from", "before"]
    day: str

    @property
    def sentence(self) -> str:
        return f"from {self.day} on" if self.how == "from" else f"before {self.day}"

    @property
    def ask(self) -> Unknown:
        return Unknown("date", (), "the day of the use")

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        limit = date.fromisoformat(self.day)
        return day >= limit if self.how == "from" else day < limit


@dataclass(frozen=True, slots=True)
class UnsettledCondition:
    """What nobody can tell by facts about the use, because the terms themselves are not known well enough."""

    what: str

    @property
    def sentence(self) -> str:
        return self.what

    @property
    def ask(self) -> Unknown:
        return Unknown("terms", (), self.what)

    def holds(self, use: Use, day: date) -> bool | None:  # noqa: ARG002
        return None


def _any(held: Any) -> bool | None:
    values = list(held)
    return True if True in values else None if None in values else False


def _not(held: bool | None) -> bool | None:
    return None if held is None else not held
