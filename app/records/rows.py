# SPDX-License-Identifier: Apache-2.0
"""Tables of facts on the certificate page, and how it writes a time."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: label, value, and smaller remarks under it; `hashes` are 64 hex digits on a line each."""

    label: str
    value: str
    note: str = ""
    mono: bool = False
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A titled table of facts."""

    title: str
    rows: tuple[Row, ...]


def time_text(moment: datetime) -> str:
    """In UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
