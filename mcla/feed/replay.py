# SPDX-License-Identifier: Apache-2.0
"""What a feed says on a day, and which of several feeds counted then: pure, so that any answer can be had again.

An entry counts from the day it begins until the day before it ends. It steps aside for one that supersedes it on the
day on which that one was decided, although the other may begin later: a postponed rule is no rule until then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from mcla.feed.document import Feed
from mcla.feed.entry import Entry
from mcla.feed.errors import FeedExpired, FeedNotYet
from mcla.feed.places import covers

Standing = Literal["counts", "unsettled", "not-yet", "over", "superseded", "proposed"]
MATTERS: tuple[Standing, ...] = ("counts", "unsettled")


def feed_at(feeds: Iterable[Feed], at: datetime) -> Feed:
    """The one of these feeds that counted at a time: the newest that was effective; raises `FeedNotYet`."""
    known = [each for each in feeds if each.effective <= at < each.expires]
    if not known:
        raise FeedNotYet(f"expected a feed that counted at {at:%Y-%m-%d %H:%M} UTC, got none")
    return max(known, key=lambda each: (each.serial, each.effective))


def check_day(feed: Feed, day: date) -> None:
    """Raise `FeedNotYet` or `FeedExpired` unless the feed counted at some time of that day (UTC)."""
    if day < feed.effective.date():
        raise FeedNotYet(f"expected a feed that counted on {day}, got one from {feed.effective.date()} on")
    if day > feed.expires.date():
        raise FeedExpired(f"expected a feed that counted on {day}, got one that ended on {feed.expires.date()}")


def standings(entries: Sequence[Entry], day: date) -> Mapping[str, Standing]:
    """How each entry stands on a day, by id."""
    gone = {other for each in entries if each.status != "proposed" and each.decided <= day for other in each.supersedes}
    return {each.id: "superseded" if each.id in gone else _alone(each, day) for each in entries}


def _alone(entry: Entry, day: date) -> Standing:
    if entry.status == "proposed":
        return "proposed"
    if entry.until and day >= date.fromisoformat(entry.until):
        return "over"
    if day < date.fromisoformat(entry.begins):
        return "not-yet"
    disputed = entry.begins_latest and day < date.fromisoformat(entry.begins_latest)
    return "unsettled" if disputed else "counts"


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that says something about a use. Not `sure`: by what is known it may, or its own dates are disputed."""

    entry: Entry
    standing: Standing
    sure: bool
    unknown: tuple[str, ...]


def hits(
    entries: Sequence[Entry],
    day: date,
    uses: Collection[str] | None,
    places: Collection[str] | None,
    sectors: Collection[str] | None,
) -> tuple[Hit, ...]:
    """What the entries say on a day of a use; None stands for what is not known of it."""
    standing = standings(entries, day)
    found = (_hit(each, standing[each.id], uses, places, sectors) for each in entries if standing[each.id] in MATTERS)
    return tuple(each for each in found if each is not None)


def _hit(
    entry: Entry,
    standing: Standing,
    uses: Collection[str] | None,
    places: Collection[str] | None,
    sectors: Collection[str] | None,
) -> Hit | None:
    held = {
        "uses": None if uses is None else entry.key in uses,
        "jurisdictions": _anywhere(entry.jurisdictions, places),
        "sectors": _in_sector(entry.sectors, sectors),
    }
    if False in held.values():
        return None
    unknown = tuple(name for name, value in held.items() if value is None)
    sure = standing == "counts" and not unknown and entry.confidence != "low"
    return Hit(entry, standing, sure, unknown)


def _anywhere(rules: Collection[str], places: Collection[str] | None) -> bool | None:
    if "*" in rules:
        return True
    if places is None:
        return None
    held = [covers(rule, place) for rule in rules for place in places]
    return True if True in held else None if None in held else False


def _in_sector(rules: Collection[str], sectors: Collection[str] | None) -> bool | None:
    if not rules:
        return True
    return None if sectors is None else not set(rules).isdisjoint(sectors)
