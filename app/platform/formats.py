# SPDX-License-Identifier: Apache-2.0
"""How pages write sizes, times, digests and commands: the template filters, as plain functions."""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size_text(size: int) -> str:
    """`1536` -> `1.5 kB`: decimal units, three figures at most, as file managers and the command line say it."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    return f"{value:.1f} {UNITS[unit]}" if value < 99.95 else f"{value:.0f} {UNITS[unit]}"


def number_text(value: int) -> str:
    """`48210` -> `48,210`."""
    return f"{value:,}"


def day_text(at: datetime) -> str:
    """`3 May 2026`: the month in letters, so that nobody reads the day for the month."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y}"


def time_text(at: datetime) -> str:
    """`3 May 2026, 14:05 UTC`."""
    return f"{day_text(at)}, {at.astimezone(UTC):%H:%M} UTC"


def moment(value: datetime | str) -> datetime:
    """A time from the services (aware) or from JSON (RFC 3339)."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def short_digest(digest: str) -> str:
    """The first eight and last four hex digits: enough for the eye, never for a check."""
    bare = digest.removeprefix("sha256:")
    return f"{bare[:8]}…{bare[-4:]}"


def shell_word(name: str) -> str:
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


FILTERS: dict[str, Callable[..., str]] = {
    "size": size_text,
    "number": number_text,
    "day": lambda value: day_text(moment(value)),
    "time": lambda value: time_text(moment(value)),
    "short": short_digest,
    "shell": shell_word,
    "kind": kind_name,
}
