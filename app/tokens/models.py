# SPDX-License-Identifier: Apache-2.0
"""Table: the tokens of projects. A row has the token's SHA-256 and is never deleted when it ends."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class ProjectToken(Base):
    """A token that acts for one project within its scopes; it is no person."""

    __tablename__ = "project_token"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
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
