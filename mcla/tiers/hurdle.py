# SPDX-License-Identifier: Apache-2.0
"""A hurdle: one thing that was looked at before a model is loaded says yes, no or unknown, and the worst decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mcla.errors import MclaError

Word = Literal["yes", "unknown", "no"]
WORDS: tuple[Word, ...] = ("yes", "unknown", "no")
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Hurdle:
    """One thing that was looked at: how it went, why, and what to do next."""

    name: str
    word: Word
    code: str
    sentence: str
    next: str = ""

    def to_dict(self) -> dict[str, str]:
        told = {"name": self.name, "outcome": self.word, "code": self.code, "message": self.sentence}
        return told | ({"hint": self.next} if self.next else {})


def worst(hurdles: Sequence[Hurdle]) -> Word:
    """No over unknown over yes; of nothing at all unknown."""
    return max((each.word for each in hurdles), key=WORDS.index, default="unknown")


def refused(name: str, error: MclaError, word: Word = "no") -> Hurdle:
    return Hurdle(name, word, error.code, error.message, error.hint)
