# SPDX-License-Identifier: Apache-2.0
"""What no append can leave out, by the libraries alone: the limit that the log's own appends are measured against.

One transaction that adds the rows and changes the head, a signature over the head and the check of it, and a second
file that is overwritten and flushed while the transaction commits. No tree, no proof, nothing read back, no fence.
"""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from app.platform.db import Database
from app.platform.kept import KeptConnection, Statement, in_one_trip, on_the_driver
from mcla.log.merkle import leaf_hash

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
HEAD = 180
"""Bytes of a signed head, about."""
ARRAYS = "INSERT INTO bare_entry SELECT * FROM unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::text[])"


def bare_append(db: Database, file: Path) -> Callable[[Sequence[bytes]], Sequence[bool]]:
    """What makes bodies durable in one batch, in tables of its own in `db` and in `file`."""
    blob = "blob" if db.is_sqlite else "bytea"
    with db.transaction() as connection:
        connection.execute(
            text(f"CREATE TABLE bare_entry (number bigint PRIMARY KEY, body {blob}, leaf {blob}, digest text UNIQUE)")
        )
        connection.execute(text("CREATE TABLE bare_head (note text)"))
        connection.execute(text("INSERT INTO bare_head VALUES ('')"))
    kept, second, numbers = KeptConnection(db), os.open(file, os.O_RDWR | os.O_CREAT), count()

    def append(bodies: Sequence[bytes]) -> Sequence[bool]:
        with kept.transaction() as opened:
            if db.is_sqlite:
                on_the_driver(opened, "BEGIN IMMEDIATE")
                on_the_driver(opened, *_rows(numbers, bodies))
            else:
                in_one_trip(opened, ("BEGIN", ()), _arrays(numbers, bodies))
            note = os.urandom(HEAD // 2).hex()
            PUBLIC.verify(KEY.sign(note.encode()), note.encode())
            kept.commit(opened, ("UPDATE bare_head SET note = ?", (note,)), lambda: _flush(second, bodies))
        return [True] * len(bodies)

    return append


def _flush(file: int, bodies: Sequence[bytes]) -> None:
    os.pwrite(file, b"".join(bodies), 0)
    os.fdatasync(file)


def _columns(numbers: Any, bodies: Sequence[bytes]) -> tuple[list[Any], ...]:
    digests = [sha256(body).hexdigest() for body in bodies]
    return [next(numbers) for _ in bodies], list(bodies), [leaf_hash(body) for body in bodies], digests


def _arrays(numbers: Any, bodies: Sequence[bytes]) -> Statement:
    return ARRAYS, _columns(numbers, bodies)


def _rows(numbers: Any, bodies: Sequence[bytes]) -> Statement:
    rows = zip(*_columns(numbers, bodies), strict=True)
    values = ", ".join(["(?, ?, ?, ?)"] * len(bodies))
    return f"INSERT INTO bare_entry VALUES {values}", [value for row in rows for value in row]  # noqa: S608
