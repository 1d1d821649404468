# SPDX-License-Identifier: Apache-2.0
"""Time, identifiers and randomness, handed in so that tests decide them."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol

_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
APART = timedelta(seconds=10)
"""Machines that share a database may differ by this much."""


class Clock(Protocol):
    """Where time comes from: always aware, always UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to move; for tests and reproducible documents."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def new_id(prefix: str) -> str:
    """A fresh identifier `<prefix>_<26 characters>` with 128 bits from the system's random source."""
    number = int.from_bytes(secrets.token_bytes(16))
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32: no i, l, o, u to misread
    return prefix + "_" + "".join(alphabet[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether a stranger's text has the form of an identifier; a NUL, for one, must not reach PostgreSQL."""
    return _ID.fullmatch(text) is not None
