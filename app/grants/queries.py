# SPDX-License-Identifier: Apache-2.0
"""Asked of offers by others: their answers by statement, and whether files are given or still on offer."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.grants.models import Offer, OfferAnswer
from app.log.models import LogEntry
from app.platform.sqllists import listed
from app.signing.models import Signing
from mcla.statements.parts import OfferWord
from mcla.verify.offers import Answer


def answers_of(session: Session, statements: Collection[str], below: int) -> dict[str, Answer]:
    """The answers among the first `below` entries of the log, by the digest of the offer's statement. One statement."""
    query = (
        select(Signing.statement_sha256, OfferAnswer, LogEntry.index)
        .join(OfferAnswer, OfferAnswer.signing_id == Signing.id)
        .join(LogEntry, LogEntry.body_sha256 == OfferAnswer.entry_sha256)
        .where(Signing.statement_sha256.in_(listed(session, statements)), LogEntry.index < below)
    )
    return {statement: told_answer(row, index) for statement, row, index in session.execute(query)}


def told_answer(row: OfferAnswer, log_index: int) -> Answer:
    """A recorded answer as a value."""
    return Answer(cast("OfferWord", row.answer), row.reason, log_index, row.signed_at)


def over(signing_id: InstrumentedAttribute[str], now: datetime) -> ColumnElement[bool]:
    """The condition that what came of a signing is an offer that can never count any more: it may be made again."""
    signed = select(OfferAnswer.signing_id).where(OfferAnswer.answer == "counter-signed")
    declined = select(OfferAnswer.signing_id).where(OfferAnswer.answer == "declined")
    lapsed = select(Offer.signing_id).where(Offer.until < now, Offer.signing_id.not_in(signed))
    return signing_id.in_(declined.union_all(lapsed))


def counted_before(session: Session, signing_ids: Collection[str]) -> dict[str, int]:
    """Where in the log each of these offers was counter-signed; the others are left out. One statement."""
    query = (
        select(OfferAnswer.signing_id, LogEntry.index)
        .join(LogEntry, LogEntry.body_sha256 == OfferAnswer.entry_sha256)
        .where(OfferAnswer.signing_id.in_(signing_ids), OfferAnswer.answer == "counter-signed")
    )
    return {row[0]: row[1] for row in session.execute(query)}
