# SPDX-License-Identifier: Apache-2.0
"""Tables: offers (contributions that wait for the foundation) and the foundation's answers to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Offer(Base):
    """A recorded contribution under an agreement that counts once the foundation has signed too."""

    __tablename__ = "offer"
    __table_args__ = (Index(None, "foundation_id", "until"),)

    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), primary_key=True)
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"))
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    """The last moment for the counter-signature (`mcla.verify.offers`)."""


class OfferAnswer(Base):
    """The foundation's answer to one offer; stored when it is signed, before the log is asked.

    Its place in the log is that of the entry with `entry_sha256`, as it is of a withdrawal.
    """

    __tablename__ = "offer_answer"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("offer.signing_id"), unique=True)
    """The offer's: there is one answer to it, ever."""
    answer: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"))
    person_detail_id: Mapped[str] = mapped_column(ForeignKey("person_detail.id"))
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    timestamp: Mapped[bytes] = mapped_column(LargeBinary)
    entry_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Once it is recorded."""
