# SPDX-License-Identifier: Apache-2.0
"""One entry of a feed: a use that some law prohibits or regulates, from when until when, and how sure that is.

Dates are days in the law's own place, written YYYY-MM-DD: `from` is the first on which it holds, `until` the first on
which it does not any more. Where sources disagree, `from` is the earliest day and `from_latest` the latest of them.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from mcla.feed.errors import FeedInvalid
from mcla.feed.places import PLACE, PLACE_IN_WORDS
from mcla.licences.registry import registry
from mcla.terms.strict import Pattern

Effect = Literal["prohibited", "regulated", "duty"]
Status = Literal["proposed", "adopted", "in-force", "repealed"]
Confidence = Literal["high", "medium", "low"]
SLUG = r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?"
Slug = Annotated[str, Pattern(SLUG, "lower-case letters, digits, hyphens and dots")]
Day = Annotated[str, Pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day like 2026-08-02")]
Text = Annotated[str, Pattern(r"\S(.{0,998}\S)?", "a text of 1 to 1,000 characters")]
Address = Annotated[str, Pattern(r"https://[!-~]{1,500}", "an address that begins with https://")]
Place = Annotated[str, Pattern(PLACE, PLACE_IN_WORDS)]
_NAMESPACED = r"[a-z0-9][a-z0-9.-]{0,62}:[a-z0-9][a-z0-9._-]{0,62}"
Key = Annotated[
    str, Pattern(rf"[a-z0-9_]{{1,64}}|{_NAMESPACED}", "a restriction key, or a key of your own as namespace:name")
]


def is_use_key(key: str) -> bool:
    """Whether a use can be named so: one of the restriction keys of the licence table, or one with a namespace."""
    return key in registry().restrictions or re.fullmatch(_NAMESPACED, key) is not None


@dataclass(frozen=True, slots=True)
class Source:
    """The text that an entry rests on: which law, which provision, and where it is published."""

    text: Text
    url: Address | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A use (`key`) and what the law says of it; no sectors: in every sector.

    `meaning` is in own words. `adopted` is the day on which it was decided: from then on it stands in the place of
    the entries that it `supersedes`, whether it holds already or not.
    """

    id: Slug
    key: Key
    meaning: Text
    source: Source
    jurisdictions: tuple[Place, ...]
    effect: Effect
    status: Status
    confidence: Confidence
    begins: Day = field(metadata={"key": "from"})
    begins_latest: Day | None = field(default=None, metadata={"key": "from_latest"})
    until: Day | None = None
    adopted: Day | None = None
    sectors: tuple[Slug, ...] = ()
    supersedes: tuple[Slug, ...] = ()
    note: Text | None = None

    def __post_init__(self) -> None:
        if not is_use_key(self.key):
            raise FeedInvalid(f"expected a restriction key or namespace:name in {self.id}, got {self.key!r}")
        if not self.jurisdictions:
            raise FeedInvalid(f"expected a place in the jurisdictions of {self.id}, or *, got none")
        days = [day_of(each, self.id) for each in (self.begins, self.begins_latest, self.until) if each]
        if days != sorted(days) or (self.until and days[-2:-1] == days[-1:]):
            raise FeedInvalid(f"expected from, from_latest and until of {self.id} in this order, got another")
        if self.adopted:
            day_of(self.adopted, self.id)
        if self.status == "repealed" and not self.until:
            raise FeedInvalid(f"expected until in {self.id}, which is repealed, got none")

    @property
    def decided(self) -> date:
        """From when on it stands in the place of what it supersedes."""
        return date.fromisoformat(self.adopted or self.begins)


def day_of(text: str, where: str) -> date:
    """The day; raises `FeedInvalid` for one that no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FeedInvalid(f"expected a day of the calendar in {where}, got {text}") from None
