# SPDX-License-Identifier: Apache-2.0
"""Tables: agreements, their immutable versions with each document's exact bytes, and what was said between versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
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
    grace_days: Mapped[int] = mapped_column(Integer, default=0)

    agreement: Mapped[Agreement] = relationship(lazy="joined")
    documents: Mapped[list["AgreementDocument"]] = relationship(order_by="AgreementDocument.path")


class AgreementDocument(Base):
    """One file of a version folder, byte for byte."""

    __tablename__ = "agreement_document"

    version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AgreementTranslation(Base):
    """A translation of a version's text, byte for byte; a corrected one is another row, and the newest is shown."""

    __tablename__ = "agreement_translation"
    __table_args__ = (UniqueConstraint("version_id", "sha256"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"))
    language: Mapped[str] = mapped_column(String(35))
    sha256: Mapped[str] = mapped_column(String(64))
    """Hex SHA-256 of `content`."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VersionCompatibility(Base):
    """A person's word, signed and logged, that a signature of the old version carries on to the new one.

    It counts once `log_index` is there. `document` is what was signed; `certificate`, `signature` and `timestamp` are
    kept with it before the log is asked, so that a job can finish what a crash interrupted.
    """

    __tablename__ = "version_compatibility"
    __table_args__ = (UniqueConstraint("old_version_id", "new_version_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    old_version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"))
    new_version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"), index=True)
    contributor_id: Mapped[str | None] = mapped_column(ForeignKey("contributor.id"))
    """Who of the staff said so; None for the operator."""
    document: Mapped[bytes] = mapped_column(LargeBinary)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    timestamp: Mapped[bytes] = mapped_column(LargeBinary)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    log_index: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class VersionNotice(Base):
    """That a signer of an earlier version is told of a new one: once, on their own pages, until they have seen it."""

    __tablename__ = "version_notice"

    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
