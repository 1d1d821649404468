# SPDX-License-Identifier: Apache-2.0
"""Reads files of others: bounded, strict about shape, and a row that is wrong refused alone, by its number.

No limit of the standard reader is trusted; text that a spreadsheet would run, or that changes the direction of what
stands beside it, is refused.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.claims.unfit import ClaimsFileUnfit
from app.claims.values import Parsed, Refused, Told
from app.companies.addresses import compared
from mcla.artifacts.jsontext import JsonInvalid, parse_json
from mcla.checks.change import TimeInvalid, parse_moment
from mcla.statements.parts import format_time

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000
"""One import is one transaction, which on SQLite holds off every other writer: so many rows take a few seconds."""
MAX_FIELD = 100_000
"""Characters of one field; a company's list of addresses is one."""
MAX_VALUES = 500_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No agreement of contributors to software on the web is older."""
AHEAD = timedelta(days=1)
_BOM = b"\xef\xbb\xbf"
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:\[bot\])?")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_WEB = re.compile(r"https?://[^\s<>\"'\\]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


class RowUnfit(Exception):
    """A row is not taken; its only argument is the reason, in words that hold nothing of the row."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file: its header, and its rows with their numbers as a spreadsheet counts them."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str] | RowUnfit]]


def read_sheet(data: bytes, headers: Sequence[tuple[str, ...]], separators: str) -> tuple[Sheet, int]:
    """The sheet and which of `headers` it begins with; further columns may follow. Raises `ClaimsFileUnfit`."""
    text = decode(data)
    for separator in separators:
        rows = _records(text, separator)
        first = next(rows, (0, RowUnfit()))[1]
        found = () if isinstance(first, RowUnfit) else tuple(each.strip() for each in first)
        for number, header in enumerate(headers):
            if found[: len(header)] == header:
                return Sheet(found, rows), number
    wanted = " or ".join(separators[0].join(header) for header in headers)
    raise ClaimsFileUnfit(f"expected a first line with the columns {wanted}, got another one")


def decode(data: bytes) -> str:
    """A file's text without its byte order mark; raises `ClaimsFileUnfit`."""
    if len(data) > MAX_BYTES:
        raise ClaimsFileUnfit(f"expected at most {MAX_BYTES:,} bytes, got {len(data):,}")
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClaimsFileUnfit(
            f"expected UTF-8, got other bytes at position {error.start:,}", hint="Save the file as UTF-8 first."
        ) from None


def read_json(data: bytes) -> Any:
    """A file's JSON; raises `ClaimsFileUnfit`, also for a name that stands in an object twice.

    A number that is none for an account is kept, for its row alone to be refused.
    """
    try:
        bare = data.removeprefix(_BOM)
        return parse_json(bare, max_bytes=MAX_BYTES, max_values=MAX_VALUES, fractions=True)
    except JsonInvalid as error:
        raise ClaimsFileUnfit(error.message) from error


def read_rows(rows: Iterator[tuple[int, Any]], read: Callable[[int, Any], Told]) -> Iterator[Told | Refused]:
    """Each row as `read` tells it, or refused; raises `ClaimsFileUnfit` for too many."""
    for count, (number, row) in enumerate(rows):
        if count >= MAX_ROWS:
            raise ClaimsFileUnfit(f"expected at most {MAX_ROWS:,} rows, got more", hint="Import it in several files.")
        try:
            if isinstance(row, RowUnfit):
                raise row
            yield read(number, row)
        except RowUnfit as error:
            yield Refused(number, str(error))


def read_table(sheet: Sheet, header: Sequence[str], read: Callable[[int, Sequence[str]], Told]) -> Parsed:
    """The rows of a sheet, each with as many fields as its header."""

    def whole(number: int, fields: list[str]) -> Told:
        if len(fields) != len(sheet.header):
            raise RowUnfit(f"expected {len(sheet.header)} fields, as the header has, got {len(fields)}")
        return read(number, [each.strip() for each in fields])

    return Parsed(tuple(read_rows(sheet.rows, whole)), sheet.header[len(header) :])


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | RowUnfit]]:
    """The records of CSV text (RFC 4180), blank lines left out but counted."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        before = reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines = reader.line_num - before
            span = f", over {lines} lines" if lines > 1 else ""
            yield number, RowUnfit(f"expected CSV with quotes in pairs, got something else{span} ({error})")
            continue
        if not fields:
            continue
        long = any(len(each) > MAX_FIELD for each in fields)
        yield number, RowUnfit(f"expected fields of at most {MAX_FIELD:,} characters") if long else fields


# one field each


def plain(column: str, value: object, limit: int) -> str:
    """Text for people; refused if it is too long, holds what cannot be seen, or begins as a formula does."""
    if not isinstance(value, str) or len(value) > limit:
        raise RowUnfit(f"expected at most {limit} characters of text in {column}")
    if any(unicodedata.category(each) in _HIDDEN for each in value):
        raise RowUnfit(f"expected text on one line in {column}, got characters that cannot be seen")
    if value.startswith(_FORMULA):
        raise RowUnfit(f"expected no formula in {column}, got a first character that makes one")
    return unicodedata.normalize("NFC", value)


def login(column: str, value: object) -> str:
    """An account's name at its service."""
    if not isinstance(value, str) or not _LOGIN.fullmatch(value):
        raise RowUnfit(f"expected a login in {column}")
    return value


def address(column: str, value: object) -> str:
    """An e-mail address."""
    if not isinstance(value, str) or compared(value) is None:
        raise RowUnfit(f"expected an e-mail address in {column}")
    return value


def domain(column: str, value: object) -> str:
    """A mail domain as lists write it, with or without `@` or `*.` before it."""
    bare = value.removeprefix("@").removeprefix("*.") if isinstance(value, str) else ""
    if compared(f"x@{bare}") is None:
        raise RowUnfit(f"expected a mail domain in {column}")
    return str(value)


def account_number(column: str, value: object) -> str:
    """An account's own number: a whole number, or its decimal digits where the format has text alone."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise RowUnfit(f"expected an account's number in {column}")
    return text


def web_address(column: str, value: object) -> str:
    """A link, or nothing."""
    if value == "":
        return ""
    text = plain(column, value, 2000)
    if not _WEB.fullmatch(text):
        raise RowUnfit(f"expected a link that begins with https:// in {column}")
    return text


def moment(column: str, value: object, now: datetime) -> str:
    """A time with its zone, as RFC 3339 in UTC."""
    try:
        at = parse_moment(value)
    except TimeInvalid:
        raise RowUnfit(f"expected a time with its zone, such as 2019-05-04T10:11:12Z, in {column}") from None
    _check_range(column, at, now)
    return format_time(at)


def day(column: str, year: int, month: int, number: int, now: datetime) -> str:
    """A day alone, as a system without times writes it."""
    try:
        at = datetime.combine(date(year, month, number), datetime.min.time(), UTC)
    except ValueError:
        raise RowUnfit(f"expected a day of the calendar in {column}") from None
    _check_range(column, at, now)
    return at.date().isoformat()


def flag(column: str, value: str, words: Mapping[str, bool]) -> bool:
    """Yes or no, in the words of a system."""
    try:
        return words[value]
    except KeyError:
        raise RowUnfit(f"expected {' or '.join(each or 'nothing' for each in words)} in {column}") from None


def _check_range(column: str, at: datetime, now: datetime) -> None:
    if not EARLIEST <= at <= now + AHEAD:
        raise RowUnfit(f"expected a time between {EARLIEST.year} and today in {column}")
