# SPDX-License-Identifier: Apache-2.0
"""FeedService: signs the next feed, keeps every one, and hands over to another key in a statement by the old one.

What it signs it takes as a follower would, from the first feed on: a key that is out of turn or a clock that stands
wrong is told here and not by somebody else later.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.feed.errors import FeedLifeUnfit, FeedNotPublished, FeedTaken, FeedUnchanged
from app.feed.models import FeedRotation, PublishedFeed
from app.feed.values import FeedStanding
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.keys import Generation, KeysNow
from app.platform.keys.rotate import Rotated, prepare, rotate
from app.platform.settings import Settings
from mcla.feed.document import Feed, Life, read_draft, read_feed, write_feed
from mcla.feed.following import FeedState, chained
from mcla.feed.keys import FeedKey, Rotation, hand_over, read_rotation
from mcla.feed.starter import starter_entries, starter_issuer
from mcla.statements.canonical import MAX_INT
from mcla.statements.parts import format_time

PATH = "/.well-known/mcla/feed.json"
MOST_DAYS = 400
DAYS = 60
"""How long a feed counts where nobody says otherwise."""
log = structlog.get_logger()
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FeedService:
    """The feed of one service."""

    def __init__(self, db: Database, clock: Clock, settings: Settings, keys_now: KeysNow) -> None:
        self._db, self._clock, self._settings, self._keys_now = db, clock, settings, keys_now

    def begin(self) -> None:
        """As a process starts to serve: sign the entries that come with the software, if no feed was ever published.

        Of several processes one does it. What is wrong is told and stops nothing, as signatures need no feed.
        """
        try:
            if self._settings.starter_feed and self.standing() is None:
                self._next(read_draft(starter_entries()), starter_issuer(), DAYS, first=True)
        except FeedTaken:
            return
        except Exception as error:
            log.exception("feed.not_begun", failure=type(error).__name__, fix="mcla-server doctor")

    def publish(self, draft: bytes, issuer: str, days: int) -> Feed:
        """Sign the entries of a draft as the next feed, which counts from now on for `days`.

        Raises `FeedInvalid` and its kin for the draft, `FeedLifeUnfit`, `FeedUnchanged`, `FeedTaken`, or what a
        follower would raise.
        """
        return self._next(read_draft(draft), issuer, days)

    def renew(self, issuer: str, days: int) -> Feed:
        """Sign the entries of the newest feed again, for `issuer`; raises as `publish`, `FeedNotPublished`."""
        return self._next(json.loads(self.current())["entries"], issuer, days)

    def _next(self, entries: Sequence[Mapping[str, Any]], issuer: str, days: int, *, first: bool = False) -> Feed:
        if not 1 <= days <= MOST_DAYS:
            raise FeedLifeUnfit(f"expected a life of 1 to {MOST_DAYS} days, got {days}")
        now = self._clock.now().replace(microsecond=0)
        life = Life(now, now, now + timedelta(days=days))
        with self._db.write() as session:
            last = _newest(session)
            if first and last is not None:
                raise FeedTaken(f"serial {last.serial} was published meanwhile")
            before = read_feed(last.document) if last else None
            written = write_feed(
                self.name, issuer, entries, life, before, self._own_rotations(session), self._keys_now().feed
            )
            feed = read_feed(written)
            if before and _says_nothing_new(feed, before):
                raise FeedUnchanged(f"expected something new after serial {before.serial}, got the same entries")
            _check_follows(session, feed, self._keys_now().of("feed"))
            session.add(PublishedFeed(serial=feed.serial, digest=feed.digest, document=written, published_at=now))
            try:
                session.flush()
            except IntegrityError as error:
                raise FeedTaken(f"serial {feed.serial} was published meanwhile") from error
        return feed

    def rotate(self) -> Rotated:
        """Hand over to a new key, which signs from the next feed on; safe to repeat after it was cut short."""
        now = self._clock.now()
        prepared = prepare(self._settings, "feed", now)
        new = FeedKey.of(prepared.public_key)  # type: ignore[arg-type]  # a feed's key is Ed25519
        with self._db.write() as session:
            kept = _rotations(session)
            last = _newest(session)
            # Before the first feed nobody follows, so that nobody has to be told.
            if last is not None and not any(each.new == new for each in kept):
                old = self._keys_now().feed
                statement = hand_over(self.name, last.serial + 1, old, new.public, format_time(now))
                session.add(FeedRotation(number=len(kept) + 1, document=json.dumps(statement.to_dict())))
        return rotate(self._settings, "feed", now)

    def current(self) -> bytes:
        """The newest feed as it was signed; raises `FeedNotPublished`."""
        with self._db.read() as session:
            row = _newest(session)
            if row is None:
                raise FeedNotPublished("this service has published no feed yet")
            return row.document

    def numbered(self, serial: int) -> bytes:
        """The feed with this serial; raises `FeedNotPublished`."""
        with self._db.read() as session:
            row = session.get(PublishedFeed, serial) if serial <= MAX_INT else None
            if row is None:
                raise FeedNotPublished(f"there is no feed with the serial {serial}")
            return row.document

    def named(self, digest: str) -> bytes:
        """The feed with this SHA-256 (64 hex), as decisions name it; raises `FeedNotPublished`."""
        with self._db.read() as session:
            query = select(PublishedFeed).where(PublishedFeed.digest == digest)
            row = session.scalars(query).first() if _DIGEST.fullmatch(digest) else None
            if row is None:
                raise FeedNotPublished(f"this service has published no feed with the digest {digest[:64]!a}")
            return row.document

    def rotations(self) -> Sequence[Rotation]:
        """Every change of the key, the oldest first, as every feed carries them."""
        with self._db.read() as session:
            return _rotations(session)

    @property
    def key(self) -> FeedKey:
        """The key that signs the next feed."""
        return FeedKey.of(self._keys_now().feed.public_key())

    @property
    def name(self) -> str:
        """What the next feed is called: where it is served."""
        return f"{self._settings.origin}{PATH}"

    def standing(self) -> FeedStanding | None:
        """How the newest feed stands now; None where none was published."""
        with self._db.read() as session:
            row = _newest(session)
        return FeedStanding(read_feed(row.document), self._clock.now(), self.name) if row else None

    def _own_rotations(self, session: Session) -> Sequence[Rotation]:
        """Those of the feed by its present name: what another name said binds nobody who follows this one."""
        return [each for each in _rotations(session) if each.feed == self.name]


def _newest(session: Session) -> PublishedFeed | None:
    return session.scalars(select(PublishedFeed).order_by(PublishedFeed.serial.desc()).limit(1)).first()


def _says_nothing_new(feed: Feed, before: Feed) -> bool:
    same = (feed.name, feed.issuer, feed.entries) == (before.name, before.issuer, before.entries)
    return same and before.expires >= feed.expires


def _rotations(session: Session) -> Sequence[Rotation]:
    rows = session.scalars(select(FeedRotation).order_by(FeedRotation.number))
    return [read_rotation(row.document.encode()) for row in rows]


def _check_follows(session: Session, feed: Feed, keys: Sequence[Generation]) -> None:
    """As whoever pinned the key of the first feed of this name would take this one; raises what they would."""
    signer = _first_signer(session, feed)
    known = [FeedKey.of(each.public_key) for each in keys if isinstance(each.public_key, Ed25519PublicKey)]
    pinned = next(each for each in known if each.id == signer)
    chained(feed, FeedState.pinned(pinned))


def _first_signer(session: Session, feed: Feed) -> str:
    """The id of the key that signed the first feed since it goes by its name."""
    signer = feed.signature.key
    for row in session.scalars(select(PublishedFeed).order_by(PublishedFeed.serial.desc())):
        before = read_feed(row.document)
        if before.name != feed.name:
            break
        signer = before.signature.key
    return signer
