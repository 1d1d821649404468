# SPDX-License-Identifier: Apache-2.0
"""What differs between two versions of terms, tier by tier, and which way where that is plain."""

from dataclasses import dataclass
from typing import Literal

from mcla.tiers.terms import Terms, Tier, strictness


@dataclass(frozen=True, slots=True)
class TierChange:
    """A tier that came, went or says something else; `otherwise` and `feed` count as tiers of those names.

    `milder`: surely milder (True) or stricter (False) for whoever it is for; None where a person has to read it.
    """

    id: str
    what: Literal["added", "removed", "changed"]
    milder: bool | None = None


def changes(old: Terms, new: Terms) -> tuple[TierChange, ...]:
    """From `old` to `new`: in the order of the new tiers, then those that are gone, then what holds beside them."""
    before, after = {each.id: each for each in old.tiers}, {each.id: each for each in new.tiers}
    found = [_change(before.get(name), each) for name, each in after.items() if before.get(name) != each]
    found += [TierChange(name, "removed") for name in before if name not in after]
    if old.otherwise != new.otherwise:
        milder = strictness(new.otherwise) < strictness(old.otherwise)
        found.append(TierChange("otherwise", "changed", milder))
    if old.feed != new.feed:
        found.append(TierChange("feed", "changed"))
    return tuple(found)


def _change(old: Tier | None, new: Tier) -> TierChange:
    if old is None:
        # The strictest of all that hold counts, so one more never makes an answer milder; where none held it may.
        return TierChange(new.id, "added")
    same = old.when == new.when and old.effect != new.effect
    return TierChange(new.id, "changed", strictness(new.effect) < strictness(old.effect) if same else None)
