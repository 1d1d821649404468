# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers: each tier is a list of conditions that must all hold, its effect, and the text that it rests on.

The order of tiers says nothing: of all that hold the strictest counts. Where none holds, `otherwise` does, which can
never permit.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

from mcla.feed.entry import Address, Slug, Text
from mcla.tiers.conditions import Condition

Effect = Literal["permit", "permit-with-duty", "register", "separate-licence", "deny"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""From the mildest to the strictest."""
Refusing = Literal["register", "separate-licence", "deny"]
Stance = Literal["none", "advisory", "binding"]


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
    """Outbound terms. `text` names the legal text, `digest` these very terms; `feed` how they bind to a feed."""

    id: str
    version: str
    title: str
    text: str
    digest: str
    otherwise: Refusing
    feed: Stance
    tiers: tuple[Tier, ...] = field(default=())


__all__ = ["EFFECTS", "Address", "Effect", "Refusing", "Slug", "Stance", "Terms", "Text", "Tier", "strictness"]
