# SPDX-License-Identifier: Apache-2.0
"""What somebody has entered to give files and has not signed yet, kept so that closing the page loses nothing.

A draft belongs to its person, whatever account or browser they come back with. It is saved at each step, ends thirty
days after the last change or when what came of it is signed, and can be deleted before; a job clears what has ended.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, defer

from app.contributions.errors import DraftUnknown
from app.contributions.giving import Given
from app.contributions.models import ContributionDraft
from app.identity.ports import Actor
from app.platform.clock import Clock, is_id, new_id
from app.platform.db import Database
from app.platform.jobs import add_job

LIFE = timedelta(days=30)
MOST = 10
"""Drafts kept for one person: each may hold a list of many thousand files. The one unchanged longest goes first."""
CLEAR_JOB = "drafts.clear"


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """A draft in its person's list."""

    id: str
    project: str
    kind: str
    saved_at: datetime
    expires_at: datetime


class Drafts:
    """The drafts of this service; nobody but their person can read, change or delete them."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def save(self, actor: Actor, draft_id: str, given: Given) -> DraftInfo:
        """Keep what was entered, under `draft_id` if that is one of the person's, else as a new draft."""
        with self._db.write() as session:
            row = self._mine(session, actor, draft_id)
            if row is None:
                row = ContributionDraft(id=new_id("dft"), contributor_id=actor.contributor_id)
                session.add(row)
                add_job(session, self._clock, CLEAR_JOB, {"draft_id": row.id}, LIFE)
            row.project, row.kind, row.given = given.project[:64], given.kind[:16], asdict(given)
            row.saved_at, row.expires_at = self._clock.now(), self._clock.now() + LIFE
            session.flush()
            _forget_oldest(session, actor.contributor_id)
            return _told(row)

    def load(self, actor: Actor, draft_id: str) -> tuple[DraftInfo, Given]:
        """What was entered; raises `DraftUnknown`, for an ended one and for somebody else's alike."""
        with self._db.read() as session:
            row = self._mine(session, actor, draft_id)
            if row is None:
                raise DraftUnknown("You have no draft of that id.")
            known = {each.name for each in fields(Given)}
            return _told(row), Given(**{name: value for name, value in row.given.items() if name in known})

    def list(self, actor: Actor) -> "tuple[DraftInfo, ...]":
        """The person's drafts, the one changed last first."""
        row = ContributionDraft
        query = select(row).where(row.contributor_id == actor.contributor_id, row.expires_at > self._clock.now())
        with self._db.read() as session:
            found = session.scalars(query.order_by(row.saved_at.desc(), row.id).options(defer(row.given)))
            return tuple(map(_told, found))

    def delete(self, actor: Actor, draft_id: str) -> None:
        """Forget a draft of the person; one that is not there is forgotten already."""
        if not is_id(draft_id):
            return
        row = ContributionDraft
        with self._db.write() as session:
            session.execute(delete(row).where(row.id == draft_id, row.contributor_id == actor.contributor_id))

    def became(self, actor: Actor, draft_id: str, signing_id: str) -> None:
        """Note which statement was made of a draft, so that the draft goes when that is signed."""
        if not is_id(draft_id):
            return
        row = ContributionDraft
        with self._db.write() as session:
            mine = update(row).where(row.id == draft_id, row.contributor_id == actor.contributor_id)
            session.execute(mine.values(signing_id=signing_id))

    def behind(self, actor: Actor, signing_id: str) -> str:
        """The id of the person's draft that a statement was made of; empty if there is none."""
        row = ContributionDraft
        query = select(row.id).where(row.signing_id == signing_id, row.contributor_id == actor.contributor_id)
        with self._db.read() as session:
            return session.scalar(query) or ""

    def clear_job(self, payload: Mapping[str, Any]) -> None:
        """The handler of `drafts.clear`: payload `{"draft_id"}`. Deletes it if it has ended, else comes back then."""
        now = self._clock.now()
        with self._db.write() as session:
            row = session.get(ContributionDraft, payload["draft_id"])
            if row is not None and row.expires_at <= now:
                session.delete(row)
            elif row is not None:
                add_job(session, self._clock, CLEAR_JOB, dict(payload), row.expires_at - now)

    def _mine(self, session: Session, actor: Actor, draft_id: str) -> ContributionDraft | None:
        row = session.get(ContributionDraft, draft_id) if is_id(draft_id) else None
        alive = row is not None and row.contributor_id == actor.contributor_id and row.expires_at > self._clock.now()
        return row if alive else None


def forget_signed(session: Session, signing_id: str) -> None:
    """Delete the draft whose statement is signed now, in the transaction that records it."""
    session.execute(delete(ContributionDraft).where(ContributionDraft.signing_id == signing_id))


def _forget_oldest(session: Session, contributor_id: str) -> None:
    row = ContributionDraft
    newest = select(row.id).where(row.contributor_id == contributor_id).order_by(row.saved_at.desc(), row.id.desc())
    kept = list(session.scalars(newest.limit(MOST)))
    gone = delete(row).where(row.contributor_id == contributor_id, row.id.not_in(kept))
    session.execute(gone.execution_options(synchronize_session=False))


def _told(row: ContributionDraft) -> DraftInfo:
    return DraftInfo(row.id, row.project, row.kind, row.saved_at, row.expires_at)
