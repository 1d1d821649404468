# SPDX-License-Identifier: Apache-2.0
"""One answer to one question, brought into its one form for the statement.

text, choice, date (`2026-01-31`), digest (64 lower-case hex digits) -> str; list, choices -> list of str; yesno ->
bool; confirm -> True; number -> {"value", "unit"}, the value a decimal text because signed JSON has no fractions.
A value arrives as JSON, from TOML or as a form's string. What is refused is said in one sentence that never repeats
what was typed: answers may be private until they are signed.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from mcla.terms.rows import Column
from mcla.terms.schedule import MAX_ITEMS, Field
from mcla.terms.strict import unfit_character
from mcla.wording import Worded

Row: TypeAlias = dict[str, str]
Answer: TypeAlias = str | bool | list[str] | dict[str, str] | list[Row]

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?([eE]\+?[0-9]{1,2})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ADDRESS = re.compile(r"(?!git@)\b[^\s@:/]+@[^\s@:/]+\.[A-Za-z]{2,}")


class Refused(Exception):
    """One answer cannot be used; the message is the sentence shown at the question."""


def is_empty(value: object) -> bool:
    """Whether nothing was answered: a question left open in a form arrives as empty texts."""
    if isinstance(value, dict | list):
        return all(map(is_empty, value.values() if isinstance(value, dict) else value))
    return value is None or (isinstance(value, str) and not value.strip())


def missing(field: Field) -> str:
    """The sentence at a required question without an answer."""
    match field.type:
        case "choice" | "yesno" | "choices":
            return Worded("Choose an answer to “%(label)s”.", label=field.label)
        case "confirm":
            return Worded(
                "Confirm “%(label)s”, or do not sign: without it this kind cannot be given.", label=field.label
            )
        case "sources" | "bases" | "generators" | "checks":
            return Worded("Add at least one entry to “%(label)s”.", label=field.label)
        case _:
            return Worded("Answer “%(label)s”.", label=field.label)


def read_one(field: Field, value: object, today: date) -> Answer | None:
    """The answer to a question that has one; None where nothing was said. Raises `Refused`."""
    match field.type:
        case "choice":
            return read_choice(field, value)
        case "choices":
            return _choices(field, value)
        case "list":
            return _lines(field, value)
        case "yesno":
            return _yes_or_no(field, value)
        case "confirm":
            return _confirmed(field, value)
        case "number":
            return _number(field, value)
        case "date":
            return read_date(field.label, value, today, future=field.dates == "future", within=field.within_days)
        case "digest":
            return read_digest(field.label, value)
        case _:
            return read_text(field, value)


def read_text(asked: Field | Column, value: object) -> str:
    if not isinstance(value, str):
        raise Refused(Worded("“%(label)s” takes a text.", label=Worded(asked.label)))
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
    if bad := unfit_character(text):
        raise Refused(
            Worded(
                "“%(label)s” carries the invisible or control character %(bad)s; type it again without.",
                label=Worded(asked.label),
                bad=bad,
            )
        )
    if len(text) > asked.max_length:
        raise Refused(
            Worded(
                "“%(label)s” has %(value)s characters; at most %(max_length)s fit.",
                label=Worded(asked.label),
                value=f"{len(text):,}",
                max_length=f"{asked.max_length:,}",
            )
        )
    if "@" in text and _ADDRESS.search(text):
        why = "the answers can be read by everybody, so name an organisation or a page instead"
        raise Refused(Worded("“%(label)s” carries an e-mail address; %(why)s.", label=Worded(asked.label), why=why))
    return text


def read_url(column: Column, value: object) -> str:
    """An http or https address without a user name, as it was written."""
    text = read_text(column, value)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port  # a port that is no number raises only when it is read
    except ValueError:
        good = False
    if not good or re.search(r"\s", text):
        raise Refused(
            Worded("“%(label)s” takes an address that begins with https:// or http://.", label=Worded(column.label))
        )
    return text


def read_choice(asked: Field | Column, value: object) -> str:
    values = [option.value for option in asked.options]
    if not isinstance(value, str) or value not in values:
        raise Refused(
            Worded("“%(label)s” takes one of: %(value)s.", label=Worded(asked.label), value=", ".join(values))
        )
    return value


def read_date(label: str, value: object, today: date, *, future: bool = False, within: int | None = None) -> str:
    """A day as `2026-01-31`: not after today, or with `future` after it and at most `within` days ahead."""
    day = value if type(value) is date else None
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise Refused(Worded("“%(label)s” names a day that no calendar has.", label=label)) from None
    if day is None:
        raise Refused(Worded("“%(label)s” takes a day written like 2026-01-31.", label=label))
    if not future and (day > today or day.year < 1900):
        raise Refused(
            Worded(
                "“%(label)s” takes a day that is not in the future (today is %(isoformat)s).",
                label=label,
                isoformat=today.isoformat(),
            )
        )
    if future and day <= today:
        raise Refused(
            Worded("“%(label)s” takes a day after today, %(isoformat)s.", label=label, isoformat=today.isoformat())
        )
    if future and within is not None and day > today + timedelta(days=within):
        last = (today + timedelta(days=within)).isoformat()
        raise Refused(
            Worded(
                "“%(label)s” takes a day at most %(within)s days ahead, so until %(last)s.",
                label=label,
                within=within,
                last=last,
            )
        )
    return day.isoformat()


def read_digest(label: str, value: object) -> str:
    """64 lower-case hex digits; `sha256:` before them and capitals are taken too."""
    digest = value.strip().lower().removeprefix("sha256:") if isinstance(value, str) else ""
    if not _DIGEST.fullmatch(digest):
        raise Refused(
            Worded("“%(label)s” takes a SHA-256: 64 hex digits, as `sha256sum FILE` prints them.", label=label)
        )
    return digest


def decimal_text(value: object) -> str | None:
    """The one spelling of a number that is not negative (`7000`, `0.5`, `1.5e21`); None for what is no such number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        number = Decimal(text).normalize()
    except InvalidOperation:
        return None
    plain = f"{number:f}"
    if len(plain) <= 15:
        return plain
    return str(number).lower().replace("e+", "e")


def _number(field: Field, value: object) -> dict[str, str]:
    amount, unit = _amount_and_unit(field, value)
    text = decimal_text(amount)
    if text is None:
        raise Refused(
            Worded("“%(label)s” takes a number written like 7000 or 1.5e21, without separators.", label=field.label)
        )
    number = Decimal(text)
    if number < field.least or (field.most is not None and number > field.most):
        limit = (
            f"{field.least:,} to {field.most:,}"
            if field.most is not None
            else Worded("%(least)s or more", least=f"{field.least:,}")
        )
        raise Refused(Worded("“%(label)s” takes a number of %(limit)s.", label=field.label, limit=limit))
    return {"value": text, "unit": unit}


def _amount_and_unit(field: Field, value: object) -> tuple[object, str]:
    """From `{"value", "unit"}`, from `1.5e21 FLOP`, or from a bare number where there is one unit."""
    amount: object = value
    unit = ""
    if isinstance(value, dict):
        if strange := sorted(set(value) - {"value", "unit"}):
            raise Refused(
                Worded(
                    "“%(label)s” has value and unit, and nothing like %(strange)s.",
                    label=field.label,
                    strange=repr(strange[0][:40]),
                )
            )
        amount, unit = value.get("value"), str(value.get("unit") or "")
    elif isinstance(value, str):
        amount, _, unit = value.strip().partition(" ")
    unit = unit.strip() or (field.units[0] if len(field.units) == 1 else "")
    if unit not in field.units:
        raise Refused(
            Worded(
                "“%(label)s” takes a number with one of the units: %(value)s.",
                label=field.label,
                value=", ".join(field.units),
            )
        )
    return amount, unit


def _choices(field: Field, value: object) -> list[str] | None:
    values = [option.value for option in field.options]
    chosen = value.split() if isinstance(value, str) else value
    if not isinstance(chosen, list) or not set(map(str, chosen)) <= set(values):
        raise Refused(Worded("“%(label)s” takes some of: %(value)s.", label=field.label, value=", ".join(values)))
    return [each for each in values if each in chosen] or None


def _lines(field: Field, value: object) -> list[str] | None:
    items = value.splitlines() if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Refused(Worded("“%(label)s” takes a list of texts, one a line.", label=field.label))
    lines = [line for line in (read_text(field, item) for item in cast(Iterable[str], items)) if line]
    if len(lines) > MAX_ITEMS:
        raise Refused(
            Worded(
                "“%(label)s” has %(value)s entries; at most %(max_items)s fit.",
                label=field.label,
                value=f"{len(lines):,}",
                max_items=MAX_ITEMS,
            )
        )
    return lines or None


def _yes_or_no(field: Field, value: object) -> bool:
    if value is True or value == "yes":
        return True
    if value is False or value == "no":
        return False
    raise Refused(Worded("“%(label)s” takes yes or no.", label=field.label))


def _confirmed(field: Field, value: object) -> bool | None:
    if value is True or value in ("yes", "on"):
        return True
    if value is False or value == "no":
        return None
    raise Refused(Worded("“%(label)s” can only be confirmed.", label=field.label))
