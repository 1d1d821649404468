# SPDX-License-Identifier: Apache-2.0
"""What a comparison of two versions says: each change with its class, and the strongest class for the whole.

`material`: everybody signs again. `scoped`: only those who give the kinds named sign again. `notice`: signers are told.
`editorial`: the terms are equal and words differ, which a person has to vouch for. `same`: nothing differs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mcla.terms.kinds import KINDS, Kind

Class = Literal["same", "editorial", "notice", "scoped", "material"]
CLASSES: tuple[Class, ...] = get_args(Class)
"""From the weakest to the strongest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class of one change; `kinds` are those that a `scoped` one concerns, empty for every other class."""

    name: Class
    kinds: tuple[Kind, ...] = ()


MATERIAL, NOTICE, EDITORIAL = Verdict("material"), Verdict("notice"), Verdict("editorial")


def scoped(kinds: Iterable[Kind]) -> Verdict:
    """A change that concerns only who gives these kinds; one that concerns every kind is material."""
    concerned = set(kinds)
    if not concerned:
        return NOTICE
    return MATERIAL if concerned == set(KINDS) else Verdict("scoped", tuple(k for k in KINDS if k in concerned))


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: its dotted key, and the values before and after (None: not there)."""

    key: str
    verdict: Verdict
    old: Any
    new: Any

    def to_dict(self) -> dict[str, Any]:
        """The member of `changes` in the JSON form; `kinds` only where the class is `scoped`."""
        told = {"key": self.key, "class": self.verdict.name, "old": self.old, "new": self.new}
        return told | ({"kinds": list(self.verdict.kinds)} if self.verdict.kinds else {})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two versions, in the order of the terms."""

    changes: tuple[Change, ...]

    @property
    def name(self) -> Class:
        """The strongest class of all changes."""
        return max((change.verdict.name for change in self.changes), key=CLASSES.index, default="same")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds whose givers have to sign again: every kind where the whole is `material`."""
        if self.name == "material":
            return KINDS
        concerned = {kind for change in self.changes for kind in change.verdict.kinds}
        return tuple(kind for kind in KINDS if kind in concerned)

    def to_dict(self) -> dict[str, Any]:
        return {"class": self.name, "kinds": list(self.kinds), "changes": [each.to_dict() for each in self.changes]}
