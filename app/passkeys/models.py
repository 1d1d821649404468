# SPDX-License-Identifier: Apache-2.0
"""Tables: passkeys, each of one signer, and the challenges of registrations that are under way."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Passkey(Base):
    """One credential of one signer: another foundation gets another key, so that public bundles do not join them.

    A removed one stays as a row: that this key was the signer's from then to then is the service's evidence.
    """

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signer_id: Mapped[str] = mapped_column(ForeignKey("signer.id"), index=True)
    credential_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """DER SubjectPublicKeyInfo, P-256."""
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of `public_key`, 64 hex digits."""
    counter: Mapped[int] = mapped_column(BigInteger)
    """The highest signature count seen; passkeys that are kept at a provider always say 0."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasskeyChallenge(Base):
    """A registration that was begun by one person for one foundation; used once."""

    __tablename__ = "passkey_challenge"

    challenge_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"))
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
