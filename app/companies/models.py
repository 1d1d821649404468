# SPDX-License-Identifier: Apache-2.0
"""Tables: companies, their acceptances and signed events, invitations, and two indexes into what events say.

`company_event` is the truth and only ever grows. Its documents hold names of accounts and addresses; they are seen by
the company's managers, and no public answer is made of them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.companies.document import parse_document
from app.platform.db import Base, UtcDateTime


class Company(Base):
    """A legal entity that somebody has signed for, towards one foundation."""

    __tablename__ = "company"
    __table_args__ = (UniqueConstraint("foundation_id", "jurisdiction", "registration_key"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"))
    name: Mapped[str] = mapped_column(String(200))
    skeleton: Mapped[str] = mapped_column(String(1000), index=True)
    """What the name looks like (`app.companies.names`)."""
    jurisdiction: Mapped[str] = mapped_column(String(8))
    registration: Mapped[str] = mapped_column(String(200))
    registration_key: Mapped[str] = mapped_column(String(200))
    """The register number's letters and digits alone, so that one company is not two."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CompanyAcceptance(Base):
    """A signing in which somebody accepted an agreement version for a company; it counts once it is complete."""

    __tablename__ = "company_acceptance"

    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), index=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    power: Mapped[str] = mapped_column(String(16))


class CompanyEvent(Base):
    """One signed change, stored when it is signed, before the log is asked; `position` is its place in the company."""

    __tablename__ = "company_event"
    __table_args__ = (
        UniqueConstraint("company_id", "position"),
        Index(None, "provider", "subject"),
        Index(None, "subject"),
        Index(None, "company_id", "change"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    position: Mapped[int] = mapped_column(Integer)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), unique=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    provider: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    """`app.companies.changes`: the bytes whose digest the signed statement names."""
    change: Mapped[str] = mapped_column(String(32))
    """The type of the change in the document, and the entry of the list that it is about: for finding, not for
    deciding."""
    entry_id: Mapped[str | None] = mapped_column(String(40), index=True)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    log_index: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Both once it is recorded."""

    @validates("document")
    def _index_document(self, _name: str, document: bytes) -> bytes:
        change = parse_document(document).change
        self.change, self.entry_id = change.type, getattr(change, "entry", None)
        return document


class CompanyInvitation(Base):
    """The link of an invitation: made anew each time it is asked for, kept as a digest, good for a few days."""

    __tablename__ = "company_invitation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used: Mapped[bool] = mapped_column(Boolean)


class CompanyEntry(Base):
    """Which companies have ever listed an account, address or domain: for finding them, not for deciding."""

    __tablename__ = "company_entry"
    __table_args__ = (Index(None, "rule", "key"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"))
    rule: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(320))


class CompanyRelease(Base):
    """Files that an employee wants a second person to release: kept for a while, nothing of it is signed."""

    __tablename__ = "company_release"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id"), index=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"))
    provider: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255))
    project: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    root: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    tensors: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    agreement: Mapped[str | None] = mapped_column(String(64))
    """Under which they are offered alone, with the title and power of who offers them; None for the accepted one."""
    title: Mapped[str | None] = mapped_column(String(200))
    power: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
