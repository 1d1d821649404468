# SPDX-License-Identifier: Apache-2.0
"""The transactional outbox: work that must happen after a commit, kept in the database that was committed to.

No queue library is transactional on both SQLite and PostgreSQL (docs/adr/0003). A job is added in the same
transaction as the fact that calls for it, claimed under a lease by one worker, and run at least once: handlers
must be idempotent. What fails is tried again with back-off and, after `MAX_ATTEMPTS`, kept as `dead` for a person.
What is done is kept for some days for whoever asks what happened, and then deleted.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, Index, Integer, String, Text, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.platform.clock import Clock, new_id
from app.platform.clock_watch import ClockWatch
from app.platform.db import Base, Database, UtcDateTime

MAX_ATTEMPTS = 12
LEASE = timedelta(minutes=5)
LONGEST_DELAY = timedelta(hours=1)
TIDY_EVERY = timedelta(hours=1)
TIDY_MOST = 1000
"""Finished jobs deleted in one transaction: a service that was never tidied must not hold its other writers up."""
Handler = Callable[[dict[str, Any]], None]
log = structlog.get_logger()


class Job(Base):
    """One piece of work. States: waiting -> running -> done, or back to waiting, or dead."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "run_after"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def add_job(session: Session, clock: Clock, kind: str, payload: dict[str, Any], delay: timedelta = timedelta(0)) -> str:
    """Add a job to the caller's transaction; it exists exactly if that transaction commits."""
    now = clock.now()
    job = Job(
        id=new_id("job"), kind=kind, payload=payload, state="waiting", attempts=0, run_after=now + delay, created_at=now
    )
    session.add(job)
    return job.id


def cut_short(session: Session, over: datetime) -> None:
    """Let no job wait for a clock that was set back to catch up; one that was meant for later puts itself off again."""
    latest = over + LONGEST_DELAY
    session.execute(update(Job).where(Job.run_after > latest).values(run_after=latest))


class Worker:
    """Claims due jobs and runs their handlers; deletes what has been done for longer than `kept`."""

    def __init__(
        self, db: Database, clock: Clock, handlers: Mapping[str, Handler], watch: ClockWatch, kept: timedelta
    ) -> None:
        self._db, self._clock, self._handlers, self._watch, self._kept = db, clock, handlers, watch, kept
        self._tidy_at = datetime.min.replace(tzinfo=UTC)
        self._stop = threading.Event()
        self._wake = threading.Event()

    def run_due(self, limit: int = 100) -> int:
        """Run up to `limit` due jobs; returns how many were claimed. Also keeps the watch while nobody calls."""
        self._watch.look()
        self._tidy()
        for done in range(limit):
            job = self._claim()
            if job is None:
                return done
            self._run(job)
        return limit

    def run_forever(self, pause: float = 1.0) -> None:
        """Run jobs until `stop` is called, looking each `pause` seconds and whenever `wake` is called."""
        while not self._stop.is_set():
            try:
                self.run_due()
            except Exception:  # the database may be away for a while: the loop must outlive it
                log.exception("jobs.claim_failed")
            self._wake.wait(pause)
            self._wake.clear()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def _tidy(self) -> None:
        """Delete the oldest finished jobs, `TIDY_MOST` at once; goes on at the next call while there are more."""
        now = self._clock.now()
        if now < self._tidy_at:
            return
        # A finished job's `run_after` is the end of its last lease; it is what the index is ordered by.
        long_done = (
            select(Job.id)
            .where(Job.state == "done", Job.run_after < now - self._kept, Job.finished_at < now - self._kept)
            .order_by(Job.run_after)
            .limit(TIDY_MOST)
        )
        with self._db.write() as session:
            gone = session.execute(delete(Job).where(Job.id.in_(long_done)).returning(Job.id)).all()
        self._tidy_at = now if len(gone) == TIDY_MOST else now + TIDY_EVERY

    def _claim(self) -> Job | None:
        now = self._clock.now()
        due = (
            select(Job.id)
            .where(Job.state.in_(("waiting", "running")), Job.run_after <= now, Job.kind.in_(self._handlers))
            .order_by(Job.run_after)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite has no such clause and needs none: BEGIN IMMEDIATE
        )
        # A running job's `run_after` is the end of its lease: a worker that died gives it back by silence.
        # Equal to it, not in it: PostgreSQL may ask a subquery after IN once for each row, and then it locks several.
        claim = update(Job).where(Job.id == due.scalar_subquery()).returning(Job)
        with self._db.write() as session:
            values = {"state": "running", "attempts": Job.attempts + 1, "run_after": now + LEASE}
            return session.execute(claim.values(values)).scalar_one_or_none()

    def _run(self, job: Job) -> None:
        try:
            self._handlers[job.kind](job.payload)
        except Exception as error:  # any failure of a handler is recorded and tried again
            log.exception("job.failed", job=job.id, kind=job.kind, attempt=job.attempts)
            dead = job.attempts >= MAX_ATTEMPTS
            delay = min(timedelta(seconds=2**job.attempts), LONGEST_DELAY)
            values: dict[str, Any] = {"state": "dead" if dead else "waiting", "run_after": self._clock.now() + delay}
            values["failure"] = f"{type(error).__name__}: {error}"[:2000]
        else:
            values = {"state": "done", "finished_at": self._clock.now(), "failure": None}
        with self._db.write() as session:
            session.execute(update(Job).where(Job.id == job.id, Job.attempts == job.attempts).values(values))
