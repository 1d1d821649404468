# SPDX-License-Identifier: Apache-2.0
"""What a PostgreSQL database of a test holds, so that it can be put back: a new one takes ten times as long.

Rows and counters are put back; whatever else a test changed (a table, a constraint, a setting) shows in `shape`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.sql import SQL, Identifier

Connected = Connection[tuple[str, ...]]
GROWN = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND pg_total_relation_size(oid) > 262144"""
"""Tables that are truncated when they are emptied, so that what was deleted slows nobody down."""
SHAPE = r"""
WITH spaces AS (SELECT * FROM pg_namespace WHERE nspname NOT LIKE ALL (ARRAY['pg\_%', 'information\_schema'])),
  own AS (SELECT * FROM pg_class WHERE relnamespace IN (SELECT oid FROM spaces))
SELECT concat_ws(' ', oid::regclass, relkind, relpersistence, reloptions, relacl) FROM own UNION ALL
SELECT concat_ws(' ', attrelid::regclass, attnum, attname, atttypid::regtype, atttypmod, attnotnull, attidentity,
  (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
  FROM pg_attribute WHERE attrelid IN (SELECT oid FROM own) UNION ALL
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM own) UNION ALL
SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE conrelid IN (SELECT oid FROM own) UNION ALL
SELECT concat_ws(' ', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
  WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM own) UNION ALL
SELECT concat_ws(' ', tgrelid::regclass, tgenabled, tgconstraint::regclass) FROM pg_trigger
  WHERE tgisinternal AND tgenabled <> 'O' AND tgrelid IN (SELECT oid FROM own) UNION ALL
SELECT prosrc FROM pg_proc WHERE pronamespace IN (SELECT oid FROM spaces) UNION ALL
SELECT concat_ws(' ', nspname, nspacl) FROM spaces UNION ALL
SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
  WHERE datname = current_database()
ORDER BY 1"""
CATALOGUES = ("namespace", "class", "attribute", "attrdef", "index", "constraint", "trigger", "proc", "db_role_setting")
VERSION = "SELECT count(*), max(xmin::text::bigint) FROM pg_{}"
"""Every change of a catalogue makes a row of a newer transaction, or one row less."""


@dataclass(frozen=True)
class Content:
    """The shape of a database, its rows by table (PostgreSQL's binary COPY format) and its counters by sequence."""

    shape: tuple[str, ...]
    rows: dict[str, bytes]
    counters: dict[str, tuple[int, bool]]


def content_of(connection: Connected) -> Content:
    """Everything that a database holds."""
    tables = _names(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    sequences = _names(connection, "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    return Content(
        shape_of(connection),
        {name: _rows(connection, name) for name in tables},
        {name: _counter(connection, name) for name in sequences},
    )


def versions_of(connection: Connected) -> list[tuple[str, ...]]:
    """What differs after every change of the shape, and is read in a tenth of its time; truncating changes it too."""
    return connection.execute(" UNION ALL ".join(map(VERSION.format, CATALOGUES))).fetchall()  # type: ignore[arg-type]


def shape_of(connection: Connected) -> tuple[str, ...]:
    """Tables, columns, constraints and whatever else is no row, each in words."""
    return tuple(_names(connection, SHAPE))


def put_back(connection: Connected, content: Content) -> None:
    """Make a database of the shape of `content` hold its rows and counters again."""
    with connection.transaction():
        # Without foreign keys and triggers: tables are emptied and filled in any order.
        connection.execute("SET LOCAL session_replication_role = replica")
        _empty(connection, content.rows)
        for name, rows in content.rows.items():
            if len(rows) > len(NOTHING):
                with connection.cursor().copy(_told("COPY {} FROM STDIN (FORMAT binary)", name)) as copy:
                    copy.write(rows)
        for name, counter in content.counters.items():
            connection.execute("SELECT setval(%s::regclass, %s, %s)", (f'"{name}"', *counter))


NOTHING = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"
"""A binary COPY of no row."""


def _empty(connection: Connected, tables: Iterable[str]) -> None:
    connection.execute(SQL("; ").join(_told("DELETE FROM {}", name) for name in tables))
    for name in _names(connection, GROWN):
        connection.execute(_told("TRUNCATE {} CASCADE", name))


def _told(statement: str, name: str) -> SQL:
    return SQL(statement).format(Identifier(name))  # type: ignore[arg-type,return-value]


def _names(connection: Connected, query: str) -> list[str]:
    return [name for (name,) in connection.execute(query)]  # type: ignore[arg-type]


def _rows(connection: Connected, name: str) -> bytes:
    with connection.cursor().copy(_told("COPY {} TO STDOUT (FORMAT binary)", name)) as copy:
        return b"".join(bytes(piece) for piece in copy)


def _counter(connection: Connected, name: str) -> tuple[int, bool]:
    return connection.execute(_told("SELECT last_value, is_called FROM {}", name)).fetchone()  # type: ignore[return-value]
