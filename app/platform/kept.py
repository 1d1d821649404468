# SPDX-License-Identifier: Apache-2.0
"""A connection for one writer that comes often, and statements that go to the driver itself.

An append to the log costs a handful of statements; through SQLAlchemy each of them would cost SQLite ten times what it
needs, and PostgreSQL a round trip of its own.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.platform.db import Database, SqliteError, check_replicated

WORTH_A_THREAD = 0.0003
"""Seconds: waking another thread for what a quick disk does sooner would take longer."""

Statement = tuple[str, Sequence[object]]
"""An SQL text with `?` for each value, and the values."""


class KeptConnection:
    """A connection for one writer that comes often: kept for a second between its transactions.

    Taking one from the pool asks PostgreSQL whether it is still alive, which costs as much as a statement; beginning
    through SQLAlchemy costs more than a commit of SQLite. So the first statement of a transaction has to be a BEGIN.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: tuple[Connection, float] | None = None
        self._helper = ThreadPoolExecutor(1, "meanwhile")
        self._meanwhile_takes = 0.0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As `Database.transaction`; after an exception the next one takes another connection."""
        connection = self._take()
        try:
            yield connection
            self._end(connection)
        except BaseException:
            connection.close()
            raise
        other, self._kept = self._kept, (connection, time.monotonic())
        if other:
            other[0].close()

    def close(self) -> None:
        """Give back the connection that is kept; the next transaction takes another one."""
        kept, self._kept = self._kept, None
        if kept:
            kept[0].close()

    def _end(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.in_transaction():  # as far as SQLAlchemy knows
            connection.commit()
        with _ERRORS:
            driver.commit()
        check_replicated(driver)

    def _take(self) -> Connection:
        kept, self._kept = self._kept, None
        if kept and time.monotonic() - kept[1] < 1:
            return kept[0]
        if kept:
            kept[0].close()
        connection = self._db.engine.connect()
        # PostgreSQL's driver would send a BEGIN of its own, one more round trip; see `in_one_trip`.
        return connection if self._db.is_sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")

    def commit(self, connection: Connection, last: Statement, meanwhile: Callable[[], None]) -> None:
        """Run the `last` statement of a transaction and commit, and `meanwhile` at the same time.

        Returns when both are done. Raises what either raises; the other may have happened then.
        """
        if not self._db.is_sqlite:
            with _pipeline(connection) as send:
                send(last)
                send(("COMMIT", ()))
                meanwhile()
        elif self._meanwhile_takes < WORTH_A_THREAD:
            self._timed(meanwhile)
            self._commit(connection, last)
        else:
            helped = self._helper.submit(self._timed, meanwhile)
            try:
                self._commit(connection, last)
            finally:
                helped.result()

    def _commit(self, connection: Connection, last: Statement) -> None:
        for statement in (last, ("COMMIT", ())):
            on_the_driver(connection, *statement)

    def _timed(self, work: Callable[[], None]) -> None:
        """Do `work`, and remember what it takes at best: what others on the machine add does not count at once."""
        began = time.perf_counter()
        work()
        self._meanwhile_takes = min(time.perf_counter() - began, 2 * self._meanwhile_takes + WORTH_A_THREAD / 8)


def in_one_trip(connection: Connection, *statements: Statement) -> list[list[tuple[Any, ...]]]:
    """Send statements to PostgreSQL together, one round trip instead of one each; the rows of each that answers any.

    The first may be a BEGIN, on a `KeptConnection`.
    """
    with _pipeline(connection) as send:
        cursors = [send(statement) for statement in statements]
    with _ERRORS:
        return [cursor.fetchall() for cursor in cursors if cursor.description]


@contextmanager
def _pipeline(connection: Connection) -> Iterator[Callable[[Statement], Any]]:
    """What sends a statement to PostgreSQL at once; the answers are waited for at the end."""
    driver: Any = connection.connection.driver_connection
    with _ERRORS, driver.pipeline():
        yield lambda statement: driver.execute(_in_binary(statement[0]), statement[1], binary=True)


def _in_binary(statement: str) -> str:
    return statement.replace("?", "%b")


def on_the_driver(connection: Connection, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Run a statement with `?` for each value on the driver itself, and fetch its rows.

    For what every append does: going through SQLAlchemy costs ten times what SQLite needs.
    """
    driver: Any = connection.connection.driver_connection
    with _ERRORS:
        if connection.dialect.name == "postgresql":
            cursor = driver.execute(_in_binary(statement), values, binary=True)
            return cursor.fetchall() if cursor.description else []
        return cast("list[tuple[Any, ...]]", driver.execute(statement, values).fetchall())


class _AsSqlAlchemy:
    """Raises the drivers' errors as SQLAlchemy does."""

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        for kind in (psycopg.Error, SqliteError):
            if isinstance(error, kind):
                raise DBAPIError.instance(None, None, error, kind, hide_parameters=True) from error


_ERRORS = _AsSqlAlchemy()
