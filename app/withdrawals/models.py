# SPDX-License-Identifier: Apache-2.0
"""Tables: how far contributions have come, and what a foundation answered when one was taken back. Both only grow."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class ReachedStage(Base):
    """A contribution has reached a stage (S1 to S4), as its foundation recorded it; a stage is never left again."""

    __tablename__ = "reached_stage"
    __table_args__ = (UniqueConstraint("signing_id", "stage"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"))
    stage: Mapped[str] = mapped_column(String(2))
    evidence: Mapped[str] = mapped_column(Text)
    """What shows it, such as a release; for the foundation alone."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Decision(Base):
    """One answer to one withdrawal. A later one corrects it; the last one counts."""

    __tablename__ = "withdrawal_decision"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    withdrawal_id: Mapped[str] = mapped_column(ForeignKey("withdrawal.id"), index=True)
    number: Mapped[int] = mapped_column()
    """1 for the first answer to this withdrawal."""
    answer: Mapped[str] = mapped_column(String(16))
    """`allowed` or `refused`."""
    stage: Mapped[str] = mapped_column(String(2))
    steps: Mapped[list[str]] = mapped_column(JSON)
    """Codes of `mcla.terms.taking_back.STEPS`: what is done."""
    replacement: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of what to use instead."""
    evidence_sha256: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    """Reasons for the foundation's files; shown to its staff alone."""
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("withdrawal_id", "number"),)
