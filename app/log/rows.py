# SPDX-License-Identifier: Apache-2.0
"""The log's rows: the head that is the lock, and the entries, always read as one unbroken run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.log.errors import LogDamaged, LogUnsafe
from app.log.models import LogEntry, LogHead
from mcla.log.merkle import leaf_hash

LOCK_WAIT = "15s"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as stored, its body hashed again and found to fit."""

    index: int
    body: bytes
    leaf: bytes


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def make_head(session: Session, origin: str) -> None:
    """Make the head row if there is none; two processes may do so at once."""
    values = {"id": 1, "origin": origin, "size": 0, "published_size": 0, "checkpoint": ""}
    dialect = postgresql if is_postgres(session) else sqlite
    session.execute(dialect.insert(LogHead).values(values).on_conflict_do_nothing())


def lock_head(session: Session) -> LogHead:
    """The head row, locked until the transaction ends: whoever holds it sequences the log."""
    if is_postgres(session):
        session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
    # SQLite has no FOR UPDATE: there the transaction began with BEGIN IMMEDIATE, which is this very lock.
    return session.scalars(select(LogHead).where(LogHead.id == 1).with_for_update()).one()


def read_head(session: Session) -> LogHead | None:
    return session.get(LogHead, 1)


def count_entries(session: Session) -> int:
    """How many entries there are; raises `LogDamaged` if an index is missing below the last."""
    count, last = session.execute(select(func.count(), func.max(LogEntry.index))).one()
    if count and last != count - 1:
        raise LogDamaged(f"The database holds {count} entries, but the last has index {last}: some are missing.")
    return int(count)


def find_indices(session: Session, digests: Sequence[str]) -> dict[str, int]:
    """The index of each SHA-256 (hex) that is already in the log."""
    rows = session.execute(
        select(LogEntry.body_sha256, LogEntry.index).where(LogEntry.body_sha256.in_(list(digests)))
    ).all()
    return {row[0]: row[1] for row in rows}


def add_entries(session: Session, first: int, bodies: Sequence[bytes], now: datetime) -> None:
    rows = [
        {
            "index": first + number,
            "body": body,
            "leaf_hash": leaf_hash(body),
            "body_sha256": sha256(body).hexdigest(),
            "appended_at": now,
        }
        for number, body in enumerate(bodies)
    ]
    session.execute(insert(LogEntry), rows)


def leaf_hashes(session: Session, first: int, count: int) -> list[bytes]:
    """The stored leaf hashes of `count` entries from `first`."""
    found = session.execute(
        select(LogEntry.index.label("number"), LogEntry.leaf_hash)
        .where(LogEntry.index.between(first, first + count - 1))
        .order_by(LogEntry.index)
    ).all()
    _check_run([row.number for row in found], first, count)
    return [row.leaf_hash for row in found]


def entries(session: Session, first: int, count: int) -> list[Entry]:
    """`count` entries from `first`, each hashed anew; raises `LogDamaged` naming the first that does not fit."""
    found = session.execute(
        select(LogEntry.index.label("number"), LogEntry.body, LogEntry.leaf_hash, LogEntry.body_sha256)
        .where(LogEntry.index.between(first, first + count - 1))
        .order_by(LogEntry.index)
    ).all()
    _check_run([row.number for row in found], first, count)
    for row in found:
        if leaf_hash(row.body) != row.leaf_hash or sha256(row.body).hexdigest() != row.body_sha256:
            raise LogDamaged(f"Entry {row.number} in the database does not have the hash that it was logged with.")
    return [Entry(row.number, row.body, row.leaf_hash) for row in found]


def check_durable(session: Session) -> None:
    """Raise `LogUnsafe` where the server may acknowledge a commit that it can still lose."""
    if is_postgres(session) and session.scalar(text("SHOW synchronous_commit")) == "off":
        raise LogUnsafe("PostgreSQL runs with synchronous_commit = off: a commit that was answered can be lost.")


def _check_run(indices: Sequence[int], first: int, count: int) -> None:
    if list(indices) != list(range(first, first + count)):
        missing = sorted(set(range(first, first + count)) - set(indices))
        raise LogDamaged(f"Entry {missing[0]} is missing from the database.")
