# SPDX-License-Identifier: Apache-2.0
"""Asked of offers by others: their answers by statement, and whether files are given or still on offer."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.grants.models import Offer, OfferAnswer
from app.log.models import LogEntry
from app.platform.db import Reader
from app.platform.sqllists import dialect_of, named_list
from app.signing.models import Signing
from mcla.statements.parts import OfferWord
from mcla.verify.offers import Answer


def answers_of(reader: Reader, statements: Collection[str], below: int) -> dict[str, Answer]:
    """The answers among the first `below` entries of the log, by the digest of the offer's statement. One statement."""
    found = reader.execute(_answers(dialect_of(reader)), {"statements": statements, "below": below})
    return {row.statement_sha256: told_answer(row, row.log_index) for row in found}


@cache
def _answers(dialect: str) -> Select[str, str, str | None, datetime, int]:
    answer, place = OfferAnswer, LogEntry.index.label("log_index")
    return (
        select(Signing.statement_sha256, answer.answer, answer.reason, answer.signed_at, place)
        .join(answer, answer.signing_id == Signing.id)
        .join(LogEntry, LogEntry.body_sha256 == answer.entry_sha256)
        .where(Signing.statement_sha256.in_(named_list(dialect, "statements")), LogEntry.index < bindparam("below"))
    )


def told_answer(row: OfferAnswer | Row[*tuple[Any, ...]], log_index: int) -> Answer:
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
