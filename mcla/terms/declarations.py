# SPDX-License-Identifier: Apache-2.0
"""A contributor's answers checked against a schedule's questions.

Values arrive as JSON or as a form's strings; what comes out has one shape per type, fit for a statement:
text and choice -> str, list -> list of str, yesno -> bool, confirm -> True. Unanswered optional questions are left out.
Errors carry RFC 6901 pointers, one sentence each, and never repeat what was typed: answers may be private until signed.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from mcla.errors import MclaError
from mcla.terms.schedule import MAX_ITEMS, Field, Schedule
from mcla.terms.strict import unfit_character

Answer: TypeAlias = str | bool | list[str]


@dataclass(frozen=True)
class DeclarationError:
    """`pointer` into the declarations object (`/base_models`), and what to do about it."""

    pointer: str
    detail: str


class DeclarationsInvalid(MclaError):
    """Some answers are missing or cannot be used; `errors` has one entry per question."""

    code: ClassVar[str] = "declarations-invalid"
    status: ClassVar[int] = 422
    hint = "Answer the named questions; everything else you entered was understood."

    def __init__(self, errors: tuple[DeclarationError, ...]) -> None:
        super().__init__("The declarations are not complete: " + " ".join(error.detail for error in errors))
        self.errors = [{"pointer": error.pointer, "detail": error.detail} for error in errors]
        self.extra = {"errors": self.errors}


class _Refused(Exception):
    """One answer cannot be used; the message is the sentence shown at the question."""


def check_declarations(schedule: Schedule | None, values: Mapping[str, object]) -> dict[str, Answer]:
    """The cleaned answers in the order of the questions; raises `DeclarationsInvalid`.

    `schedule` is already narrowed to the kind (`Schedule.for_kind`); None means that the kind has no questions.
    """
    fields = schedule.fields if schedule else ()
    errors, cleaned = [], {}
    for key in sorted(set(map(str, values)) - {field.key for field in fields}):
        known = ", ".join(field.key for field in fields) or "none"
        errors.append(
            DeclarationError(_pointer(key), f"This is not a question for this kind; the questions are: {known}.")
        )
    for field in fields:
        try:
            answer = _answer(field, values.get(field.key))
        except _Refused as refused:
            errors.append(DeclarationError(_pointer(field.key), str(refused)))
            continue
        if answer is not None:
            cleaned[field.key] = answer
    if errors:
        raise DeclarationsInvalid(tuple(errors))
    return cleaned


def _answer(field: Field, value: object) -> Answer | None:
    """The cleaned answer, None for an optional question left open; raises `_Refused`."""
    if value is None or value in ("", []) or (isinstance(value, str) and not value.strip()):
        if field.required:
            raise _Refused(_missing(field))
        return None
    match field.type:
        case "text":
            return _text(field, value)
        case "choice":
            return _choice(field, value)
        case "list":
            return _lines(field, value)
        case "yesno":
            return _yes_or_no(field, value)
        case "confirm":
            return _confirmed(field, value)


def _missing(field: Field) -> str:
    match field.type:
        case "choice" | "yesno":
            return f"Choose an answer to “{field.label}”."
        case "confirm":
            return f"Confirm “{field.label}”, or do not sign: without it this kind cannot be given."
        case "text" | "list":
            return f"Answer “{field.label}”."


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _Refused(f"“{field.label}” takes a text.")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
    if bad := unfit_character(text):
        raise _Refused(f"“{field.label}” carries the invisible or control character {bad}; type it again without.")
    if len(text) > field.max_length:
        raise _Refused(f"“{field.label}” has {len(text):,} characters; at most {field.max_length:,} fit.")
    return text


def _choice(field: Field, value: object) -> str:
    values = [option.value for option in field.options]
    if not isinstance(value, str) or value not in values:
        raise _Refused(f"“{field.label}” takes one of: {', '.join(values)}.")
    return value


def _lines(field: Field, value: object) -> list[str] | None:
    items = value.splitlines() if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise _Refused(f"“{field.label}” takes a list of texts, one a line.")
    lines = [line for line in (_text(field, item) for item in items) if line]
    if len(lines) > MAX_ITEMS:
        raise _Refused(f"“{field.label}” has {len(lines):,} entries; at most {MAX_ITEMS} fit.")
    if field.required and not lines:
        raise _Refused(_missing(field))
    return lines or None


def _yes_or_no(field: Field, value: object) -> bool:
    if value is True or value == "yes":
        return True
    if value is False or value == "no":
        return False
    raise _Refused(f"“{field.label}” takes yes or no.")


def _confirmed(field: Field, value: object) -> bool | None:
    if value is True or value in ("yes", "on"):
        return True
    if value is False or value == "no":
        if field.required:
            raise _Refused(_missing(field))
        return None
    raise _Refused(f"“{field.label}” can only be confirmed.")


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
