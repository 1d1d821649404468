# SPDX-License-Identifier: Apache-2.0
"""What comes of a completed signing above the signature itself: its contribution, its record, and jobs:
the one that makes the record, and the one that asks the checks again that wait for it.

Signing lies below contributions and records and does not know them; it calls this through its `Outcomes` port, inside
the transaction that completes the signing, so that all of it exists or none.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.contributions import recording
from app.identity.models import Signer
from app.platform.clock import Clock, new_id
from app.platform.jobs import add_job
from app.projects.changed import note_change
from app.records.models import Record
from app.signing.ports import Recorded
from mcla.statements.statement import Contribution

RECORD_JOB = "record.issue"
UPGRADE_JOB = "record.upgrade"


class SigningOutcomes:
    """The adapter of `app.signing.ports.Outcomes`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def given_before(
        self, session: Session, signer_id: str, project_id: str, kind: str, manifest_root: str, now: datetime
    ) -> str | None:
        return recording.given_before(session, signer_id, project_id, kind, manifest_root, now)

    def stored(self, session: Session, signing_id: str) -> tuple[int, Mapping[str, Any]] | None:
        return recording.stored(session, signing_id)

    def record_id(self, session: Session, signing_id: str) -> str | None:
        newest = select(Record.id).where(Record.signing_id == signing_id)
        newest = newest.order_by(Record.created_at.desc(), Record.replaces.is_not(None).desc())
        return session.scalar(newest.limit(1))

    def store(self, session: Session, recorded: Recorded) -> None:
        note_change(session, self._clock, session.get_one(Signer, recorded.signing.signer_id).foundation_id)
        if recorded.signing.kind in ("withdrawal", "company-change"):
            return
        recording.store_contribution(session, recorded)
        signing_id = recorded.signing.id
        # Contributions are public and their ids follow from the signing's; from those nobody may guess a record's.
        row = Record(id=new_id("rec"), signing_id=signing_id, state="waiting")
        row.created_at = self._clock.now()
        session.add(row)
        session.flush()
        if not _is_offer(recorded):
            self.issue(session, signing_id)

    def issue(self, session: Session, signing_id: str) -> None:
        """Let the record be made; that of an offer waits until the foundation has counter-signed."""
        waits = update(Record).where(Record.signing_id == signing_id, Record.state == "waiting")
        session.execute(waits.values(state="logged"))
        add_job(session, self._clock, RECORD_JOB, {"signing_id": signing_id})


def _is_offer(recorded: Recorded) -> bool:
    return isinstance(recorded.statement, Contribution) and recorded.statement.offer is not None
