# SPDX-License-Identifier: Apache-2.0
"""WithdrawalService: the signed list of everything that was ended, made from committed rows for the newest signed head.

The list is made anew when the log has grown and at least every few minutes; between two lists only the new entries are
asked for. It holds digests, places and times, and names nobody.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.log.service import LogService
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.keys import KeysNow
from app.signing.steady import SteadyClock
from app.withdrawals.errors import WithdrawalsTooMany
from app.withdrawals.queries import ends_between
from mcla.log.checkpoint import Checkpoint
from mcla.verify.withdrawals import MAX_ENDS, end_line, sign_snapshot

REMAKE = timedelta(minutes=5)
NEXT_UPDATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    size: int
    made: datetime


class WithdrawalService:
    """The list of withdrawals of one log, as one process makes it."""

    def __init__(self, db: Database, clock: Clock, steady: SteadyClock, log: LogService, keys_now: KeysNow) -> None:
        self._db, self._clock, self._steady, self._log, self._keys_now = db, clock, steady, log, keys_now
        self._turn = threading.Lock()
        self._lines: list[str] = []
        self._covered = 0
        self._head: Checkpoint | None = None
        self._kept: _Kept | None = None

    def snapshot(self) -> bytes:
        """The signed list (`mcla.verify.withdrawals`) as of the newest head; raises `ClockUnsteady`, or as the log."""
        with self._turn:
            head, now = self._newest(), self._clock.now()
            kept = self._kept
            if kept is None or kept.size != head.size or not kept.made <= now < kept.made + REMAKE:
                kept = self._kept = self._make(head)
            return kept.data

    def _make(self, head: Checkpoint) -> _Kept:
        with self._db.read() as session:
            now = self._steady.now(session).replace(microsecond=0)
        self._extend(head.size)
        data = sign_snapshot(head, now, now + NEXT_UPDATE, self._lines, self._keys_now().log)
        return _Kept(data, head.size, now)

    def _extend(self, size: int) -> None:
        """Read the ends up to `size`: what was read below it before is complete and never changes."""
        with self._db.read() as session:
            self._lines += [end_line(statement, end) for statement, end in ends_between(session, self._covered, size)]
        self._covered = max(self._covered, size)
        if len(self._lines) > MAX_ENDS:
            raise WithdrawalsTooMany(f"There are more than {MAX_ENDS:,} withdrawals.")

    def _newest(self) -> Checkpoint:
        """The largest head that was seen: a list never covers less than one before it."""
        shown = self._log.head()
        if self._head is None or shown.size >= self._head.size:
            self._head = shown
        return self._head
