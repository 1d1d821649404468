# SPDX-License-Identifier: Apache-2.0
"""The SQL statements of a block of code, in order: what a promise about work can be checked against without a clock."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.platform.db import Database


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Counts the SQL statements of a block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    for engine in db.engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in db.engines:
            event.remove(engine, "before_cursor_execute", note)
