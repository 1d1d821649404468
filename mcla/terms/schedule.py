# SPDX-License-Identifier: Apache-2.0
"""A schedule's declarations: the questions a contributor answers for one kind of contribution.

Source: `schedules/<letter>.toml` of an agreement version, schema `mcla.schedule/1`. Every question says why it is
asked and by which standard the answer is a promise: `flat`, `checked` (after the checks named) or `knowledge`.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Literal

from mcla.errors import MclaError
from mcla.terms.kinds import PROMISE_KINDS, Kind, Letter, Standard, kinds_of
from mcla.terms.strict import Between, Fault, Pattern, Unreadable, read_toml

Key = Annotated[str, Pattern(r"[a-z][a-z0-9_]{0,39}", "a key such as base_models")]
Label = Annotated[str, Pattern(r"\S(.{0,198}\S)?", "a text of 1 to 200 characters")]
Help = Annotated[str, Pattern(r"\S.{8,598}\S", "a text of 10 to 600 characters")]
FieldType = Literal["text", "choice", "yesno", "confirm", "list"]
MAX_LENGTH = 4000
MAX_ITEMS = 200


class ScheduleInvalid(MclaError):
    """A schedule's questions cannot be used; `faults` has one entry per bad key."""

    code = "schedule-invalid"
    status = 422
    hint = "Correct the named keys in the schedule's TOML file."

    def __init__(self, faults: tuple[Fault, ...], name: str) -> None:
        super().__init__(f"{name} cannot be used: " + "; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Option:
    """One answer of a `choice`: `value` goes into the statement, `label` is shown."""

    value: Annotated[str, Pattern(r"[a-z0-9][a-z0-9-]{0,39}", "a value such as fine-tune")]
    label: Label


@dataclass(frozen=True)
class Field:
    """One question. No `kinds` means every kind of the schedule; `max_length` is in characters, per item of a list."""

    key: Key
    label: Label
    help: Help
    type: FieldType
    standard: Standard
    required: bool
    promise: str | None = None
    options: tuple[Option, ...] = ()
    max_length: Annotated[int, Between(1, MAX_LENGTH)] = 2000
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """The questions of one schedule, in the order they are asked."""

    schema: Literal["mcla.schedule/1"]
    letter: Letter
    title: Label
    fields: tuple[Field, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return kinds_of(self.letter)

    def for_kind(self, kind: Kind) -> "Schedule":
        """This schedule with only the questions that `kind` is asked."""
        return replace(self, fields=tuple(field for field in self.fields if not field.kinds or kind in field.kinds))


@lru_cache(maxsize=64)
def parse_schedule(data: bytes, letter: Letter) -> Schedule:
    """Read `schedules/<letter>.toml`; raises `ScheduleInvalid` with every fault at once."""
    name = f"schedules/{letter}.toml"
    try:
        schedule = read_toml(Schedule, data)
    except Unreadable as error:
        raise ScheduleInvalid(error.faults, name) from None
    if faults := tuple(_contradictions(schedule, letter)):
        raise ScheduleInvalid(faults, name)
    return schedule


def _contradictions(schedule: Schedule, letter: Letter) -> list[Fault]:
    faults = []
    if schedule.letter != letter:
        faults.append(Fault("letter", f'is "{schedule.letter}" in a file named for schedule {letter}'))
    if not schedule.fields:
        faults.append(Fault("fields", "is empty: a schedule asks at least one question"))
    keys = [field.key for field in schedule.fields]
    for number, field in enumerate(schedule.fields):
        if field.key in keys[:number]:
            faults.append(Fault(f"fields[{number}].key", f'"{field.key}" is asked twice'))
        faults += _field_faults(field, schedule.kinds, f"fields[{number}]")
    return faults


def _field_faults(field: Field, kinds: tuple[Kind, ...], at: str) -> list[Fault]:
    faults = []
    values = [option.value for option in field.options]
    if (field.type == "choice") != bool(field.options):
        faults.append(Fault(f"{at}.options", 'are needed for the type "choice", and only there'))
    if len(set(values)) < len(values):
        faults.append(Fault(f"{at}.options", "name the same value twice"))
    if strange := [kind for kind in field.kinds if kind not in kinds]:
        faults.append(Fault(f"{at}.kinds", f"{', '.join(strange)} is not of this schedule ({', '.join(kinds)})"))
    if field.promise is not None and not set(PROMISE_KINDS.get(field.promise, ())) & set(field.kinds or kinds):
        known = ", ".join(key for key, concerned in PROMISE_KINDS.items() if set(concerned) & set(kinds))
        faults.append(Fault(f"{at}.promise", f'"{field.promise}" is no promise for these kinds; known: {known}'))
    return faults
