# SPDX-License-Identifier: Apache-2.0
"""Reads JSON values member by member; every fault is kept with its JSON pointer (RFC 6901), none is repaired.

A place in the JSON is a tuple of names and numbers; it becomes a pointer only where there is a fault.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mcla.errors import MclaError

Place = tuple[str | int, ...]
T = TypeVar("T")
MAX_FAULTS = 20
_MISSING = object()


@dataclass(slots=True)
class Faults:
    """What is wrong with a value, in the order of reading; the first ones are told, all are counted."""

    told: list[dict[str, str]] = field(default_factory=list)
    count: int = 0

    def add(self, place: Place, detail: str) -> None:
        self.count += 1
        if len(self.told) < MAX_FAULTS:
            self.told.append({"pointer": pointer(place), "detail": detail})


def pointer(place: Place) -> str:
    """The RFC 6901 text of a place."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


@dataclass(frozen=True, slots=True)
class Members:
    """An object's members, read by name; what has no name here was refused when it was opened."""

    value: Mapping[str, Any]
    place: Place
    faults: Faults

    def text(self, name: str, most: int) -> str | None:
        """A text of 1 to `most` characters; None where it is absent, null or faulty."""
        found = self.value.get(name)
        if found is None:
            return None
        if isinstance(found, str) and 1 <= len(found) <= most:
            return found
        self.faults.add((*self.place, name), f"expected a text of 1 to {most:,} characters, got {shown(found)}")
        return None

    def needed(self, name: str, most: int) -> str:
        """The same, where its absence is a fault; empty where faulty."""
        if self.value.get(name) is None:
            self.faults.add((*self.place, name), f"expected a text of 1 to {most:,} characters, got nothing")
        return self.text(name, most) or ""

    def flag(self, name: str) -> bool:
        """True or false; false where it is absent."""
        found = self.value.get(name, False)
        if not isinstance(found, bool):
            self.faults.add((*self.place, name), f"expected true or false, got {shown(found)}")
        return found is True

    def whole(self, name: str, most: int) -> int | None:
        """A whole number of 0 to `most`; None where absent, null or faulty."""
        found = self.value.get(name)
        if found is None or (type(found) is int and 0 <= found <= most):
            return found
        self.faults.add((*self.place, name), f"expected a whole number of 0 to {most}, got {shown(found)}")
        return None

    def checked(self, name: str, check: Callable[[Any], T]) -> T | None:
        """What `check` makes of the member; the message of the `MclaError` that it raises is the fault."""
        found = self.value.get(name)
        try:
            return None if found is None else check(found)
        except MclaError as error:
            self.faults.add((*self.place, name), error.message)
            return None

    def each(self, name: str, most: int, read: Callable[[object, Place, Faults], T | None]) -> tuple[T, ...]:
        """The items of a list of at most `most`; of a longer one nothing is read. Faulty ones are left out."""
        found, place = self.value.get(name, []), (*self.place, name)
        if not isinstance(found, list):
            self.faults.add(place, f"expected a list, got {shown(found)}")
            return ()
        if len(found) > most:
            self.faults.add(place, f"expected at most {most:,} items, got {len(found):,}")
            return ()
        items = (read(item, (*place, number), self.faults) for number, item in enumerate(found))
        return tuple(item for item in items if item is not None)


def members(value: object, place: Place, faults: Faults, known: Sequence[str]) -> Members | None:
    """Open an object of these members; unknown ones are faults by name. None where it is no object."""
    if not isinstance(value, Mapping):
        faults.add(place, f"expected an object, got {shown(value)}")
        return None
    for name in value:
        if name not in known:
            faults.add((*place, name[:80]), f"is not known here; known are {', '.join(known)}")
    return Members(value, place, faults)


def shown(value: object) -> str:
    """A value as an error may quote it: short, escaped."""
    if isinstance(value, str):
        return ascii(value) if len(value) <= 60 else f"{value[:20]!a} ({len(value):,} characters)"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return "null" if value is None else str(value)[:40].lower()
