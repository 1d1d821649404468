# SPDX-License-Identifier: Apache-2.0
"""Tables: certifications as their issuers gave them, and files that lists of operators know of model families.

Whether a certification holds is asked anew each time it is shown.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String
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


class FamilyFile(Base):
    """One file of a model family, by the list that an operator brought in; `source` says where that had it from.

    A row counts from `known_from` until `known_until`, so that signs of an earlier moment can be told again.
    """

    __tablename__ = "family_file"
    __table_args__ = (Index(None, "sha256", "family"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    family: Mapped[str] = mapped_column(String(300), index=True)
    licence: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(400))
    known_from: Mapped[datetime] = mapped_column(UtcDateTime)
    known_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
