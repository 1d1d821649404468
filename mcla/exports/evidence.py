# SPDX-License-Identifier: Apache-2.0
"""Evidence for an item of a regulator's file: what is known, in which contribution it stands, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcla.exports.ai_act import says
from mcla.exports.release import Given

Standing = Literal["shown", "in-part", "missing", "against"]
STANDINGS: tuple[Standing, ...] = ("shown", "in-part", "missing", "against")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that is known, as a sentence, and the contribution that it stands in (64 hex), if in one."""

    sentence: str
    root: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "contribution": f"sha256:{self.root}" if self.root else None}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the file has to show, by which source: what speaks `for` it, `against` it, and what is missing."""

    key: str
    asks: str
    source: str
    evidence: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        """`against` outweighs all; `shown` is that nothing was found missing, and no verdict."""
        if self.against:
            return "against"
        if self.missing:
            return "in-part" if self.evidence else "missing"
        return "shown" if self.evidence else "missing"

    def to_dict(self) -> dict[str, Any]:
        lists = {"evidence": self.evidence, "against": self.against}
        return {
            "key": self.key,
            "asks": self.asks,
            "source": self.source,
            "standing": self.standing,
            **{name: [each.to_dict() for each in several] for name, several in lists.items()},
            "missing": list(self.missing),
        }


def counts(items: Sequence[Item]) -> dict[Standing, int]:
    """How many items stand how."""
    return {word: sum(each.standing == word for each in items) for word in STANDINGS}


def of(given: Given, sentence: str) -> Evidence:
    """What is known of one contribution."""
    return Evidence(says(given, sentence), given.statement.root)
