# SPDX-License-Identifier: Apache-2.0
"""Notices that the wall clock was set back, and ends what would live longer by it (reliability-security 4.2, case 23).

The latest time that any process saw is kept in the database. Whoever finds the present before it ends every session,
flow, code, token and draft that is open, once, and goes on from the present. Two other ways were left: to refuse until
the clock has caught up would lock everybody out for a day after a clock that ran a day ahead was set right; to go on
from the latest time would give what begins meanwhile that day on top of its life. People sign in again; nothing that
was signed, logged or only typed in is touched. What signs is stricter and stops instead (`app.signing.steady`).
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.platform.clock import APART, Clock
from app.platform.db import Base, Database, UtcDateTime

EVERY = timedelta(seconds=30)
"""How far the mark may lie behind: a step back of less than this and `APART` is not noticed, and gives no more."""
CutShort = Callable[[Session, datetime], None]
"""Lets everything of one noun that would end after this time end then, in the caller's transaction."""
log = structlog.get_logger()


class ClockMark(Base):
    """The latest time that any process on this database saw, in its one row."""

    __tablename__ = "clock_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockWatch:
    """The watch of one process; it costs a statement or two each `EVERY`, and nothing in between."""

    def __init__(self, db: Database, clock: Clock, cut_short: Sequence[CutShort]) -> None:
        self._db, self._clock, self._cut_short = db, clock, cut_short
        self._lock = threading.Lock()
        self._mark: datetime | None = None

    def look(self) -> None:
        """Call before anything with an end is believed or begun, and outside of a transaction: this takes one."""
        if self._is_near():
            return
        with self._lock:
            if not self._is_near():
                self._mark = self._compare()

    def _is_near(self) -> bool:
        mark = self._mark
        return mark is not None and mark - APART <= self._clock.now() < mark + EVERY

    def _compare(self) -> datetime:
        with self._db.write() as session:
            row = session.scalars(select(ClockMark).with_for_update()).one()
            now = self._clock.now()
            if now + APART < row.at:
                log.error("clock.set_back", seen=row.at.isoformat(), now=now.isoformat())
                for cut_short in self._cut_short:
                    cut_short(session, now - APART)  # no step that goes unnoticed leads before it
                row.at = now
            row.at = max(row.at, now)
            return row.at
