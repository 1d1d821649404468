# SPDX-License-Identifier: Apache-2.0
"""One run of a verification: its steps in order, each taken only when those it rests on held."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mcla.errors import MclaError
from mcla.verify.verdict import Step

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """Collects steps and faults, and hands each step's value on."""

    steps: list[Step] = field(default_factory=list)
    faults: list[MclaError] = field(default_factory=list)

    def step(self, name: str, check: Callable[..., T], *needs: Any, say: Callable[[T], str] = str) -> T | None:
        """Run `check(*needs)` unless a need is missing; its value, or None if it did not run or hold."""
        for need in needs:
            if need is None:
                self.skip(name, "an earlier step it rests on did not hold")
                return None
        try:
            value = check(*needs)
        except MclaError as error:
            self.faults.append(error)
            self.steps.append(Step(name, "no", error.message))
            return None
        self.steps.append(Step(name, "yes", say(value)))
        return value

    def skip(self, name: str, why: str) -> None:
        self.steps.append(Step(name, "not-checked", why))
