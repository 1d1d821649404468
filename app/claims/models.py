# SPDX-License-Identifier: Apache-2.0
"""Tables: files that were imported, the claims in them, and the side table with what they call people.

Names, logins and addresses stand in `claim_mark` and nowhere else, so that erasing a person's rows there, and the
account's number in `claim`, leaves counts and origins as they were. `claim.key` is keyed, so it tells nothing without
`claim_secret`, and keeps an erased row from coming back with the next export.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.claims.values import Evidence, MarkKind, System, What
from app.platform.db import Base, UtcDateTime


class ClaimImport(Base):
    """One file of one system, taken in for one project."""

    __tablename__ = "claim_import"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    system: Mapped[System] = mapped_column(String(32))
    provider: Mapped[str] = mapped_column(String(32))
    """At which identity provider of this service the accounts are."""
    file_sha256: Mapped[str] = mapped_column(String(64))
    agreements: Mapped[list[str]] = mapped_column(JSON)
    """Slugs of what is signed here instead."""
    imported_by: Mapped[str] = mapped_column(String(300))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Claim(Base):
    """What one row says; an account only by its number."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("project_id", "key"), Index("ix_claim_subject", "subject", "provider"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("claim_import.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    row_number: Mapped[int]
    what: Mapped[What] = mapped_column(String(16))
    evidence: Mapped[Evidence] = mapped_column(String(32))
    provider: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(255))
    signed: Mapped[str | None] = mapped_column(String(32))
    ended: Mapped[str | None] = mapped_column(String(32))
    ended_known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was imported that it ended there: an answer about the time before stays what it was."""
    text_title: Mapped[str] = mapped_column(String(500))
    text_url: Mapped[str] = mapped_column(String(2000))
    text_version: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(500))
    """Where in the other system, such as its repository."""
    key: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 of what the row says, under the project's secret: the same row is taken once."""
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_by: Mapped[str | None] = mapped_column(String(300))


class ClaimMark(Base):
    """Personal data of claims: what a row calls somebody."""

    __tablename__ = "claim_mark"

    claim_id: Mapped[str] = mapped_column(ForeignKey("claim.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[MarkKind] = mapped_column(String(24))
    at: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(500))
    compared: Mapped[str] = mapped_column(String(500), index=True)


class ClaimSecret(Base):
    """32 random bytes that key the claims of a project."""

    __tablename__ = "claim_secret"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
