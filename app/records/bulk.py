# SPDX-License-Identifier: Apache-2.0
"""Issues the records of many signatures: of those that have none yet, and anew of those that were sealed before a time.

What is to be done is read from the states in the database, so a run that was killed is gone on with by any other one,
and after a whole one there is nothing left. Every run begins at a place of its own: two at once, or one beside the
service's jobs, meet where the other has been and find it done. Where they do meet, one file is kept (`RecordService`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.platform.clock import new_id
from app.platform.db import Database
from app.records.choosing import Choice, chosen, newest
from app.records.errors import RecordReplaced, told_apart
from app.records.files import on_the_way
from app.records.models import Record, RecordFile
from app.records.service import AGAIN, RecordService
from mcla.errors import MclaError

PAGE = 500


@dataclass(frozen=True, slots=True)
class Anew:
    """Issue anew what was sealed before a time, for this reason, which the new records' pages say."""

    reason: str
    sealed_before: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """One record that is to be made, or replaced: `anew` is the reason for that."""

    record_id: str
    signing_id: str
    anew: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task. `there`: somebody else had done it.

    `fault` is the code of what failed, `says` and `hint` tell what that was and what to do.
    """

    record_id: str
    state: Literal["issued", "there", "failed"]
    fault: str = ""
    says: str = ""
    hint: str = ""
    in_full: str = ""
    """Why its pages were laid out in full, where a template could not be filled."""


class BulkIssue:
    """Finds the tasks and does them, one at a time; several processes may do so at once."""

    def __init__(self, db: Database, records: RecordService) -> None:
        self._db, self._records = db, records

    def amount(self, choice: Choice, anew: Anew | None = None) -> int:
        """How many tasks there are now."""
        meant = or_(*(condition for condition, _ in _kinds(anew)))
        with self._db.read() as session:
            return session.scalar(chosen(choice, func.count()).where(meant)) or 0

    def all_of_them(self, choice: Choice) -> int:
        """How many signatures are meant that have a record or wait for one."""
        with self._db.read() as session:
            return session.scalar(chosen(choice, func.count()).where(newest())) or 0

    def offers(self, choice: Choice) -> int:
        """How many of them wait for the foundation's counter-signature: no run makes these."""
        with self._db.read() as session:
            return session.scalar(chosen(choice, func.count()).where(Record.state == "waiting")) or 0

    def tasks(self, choice: Choice, anew: Anew | None = None) -> Iterator[Task]:
        """Every task once, a page of them in memory at a time."""
        start = new_id("rec")
        for condition, reason in _kinds(anew):
            yield from self._between(choice, condition, reason, start, None)
            yield from self._between(choice, condition, reason, "", start)

    def do(self, task: Task) -> Outcome:
        """Do it; never raises for what failed about this one record."""
        try:
            if task.anew is None and not self._waits(task.record_id):
                return Outcome(task.record_id, "there")
            if task.anew is not None:
                # The job of the new record is for the case that this process ends before it.
                self._records.reissue(task.record_id, task.anew, delay=AGAIN)
            ended = self._records.issue(task.signing_id)
        except RecordReplaced:
            return Outcome(task.record_id, "there")
        except Exception as error:  # noqa: BLE001  whatever is wrong with one record, the others are made
            return _failed(task, told_apart(error))
        return Outcome(task.record_id, "issued" if ended else "there")

    def _waits(self, record_id: str) -> bool:
        with self._db.read() as session:
            return session.scalar(select(Record.id).where(Record.id == record_id, on_the_way())) is not None

    def _between(
        self, choice: Choice, meant: ColumnElement[bool], reason: str | None, start: str, end: str | None
    ) -> Iterator[Task]:
        """The tasks with ids from `start` up to, not including, `end`."""
        query = chosen(choice, Record.id, Record.signing_id).where(meant).order_by(Record.id).limit(PAGE)
        query = query if end is None else query.where(Record.id < end)
        page = self._page(query.where(Record.id >= start), reason)
        while page:
            yield from page
            page = self._page(query.where(Record.id > page[-1].record_id), reason)

    def _page(self, query: Select[Any], reason: str | None) -> list[Task]:
        with self._db.read() as session:
            return [Task(record_id, signing_id, reason) for record_id, signing_id in session.execute(query)]


def _failed(task: Task, error: Exception) -> Outcome:
    if isinstance(error, MclaError):
        return Outcome(task.record_id, "failed", error.code, error.message, error.hint)
    return Outcome(task.record_id, "failed", type(error).__name__, str(error)[:300])


def _kinds(anew: Anew | None) -> list[tuple[ColumnElement[bool], str | None]]:
    """The conditions under which there is something to do, each with the reason of a new record."""
    kinds: list[tuple[ColumnElement[bool], str | None]] = [(on_the_way(), None)]
    if anew is not None:
        old = select(RecordFile.sha256).where(RecordFile.sealed_at < anew.sealed_before)
        kinds.append((newest() & Record.sha256.in_(old), anew.reason))
    return kinds
