# SPDX-License-Identifier: Apache-2.0
"""Long lists in SQL as one parameter: a JSON array that the database unpacks itself.

A parameter for each value would run into the limits of both databases (32,766 and 65,535), and make a statement of its
own to be planned for each length.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


def listed(session: Session, values: Collection[str]) -> Select[Any]:
    """A query for these texts, for `column.in_(…)`; a text with a NUL, which no column can hold, is left out."""
    return _unpacked(literal(as_list(values), String), dialect_of(session))


def named_list(dialect: str, name: str) -> Select[Any]:
    """The same for a parameter of this name, in a statement that is built once and executed with `as_list` values."""
    return _unpacked(bindparam(name, type_=String), dialect)


def as_list(values: Collection[str]) -> str:
    """The parameter for these texts."""
    return json.dumps([each for each in values if "\0" not in each])


def dialect_of(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def _unpacked(text: ColumnElement[str], dialect: str) -> Select[Any]:
    value = column("value", String)
    if dialect == "sqlite":
        return select(func.json_each(text).table_valued(value).c.value)
    return select(func.jsonb_array_elements_text(cast(text, JSONB)).table_valued(value).c.value)
