# SPDX-License-Identifier: Apache-2.0
"""What the giver of a contribution declared, in the words of the schedule as it was asked; pure."""

from typing import Any

from app.agreements.folder import schedules_in
from app.records.parts import (
    AgreementText,
    Declaration,
    Work,
)
from mcla.statements.statement import Contribution
from mcla.terms import Field, Schedule, parse_terms
from mcla.terms.compute import held_against_base
from mcla.terms.rows import Shape
from mcla.terms.words import Part, tell

LINEAGE = ("bases", "sources", "generators")
"""The types of questions that ask for works and their licences."""


def declared_in(statement: Contribution, agreement: AgreementText) -> tuple[Declaration, ...]:
    """The answers in the order of the schedule's questions, each with the question and choice as they were shown."""
    fields: tuple[Field, ...] = ()
    if statement.schedule is not None:
        fields = _schedules(agreement)[statement.schedule].fields
    asked = {field.key: field for field in fields}
    order = {key: place for place, key in enumerate(asked)}
    answers = sorted(statement.declarations.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
    compared = held_against_base(statement.declarations)
    return tuple(_declared(key, value, asked.get(key), compared) for key, value in answers)


def in_words(answer: Declaration) -> dict[str, Any]:
    """An answer as `record.json` has it beside the value: what the page shows, question and all."""
    asked: dict[str, Any] = {"key": answer.key, "question": answer.label}
    return asked | ({"works": list(map(_told, answer.works))} if answer.works else {"answer": answer_of(answer)})


def answer_of(answer: Declaration) -> str:
    """What the page shows of an answer that names no works."""
    return answer.shown or _plain(answer.value)


def _told(work: Work) -> dict[str, Any]:
    return {"name": work.name, "licence": work.licence, "details": list(work.details), "sha256": work.sha256}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", [], {}):
        return "no answer"
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    return str(value)


def _schedules(agreement: AgreementText) -> dict[str, Schedule]:
    found = schedules_in(parse_terms(agreement.documents["terms.toml"]), agreement.documents)
    return {str(letter): schedule for letter, schedule in found.items()}


def _declared(key: str, value: Any, field: Field | None, compared: str) -> Declaration:
    if field is None:
        return Declaration(key, key, value)
    told = tell(field, value)
    numbered = [f"{number}. {line}" for number, line in enumerate(told.flat(), start=1)]
    shown = "; ".join(numbered if told.entries else told.lines)
    shown = f"{shown}. {compared}" if key == "compute" and compared else shown
    works: tuple[Work, ...] = ()
    if field.type in LINEAGE and field.shape is not None:
        works = tuple(_work(field.shape, entry, parts) for entry, parts in zip(value, told.entries, strict=True))
    return Declaration(key, field.label, value, shown, works)


def _work(shape: Shape, value: dict[str, Any], entry: tuple[Part, ...]) -> Work:
    """A work with its name, licence and digest; whatever else was said of it, under the labels of its columns."""
    own = {column.label for column in shape.columns if column.key in ("name", "licence", "sha256")}
    details = tuple(f"{label}: {text}" for label, text in entry if label not in own)
    return Work(value["name"], value["licence"], details, value.get("sha256", ""))
