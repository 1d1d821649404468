# SPDX-License-Identifier: Apache-2.0
"""Two licences side by side: which facts differ, and which use restrictions one has and the other has not.

Restrictions are compared as sets, so that a list that merely reads longer is not taken for one that contains another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from mcla.licences.records import Licence

_ASIDE = ("id", "restrictions", "unknown")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, as the data file names it, and its value in each; a value that is not to be relied on is None."""

    field: str
    one: Any
    other: Any

    def to_dict(self) -> dict[str, Any]:
        return {"field": self.field, "one": self.one, "other": self.other}


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two records, the facts that differ, and their restrictions as sets."""

    one: Licence
    other: Licence
    differences: tuple[Difference, ...]
    only_in_one: tuple[str, ...]
    only_in_other: tuple[str, ...]
    in_both: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "one": self.one.id,
            "other": self.other.id,
            "differences": [each.to_dict() for each in self.differences],
            "restrictions": {
                "only_in_one": list(self.only_in_one),
                "only_in_other": list(self.only_in_other),
                "in_both": list(self.in_both),
            },
        }


def side_by_side(one: Licence, other: Licence) -> SideBySide:
    """What differs between two records."""
    before, after = facts(one), facts(other)
    return SideBySide(
        one=one,
        other=other,
        differences=tuple(
            Difference(name, before[name], after[name])
            for name in before
            if name not in _ASIDE and before[name] != after[name]
        ),
        only_in_one=tuple(each for each in one.restrictions if each not in other.restrictions),
        only_in_other=tuple(each for each in other.restrictions if each not in one.restrictions),
        in_both=tuple(each for each in one.restrictions if each in other.restrictions),
    )


def facts(licence: Licence) -> dict[str, Any]:
    """The record as plain JSON values by dotted field; None for what is named unknown, whatever stands in it."""
    return {name: value if licence.knows(name) else None for name, value in _flat(licence, "")}


def _flat(record: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value):
            yield from _flat(value, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [dict(_flat(each, "")) if is_dataclass(each) else each for each in value]
    return value
