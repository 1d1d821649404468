# SPDX-License-Identifier: Apache-2.0
"""Tables: the tokens of projects, each as its SHA-256, and the rules by which a forge's word is worth one.

Rows that people made are never deleted. A token that came of a forge's word is, a day after its ten minutes.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class ProjectToken(Base):
    """A token that acts for one project within its scopes; it is no person."""

    __tablename__ = "project_token"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    trust_id: Mapped[str | None] = mapped_column(ForeignKey("workload_trust.id"), index=True)
    """The rule of a token that came of a forge's word; none for one that somebody made."""
    label: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(200))
    """Sorted, with spaces between (RFC 6749 section 3.3)."""
    made_by: Mapped[str] = mapped_column(String(300))
    """The account of the staff, as provider and number, or `terminal`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The latest day that it was used on: one write a day, not one a request."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(300))


class WorkloadTrust(Base):
    """A rule: whoever brings an ID token of this issuer with these very claims gets a token with these scopes."""

    __tablename__ = "workload_trust"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    claims: Mapped[str] = mapped_column(Text)
    """A JSON object of texts, sorted by name."""
    scopes: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The latest day that it was used on."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(300))
