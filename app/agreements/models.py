# SPDX-License-Identifier: Apache-2.0
"""Tables: agreements, their immutable versions and the exact bytes of each version's documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.platform.db import Base, UtcDateTime


class Agreement(Base):
    """A family of texts, such as `mcla-individual`."""

    __tablename__ = "agreement"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgreementVersion(Base):
    """One version: never changed after publication, only withdrawn from new signatures."""

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement_id", "version"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    version: Mapped[str] = mapped_column(String(32))
    text_sha256: Mapped[str] = mapped_column(String(64))
    """Hex SHA-256 of `agreement.md`."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Hex manifest root over every document of the version folder (`mcla.artifacts.manifest`)."""
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    agreement: Mapped[Agreement] = relationship(lazy="joined")
    documents: Mapped[list["AgreementDocument"]] = relationship(order_by="AgreementDocument.path")


class AgreementDocument(Base):
    """One file of a version folder, byte for byte."""

    __tablename__ = "agreement_document"

    version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
