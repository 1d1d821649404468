# SPDX-License-Identifier: Apache-2.0
"""Stores that a recorded contribution is an offer, in the transaction that records it."""

from sqlalchemy.orm import Session

from app.grants.models import Offer
from app.signing.ports import Recorded
from mcla.statements.parts import OfferRef
from mcla.verify.offers import stands_until


def store_offer(session: Session, recorded: Recorded, offer: OfferRef) -> None:
    """Add the row by which the foundation finds it; the statement names the foundation and the days."""
    foundation_id = offer.to.rpartition("/")[2]
    until = stands_until(recorded.signed_at.replace(microsecond=0), offer.days)
    row = Offer(signing_id=recorded.signing.id, foundation_id=foundation_id, log_index=recorded.log_index, until=until)
    session.add(row)
