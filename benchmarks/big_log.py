# SPDX-License-Identifier: Apache-2.0
"""A real log of any size, made in bulk: the rows at once, then all that is derived from them by the product itself.

The rows are those that appends would have left, without a commit each. Tiles, bundles and the signed head come from
the recovery of a service that starts on a storage that lacks them all; only its waiting for the disk is left out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from app.log.models import LogHead
from app.platform.db import Database
from app.platform.storage import DirectoryStorage
from mcla.log.merkle import leaf_hash

COLUMNS = "log_entry (entry_index, body, leaf_hash, body_sha256, appended_at)"
AT = datetime(2026, 1, 1, tzinfo=UTC)


class HastyStorage(DirectoryStorage):
    """A storage that leaves it to the system when a file gets to the disk: a power cut ends a benchmark anyhow."""

    def _put(self, name: str, data: bytes, *, over: bool = True) -> bool:  # noqa: ARG002  nobody else writes here
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return True


def add_rows(db: Database, size: int) -> None:
    """Put `size` entries into the migrated `db`, whose log is empty; no head covers them yet."""
    if db.is_sqlite:
        _insert(db, size)
    else:
        _copy(db, size)
    with db.transaction() as connection:
        connection.execute(update(LogHead).values(size=size))


def _entries(size: int) -> Iterator[tuple[int, bytes, bytes, str]]:
    for index in range(size):
        body = b"entry %d" % index
        yield index, body, leaf_hash(body), sha256(body).hexdigest()


def _insert(db: Database, size: int) -> None:
    at = AT.replace(tzinfo=None).isoformat(" ", "microseconds")
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        # The rows are in the order of their index, their digests are not: that index has to fit into memory.
        for statement in ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-3000000", "BEGIN"):
            driver.execute(statement)
        driver.executemany(f"INSERT INTO {COLUMNS} VALUES (?, ?, ?, ?, '{at}')", _entries(size))  # noqa: S608
        driver.execute("COMMIT")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()  # the next connection is durable again


def _copy(db: Database, size: int) -> None:
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy(f"COPY {COLUMNS} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "bytea", "bytea", "varchar", "timestamptz"])
            for entry in _entries(size):
                copy.write_row((*entry, AT))
        driver.commit()
