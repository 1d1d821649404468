# SPDX-License-Identifier: Apache-2.0
"""Table: decisions as they were signed, until some days after they are over."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Decision(Base):
    """One signed decision under the SHA-256 of its bytes; it never changes."""

    __tablename__ = "decision"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
