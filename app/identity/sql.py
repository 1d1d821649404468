# SPDX-License-Identifier: Apache-2.0
"""Two statements that race safely on SQLite and PostgreSQL alike: insert unless present, and a counted update."""

from sqlalchemy import CursorResult, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.db import Base


def insert_if_absent(session: Session, row: Base) -> bool:
    """Insert unless a unique constraint says that it is there; True if this call inserted it."""
    mapper = type(row).__mapper__
    values = {column.key: getattr(row, column.key) for column in mapper.columns}
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = make(type(row)).values(values).on_conflict_do_nothing()
    return session.execute(insert.returning(*mapper.primary_key)).first() is not None


def changed_rows(session: Session, change: Update) -> int:
    """Run an update and say how many rows it changed: the one-use checks rest on this number."""
    result = session.execute(change.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 (narrows the type; an update has a cursor)
    return int(result.rowcount)
