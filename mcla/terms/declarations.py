# SPDX-License-Identifier: Apache-2.0
"""A contributor's answers checked against a schedule's questions.

`mcla.terms.answers` says which form each answer has in the statement. Unanswered optional questions are left out, and
so are questions that another answer makes pointless. Errors carry RFC 6901 pointers and one sentence each.
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from mcla.errors import MclaError
from mcla.terms.answers import (
    Answer,
    Refused,
    Row,
    is_empty,
    missing,
    read_choice,
    read_date,
    read_digest,
    read_one,
    read_text,
    read_url,
)
from mcla.terms.rows import Column, Shape
from mcla.terms.schedule import MAX_ROWS, Field, Schedule
from mcla.wording import Worded

__all__ = ["Answer", "DeclarationError", "DeclarationsInvalid", "check_declarations", "is_asked", "read_part"]


@dataclass(frozen=True)
class DeclarationError:
    """`pointer` into the declarations object (`/bases/0/licence`), and what to do about it."""

    pointer: str
    detail: str


class DeclarationsInvalid(MclaError):
    """Some answers are missing or cannot be used; `errors` has one entry for each."""

    code: ClassVar[str] = "declarations-invalid"
    status: ClassVar[int] = 422
    hint = "Answer the named questions; everything else you entered was understood."

    def __init__(self, errors: tuple[DeclarationError, ...]) -> None:
        super().__init__("The declarations are not complete: " + " ".join(error.detail for error in errors))
        self.errors = [{"pointer": error.pointer, "detail": error.detail} for error in errors]
        self.extra = {"errors": self.errors}


def check_declarations(schedule: Schedule | None, values: Mapping[str, object], today: date) -> dict[str, Answer]:
    """The cleaned answers in the order of the questions; raises `DeclarationsInvalid`.

    `schedule` is already narrowed to the kind (`Schedule.for_kind`); None means that the kind has no questions.
    """
    fields = schedule.fields if schedule else ()
    checking = _Checking(fields, values, today)
    for key in sorted(set(map(str, values)) - {field.key for field in fields}):
        checking.refuse(key, _unknown(key, [field.key for field in fields], "not a question for this kind"))
    for field in fields:
        checking.check(field)
    if checking.errors:
        raise DeclarationsInvalid(tuple(checking.errors))
    return checking.cleaned


def is_asked(field: Field, answers: Mapping[str, object]) -> bool:
    """Whether the cleaned `answers` to earlier questions call for this one."""
    if field.when is None:
        return True
    said = answers.get(field.when.key)
    if isinstance(said, bool):
        said = "yes" if said else "no"
    return bool(set(said if isinstance(said, list) else [said]) & set(field.when.values))


class _Checking:
    """The answers on their way from what was entered to what is stated."""

    def __init__(self, fields: tuple[Field, ...], values: Mapping[str, object], today: date) -> None:
        self._fields, self._values, self._today = {field.key: field for field in fields}, values, today
        self._unclear: set[str] = set()
        self.cleaned: dict[str, Answer] = {}
        self.errors: list[DeclarationError] = []

    def refuse(self, key: str, detail: str, *below: str | int) -> None:
        self._unclear.add(key)
        self.errors.append(DeclarationError("".join(map(_step, (key, *below))), detail))

    def check(self, field: Field) -> None:
        """Add the answer to `cleaned`, or what is wrong with it to `errors`."""
        if field.when is not None and field.when.key in self._unclear:
            self._unclear.add(field.key)  # whether it is asked is not known before that other answer is put right
            return
        value = self._values.get(field.key)
        try:
            answer = self._answer(field, value)
        except Refused as refused:
            self.refuse(field.key, refused.args[0])
            return
        if answer is not None:
            self.cleaned[field.key] = answer

    def _answer(self, field: Field, value: object) -> Answer | None:
        if not is_asked(field, self.cleaned):
            if not is_empty(value) and value is not False:
                raise Refused(_pointless(field, self._fields[field.when.key] if field.when else field))
            return None
        answer = None
        if not is_empty(value):
            answer = self._rows(field, field.shape, value) if field.shape else read_one(field, value, self._today)
        if answer is None and field.required and field.key not in self._unclear:
            raise Refused(missing(field))
        return answer

    def _rows(self, field: Field, shape: Shape, value: object) -> list[Row] | None:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            parts = ", ".join(column.key for column in shape.columns)
            raise Refused(
                Worded("“%(label)s” takes a list of entries, each with %(parts)s.", label=field.label, parts=parts)
            )
        if len(value) > MAX_ROWS:
            raise Refused(
                Worded(
                    "“%(label)s” has %(value)s entries; at most %(max_rows)s fit.",
                    label=field.label,
                    value=f"{len(value):,}",
                    max_rows=MAX_ROWS,
                )
            )
        rows: list[Row] = []
        for number, entry in enumerate(value):
            if is_empty(entry):
                continue  # a row of the form that was not filled in
            row = self._row(field, shape, entry, number)
            if row in rows:
                self.refuse(
                    field.key,
                    Worded("“%(label)s” names the same %(noun)s twice.", label=field.label, noun=Worded(shape.noun)),
                    number,
                )
            rows.append(row)
        return rows or None

    def _row(self, field: Field, shape: Shape, entry: Mapping[str, object], number: int) -> Row:
        row, known = {}, [column.key for column in shape.columns]
        for key in sorted(set(map(str, entry)) - set(known)):
            self.refuse(
                field.key, _unknown(key, known, Worded("no part of a %(noun)s", noun=Worded(shape.noun))), number, key
            )
        for column in shape.columns:
            value = entry.get(column.key)
            try:
                if not is_empty(value):
                    row[column.key] = read_part(column, value, self._today)
                elif column.required:
                    raise Refused(
                        Worded(
                            "Fill in “%(label)s” of %(noun)s %(number)s.",
                            label=Worded(column.label),
                            noun=Worded(shape.noun),
                            number=number + 1,
                        )
                    )
            except Refused as refused:
                self.refuse(field.key, refused.args[0], number, column.key)
        if shape.either and all(is_empty(entry.get(key)) for key in shape.either):
            labels = " or ".join(f"“{shape.column(key).label}”" for key in shape.either)
            self.refuse(
                field.key,
                Worded(
                    "Fill in %(labels)s of %(noun)s %(number)s.",
                    labels=labels,
                    noun=Worded(shape.noun),
                    number=number + 1,
                ),
                number,
                shape.either[0],
            )
        return row


def read_part(column: Column, value: object, today: date) -> str:
    """One part of an entry in its one form; raises `Refused`."""
    match column.type:
        case "text":
            return read_text(column, value)
        case "url":
            return read_url(column, value)
        case "choice":
            return read_choice(column, value)
        case "date":
            return read_date(column.label, value, today)
        case "digest":
            return read_digest(column.label, value)


def _pointless(field: Field, decides: Field) -> str:
    values = field.when.values if field.when else ()
    labels = {option.value: option.label for option in decides.options} | {"yes": "Yes", "no": "No"}
    named = " or ".join(f"“{labels[value]}”" for value in values)
    return Worded(
        "“%(label)s” is asked only if “%(label2)s” is %(named)s; leave it empty, or change that answer.",
        label=field.label,
        label2=decides.label,
        named=named,
    )


def _unknown(key: str, known: Collection[str], what: str) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = (
        Worded("did you mean %(near)s?", near=near[0])
        if near
        else Worded("the questions are: %(none)s.", none=", ".join(known) or "none")
    )
    return Worded("This is %(what)s; %(hint)s", what=what, hint=hint)


def _step(name: str | int) -> str:
    return "/" + str(name).replace("~", "~0").replace("/", "~1")
