# SPDX-License-Identifier: Apache-2.0
"""`mcla feed`: is this the compliance feed of an issuer whose key was pinned, and what changed in it?

The first run is told the issuer's key; with a state file every later one remembers the keys, the newest feed and its
digest, so that an older, another or a missing one is noticed. What cannot be reached is unknown (exit 3).
"""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mcla.cli.failure import Exit, Undecided, WrongUsage, code_of, exit_code_of
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.cli.service import Service
    from mcla.feed.document import Feed
    from mcla.feed.following import FeedState

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
PATH = "/.well-known/mcla/feed.json"
EARLIER = "/.well-known/mcla/feeds/{serial}.json"
MOST = 8 * 1024 * 1024
MOST_BETWEEN = 500
"""Feeds fetched to close a gap."""


class KeyMissing(Undecided):
    """Nobody said whose feed is to be believed."""

    code = "feed-key-missing"
    hint = "Give the issuer's public key, which you got on another way than the feed: --key FILE."


class FeedStateUnusable(Undecided):
    """The state file cannot be read, written or believed."""

    code = "feed-state-unusable"
    hint = "Bring the file back from a copy. A new one would forget which feed was seen last."


@click.group("feed")
def command() -> None:
    """Follow a compliance feed: check it against a pinned key, and see what changed."""


@command.command()
@click.argument("source", metavar="FILE|URL")
@click.option("--key", type=FILE, help="The issuer's public key (PEM, or base64 of it): for the first run.")
@click.option("--state", "place", type=click.Path(dir_okay=False, path_type=Path),
              help="What is remembered between runs; made at the first.")  # fmt: skip
@click.option(
    "--as-of", "day", metavar="DAY", help="Ask about this day (2026-08-02) instead of now; remembers nothing."
)
@speaks
def verify(source: str, key: Path | None, place: Path | None, day: str | None) -> None:
    """Check a feed's signature, serial, chain and dates; list the entries that count.

    URL is a service's address or that of the feed itself. Exit code 1: the feed is refused, for the reason that is
    told. 3: nothing is known, because no key was pinned or nobody answered.
    """
    output = current()
    at = _moment(day)
    try:
        state, found = _followed(source, followed_state(place, key), at, replay=day is not None)
    except MclaError as error:
        if exit_code_of(error) is Exit.USAGE or not output.json:
            raise
        output.document(_refusal(error))
        raise click.exceptions.Exit(exit_code_of(error)) from None
    if place is not None and day is None:
        _remember(place, state)
    _tell(found, at, output)


@command.command()
@click.argument("old", metavar="A", type=FILE)
@click.argument("new", metavar="B", type=FILE)
@speaks
@click.pass_context
def diff(context: click.Context, old: Path, new: Path) -> None:
    """Say which entries differ between two feeds. Signatures are not checked: `mcla feed verify` does that.

    Exit code 0: nothing differs. 1: something does.
    """
    from mcla.feed.changes import changes
    from mcla.feed.document import read_feed

    before, after = read_feed(read_file(old, "feed")), read_feed(read_file(new, "feed"))
    found = changes(before.entries, after.entries)
    output = current()
    if output.json:
        told = {"old": _named(before), "new": _named(after)}
        output.document(told | {"changes": [each.to_dict() for each in found]})
    else:
        differ = "1 entry differs" if len(found) == 1 else f"{len(found)} entries differ"
        output.data(f"Serial {before.serial} to {after.serial}: {differ}.")
        for each in found:
            output.data(plain(f"  {each.what:<8} {each.id}", keep=""))
            for name, (was, now) in each.members.items():
                output.data(plain(f"           {name}: {_shown(was)} -> {_shown(now)}", keep=""))
    context.exit(Exit.NO if found else Exit.YES)


def _moment(day: str | None) -> datetime:
    """Now, or the end of a day in UTC."""
    if day is None:
        return datetime.now(UTC)
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
    except ValueError:
        raise WrongUsage("--as-of takes a day.", why=f"expected one like 2026-08-02, got {day[:40]!a}") from None


def followed_state(place: Path | None, key: Path | None) -> "FeedState":
    """What is remembered, or the key that was pinned; raises `KeyMissing` or `FeedStateUnusable`."""
    from mcla.feed.following import FeedState, read_state
    from mcla.feed.keys import FeedKey

    pinned = FeedState.pinned(FeedKey.from_file(read_file(key, "key"))) if key else None
    if place is None or not place.exists():
        if pinned is None:
            raise KeyMissing("Nobody said whose feed is to be believed.", why="expected --key FILE or a state file")
        return pinned
    try:
        state = read_state(read_file(place, "state file"))
    except MclaError as error:
        raise FeedStateUnusable(f"{place} cannot be used.", why=error.message) from error
    if pinned is not None and pinned.keys.ids[0] not in state.keys.ids:
        why = f"expected one of the keys in {place}, got {pinned.keys.ids[0]}"
        raise WrongUsage("The key is another than the one that is followed.", why=why, hint="Leave --key out.")
    return state


def _followed(source: str, state: "FeedState", at: datetime, *, replay: bool) -> "tuple[FeedState, Feed]":
    """The feed that was asked for, and what is known after it; a service is asked for those in between too."""
    from mcla.cli.service import Service
    from mcla.feed.document import read_feed

    if "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise WrongUsage(f"{plain(source)} does not exist.", why="expected a file, or an address with https://")
        feed = read_feed(read_file(path, "feed"))
        return _accepted(feed, state, at, replay=replay), feed
    parts = urlsplit(source)
    if parts.query or parts.fragment:
        raise WrongUsage(f"{source!r} is not the address of a feed.", why="expected https://HOST[:PORT][/PATH]")
    with Service(f"{parts.scheme}://{parts.netloc}") as service:
        path_of = parts.path if parts.path not in ("", "/") else PATH
        feed = read_feed(service.get_bytes(path_of, MOST))
        if path_of == PATH and not replay:
            state = _caught_up(service, state, feed)
        return _accepted(feed, state, at, replay=replay), feed


def _caught_up(service: "Service", state: "FeedState", newest: "Feed") -> "FeedState":
    """The state just before the newest feed: those in between count for the chain, whether they ended or not."""
    from mcla.feed.document import read_feed
    from mcla.feed.following import chained

    seen = state.seen.serial if state.seen else newest.serial
    if newest.serial - seen > MOST_BETWEEN:
        return state  # told as a gap
    for serial in range(seen + 1, newest.serial):
        state = chained(read_feed(service.get_bytes(EARLIER.format(serial=serial), MOST)), state)
    return state


def _accepted(feed: "Feed", state: "FeedState", at: datetime, *, replay: bool) -> "FeedState":
    from mcla.feed.following import FeedState, accept, believed, check_moment

    if not replay:
        return accept(feed, state, at)
    keys = believed(feed, state)
    check_moment(feed, at)
    return FeedState(keys, state.seen)


def _remember(place: Path, state: "FeedState") -> None:
    import json

    from mcla.cli.writing import write_whole

    try:
        write_whole(place, json.dumps(state.to_dict(), indent=2).encode() + b"\n")
    except OSError as error:
        why = f"expected to write it, got: {error.strerror}"
        raise FeedStateUnusable(f"{place} cannot be written.", why=why, hint="Free space or another place.") from error


def _refusal(error: MclaError) -> dict[str, Any]:
    word = "unknown" if exit_code_of(error) is Exit.UNKNOWN else "not-verified"
    why = f"{error.message} {getattr(error, 'why', '')}".strip()
    return {"verdict": word, "reasons": [{"code": code_of(error), "message": why, "hint": error.hint}]}


def _tell(feed: "Feed", at: datetime, output: Output) -> None:
    from mcla.feed.replay import MATTERS, standings

    standing = standings(feed.entries, at.date())
    if output.json:
        entries = [{"id": each.id, "key": each.key, "standing": standing[each.id]} for each in feed.entries]
        told = {"verdict": "verified", "reasons": [], "feed": _named(feed), "as_of": at.date().isoformat()}
        output.document(told | {"entries": entries})
        return
    matter = [each for each in feed.entries if standing[each.id] in MATTERS]
    word = click.style("Verified", fg="green", bold=True)
    output.data(f"{word}: {plain(feed.issuer, keep='')}, serial {feed.serial}, good until {feed.expires:%Y-%m-%d}")
    output.data(
        f"  Entries that count on {at:%Y-%m-%d}: {len(matter)} of {len(feed.entries)}. Screening, not legal advice."
    )
    for each in matter:
        places = ", ".join(each.jurisdictions)
        unsure = "" if standing[each.id] == "counts" else " (date disputed)"
        output.data(plain(f"  {each.effect:<10} {places:<8} {each.id}{unsure}", keep=""))


def _named(feed: "Feed") -> dict[str, Any]:
    return {
        "name": feed.name,
        "issuer": feed.issuer,
        "serial": feed.serial,
        "digest": feed.digest,
        "key": feed.signature.key,
        "effective": feed.effective.isoformat().replace("+00:00", "Z"),
        "expires": feed.expires.isoformat().replace("+00:00", "Z"),
    }


def _shown(value: Any) -> str:
    if value is None:
        return "(not there)"
    return ", ".join(map(str, value)) or "(none)" if isinstance(value, list) else str(value)
