# SPDX-License-Identifier: Apache-2.0
"""Long lists in SQL as one parameter: an array that the database unpacks itself.

A parameter for each value would run into the limits of both databases (32,766 and 65,535), and make a statement of its
own to be planned for each length. SQLite gets a JSON array; PostgreSQL a typed one, because it takes 100 elements for
granted in JSON, and walks a table of 30,000 rows for ten of them where it looks into the index for an array.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    String,
    TypeDecorator,
    bindparam,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.types import TypeEngine

from app.platform.db import Reader


class Texts(TypeDecorator[Collection[str]]):
    """Texts as one parameter; one with a NUL, which no column can hold, is left out."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(String()))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        fit = [each for each in value or () if "\0" not in each]
        return json.dumps(fit) if dialect.name == "sqlite" else fit


def listed(reader: Reader, values: Collection[str]) -> Select[Any]:
    """A query for these texts, for `column.in_(…)`."""
    return _unpacked(literal(values, Texts()), dialect_of(reader))


def named_list(dialect: str, name: str) -> Select[Any]:
    """The same for a parameter of this name, in a statement that is built once and executed with other texts."""
    return _unpacked(bindparam(name, type_=Texts()), dialect)


def dialect_of(reader: Reader) -> str:
    """`sqlite` or `postgresql`."""
    return reader.dialect.name if isinstance(reader, Connection) else reader.get_bind().dialect.name


def _unpacked(texts: ColumnElement[Any], dialect: str) -> Select[Any]:
    if dialect == "sqlite":
        return select(func.json_each(texts).table_valued(column("value", String)).c.value)
    return select(func.unnest(texts))
