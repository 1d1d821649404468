# SPDX-License-Identifier: Apache-2.0
"""Sentences that remember how they were made, so that a page can say them in another language.

Everywhere else they are the English text that they read as: in logs, problems, terminals and comparisons. A part that
is itself such a sentence is said in the other language too, and a day is written as that language writes days; every
other part stays as it is.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self


class Worded(str):
    """`template` with `parts` in their places; placeholders are `%(name)s`."""

    __slots__ = ("parts", "template")

    template: str
    parts: dict[str, Any]

    def __new__(cls, template: str, /, **parts: Any) -> Self:
        english = {name: _day(part) if type(part) is date else part for name, part in parts.items()}
        made = super().__new__(cls, template % english if parts else template)
        made.template, made.parts = template, parts
        return made


class Joined(str):
    """Several such texts, with `between` between them."""

    __slots__ = ("between", "each")

    between: str
    each: tuple[str, ...]

    def __new__(cls, between: str, each: Iterable[str]) -> Self:
        kept = tuple(text for text in each if text)
        made = super().__new__(cls, between.join(kept))
        made.between, made.each = between, kept
        return made


def _day(day: date) -> str:
    """`3 May 2026`: the month in letters, so that nobody reads the day for the month."""
    return f"{day.day} {day:%B} {day.year}"
