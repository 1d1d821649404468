# SPDX-License-Identifier: Apache-2.0
"""What differs between two feeds, entry by entry: what a follower has to read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from mcla.feed.entry import Entry, Source


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that came, went, or says something else: then `members` has what it said before and says now."""

    id: str
    what: Literal["added", "removed", "changed"]
    members: Mapping[str, tuple[Any, Any]]

    def to_dict(self) -> dict[str, Any]:
        members = {name: {"old": old, "new": new} for name, (old, new) in self.members.items()}
        return {"id": self.id, "what": self.what, **({"members": members} if members else {})}


def changes(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[Change, ...]:
    """From `old` to `new`, by id."""
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    found = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            found.append(Change(name, "added" if name in after else "removed", {}))
        elif before[name] != after[name]:
            found.append(Change(name, "changed", _differing(before[name], after[name])))
    return tuple(found)


def _differing(old: Entry, new: Entry) -> dict[str, tuple[Any, Any]]:
    return {
        str(each.metadata.get("key", each.name)): (_told(getattr(old, each.name)), _told(getattr(new, each.name)))
        for each in fields(Entry)
        if getattr(old, each.name) != getattr(new, each.name)
    }


def _told(value: Any) -> Any:
    if isinstance(value, Source):
        return value.text if value.url is None else f"{value.text} <{value.url}>"
    return list(value) if isinstance(value, tuple) else value
