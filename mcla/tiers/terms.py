# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers: each tier is a list of conditions that must all hold, its effect, and the text that it rests on.

The order of tiers says nothing: of all that hold the strictest counts. Where none holds, `otherwise` does, which can
never permit.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from mcla.feed.entry import SLUG, Address, Slug, Text
from mcla.tiers.conditions import Condition

Effect = Literal["permit", "permit-with-duty", "register", "separate-licence", "deny"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""From the mildest to the strictest."""
Refusing = Literal["register", "separate-licence", "deny"]
Stance = Literal["none", "advisory", "binding"]
_NUMBER = r"(0|[1-9][0-9]{0,5})"
VERSION = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"


def is_id(text: str) -> bool:
    """Whether terms can be called so."""
    return re.fullmatch(SLUG, text) is not None


def is_version(text: str) -> bool:
    """Whether it is a version like 1.0.0, in its one spelling."""
    return re.fullmatch(VERSION, text) is not None


def strictness(effect: Effect) -> int:
    return EFFECTS.index(effect)


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier; without conditions it always holds. `duty` and `contact` say what has to be done, and where."""

    id: str
    effect: Effect
    rests_on: str
    when: tuple[Condition, ...] = ()
    duty: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Outbound terms. `text` names the legal text, `digest` these very terms; `feed` how they bind to a feed.

    Before the day `effective`, where there is one, they permit nothing.
    """

    id: str
    version: str
    title: str
    text: str
    digest: str
    otherwise: Refusing
    feed: Stance
    tiers: tuple[Tier, ...] = field(default=())
    effective: str | None = None

    def begun(self, day: date) -> bool:
        return self.effective is None or day >= date.fromisoformat(self.effective)


__all__ = ["EFFECTS", "Address", "Effect", "Refusing", "Slug", "Stance", "Terms", "Text", "Tier", "strictness"]
