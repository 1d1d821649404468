# SPDX-License-Identifier: Apache-2.0
"""What a follower of a feed remembers, and what it takes for the next one: never less than it has seen.

Order: is it this feed, by a key whose turn it was, the next in the chain, and of the moment. Nothing of a feed that
fails is remembered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from mcla.feed.document import Feed
from mcla.feed.errors import (
    FeedChainBroken,
    FeedExpired,
    FeedGap,
    FeedInvalid,
    FeedNotYet,
    FeedOther,
    FeedRollback,
    FeedSerialTwice,
)
from mcla.feed.keys import FeedKey, KeyHistory
from mcla.feed.parts import Base64, Count, Hex, shaped
from mcla.statements.strict import parse_json

STATE_SCHEMA = "mcla.feed-state/1"
LEEWAY = timedelta(minutes=5)
"""How far the issuer's clock may be ahead of the reader's."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest feed that was accepted."""

    name: str
    serial: int
    digest: str


@dataclass(frozen=True, slots=True)
class FeedState:
    """The keys that are believed, and what was seen last (None before the first feed)."""

    keys: KeyHistory
    seen: Seen | None = None

    @classmethod
    def pinned(cls, key: FeedKey) -> "FeedState":
        return cls(KeyHistory.pinned(key))

    def to_dict(self) -> dict[str, Any]:
        keys = [{"serial": first, "key": key.base64} for first, key in self.keys.keys]
        seen = {"name": self.seen.name, "serial": self.seen.serial, "digest": self.seen.digest} if self.seen else {}
        return {"schema": STATE_SCHEMA, "keys": keys, **seen}


def accept(feed: Feed, state: FeedState, now: datetime) -> FeedState:
    """The state after this feed; raises one of `mcla.feed.errors`, each for its own reason."""
    after = chained(feed, state)
    check_moment(feed, now)
    return after


def chained(feed: Feed, state: FeedState) -> FeedState:
    """The same for a feed between the last one seen and the newest, whose own time may be over."""
    keys = believed(feed, state)
    _check_next(feed, state.seen)
    return FeedState(keys, Seen(feed.name, feed.serial, feed.digest))


def believed(feed: Feed, state: FeedState) -> KeyHistory:
    """The keys after following this feed's changes of them, if one of them signed it at its turn."""
    if state.seen is not None and feed.name != state.seen.name:
        raise FeedOther(f"expected the feed {state.seen.name}, got {feed.name}")
    seen = state.seen.serial if state.seen else 0
    keys = state.keys.followed(feed.name, feed.rotations, seen)
    keys.check(feed.serial, feed.signature, feed.signed)
    return keys


def check_moment(feed: Feed, at: datetime) -> None:
    """Raise `FeedExpired` or `FeedNotYet` unless the feed counts at this time."""
    wanted = f"expected one that counts at {at:%Y-%m-%d %H:%M} UTC"
    if at >= feed.expires:
        raise FeedExpired(f"This feed is over: {wanted}, got one that ended {feed.expires:%Y-%m-%d %H:%M} UTC")
    if at + LEEWAY < feed.effective:
        raise FeedNotYet(f"This feed does not count yet: {wanted}, got one from {feed.effective:%Y-%m-%d %H:%M} UTC on")


def _check_next(feed: Feed, seen: Seen | None) -> None:
    if seen is None:
        return
    if feed.serial < seen.serial:
        raise FeedRollback(
            f"This feed is older than the last one seen: expected serial {seen.serial} or later, got {feed.serial}"
        )
    if feed.serial == seen.serial and feed.digest != seen.digest:
        raise FeedSerialTwice(
            f"Two feeds have the serial {feed.serial}: expected the one that was seen, {seen.digest}, got {feed.digest}"
        )
    if feed.serial > seen.serial + 1:
        raise FeedGap(f"Feeds in between are missing: expected serial {seen.serial + 1} next, got {feed.serial}")
    if feed.serial == seen.serial + 1 and feed.previous != seen.digest:
        raise FeedChainBroken(
            f"This feed follows another than the last one seen: expected {seen.digest}, got {feed.previous}"
        )


@dataclass(frozen=True, slots=True)
class _KeyPart:
    serial: Count
    key: Base64


@dataclass(frozen=True, slots=True)
class _StateParts:
    schema: Literal["mcla.feed-state/1"]
    keys: tuple[_KeyPart, ...]
    name: str | None = None
    serial: Count | None = None
    digest: Hex | None = None


def read_state(data: bytes) -> FeedState:
    """What `FeedState.to_dict` wrote; raises `FeedInvalid`."""
    parts = shaped(_StateParts, parse_json(data))
    if not parts.keys:
        raise FeedInvalid("expected a pinned key in the state, got none")
    keys = KeyHistory(tuple((each.serial, FeedKey.from_base64(each.key)) for each in parts.keys))
    if parts.name is None or parts.serial is None or parts.digest is None:
        return FeedState(keys)
    return FeedState(keys, Seen(parts.name, parts.serial, parts.digest))
