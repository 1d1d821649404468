# SPDX-License-Identifier: Apache-2.0
"""Tables: foundations with their staff, their projects, and the policies of these, of which no row is ever deleted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Foundation(Base):
    """The body that publishes agreements and runs projects."""

    __tablename__ = "foundation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Staff(Base):
    """An account that acts for a foundation in the console: (provider, subject), never a login or an address."""

    __tablename__ = "staff"

    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    handles_reports: Mapped[bool] = mapped_column(default=False)
    """Appointed to handle safety reports: sees what is kept secret or dangerous, as nobody else of the staff does."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Project(Base):
    """Takes contributions; its slug is unique in a service."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


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
