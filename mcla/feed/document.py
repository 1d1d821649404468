# SPDX-License-Identifier: Apache-2.0
"""A feed `mcla.feed/1`: entries under a serial, bound to the feed before it and signed with Ed25519.

What is signed is the RFC 8785 form of the document without its `signature`; the SHA-256 of the same bytes names the
feed: in the `previous` of the next one and in every decision that rests on it. The `schema` inside keeps a feed from
being taken for a change of keys, which the same keys sign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from mcla.artifacts.digest import sha256_hex
from mcla.feed.entry import Entry, Text
from mcla.feed.errors import FeedInvalid, FeedUnsigned
from mcla.feed.keys import FeedKey, Rotation, RotationPart, Signature, sign
from mcla.feed.parts import Count, Hex, Moment, moment_of, shaped
from mcla.signer import Ed25519Signer
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time
from mcla.statements.strict import parse_json
from mcla.terms.strict import Pattern

SCHEMA = "mcla.feed/1"
ENTRIES_SCHEMA = "mcla.feed-entries/1"
MAX_ENTRIES = 5_000
Name = Annotated[str, Pattern(r"https?://[!-~]{1,300}", "the address of the feed, which is its name")]


@dataclass(frozen=True, slots=True)
class Parts:
    """The members of a feed as they are written."""

    schema: Literal["mcla.feed/1"]
    feed: Name
    issuer: Text
    serial: Count
    issued: Moment
    effective: Moment
    expires: Moment
    entries: tuple[Entry, ...]
    signature: Signature
    previous: Hex | None = None
    rotations: tuple[RotationPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed whose form is right. Whether anybody believes it, `mcla.feed.following` says."""

    name: str
    issuer: str
    serial: int
    previous: str | None
    issued: datetime
    effective: datetime
    expires: datetime
    entries: tuple[Entry, ...]
    rotations: tuple[Rotation, ...]
    signature: Signature
    signed: bytes

    @property
    def digest(self) -> str:
        """What names this feed, 64 hex digits; another signature over the same content does not change it."""
        return sha256_hex(self.signed)


def read_feed(data: bytes) -> Feed:
    """Read a feed; raises `FeedInvalid`, `FeedMemberUnknown`, `FeedUnsigned`, or `JsonInvalid` for a name twice."""
    value = parse_json(data)
    if isinstance(value, dict) and value.get("schema") == SCHEMA and value.get("signature") is None:
        raise FeedUnsigned("expected a signature in the feed, got none")
    _check_schema(value, SCHEMA)
    parts = shaped(Parts, value)
    feed = Feed(
        name=parts.feed,
        issuer=parts.issuer,
        serial=parts.serial,
        previous=parts.previous,
        issued=moment_of(parts.issued),
        effective=moment_of(parts.effective),
        expires=moment_of(parts.expires),
        entries=parts.entries,
        rotations=tuple(map(Rotation.of, parts.rotations)),
        signature=parts.signature,
        signed=canonical_json({name: each for name, each in value.items() if name != "signature"}),
    )
    _check(feed)
    return feed


@dataclass(frozen=True, slots=True)
class Draft:
    """Entries that are not signed yet: what an issuer writes by hand. `sources_as_of` says when they were looked up."""

    schema: Literal["mcla.feed-entries/1"]
    entries: tuple[Entry, ...]
    sources_as_of: Text | None = None
    note: Text | None = None


def read_draft(data: bytes) -> Sequence[Mapping[str, Any]]:
    """The entries of a draft as they stand there, checked; raises what `read_feed` raises."""
    value = parse_json(data)
    _check_schema(value, ENTRIES_SCHEMA)
    check_entries(shaped(Draft, value).entries)
    entries: list[dict[str, Any]] = value["entries"]
    return entries


@dataclass(frozen=True, slots=True)
class Life:
    """When a feed was issued, from when it counts, and when a newer one must be there."""

    issued: datetime
    effective: datetime
    expires: datetime


def write_feed(
    name: str,
    issuer: str,
    entries: Sequence[Mapping[str, Any]],
    life: Life,
    before: Feed | None,
    rotations: Sequence[Rotation],
    key: Ed25519Signer,
) -> bytes:
    """The next feed after `before` (None: the first), signed and read again."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "feed": name,
        "issuer": issuer,
        "serial": before.serial + 1 if before else 1,
        **({"previous": before.digest} if before else {}),
        "issued": format_time(life.issued),
        "effective": format_time(life.effective),
        "expires": format_time(life.expires),
        "entries": [dict(each) for each in entries],
        **({"rotations": [each.to_dict() for each in rotations]} if rotations else {}),
    }
    written = canonical_json(value | {"signature": sign(canonical_json(value), key).to_dict()})
    read_feed(written)
    return written


def check_entries(entries: Sequence[Entry]) -> None:
    """Ids once, and nothing superseded that is not there; raises `FeedInvalid`."""
    if len(entries) > MAX_ENTRIES:
        raise FeedInvalid(f"expected at most {MAX_ENTRIES:,} entries, got {len(entries):,}")
    known: set[str] = set()
    for each in entries:
        if each.id in known:
            raise FeedInvalid(f"expected each id once among the entries, got {each.id} twice")
        known.add(each.id)
    for each in entries:
        for other in each.supersedes:
            if other not in known or other == each.id:
                raise FeedInvalid(f"expected another entry of this feed in supersedes of {each.id}, got {other}")


def _check_schema(value: object, schema: str) -> None:
    """Another file than was meant is told as such, before its members are."""
    if not isinstance(value, dict):
        raise FeedInvalid(f"expected an object of the schema {schema}, got something else")
    if value.get("schema") != schema:
        raise FeedInvalid(f"expected the schema {schema}, got {str(value.get('schema', 'none'))[:80]!a}")


def _check(feed: Feed) -> None:
    check_entries(feed.entries)
    if (feed.serial == 1) != (feed.previous is None):
        raise FeedInvalid("expected previous in every feed but the first, which has serial 1")
    if not feed.issued <= feed.effective < feed.expires:
        raise FeedInvalid("expected issued, effective and expires in this order, got another")
    serials = [each.serial for each in feed.rotations]
    if serials != sorted(serials) or (serials and serials[-1] > feed.serial):
        raise FeedInvalid("expected the changes of keys in the order of their serials, none after this feed's own")


__all__ = ["ENTRIES_SCHEMA", "SCHEMA", "Draft", "Feed", "FeedKey", "Life", "read_draft", "read_feed", "write_feed"]
