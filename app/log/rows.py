# SPDX-License-Identifier: Apache-2.0
"""The log's rows: the head that is the lock, and the entries, always read as one unbroken run.

Statements on the tables, built once: each of them is on the way of every append.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.log.errors import LogAbsent, LogDamaged, LogUnsafe
from app.log.models import LogEntry, LogHead
from app.platform.db import in_one_trip
from mcla.log.merkle import leaf_hash


class AlreadyLogged(Exception):
    """One of the bodies to be added is in the log."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head row (see `LogHead`)."""

    origin: str
    size: int
    tiled_size: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as stored, its body hashed again and found to fit."""

    index: int
    body: bytes
    leaf: bytes


def _table(model: type[LogEntry] | type[LogHead]) -> Table:
    assert isinstance(model.__table__, Table)  # noqa: S101  a mapped class has a table
    return model.__table__


_HEAD, _ENTRY = _table(LogHead).c, _table(LogEntry).c
_READ_HEAD = select(_HEAD.origin, _HEAD.size, _HEAD.tiled_size, _HEAD.checkpoint).where(_HEAD.id == 1)
_SAVE_HEAD = (
    update(_table(LogHead))
    .where(_HEAD.id == 1)
    .values(size=bindparam("new_size"), tiled_size=bindparam("tiled"), checkpoint=bindparam("note"))
)
_LAST = select(func.max(_ENTRY.entry_index))
_FIND = select(_ENTRY.body_sha256, _ENTRY.entry_index).where(
    _ENTRY.body_sha256.in_(bindparam("digests", expanding=True))
)
_WHOLE = (_ENTRY.entry_index, _ENTRY.body, _ENTRY.leaf_hash, _ENTRY.body_sha256)
_ADD_SQLITE = sqlite.insert(_table(LogEntry)).on_conflict_do_nothing().returning(*_WHOLE)
_ADD_POSTGRES = postgresql.insert(_table(LogEntry)).on_conflict_do_nothing().returning(*_WHOLE)
_RUN = _ENTRY.entry_index.between(bindparam("first"), bindparam("last"))
_LEAVES = select(_ENTRY.entry_index, _ENTRY.leaf_hash).where(_RUN).order_by(_ENTRY.entry_index)
_ENTRIES = select(*_WHOLE).where(_RUN).order_by(_ENTRY.entry_index)


def is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def make_head(connection: Connection, origin: str) -> None:
    """Make the head row if there is none; two processes may do so at once."""
    values = {"id": 1, "origin": origin, "size": 0, "tiled_size": 0, "checkpoint": ""}
    dialect = postgresql if is_postgres(connection) else sqlite
    connection.execute(dialect.insert(LogHead).values(values).on_conflict_do_nothing())


def lock_head(connection: Connection) -> Head:
    """Begin the transaction with the head row locked until its end: whoever holds it sequences the log."""
    if is_postgres(connection):
        row = in_one_trip(connection, "BEGIN", "SELECT origin, size, tiled_size, checkpoint FROM log_head FOR UPDATE")
        if row is None:
            raise LogAbsent("The database holds no head of a log.")
        return Head(*row)
    # SQLite has no FOR UPDATE: there the transaction began with BEGIN IMMEDIATE, which is this very lock.
    return Head(*connection.execute(_READ_HEAD).one())


def save_head(connection: Connection, head: Head) -> None:
    """Store what of the head changes (its origin never does), as the last act of the transaction."""
    if is_postgres(connection):
        save = "UPDATE log_head SET size = {}, tiled_size = {}, checkpoint = {}"
        in_one_trip(connection, save, "COMMIT", values=(head.size, head.tiled_size, head.checkpoint))
    else:
        connection.execute(_SAVE_HEAD, {"new_size": head.size, "tiled": head.tiled_size, "note": head.checkpoint})


def check_last(connection: Connection, size: int) -> None:
    """Raise `LogDamaged` unless the last entry is that of a log of `size` entries; a gap below is for the audit."""
    last = connection.scalar(_LAST)
    if (-1 if last is None else last) != size - 1:
        raise LogDamaged(f"The database's head says {size} entries, but its last entry has the index {last}.")


def find_indices(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """The index of each SHA-256 (hex) that is already in the log."""
    return {row[0]: row[1] for row in connection.execute(_FIND, {"digests": list(digests)})}


def add_entries(connection: Connection, first: int, bodies: Sequence[bytes], now: datetime) -> list[Entry]:
    """Add entries from index `first` on; answers them as the database has them now, each hashed anew.

    Raises `AlreadyLogged` if a body is in the log: then the transaction has to be rolled back.
    """
    rows = [
        {
            "entry_index": first + number,
            "body": body,
            "leaf_hash": leaf_hash(body),
            "body_sha256": sha256(body).hexdigest(),
            "appended_at": now,
        }
        for number, body in enumerate(bodies)
    ]
    found = connection.execute(_ADD_POSTGRES if is_postgres(connection) else _ADD_SQLITE, rows).all()
    if len(found) != len(rows):
        raise AlreadyLogged
    return _checked(sorted(found, key=lambda row: row.entry_index), first, len(rows))


def leaf_hashes(connection: Connection, first: int, count: int) -> list[bytes]:
    """The stored leaf hashes of `count` entries from `first`."""
    found = connection.execute(_LEAVES, {"first": first, "last": first + count - 1}).all()
    _check_run([row.entry_index for row in found], first, count)
    return [row.leaf_hash for row in found]


def entries(connection: Connection, first: int, count: int) -> list[Entry]:
    """`count` entries from `first`, each hashed anew; raises `LogDamaged` naming the first that does not fit."""
    return _checked(connection.execute(_ENTRIES, {"first": first, "last": first + count - 1}).all(), first, count)


def _checked(found: Sequence[Row[*tuple[Any, ...]]], first: int, count: int) -> list[Entry]:
    _check_run([row.entry_index for row in found], first, count)
    for row in found:
        if leaf_hash(row.body) != row.leaf_hash or sha256(row.body).hexdigest() != row.body_sha256:
            raise LogDamaged(f"Entry {row.entry_index} in the database does not have the hash that it was logged with.")
    return [Entry(row.entry_index, row.body, row.leaf_hash) for row in found]


def check_durable(connection: Connection) -> None:
    """Raise `LogUnsafe` where the server may acknowledge a commit that it can still lose."""
    if is_postgres(connection) and connection.scalar(text("SHOW synchronous_commit")) == "off":
        raise LogUnsafe("PostgreSQL runs with synchronous_commit = off: a commit that was answered can be lost.")


def _check_run(indices: Sequence[int], first: int, count: int) -> None:
    if list(indices) != list(range(first, first + count)):
        missing = sorted(set(range(first, first + count)) - set(indices))
        raise LogDamaged(f"Entry {missing[0]} is missing from the database.")
