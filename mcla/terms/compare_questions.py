# SPDX-License-Identifier: Apache-2.0
"""Two editions of a schedule's questions compared: a new duty to answer concerns only who gives those kinds.

A question is what a promise hangs on, so a stricter, added or narrowed one is `scoped`; what asks less is `notice`;
other words for the same question are `editorial`, except where the words themselves are what is confirmed.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from mcla.terms.changes import EDITORIAL, MATERIAL, NOTICE, Change, Verdict, scoped
from mcla.terms.kinds import Letter
from mcla.terms.rules import STANDARDS
from mcla.terms.schedule import Field, Schedule, ScheduleInvalid, parse_schedule


def question_changes(letter: Letter, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    """The changes of `schedules/<letter>.toml`; None where a version has no such schedule."""
    if old == new:
        return
    path = f"schedules/{letter}.toml"
    try:
        before, after = (parse_schedule(data, letter) if data is not None else None for data in (old, new))
    except ScheduleInvalid as error:
        yield Change(path, MATERIAL, None, error.message)
        return
    if before is None or after is None:
        return  # the kinds of the schedule come in or go out: `scope.kinds` tells
    keys = dict.fromkeys([*_by_key(before), *_by_key(after)])
    found = [change for key in keys for change in _changes(key, before, after)]
    yield from found or [Change(path, EDITORIAL, None, None)]


def _by_key(schedule: Schedule) -> dict[str, Field]:
    return {field.key: field for field in schedule.fields}


def _changes(key: str, old: Schedule, new: Schedule) -> Iterator[Change]:
    name = f"schedules.{new.letter}.{key}"
    before, after = _by_key(old).get(key), _by_key(new).get(key)
    if before is None and after is not None:
        verdict = scoped(after.kinds or new.kinds) if after.required else NOTICE
        yield Change(name, verdict, None, after.label)
    elif after is None and before is not None:
        yield Change(name, NOTICE, before.label, None)
    elif before is not None and after is not None:
        for part, value in asdict(after).items():
            was = asdict(before)[part]
            if was != value:
                kinds = (*(before.kinds or old.kinds), *(after.kinds or new.kinds))
                yield Change(
                    f"{name}.{part}", _verdict(part, was, value, after, scoped(kinds)), _plain(was), _plain(value)
                )


def _verdict(part: str, old: Any, new: Any, field: Field, stricter: Verdict) -> Verdict:
    match part:
        case "help":
            return EDITORIAL
        case "label":
            return stricter if field.type == "confirm" else EDITORIAL
        case "standard":
            return stricter if STANDARDS.index(new) > STANDARDS.index(old) else NOTICE
        case "required":
            return stricter if new else NOTICE
        case "options":
            return NOTICE if {each["value"] for each in old} <= {each["value"] for each in new} else stricter
        case "max_length":
            return NOTICE if new > old else stricter
        case _:
            return stricter


def _plain(value: Any) -> Any:
    """As JSON has it: options by their values."""
    if isinstance(value, tuple):
        return [each["value"] if isinstance(each, dict) and "value" in each else each for each in value]
    return value
