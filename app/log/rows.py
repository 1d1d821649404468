# SPDX-License-Identifier: Apache-2.0
"""The log's rows: the head that is the lock, and the entries, always read as one unbroken run.

The three statements of every append (lock, add, save) go to the driver as text; all others are built once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from app.log.errors import LogAbsent, LogDamaged, LogUnsafe
from app.log.models import LogEntry, LogHead
from app.platform.kept import Statement, in_one_trip, on_the_driver
from mcla.log.merkle import leaf_hash

ADD_AT_ONCE = 1000
"""Rows in one INSERT: neither database takes any number of values."""


class AlreadyLogged(Exception):
    """One of the bodies to be added is in the log."""


class Outrun(Exception):
    """Another process has added entries first."""


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
_TILED = select(_HEAD.tiled_size)
_LAST = select(func.max(_ENTRY.entry_index))
_FIND = select(_ENTRY.body_sha256, _ENTRY.entry_index).where(
    _ENTRY.body_sha256.in_(bindparam("digests", expanding=True))
)
_WHOLE = (_ENTRY.entry_index, _ENTRY.body, _ENTRY.leaf_hash, _ENTRY.body_sha256)
_ADD = (
    "INSERT INTO log_entry (entry_index, body, leaf_hash, body_sha256, appended_at) {} "
    "ON CONFLICT DO NOTHING RETURNING entry_index, body, leaf_hash, body_sha256"
)
# One text for batches of any size, so that PostgreSQL reads and plans it once.
_ADD_ARRAYS = _ADD.format(
    "SELECT place, body, leaf, digest, ? FROM unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::text[]) "
    "AS new (place, body, leaf, digest)"
)
_READ_HEAD = "SELECT origin, size, tiled_size, checkpoint FROM log_head"
_LOCK: tuple[Statement, ...] = (("BEGIN", ()), (f"{_READ_HEAD} FOR UPDATE", ()))
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
        return _head(in_one_trip(connection, *_LOCK)[0])
    on_the_driver(connection, "BEGIN IMMEDIATE")  # SQLite has no FOR UPDATE: this is that very lock
    return _head(on_the_driver(connection, _READ_HEAD))


def lock_and_add(
    connection: Connection, first: int, new: Mapping[str, bytes], now: datetime
) -> tuple[Head, list[bytes]]:
    """`lock_head` and `add_entries` in one round trip to PostgreSQL, for who believes that the log has `first` entries.

    Raises `Outrun` if it has more by now, `AlreadyLogged` as `add_entries`; either way the transaction has to be
    rolled back.
    """
    locked, found = in_one_trip(connection, *_LOCK, _addition(connection, first, new, now))
    head = _head(locked)
    if head.size != first:
        raise Outrun
    return head, _added(found, first, new)


def tiled_size(connection: Connection) -> int:
    """For how many entries all tiles are stored, as the head row says; 0 without one. Nothing is locked."""
    return connection.scalar(_TILED) or 0


def _head(found: Sequence[tuple[Any, ...]]) -> Head:
    if not found:
        raise LogAbsent("The database holds no head of a log.")
    return Head(*found[0])


def saving(head: Head) -> Statement:
    """Stores what of the head changes (its origin never does): the last act of a transaction."""
    return "UPDATE log_head SET size = ?, tiled_size = ?, checkpoint = ?", (head.size, head.tiled_size, head.checkpoint)


def check_last(connection: Connection, size: int) -> None:
    """Raise `LogDamaged` unless the last entry is that of a log of `size` entries; a gap below is for the audit."""
    last = connection.scalar(_LAST)
    if (-1 if last is None else last) != size - 1:
        raise LogDamaged(f"The database's head says {size} entries, but its last entry has the index {last}.")


def find_indices(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """The index of each SHA-256 (hex) that is already in the log."""
    return {row[0]: row[1] for row in connection.execute(_FIND, {"digests": list(digests)})}


def by_digest(bodies: Iterable[bytes]) -> dict[str, bytes]:
    """Each body once, under its SHA-256 (hex)."""
    return {sha256(body).hexdigest(): body for body in bodies}


def add_entries(connection: Connection, first: int, new: Mapping[str, bytes], now: datetime) -> list[bytes]:
    """Add bodies (see `by_digest`) from index `first` on; their leaf hashes, of what the database has of them now.

    Raises `AlreadyLogged` if a body is in the log: then the transaction has to be rolled back. Raises `LogDamaged`
    if anything else came back than was sent.
    """
    found: list[tuple[Any, ...]] = []
    items = list(new.items())
    for start in range(0, len(items), ADD_AT_ONCE):
        part = dict(items[start : start + ADD_AT_ONCE])
        found += on_the_driver(connection, *_addition(connection, first + start, part, now))
    return _added(found, first, new)


def _addition(connection: Connection, first: int, new: Mapping[str, bytes], now: datetime) -> Statement:
    """The INSERT of `new` bodies."""
    leaves = [leaf_hash(body) for body in new.values()]
    places = range(first, first + len(new))
    if is_postgres(connection):
        return _ADD_ARRAYS, (now, list(places), list(new.values()), leaves, list(new))
    at = repeat(now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"))
    values = chain.from_iterable(zip(places, new.values(), leaves, new, at, strict=False))
    return _ADD.format("VALUES " + ", ".join(["(?, ?, ?, ?, ?)"] * len(new))), tuple(values)


def _added(found: Sequence[tuple[Any, ...]], first: int, new: Mapping[str, bytes]) -> list[bytes]:
    """The leaf hashes of rows that came back, hashed anew; whatever is not as it was sent is a fault."""
    if len(found) != len(new):
        raise AlreadyLogged
    found = sorted(found)
    leaves = [leaf_hash(row[1]) for row in found]
    sent = zip(range(first, first + len(new)), new.values(), leaves, new, strict=True)
    for row, expected in zip(found, sent, strict=True):
        if row != expected:
            raise LogDamaged(f"Entry {expected[0]} reached the database with other bytes.")
    return leaves


def leaf_hashes(connection: Connection, first: int, count: int) -> list[bytes]:
    """The stored leaf hashes of `count` entries from `first`."""
    found = connection.execute(_LEAVES, {"first": first, "last": first + count - 1}).all()
    _check_run([index for index, _ in found], first, count)
    return [leaf for _, leaf in found]


def entries(connection: Connection, first: int, count: int) -> list[Entry]:
    """`count` entries from `first`, each hashed anew; raises `LogDamaged` naming the first that does not fit."""
    return _checked(connection.execute(_ENTRIES, {"first": first, "last": first + count - 1}).all(), first, count)


def _checked(found: Sequence[Sequence[Any]], first: int, count: int) -> list[Entry]:
    _check_run([row[0] for row in found], first, count)
    for index, body, leaf, digest in found:
        if leaf_hash(body) != leaf or sha256(body).hexdigest() != digest:
            raise LogDamaged(f"Entry {index} in the database does not have the hash that it was logged with.")
    return [Entry(index, body, leaf) for index, body, leaf, _ in found]


def check_durable(connection: Connection) -> None:
    """Raise `LogUnsafe` where the server may acknowledge a commit that it can still lose."""
    if is_postgres(connection) and connection.scalar(text("SHOW synchronous_commit")) == "off":
        raise LogUnsafe("PostgreSQL runs with synchronous_commit = off: a commit that was answered can be lost.")


def _check_run(indices: Sequence[int], first: int, count: int) -> None:
    if list(indices) != list(range(first, first + count)):
        missing = sorted(set(range(first, first + count)) - set(indices))
        raise LogDamaged(f"Entry {missing[0]} is missing from the database.")
