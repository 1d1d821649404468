# SPDX-License-Identifier: Apache-2.0
"""Answers as the texts of a form's fields, and back: what a page without scripts can carry, change and show again.

The field of question `relation` is `relation`; of the unit of `compute`, `compute-unit`; of a part of the second of
its bases, `bases-1-licence`. Chosen values of `choices` stand in one text with spaces between.
"""

import re
from collections.abc import Mapping
from typing import Any

from mcla.terms import Schedule
from mcla.terms.answers import is_empty
from mcla.terms.schedule import MAX_ROWS, Field

Texts = Mapping[str, str]


def values_of(texts: Texts, schedule: Schedule | None) -> dict[str, Any]:
    """The answers for the questions of `schedule`; those to questions of another kind are left behind."""
    fields = schedule.fields if schedule else ()
    values = {field.key: _value(texts, field) for field in fields}
    return {key: value for key, value in values.items() if value is not None}


def texts_of(declarations: Mapping[str, Any]) -> dict[str, str]:
    """The texts that `values_of` reads these declarations from."""
    texts: dict[str, str] = {}
    for key, value in declarations.items():
        texts |= _texts(key, value)
    return texts


def rows_shown(texts: Texts, field: Field) -> range:
    """The numbers of the entries that a page shows for a question of many: those there are, or an empty one."""
    numbers = [int(found[1]) for name in texts if (found := _row_of(field.key, name))]
    return range(min(max(numbers, default=0) + 1, MAX_ROWS))


def with_row(texts: Texts, field: Field) -> dict[str, str]:
    """The same with an empty entry more, up to as many as an answer may have."""
    number = len(rows_shown(texts, field))
    assert field.shape is not None  # noqa: S101 - for the type checker; only such questions have the button
    return dict(texts) | ({f"{field.key}-{number}-{field.shape.columns[0].key}": ""} if number < MAX_ROWS else {})


def without_row(texts: Texts, field: Field, gone: int) -> dict[str, str]:
    """The same without one entry; those after it move up."""
    kept = {name: text for name, text in texts.items() if not _row_of(field.key, name)}
    for name, text in texts.items():
        found = _row_of(field.key, name)
        if found and int(found[1]) != gone:
            number = int(found[1]) - (int(found[1]) > gone)
            kept[f"{field.key}-{number}-{found[2]}"] = text
    return kept


def _value(texts: Texts, field: Field) -> Any:
    if field.shape is not None:
        rows = [
            {column.key: texts.get(f"{field.key}-{number}-{column.key}", "") for column in field.shape.columns}
            for number in rows_shown(texts, field)
        ]
        while rows and is_empty(rows[-1]):
            rows.pop()
        return rows or None
    text = texts.get(field.key)
    if text is None or field.type not in ("number", "choices"):
        return text
    if field.type == "choices":
        return text.split()
    return {"value": text, "unit": texts.get(f"{field.key}-unit", "")} if text.strip() else None


def _texts(key: str, value: Any) -> dict[str, str]:
    match value:
        case bool():
            return {key: "yes" if value else "no"}
        case {"value": amount, "unit": unit}:
            return {key: str(amount), f"{key}-unit": str(unit)}
        case [dict(), *_]:
            return {
                f"{key}-{number}-{part}": str(text) for number, row in enumerate(value) for part, text in row.items()
            }
        case list() | tuple():
            return {key: "\n".join(map(str, value))}
    return {key: str(value)}


def _row_of(key: str, name: str) -> re.Match[str] | None:
    return re.fullmatch(re.escape(key) + r"-([0-9]{1,2})-([a-z0-9_]{1,40})", name, re.ASCII)
