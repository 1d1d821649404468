# SPDX-License-Identifier: Apache-2.0
"""Tables: signings (a statement on its way to a bundle), signatures (accepted versions), withdrawals (ends),
and entries that tools of others made.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Signing(Base):
    """One walk from a statement shown to a bundle stored. States: drafted -> certified -> signed -> complete, or void.

    `signed` is reached before the log is asked, so that a crash between the two is finished by a job.
    """

    __tablename__ = "signing"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`acceptance`, `contribution`, `withdrawal` or `company-change`."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), index=True)
    person_detail_id: Mapped[str] = mapped_column(ForeignKey("person_detail.id"))
    signer_id: Mapped[str] = mapped_column(ForeignKey("signer.id"))
    agreement_version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"))
    key_holder: Mapped[str] = mapped_column(String(16))
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    statement_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    manifest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Canonical JSON of the contribution's manifest (`mcla.artifacts.manifest`)."""
    earlier: Mapped[str | None] = mapped_column(Text)
    """The earlier signatures as their signer named them (`app.signing.earlier`), to change a draft."""
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What a statement for a company commits to and does not say: the change, or the signatory's title."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    certificate: Mapped[bytes | None] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    timestamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    oms_signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the same key over the list of the files in the form of OMS (`app.signing.side`), if its holder made one."""
    oms_timestamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result_id: Mapped[str | None] = mapped_column(String(40))
    """What came of it (`app.signing.ids`)."""


class Circumstance(Base):
    """From where and on which page somebody signed: personal data, as `person_detail` is, and signed by nobody.

    It goes into the private record alone. Erasing a row leaves every proof valid. What is None was not told: who signs
    with a program is shown no page, and a page without JavaScript knows no time zone.
    """

    __tablename__ = "circumstance"

    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), primary_key=True)
    signed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issuer: Mapped[str] = mapped_column(String(500))
    """Where the identity provider was found at that time."""
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(400))
    session: Mapped[str | None] = mapped_column(String(64))
    """HMAC-SHA256 of the sign-in's id under the person's secret: the same for all that was signed in one sign-in."""
    zone_offset: Mapped[int | None] = mapped_column(Integer)
    """Minutes east of UTC, as the browser said."""
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shown_language: Mapped[str | None] = mapped_column(String(35))
    shown_build: Mapped[str | None] = mapped_column(String(80))
    shown_text: Mapped[str | None] = mapped_column(Text)
    """The words of the page (`app.platform.visible`)."""


class Signature(Base):
    """One acceptance of one agreement version by one contributor, for self or for a company."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("signing_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"))
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    signer_id: Mapped[str] = mapped_column(ForeignKey("signer.id"), index=True)
    agreement_version_id: Mapped[str] = mapped_column(ForeignKey("agreement_version.id"), index=True)
    capacity: Mapped[str] = mapped_column(String(16))
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    bundle: Mapped[dict[str, Any]] = mapped_column(JSON)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Withdrawal(Base):
    """The end of one acceptance or contribution by its signer; stored when it is signed, before the log is asked.

    Its place in the log is that of the entry with `entry_sha256`: asked of the log's own rows, so that everybody is
    told the order of the log, also while a request or a job is still recording.
    """

    __tablename__ = "withdrawal"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), unique=True)
    ended_signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), unique=True)
    entry_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    reason: Mapped[str] = mapped_column(String(32))
    stage: Mapped[str | None] = mapped_column(String(2))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Once it is recorded."""


class StockEntry(Base):
    """A log entry that a signer made with a tool of others; it gives nothing until a contribution names it."""

    __tablename__ = "stock_entry"

    entry_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the entry's body, as `log_entry` has it."""
    signer_id: Mapped[str] = mapped_column(ForeignKey("signer.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    """Of what was signed: a file, or the encoding of a statement (DSSE). The entry does not say which of the two."""
    log_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    logged_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NamedEntry(Base):
    """An entry of a tool of others that a signed contribution names."""

    __tablename__ = "named_entry"

    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), primary_key=True)
    entry_sha256: Mapped[str] = mapped_column(ForeignKey("stock_entry.entry_sha256"), primary_key=True, index=True)
