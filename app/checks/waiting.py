# SPDX-License-Identifier: Apache-2.0
"""WaitingService: checks that are asked again when something changed, until they are covered.

A question is kept before it is asked for the first time: a fact that was committed earlier is in the answer, and one
that comes later finds the row. So no fact falls between the two.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.checks.errors import HeadSuperseded, WaitingFull, WaitingUnknown
from app.checks.models import CheckDelivery, WaitingCheck, WaitingQuestion
from app.checks.queueing import queue
from app.checks.service import CheckService
from app.identity.sql import changed_rows
from app.platform.clock import Clock, is_id, new_id
from app.platform.db import Database
from app.platform.jobs import Job, add_job
from app.platform.sqllists import listed
from app.projects.changed import ASK_JOB, EVERYWHERE
from app.projects.models import Project
from app.projects.service import ProjectInfo, ProjectService
from mcla.checks.answer import Answer
from mcla.checks.change import Change, read_change

TEND_JOB = "checks.tend"
KEPT, BETWEEN = timedelta(days=90), timedelta(days=1)
"""How long one is kept, and how often it is asked although nothing is known to have changed: time passes as well."""
MOST = 1000
"""Of one project, at once."""
PAGE, TRIES, HEADS = 50, 5, 50
NEW_AND_ANSWERED = 2
"""The number of a check with one question and one word."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reference:
    """A change at a forge: the provider's name, the repository's id, the change's number and its head (40|64 hex)."""

    forge: str
    repository: str
    change: int
    head: str


@dataclass(frozen=True, slots=True)
class WaitingInfo:
    """How a waiting check stands. `id` is None for one that is covered already and was not kept."""

    id: str | None
    project: str
    reference: Reference
    state: str
    number: int
    answer: dict[str, Any] | None
    asked_at: datetime | None
    registered_at: datetime

    @property
    def until(self) -> datetime:
        """When it is gone at the latest."""
        return self.registered_at + KEPT


@dataclass(frozen=True, slots=True)
class _Kept:
    """A waiting check with its question, as it was read."""

    row: WaitingCheck
    change: Change


class WaitingBusy(RuntimeError):
    """Others marked the same check each time that it was asked; a job tries again later."""


class WaitingService:
    """Keeps questions, asks them again, and queues what came of it."""

    def __init__(self, db: Database, clock: Clock, projects: ProjectService, checks: CheckService) -> None:
        self._db, self._clock, self._projects, self._checks = db, clock, projects, checks

    def register(self, change: Change, reference: Reference, *, addresses: bool) -> WaitingInfo:
        """Keep a question, ask it, and tell its first answer; the one about an older head of the change is dropped.

        Raises `ProjectUnknown`, `HeadSuperseded` or `WaitingFull`.
        """
        project = self._projects.project(change.project)
        with self._db.write() as session:
            # One question of a project at a time: two about one change would both find none.
            session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
            row = self._take(session, project, reference)
            row.addresses = addresses
            row.state, row.number, row.verdict, row.code, row.answer = "waiting", row.number + 1, "", "", None
            row.registered_at = self._clock.now()
            session.flush()
            session.merge(WaitingQuestion(waiting_id=row.id, question=_packed(change)))
        self._ask(row.id, told=True)
        return self._registered(row, project)

    def info(self, project_slug: str, waiting_id: str) -> WaitingInfo:
        """How one stands; raises `WaitingUnknown`, for one of another project too."""
        project = self._projects.project(project_slug)
        with self._db.read() as session:
            return _info(_of(session, project, waiting_id), project.slug)

    def end(self, project_slug: str, waiting_id: str) -> None:
        """Ask no more; again changes nothing. Raises `WaitingUnknown`."""
        project = self._projects.project(project_slug)
        ended = update(WaitingCheck).where(WaitingCheck.id == waiting_id, WaitingCheck.state == "waiting")
        with self._db.write() as session:
            _of(session, project, waiting_id)
            session.execute(ended.values(state="ended", number=WaitingCheck.number + 1))
            _forget_question(session, waiting_id)

    def ask_again_job(self, payload: dict[str, Any]) -> None:
        """The handler of `checks.ask-again`: payload `{"of", "after"?}`; asks one page and leaves a job for the next.

        The first page takes the place of every job for the same that waits: their facts were committed before it asks.
        """
        of, after = str(payload["of"]), str(payload.get("after", ""))
        if not after:
            self._absorb(of)
        page = self._page(of, after)
        for waiting_id in page:
            self._ask_apart(waiting_id)
        if len(page) == PAGE:
            with self._db.write() as session:
                add_job(session, self._clock, ASK_JOB, {"of": of, "after": page[-1]})

    def tend_job(self, payload: dict[str, Any]) -> None:
        """The handler of `checks.tend`: payload `{"id", "daily"}`; asks one, and daily also lets it go in the end."""
        waiting_id = str(payload["id"])
        if not payload.get("daily"):
            return self._ask(waiting_id)
        with self._db.write() as session:
            row = session.get(WaitingCheck, waiting_id)
            if row is None:
                return None
            now = self._clock.now()
            if now >= row.registered_at + KEPT:
                return _forget(session, row)
            add_job(session, self._clock, TEND_JOB, payload, min(BETWEEN, row.registered_at + KEPT - now))
        return self._ask(waiting_id)

    def _take(self, session: Session, project: ProjectInfo, reference: Reference) -> WaitingCheck:
        """The row of the change, new or with another head; raises `HeadSuperseded` or `WaitingFull`."""
        found = session.scalars(
            select(WaitingCheck).where(
                WaitingCheck.project_id == project.id,
                WaitingCheck.forge == reference.forge,
                WaitingCheck.repository == reference.repository,
                WaitingCheck.change_number == reference.change,
            )
        ).first()
        if found is None or found.state != "waiting":
            waiting = select(func.count()).where(WaitingCheck.project_id == project.id, WaitingCheck.state == "waiting")
            if session.scalars(waiting).one() >= MOST:
                raise WaitingFull(f"{MOST} checks of {project.slug} wait already.")
        if found is None:
            return self._new(session, project, reference)
        if found.state == "ended":
            found.replaced = []
        elif reference.head != found.head:
            if reference.head in found.replaced or _is_before(session, reference.head, found):
                raise HeadSuperseded(f"{found.head[:12]} is newer than {reference.head[:12]}, and waits already.")
            found.replaced = [*found.replaced, found.head][-HEADS:]
        found.head = reference.head
        return found

    def _new(self, session: Session, project: ProjectInfo, reference: Reference) -> WaitingCheck:
        row = WaitingCheck(id=new_id("wck"), project_id=project.id, replaced=[], number=0, head=reference.head)
        row.forge, row.repository, row.change_number = reference.forge, reference.repository, reference.change
        session.add(row)
        add_job(session, self._clock, TEND_JOB, {"id": row.id, "daily": True}, BETWEEN)
        return row

    def _registered(self, row: WaitingCheck, project: ProjectInfo) -> WaitingInfo:
        """What the asker is told; a check that is new and covered is not kept."""
        with self._db.write() as session:
            now = session.get_one(WaitingCheck, row.id, with_for_update=True)
            info = _info(now, project.slug)
            if now.state == "covered" and now.number == NEW_AND_ANSWERED:
                _forget(session, now)
                return replace(info, id=None)
        return info

    def _absorb(self, of: str) -> None:
        waits = select(Job.id).where(Job.kind == ASK_JOB, Job.state == "waiting", Job.payload["of"].as_string() == of)
        with self._db.write() as session:
            # A job that another worker has just claimed runs for itself.
            ids = session.scalars(waits.with_for_update(skip_locked=True)).all()
            values = {"state": "done", "finished_at": self._clock.now()}
            session.execute(update(Job).where(Job.id.in_(listed(session, ids))).values(values))

    def _page(self, of: str, after: str) -> Sequence[str]:
        query = select(WaitingCheck.id).where(WaitingCheck.state == "waiting", WaitingCheck.id > after)
        if of != EVERYWHERE:
            query = query.join(Project).where(or_(Project.id == of, Project.foundation_id == of))
        with self._db.read() as session:
            return session.scalars(query.order_by(WaitingCheck.id).limit(PAGE)).all()

    def _ask_apart(self, waiting_id: str) -> None:
        """One that cannot be asked holds up no other: it gets a job of its own, with tries and an end of its own."""
        try:
            self._ask(waiting_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job that is added meets it again and keeps it
            log.warning("waiting.ask_failed", waiting=waiting_id, failure=type(error).__name__)
            with self._db.write() as session:
                add_job(session, self._clock, TEND_JOB, {"id": waiting_id}, timedelta(seconds=2))

    def _ask(self, waiting_id: str, *, told: bool = False) -> None:
        """Ask one and keep the answer; `told`: whoever asked hears it, so that nobody else need be told.

        Who finds that another has marked the check meanwhile asks again: an older answer never replaces a newer one.
        """
        for _ in range(TRIES):
            kept = self._read(waiting_id)
            if kept is None:
                return
            answer = self._checks.ask(kept.change, may_use_addresses=kept.row.addresses)
            if self._mark(kept.row, answer, told=told):
                return
        raise WaitingBusy(waiting_id)

    def _read(self, waiting_id: str) -> _Kept | None:
        query = select(WaitingCheck, WaitingQuestion.question).join(WaitingQuestion)
        with self._db.read() as session:
            found = session.execute(query.where(WaitingCheck.id == waiting_id, WaitingCheck.state == "waiting")).first()
        return _Kept(found[0], read_change(json.loads(zlib.decompress(found[1])))) if found else None

    def _mark(self, row: WaitingCheck, answer: Answer, *, told: bool) -> bool:
        """Keep an answer and queue the delivery of another word, if the check is still as it was when it was asked."""
        other = (answer.verdict, answer.said.code) != (row.verdict, row.code)
        covered, now = answer.verdict == "covered", self._clock.now()
        values = {
            "verdict": answer.verdict,
            "code": answer.said.code,
            "answer": answer.to_dict(),
            "asked_at": now,
            "state": "covered" if covered else "waiting",
            "number": row.number + other,
        }
        same = update(WaitingCheck).where(WaitingCheck.id == row.id, WaitingCheck.number == row.number)
        with self._db.write() as session:
            if changed_rows(session, same.where(WaitingCheck.state == "waiting").values(values)) != 1:
                return False
            if covered:
                _forget_question(session, row.id)
            if other and not told:
                queue(session, self._clock, session.get_one(WaitingCheck, row.id, populate_existing=True))
        return True


def _of(session: Session, project: ProjectInfo, waiting_id: str) -> WaitingCheck:
    row = session.get(WaitingCheck, waiting_id) if is_id(waiting_id) else None
    if row is None or row.project_id != project.id:
        raise WaitingUnknown("No check of this project waits under that id.")
    return row


def _info(row: WaitingCheck, slug: str) -> WaitingInfo:
    return WaitingInfo(
        id=row.id,
        project=slug,
        reference=Reference(row.forge, row.repository, row.change_number, row.head),
        state=row.state,
        number=row.number,
        answer=row.answer,
        asked_at=row.asked_at,
        registered_at=row.registered_at,
    )


def _is_before(session: Session, head: str, row: WaitingCheck) -> bool:
    """Whether a head is among the commits of the question that waits, and so below its head."""
    kept = session.get(WaitingQuestion, row.id)
    return kept is not None and head in {
        each.sha for each in read_change(json.loads(zlib.decompress(kept.question))).commits
    }


def _packed(change: Change) -> bytes:
    return zlib.compress(json.dumps(change.to_dict()).encode())


def _forget_question(session: Session, waiting_id: str) -> None:
    session.execute(delete(WaitingQuestion).where(WaitingQuestion.waiting_id == waiting_id))


def _forget(session: Session, row: WaitingCheck) -> None:
    """Let a check go with all that came of it."""
    _forget_question(session, row.id)
    session.execute(delete(CheckDelivery).where(CheckDelivery.waiting_id == row.id))
    session.delete(row)
