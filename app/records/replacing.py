# SPDX-License-Identifier: Apache-2.0
"""A record issued anew: it names the one before it, which stays valid and can be told to be superseded."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.clock import Clock, is_id, new_id
from app.platform.jobs import add_job
from app.records.errors import RecordNotReady, RecordReplaced, RecordUnknown
from app.records.models import Record
from app.records.outcomes import RECORD_JOB


@dataclass(frozen=True, slots=True)
class Reissue:
    """Why, as it stands on the new record's page; and the right name, where the provider's was wrong."""

    reason: str
    corrected_name: str | None = None
    delay: timedelta = timedelta(0)
    """Until the job may make it; whoever asks may make it before."""


def replace_record(session: Session, clock: Clock, record_id: str, why: Reissue) -> str:
    """Add the new record and its job; returns its id. Raises as `RecordService.reissue`."""
    old = session.get(Record, record_id) if is_id(record_id) else None
    if old is None:
        raise RecordUnknown("There is no record of this id.")
    if old.sha256 is None:
        raise RecordNotReady("This record is still being made.")
    if newer := session.scalar(select(Record.id).where(Record.replaces == old.id)):
        raise RecordReplaced(f"This record was replaced by {newer}.")
    new = Record(id=new_id("rec"), signing_id=old.signing_id, state="logged", replaces=old.id)
    new.created_at, new.reason = clock.now(), why.reason
    new.corrected_name = why.corrected_name or old.corrected_name  # a name put right once stays so
    session.add(new)
    session.flush()
    add_job(session, clock, RECORD_JOB, {"signing_id": old.signing_id}, why.delay)
    return new.id
