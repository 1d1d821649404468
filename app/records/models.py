# SPDX-License-Identifier: Apache-2.0
"""Tables: records, and every sealed file that was ever issued for one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Record(Base):
    """One record about one signing, on its way to its signer.

    States: `waiting` (for a counter-signature) -> `logged` (the signature is signed and in the log) -> `rendered` ->
    `sealed` (the file is stored) -> `verified` (read back and good) -> `delivered` (the signer was told, or has it).
    What failed last is kept beside the state, and the job tries again from there.
    """

    __tablename__ = "record"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signing_id: Mapped[str] = mapped_column(ForeignKey("signing.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the file that counts, once it is verified."""
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaces: Mapped[str | None] = mapped_column(ForeignKey("record.id"), unique=True)
    """The record before it, which stays valid and is superseded."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was issued anew."""
    corrected_name: Mapped[str | None] = mapped_column(Text)


class RecordFile(Base):
    """One sealed file of a record: its bytes are in the storage, its digest in the log.

    A file that could not be sealed as wanted is followed by a better one; both stay known.
    """

    __tablename__ = "record_file"
    __table_args__ = (UniqueConstraint("record_id", "number"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"))
    number: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    level: Mapped[str] = mapped_column(String(8))
    """B-B, B-T or B-LT (ETSI EN 319 142-1)."""
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Certificate, signature and timestamp over the digest (base64), kept before the log is asked: asked again with
    the same, it answers with the same entry."""
    log_index: Mapped[int | None] = mapped_column(Integer)
    bundle: Mapped[dict[str, Any] | None] = mapped_column(JSON)
