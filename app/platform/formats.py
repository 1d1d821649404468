# SPDX-License-Identifier: Apache-2.0
"""How pages write sizes, times, digests and commands: the template filters, as plain functions.

`locale` is a language as Babel writes it; without one they write English, as records and the log's own words do.
"""

import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.units import format_unit

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size_text(size: int, locale: str = "en") -> str:
    """`1536` -> `1.5 kB`: decimal units, three figures at most, as file managers and the command line say it."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return format_unit(size, "digital-byte", "long", locale=locale)
    return f"{format_decimal(value, '0.0' if value < 99.95 else '0', locale=locale)} {UNITS[unit]}"


def number_text(value: int, locale: str = "en") -> str:
    """`48210` -> `48,210`."""
    return format_decimal(value, locale=locale)


def day_text(at: datetime, locale: str = "en") -> str:
    """`3 May 2026`: the month in letters, so that nobody reads the day for the month."""
    return date_text(at.astimezone(UTC), locale)


def time_text(at: datetime, locale: str = "en") -> str:
    """`3 May 2026, 14:05 UTC`."""
    return f"{day_text(at, locale)}, {format_time(at.astimezone(UTC), 'HH:mm', locale=locale)} UTC"


def _with_days_first(locale: str) -> str:
    return "en_GB" if locale == "en" else locale


def moment(value: datetime | str) -> datetime:
    """A time from the services (aware) or from JSON (RFC 3339)."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def short_digest(digest: str, _locale: str = "en") -> str:
    """The first eight and last four hex digits: enough for the eye, never for a check."""
    bare = digest.removeprefix("sha256:")
    return f"{bare[:8]}…{bare[-4:]}"


def shell_word(name: str, _locale: str = "en") -> str:
    """A file's name as one word of a command to copy: no shell runs it, and it is no option."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


KIND_NAMES = {
    "code": "Code",
    "data": "Data",
    "synthetic": "Synthetic data",
    "eval": "Evaluation data",
    "weights": "Model weights",
    "adapter": "Adapter",
    "tokenizer": "Tokenizer",
    "recipe": "Training recipe",
    "safety": "Safety contribution",
}


def kind_name(kind: str) -> str:
    """What a kind of contribution is called on pages; one that is not known by its own word."""
    return KIND_NAMES.get(kind, kind)


def date_text(on: date, locale: str = "en") -> str:
    """`3 May 2026`, for a day that has no time."""
    return format_date(on, "long", locale=_with_days_first(locale))


FILTERS: dict[str, Callable[..., str]] = {
    "size": size_text,
    "number": number_text,
    "date": date_text,
    "day": lambda value, locale="en": day_text(moment(value), locale),
    "time": lambda value, locale="en": time_text(moment(value), locale),
    "short": short_digest,
    "shell": shell_word,
}
