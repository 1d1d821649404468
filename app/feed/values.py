# SPDX-License-Identifier: Apache-2.0
"""How the newest feed stands: what its operator should know before its followers do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mcla.feed.document import Feed
from mcla.feed.starter import unanswered

RENEW_BEFORE = timedelta(days=14)
"""Before its end a feed is worth attention from here on."""


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """The newest feed at a moment; `name` is what the next one would be called."""

    feed: Feed
    now: datetime
    name: str

    @property
    def left(self) -> timedelta:
        """Until its end; below zero once it is over."""
        return self.feed.expires - self.now

    @property
    def over(self) -> bool:
        return self.left <= timedelta(0)

    @property
    def ending(self) -> bool:
        return self.left <= RENEW_BEFORE

    @property
    def unanswered(self) -> bool:
        """Whether no person has answered for its entries yet."""
        return unanswered(self.feed.issuer)

    @property
    def renamed(self) -> bool:
        """Whether it goes by an address where the service is no longer."""
        return self.feed.name != self.name
