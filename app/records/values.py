# SPDX-License-Identifier: Apache-2.0
"""What the record service answers, as plain values: nothing here holds a database row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.records.models import Record

READY = ("verified", "delivered")
"""The states in which a record can be had."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """How far a record is: `waiting`, `sealed` (it can be had) or `failed` for now.

    `failure` is a sentence for its owner, without internals.
    """

    id: str
    state: str
    failure: str | None


def state_of(record: Record) -> RecordState:
    if record.state in READY:
        return RecordState(record.id, "sealed", None)
    if record.failure:
        return RecordState(record.id, "failed", "It could not be made yet.")
    return RecordState(record.id, "waiting", None)


@dataclass(frozen=True, slots=True)
class RecordAge:
    """How many records are in each state, how long the oldest unfinished one waits, and how many wait too long.

    `bare` are there and sealed without a timestamp (B-B), until they can be sealed again.
    """

    states: Mapping[str, int]
    oldest: timedelta
    late: int
    bare: int = 0


@dataclass(frozen=True, slots=True)
class Superseded:
    """The record that took another's place: when, and its file's digest once there is one."""

    at: datetime
    sha256: str | None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A sealed file that was issued here: where its digest stands in the log and what came after it.

    `better` is the digest of a later seal on the same record, None where this is the file that counts.
    """

    sha256: str
    level: str
    sealed_at: datetime
    log_index: int | None
    bundle: Mapping[str, Any] | None
    better: str | None
    superseded: Superseded | None
