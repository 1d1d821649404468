# SPDX-License-Identifier: Apache-2.0
"""The database: one engine, explicit transactions, the same behaviour on SQLite and PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL` and `BEGIN IMMEDIATE`, so that a commit is durable and writers
queue instead of failing half-way. Libraries before 3.51.3 can lose committed rows when two connections write
and checkpoint at once; the service refuses to start on one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, DateTime, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Session

from mcla.errors import MclaError

try:
    import pysqlite3.dbapi2 as _bundled_sqlite
except ImportError:  # not Linux: the interpreter's own library must then be new enough
    _bundled_sqlite = sqlite3

SqliteError: type[Exception] = _bundled_sqlite.Error
# The WAL-reset bug (3.7.0 to 3.51.2) is fixed in these; the two older lines are the published back-ports.
SQLITE_FIXED = (3, 51, 3)
SQLITE_BACKPORTS = {(3, 44): 6, (3, 50): 7}
LOCK_SECONDS = 15
"""How long a statement waits for another writer."""


class DatabaseUnfit(MclaError):
    """The database cannot keep the durability promise."""

    code = "database-unfit"
    status = 500
    hint = "Install the pinned requirements (make setup), or set MCLA_DATABASE_URL to a PostgreSQL 15+ database."


class OutcomeUnknown(MclaError):
    """PostgreSQL committed here, but cannot say that the synchronous standby has it too."""

    code = "outcome-unknown"
    status = 503
    hint = "Send the same request again: it is safe, and tells whether the first one was kept."


class Base(DeclarativeBase):
    """The declarative base; every constraint has a predictable name, which SQLite's batch migrations need."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python, `timestamptz` in PostgreSQL, naive UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Reader = Session | Connection
"""What a question is asked through: either, where it needs rows of plain columns."""


class Database:
    """An engine with two doors: `write()` commits or rolls back as one, `read()` never writes.

    `transaction()` is the first without the ORM, `look()` the second without it and without a transaction.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._looking = _sqlite_looking(url) if self.is_sqlite else _postgres_looking(url)

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """Both, each with connections of its own: for all that is done, and for questions that are asked often."""
        return self.engine, self._looking

    @cached_property
    def _reading(self) -> Engine:
        return self.engine.execution_options(mcla_read=True, postgresql_readonly=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end of the block, rolled back on any exception."""
        with Session(self.engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
                driver = session.connection().connection.driver_connection
            check_replicated(driver)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection in one transaction: committed at the end of the block, rolled back on any exception."""
        with self.engine.connect() as connection:
            with connection.begin():
                yield connection
                driver = connection.connection.driver_connection
            check_replicated(driver)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are always discarded; PostgreSQL refuses to make them."""
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            try:
                yield session
            except BaseException:
                session.expunge_all()
                session.rollback()
                raise
            session.expunge_all()  # what ends the transaction would store, or expire, what the caller still holds
            # A ROLLBACK makes psycopg forget every statement that it has prepared on this connection.
            session.rollback() if self.is_sqlite else session.commit()

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection for questions alone, in no transaction: each sees whatever was committed before it was asked.

        Whoever asks several puts first what bounds the others, such as the log's size. Both databases refuse changes.
        """
        with self._looking.connect() as connection:
            yield connection

    def dispose(self) -> None:
        for engine in self.engines:
            engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = _sqlite_connections(url)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if connection.connection.driver_connection.in_transaction:  # begun by the user of a `KeptConnection`
            return
        reading = connection.get_execution_options().get("mcla_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _sqlite_looking(url: str) -> Engine:
    engine = _sqlite_connections(url)

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    return engine


def _sqlite_connections(url: str) -> Engine:
    module: ModuleType = _bundled_sqlite
    check_sqlite_version(module.sqlite_version_info)
    engine = create_engine(
        url, module=module, connect_args={"timeout": LOCK_SECONDS, "isolation_level": None}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        # The row must be fetched: an I/O error while switching to WAL surfaces only then.
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode not in ("wal", "memory"):
            raise DatabaseUnfit(f"SQLite answered journal mode {mode!r} where WAL was asked for")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return engine


def _postgres_engine(url: str, **more: Any) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **more)

    @event.listens_for(engine, "connect")
    def listen(connection: Any, _record: object) -> None:
        def notice(diagnostic: Any) -> None:
            # A cancelled wait for the standby answers "committed" with a mere warning; here it is an error.
            if diagnostic.sqlstate == "01000" and "synchronous replication" in (diagnostic.message_primary or ""):
                _UNREPLICATED.add(connection)

        connection.add_notice_handler(notice)
        # As long as SQLite waits; for ever would be the default.
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.commit()

    return engine


SETTLED = (
    "default_transaction_read_only = on",
    "plan_cache_mode = force_generic_plan",
    "join_collapse_limit = 11",
    "from_collapse_limit = 11",
    "enable_mergejoin = off",
    "enable_hashjoin = off",
    "enable_seqscan = off",
)


def _postgres_looking(url: str) -> Engine:
    """For questions that are asked again and again: prepared the first time, and planned once for whatever is asked.

    Planning them anew takes several times what running them does. PostgreSQL would go on doing so: with one person it
    finds its plan for any number of them dearer. These plans walk indexes however many are asked for, as they should;
    since each is made once, it may take the time to try every order of up to eleven tables, and not of eight. No
    join walks a whole table where another way leads there: for a few rows out of two sorted indexes PostgreSQL expects
    to stop early, and walked the signatures of 1,000 companies to find those of five.
    """
    engine = _postgres_engine(url, isolation_level="AUTOCOMMIT", connect_args={"prepare_threshold": 0})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:
        for setting in SETTLED:
            connection.execute(f"SET {setting}")
        connection.commit()

    return engine


# Connections whose last commit PostgreSQL did not confirm on the standby.
_UNREPLICATED: WeakSet[Any] = WeakSet()


def check_replicated(driver: Any) -> None:
    """Raise `OutcomeUnknown` if the standby is not known to have the last commit on this connection of the driver."""
    if driver in _UNREPLICATED:
        _UNREPLICATED.discard(driver)
        raise OutcomeUnknown("The database stopped waiting for its standby before the standby had the change.")


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Raise `DatabaseUnfit` for a library with the WAL-reset bug (see the module's first words)."""
    fixed = tuple(version) >= SQLITE_FIXED or version[2] >= SQLITE_BACKPORTS.get((version[0], version[1]), 10_000)
    if not fixed:
        text = ".".join(map(str, version))
        raise DatabaseUnfit(f"SQLite {text} can lose committed rows in WAL mode; 3.51.3 or newer is needed")
