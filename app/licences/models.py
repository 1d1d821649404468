# SPDX-License-Identifier: Apache-2.0
"""Table: certifications as their issuers gave them. Whether one holds is asked anew each time it is shown."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class AttachedCertification(Base):
    """One certification under its digest, by what it is about: a licence's id, or the SHA-256 of an artifact."""

    __tablename__ = "certification"
    __table_args__ = (CheckConstraint("(licence IS NULL) <> (artifact IS NULL)", name="is_about_one_thing"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    licence: Mapped[str | None] = mapped_column(String(100), index=True)
    artifact: Mapped[str | None] = mapped_column(String(64), index=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    attached_at: Mapped[datetime] = mapped_column(UtcDateTime)
