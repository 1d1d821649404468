# SPDX-License-Identifier: Apache-2.0
"""Long lists in SQL as one parameter: a JSON array that the database unpacks itself.

A parameter for each value would run into the limits of both databases (32,766 and 65,535), and make a statement of its
own to be planned for each length.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, String, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


def listed(session: Session, values: Collection[str]) -> Select[Any]:
    """A query for these texts, for `column.in_(…)`; a text with a NUL, which no column can hold, is left out."""
    text = literal(json.dumps([each for each in values if "\0" not in each]), String)
    if session.get_bind().dialect.name == "sqlite":
        return select(func.json_each(text).table_valued(column("value", String)).c.value)
    return select(func.jsonb_array_elements_text(cast(text, JSONB)).table_valued(column("value", String)).c.value)
