# SPDX-License-Identifier: Apache-2.0
"""Table: published terms in tiers, of which nothing is ever changed or deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class OutboundTerms(Base):
    """One version. It counts once `log_index` is there.

    `certificate`, `signature` and `timestamp` are over `document` and kept with it before the log is asked, so that a
    job can finish what a crash interrupted.
    """

    __tablename__ = "outbound_terms"
    __table_args__ = (UniqueConstraint("slug", "version"), UniqueConstraint("slug", "number"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    """None: they hold for every project of the foundation that has none of its own."""
    slug: Mapped[str] = mapped_column(String(64))
    """The `id` in the document."""
    version: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    """From 1, in the order in which they were published."""
    document: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    effective: Mapped[str] = mapped_column(String(10))
    """The first day, YYYY-MM-DD, on which they hold."""
    published_by: Mapped[str] = mapped_column(String(300))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    timestamp: Mapped[bytes] = mapped_column(LargeBinary)
    log_index: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)
