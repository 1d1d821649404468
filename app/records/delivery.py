# SPDX-License-Identifier: Apache-2.0
"""Telling a signer that the record is there: a mail with a link that asks for a sign-in, if the service sends mail."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contributions.models import Contribution
from app.mail.outbox import Letter, Outbox
from app.records.models import Record
from app.signing.models import Signature


def deliver(session: Session, outbox: Outbox, record_id: str, origin: str) -> bool:
    """Promise the mail in the caller's transaction, once; False where no mail is sent, so that the download counts.

    None is sent about a record that was replaced: its signer hears of the newer one.
    """
    record = session.get_one(Record, record_id)
    if not outbox.on or session.scalar(select(Record.id).where(Record.replaces == record_id)) is not None:
        return False
    said = {"contact": "", "url": f"{origin}/records/{record.id}.pdf", "again": record.replaces is not None}
    outbox.to_person(session, Letter("record", record.id, said), _signer(session, record.signing_id))
    return True


def _signer(session: Session, signing_id: str) -> str:
    rows = (select(table.contributor_id).where(table.signing_id == signing_id) for table in (Signature, Contribution))
    return next(found for row in rows if (found := session.scalar(row)) is not None)
