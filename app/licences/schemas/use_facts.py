# SPDX-License-Identifier: Apache-2.0
"""Facts about a use (`mcla.use/1`) as a schema for the API document; the protocol reads them and has the last word."""

from typing import Any, get_args

from mcla.statements.canonical import MAX_INT
from mcla.tiers.facts import Business, Measure, Measured, Of, Period, Purpose, Receipt

_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": MAX_INT}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "uniqueItems": True, "maxItems": 200}


def _one_of(words: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(get_args(words))}


def _several(measurement: dict[str, Any], required: list[str]) -> dict[str, Any]:
    one = {"type": "object", "properties": measurement, "required": required, "additionalProperties": False}
    return {"anyOf": [one, _list(one)]}


USE_SCHEMA: dict[str, Any] = {
    "additionalProperties": False,
    "properties": {
        "schema": {"const": "mcla.use/1"},
        "date": {"type": "string", "format": "date"},
        **{flag: {"type": "boolean"} for flag in ("commercial", "registered", "authorised", "multimodal")},
        "purposes": _list(_one_of(Purpose)),
        "sectors": _list({"type": "string", "pattern": "^[a-z0-9]{1,64}$"}),
        "jurisdictions": _list({"type": "string", "pattern": "^[A-Z]{2}$"}),
        "business": _list(_one_of(Business)),
        "uses": _list({"type": "string", "pattern": "^[a-z0-9]{1,32}:[a-z0-9]{1,32}$|^[a-z_]{1,64}$"}),
        "receipt": _one_of(Receipt),
        "training_compute": {"type": "string", "pattern": r"^[1-9](\.[0-9]{1,6})?e[1-9][0-9]?$"},
        "users": _several({"count": _COUNT, "measure": _one_of(Measure), "measured": _one_of(Measured)}, ["count"]),
        "revenue": _several(
            {
                "amount": _COUNT,
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "period": _one_of(Period),
                "of": _one_of(Of),
                "measured": _one_of(Measured),
            },
            ["amount", "currency", "period"],
        ),
    },
}
"""What pydantic's own schema of a free object is narrowed by."""
