# SPDX-License-Identifier: Apache-2.0
"""A declared answer in words, as pages, command line and record show it: what a person said, not what is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mcla.terms.compute import held_against_base
from mcla.terms.rows import Shape
from mcla.terms.schedule import Field

COMPARED = "Computing, held against a third of that of the base"
Part = tuple[str, str]
"""The label of a column, and what stands in it."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one question: `lines` of text, or `entries`, each with the parts that were filled in."""

    label: str
    lines: tuple[str, ...] = ()
    entries: tuple[tuple[Part, ...], ...] = ()

    def flat(self) -> tuple[str, ...]:
        """Everything as lines, one for each entry."""
        parts = (" · ".join(f"{label}: {text}" for label, text in entry) for entry in self.entries)
        return (*self.lines, *parts)


def tell(field: Field, value: Any) -> Told:
    """The answer `value` of a statement to the question `field`; whatever has another shape is shown as it is."""
    shape = field.shape
    if shape is not None and isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return Told(field.label, entries=tuple(_entry(shape, entry) for entry in value))
    labels = {option.value: option.label for option in field.options}
    return Told(field.label, lines=tuple(labels.get(line, line) for line in plain_lines(value)))


def tell_all(fields: Iterable[Field], answers: Mapping[str, Any]) -> tuple[Told, ...]:
    """The `answers` of a statement in the order of the questions, with what can be reckoned from them."""
    told = tuple(tell(field, answers[field.key]) for field in fields if field.key in answers)
    compared = held_against_base(answers)
    return (*told, Told(COMPARED, lines=(compared,))) if compared else told


def plain_lines(value: Any) -> tuple[str, ...]:
    """An answer without its question, as lines of text."""
    match value:
        case bool():
            return ("Yes" if value else "No",)
        case {"value": amount, "unit": unit}:
            return (f"{amount} {unit}",)
        case dict():
            return ("; ".join(f"{key}: {each}" for key, each in value.items()),)
        case list() | tuple():
            return tuple(line for each in value for line in plain_lines(each))
    return (str(value),)


def _entry(shape: Shape, entry: dict[str, Any]) -> tuple[Part, ...]:
    known = {column.key: column for column in shape.columns}
    order = [*(key for key in known if key in entry), *(key for key in entry if key not in known)]
    return tuple((known[key].label if key in known else key, _part(shape, key, entry[key])) for key in order)


def _part(shape: Shape, key: str, value: Any) -> str:
    options = next((column.options for column in shape.columns if column.key == key), ())
    return next((option.label for option in options if option.value == value), str(value))
