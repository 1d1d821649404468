# SPDX-License-Identifier: Apache-2.0
"""A schedule's declarations: the questions a contributor answers for one kind of contribution.

Source: `schedules/<letter>.toml` of an agreement version, schema `mcla.schedule/1`. Every question says why it is
asked and by which standard the answer is a promise: `flat`, `checked` (after the checks named) or `knowledge`. Page,
command line, statement and record are all made from these questions and from nothing else.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Literal

from mcla.errors import MclaError
from mcla.terms.kinds import PROMISE_KINDS, Kind, Letter, Standard, kinds_of
from mcla.terms.rows import SHAPES, Label, Option, Shape, Value
from mcla.terms.strict import Between, Fault, Pattern, Unreadable, read_toml

Key = Annotated[str, Pattern(r"[a-z][a-z0-9_]{0,39}", "a key such as base_models")]
Help = Annotated[str, Pattern(r"\S.{8,598}\S", "a text of 10 to 600 characters")]
Unit = Annotated[str, Pattern(r"[A-Za-z%][A-Za-z %-]{0,29}", "a unit such as FLOP")]
FieldType = Literal[
    "text", "choice", "choices", "yesno", "confirm", "list", "number", "date", "digest",
    "sources", "bases", "generators", "checks",
]  # fmt: skip
MAX_LENGTH = 4000
MAX_ITEMS = 200
MAX_ROWS = 100
MAX_DAYS = 3650
HAZARDS = ("none", "dual-use", "controlled")
"""Levels of a hazard, from what everybody may see to what only named people may; `hazard_max` of the terms is one."""
RESERVED: dict[str, FieldType] = {
    "embargo_until": "date",
    "dual_use": "choice",
    "bases": "bases",
    "compute": "number",
    "base_compute": "number",
}
"""Keys that the service itself reads: whichever schedule asks under this key asks for this."""


class ScheduleInvalid(MclaError):
    """A schedule's questions cannot be used; `faults` has one entry per bad key."""

    code = "schedule-invalid"
    status = 422
    hint = "Correct the named keys in the schedule's TOML file."

    def __init__(self, faults: tuple[Fault, ...], name: str) -> None:
        super().__init__(f"{name} cannot be used: " + "; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class When:
    """The question is asked only if the earlier question `key` was answered with one of `values` (`yes`, `no`)."""

    key: Key
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Field:
    """One question. No `kinds` means every kind of the schedule.

    `max_length` is in characters, per item of a list. `units`, `least` and `most` belong to numbers; a date lies in
    the `past` (today included) or in the `future` (at most `within_days` ahead, where that is said).
    """

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
    when: When | None = None
    units: tuple[Unit, ...] = ()
    least: int = 0
    most: int | None = None
    dates: Literal["past", "future"] | None = None
    within_days: Annotated[int, Between(1, MAX_DAYS)] | None = None

    @property
    def shape(self) -> Shape | None:
        """The columns of its entries; None for a question with one answer."""
        return SHAPES.get(self.type)  # type: ignore[arg-type]


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

    def field(self, key: str) -> Field | None:
        """The question with this key."""
        return next((field for field in self.fields if field.key == key), None)


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
        at = f"fields[{number}]"
        if field.key in keys[:number]:
            faults.append(Fault(f"{at}.key", f'"{field.key}" is asked twice'))
        faults += _field_faults(field, schedule.kinds, at)
        faults += _when_faults(field, schedule.fields[:number], schedule.kinds, at)
    return faults


def _field_faults(field: Field, kinds: tuple[Kind, ...], at: str) -> list[Fault]:
    faults = []
    if strange := [kind for kind in field.kinds if kind not in kinds]:
        faults.append(Fault(f"{at}.kinds", f"{', '.join(strange)} is not of this schedule ({', '.join(kinds)})"))
    if field.promise is not None and not set(PROMISE_KINDS.get(field.promise, ())) & set(field.kinds or kinds):
        known = ", ".join(key for key, concerned in PROMISE_KINDS.items() if set(concerned) & set(kinds))
        faults.append(Fault(f"{at}.promise", f'"{field.promise}" is no promise for these kinds; known: {known}'))
    if RESERVED.get(field.key, field.type) != field.type:
        faults.append(Fault(f"{at}.type", f'is "{RESERVED[field.key]}" wherever {field.key} is asked'))
    return [*faults, *_option_faults(field, at), *_limit_faults(field, at)]


def _option_faults(field: Field, at: str) -> list[Fault]:
    faults, values = [], [option.value for option in field.options]
    if (field.type in ("choice", "choices")) != bool(values):
        faults.append(Fault(f"{at}.options", 'are needed for the types "choice" and "choices", and only there'))
    if len(set(values)) < len(values):
        faults.append(Fault(f"{at}.options", "name the same value twice"))
    if field.key == "dual_use" and not set(values) <= set(HAZARDS):
        faults.append(Fault(f"{at}.options", f"are some of {', '.join(HAZARDS)} wherever dual_use is asked"))
    return faults


def _limit_faults(field: Field, at: str) -> list[Fault]:
    faults = []
    if (field.type == "number") != bool(field.units):
        faults.append(Fault(f"{at}.units", 'are needed for the type "number", and only there'))
    if field.type != "number" and (field.least or field.most is not None):
        faults.append(Fault(f"{at}.least", 'and most belong to the type "number"'))
    if field.most is not None and field.most < field.least:
        faults.append(Fault(f"{at}.most", f"is {field.most}, less than least, {field.least}"))
    if (field.type == "date") != (field.dates is not None):
        faults.append(Fault(f"{at}.dates", 'is needed for the type "date", and only there'))
    if field.within_days is not None and field.dates != "future":
        faults.append(Fault(f"{at}.within_days", 'belongs to dates = "future"'))
    return faults


def _when_faults(field: Field, earlier: tuple[Field, ...], kinds: tuple[Kind, ...], at: str) -> list[Fault]:
    if field.when is None:
        return []
    asked = next((each for each in earlier if each.key == field.when.key), None)
    if asked is None or asked.type not in ("choice", "choices", "yesno"):
        why = f'"{field.when.key}" is no earlier question of the type choice, choices or yesno'
        return [Fault(f"{at}.when.key", why)]
    allowed = ["yes", "no"] if asked.type == "yesno" else [option.value for option in asked.options]
    faults = []
    if not field.when.values or not set(field.when.values) <= set(allowed):
        faults.append(Fault(f"{at}.when.values", f"are some of {', '.join(allowed)}"))
    if not set(field.kinds or kinds) <= set(asked.kinds or kinds):
        faults.append(Fault(f"{at}.when.key", f'"{asked.key}" is not asked for every kind that this question is for'))
    return faults
