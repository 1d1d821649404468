# SPDX-License-Identifier: Apache-2.0
"""Asking a schedule's questions on a terminal, one by one; an answer that cannot be used is asked for again at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import click

from mcla.cli.described import Described
from mcla.cli.output import Output, plain
from mcla.terms.answers import Refused, is_empty
from mcla.terms.declarations import DeclarationsInvalid, check_declarations, is_asked, read_part
from mcla.terms.rows import Column
from mcla.terms.schedule import Field, Schedule
from mcla.terms.words import tell

Declarations = dict[str, Any]


def ask(
    fields: Sequence[Field],
    given: Mapping[str, Any],
    output: Output,
    today: date,
    described: Described | None = None,
) -> Declarations:
    """Ask every question that is not answered in `given` and that the answers so far call for; returns all answers.

    What a file of metadata suggests is shown at its question and taken only after a yes.
    """
    answers = dict(given)
    proposed = described.proposals(fields, today) if described else {}
    for number, field in enumerate(fields, start=1):
        if field.key not in given and is_asked(field, answers):
            title = click.style(f"{number} of {len(fields)}  {plain(field.label)}", bold=True)
            output.say(f"\n{title}{'' if field.required else '  (may stay empty)'}\n{plain(field.help)}")
            taken = _confirmed(field, proposed.get(field.key), described, output, today)
            answers |= _asked_until_good(field, output, today) if taken is None else taken
    return answers


def _confirmed(
    field: Field, value: Any, described: Described | None, output: Output, today: date
) -> Declarations | None:
    """The proposed answer, if it is whole and the person says yes to it."""
    if value is None or described is None:
        return None
    output.say(f"From {plain(described.name)}, please confirm:")
    for line in tell(field, value).flat():
        output.say(f"  {plain(line)}")
    try:
        cleaned = check_declarations(_alone(field), {field.key: value}, today)
    except DeclarationsInvalid as error:
        output.say(plain(f"It lacks something: {error.errors[0]['detail']}"))
        return None
    return dict(cleaned) if click.confirm("Is this right?", default=False, err=True) else None


def _alone(field: Field) -> Schedule:
    return Schedule("mcla.schedule/1", "D", "One question", (replace(field, when=None, kinds=()),))


def _asked_until_good(field: Field, output: Output, today: date) -> Declarations:
    """The answer under its key, or nothing where an optional question stays open."""
    while True:
        try:
            return dict(check_declarations(_alone(field), {field.key: _ask_one(field, output, today)}, today))
        except DeclarationsInvalid as error:
            for fault in error.errors:
                output.say(plain(str(fault["detail"])))


def _ask_one(field: Field, output: Output, today: date) -> Any:
    if field.shape is not None:
        return _entries(field, output, today)
    match field.type:
        case "choice":
            return _choose(field, output)
        case "choices":
            return _choose_some(field, output)
        case "yesno":
            return _yes_no("Yes or no", field.required)
        case "confirm":
            return click.confirm("I confirm this", default=None if field.required else False, err=True)
        case "list":
            return _lines(field.required, output)
        case "number":
            return _typed(f"Number and unit ({' or '.join(map(plain, field.units))})", field.required)
        case "date":
            return _typed("Day (such as 2026-01-31)", field.required)
        case "digest":
            return _typed("SHA-256", field.required)
        case _:
            return _typed("Answer", field.required)


def _typed(text: str, required: bool) -> str:
    return str(click.prompt(text, default=None if required else "", show_default=False, err=True))


def _numbered(field: Field | Column, output: Output) -> dict[str, str]:
    for number, option in enumerate(field.options, start=1):
        output.say(f"  {number}  {plain(option.label)}")
    return {str(number): option.value for number, option in enumerate(field.options, start=1)}


def _choose(field: Field | Column, output: Output) -> str:
    values = _numbered(field, output)
    choice = click.Choice([*values, *values.values()] + ([] if field.required else [""]))
    answer = click.prompt(
        "Number", type=choice, default=None if field.required else "", show_choices=False, show_default=False, err=True
    )
    return values.get(answer, answer)


def _choose_some(field: Field, output: Output) -> list[str]:
    values = _numbered(field, output)
    answer = _typed("Numbers, with spaces between", field.required)
    return [values.get(each, each) for each in answer.replace(",", " ").split()]


def _yes_no(text: str, required: bool) -> bool | None:
    choice = click.Choice(["yes", "no"] + ([] if required else [""]), case_sensitive=False)
    answer = click.prompt(
        text, type=choice, default=None if required else "", show_default=False, show_choices=False, err=True
    )
    return {"yes": True, "no": False}.get(str(answer).lower())


def _lines(required: bool, output: Output) -> list[str]:
    output.say("One a line; an empty line ends the list.")
    lines: list[str] = []
    while line := click.prompt(
        f"{len(lines) + 1}", default=None if required and not lines else "", show_default=False, err=True
    ).strip():
        lines.append(line)
    return lines


def _entries(field: Field, output: Output, today: date) -> list[dict[str, str]]:
    """The entries that are given, each part asked in turn; an empty first part ends the list."""
    assert field.shape is not None  # noqa: S101 - for the type checker; the caller looked
    first, *others = field.shape.columns
    rows: list[dict[str, str]] = []
    output.say(f"One {field.shape.noun} after the other; an empty first part ends the list.")
    while True:
        output.say(f"  {field.shape.noun.capitalize()} {len(rows) + 1}")
        row = {first.key: _part(first, not (rows or not field.required), output, today)}
        if is_empty(row[first.key]):
            return rows
        needed = set(field.shape.either)
        for column in others:
            row[column.key] = _part(column, column.required or needed == {column.key}, output, today)
            if column.key in needed:
                needed = needed - {column.key} if is_empty(row[column.key]) else set()
        rows.append({key: value for key, value in row.items() if not is_empty(value)})


def _part(column: Column, required: bool, output: Output, today: date) -> str:
    while True:
        if column.type == "choice":
            output.say(f"  {plain(column.label)}")
            value = _choose(column, output)
        else:
            value = _typed(f"  {plain(column.label)}{'' if required else ' (may stay empty)'}", required)
        try:
            return read_part(column, value, today) if not is_empty(value) else ""
        except Refused as refused:
            output.say(plain(str(refused)))
