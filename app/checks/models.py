# SPDX-License-Identifier: Apache-2.0
"""Tables: the policies that projects keep here, and the bots and agents that are exempt. Rows are never deleted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class ProjectPolicy(Base):
    """One version of a project's policy; the newest that was set by a time is the one that counts then."""

    __tablename__ = "project_policy"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int] = mapped_column(Integer)
    """From 1, in the order in which they were set."""
    text: Mapped[str | None] = mapped_column(Text)
    """As `mcla.checks.policy` reads it; none where the project went back to the repository's own."""
    set_by: Mapped[str] = mapped_column(String(300))
    """The account of the staff, as provider and number, or `terminal`."""
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CheckExemption(Base):
    """A bot or an agent that need not sign: exactly one account, or exactly one address in lower case."""

    __tablename__ = "check_exemption"
    __table_args__ = (Index(None, "project_id", "provider", "subject"), Index(None, "project_id", "address"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    what: Mapped[str] = mapped_column(String(8))
    provider: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(300))
    added_by: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """From when on it counts."""
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(300))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
