# SPDX-License-Identifier: Apache-2.0
"""Tables: the log's entries and its one head row, which is the lock that sequences every append."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class LogEntry(Base):
    """One entry: the exact bytes that the Merkle leaf covers."""

    __tablename__ = "log_entry"

    # SQLite makes only INTEGER a row id; both engines store 64 bits.
    index: Mapped[int] = mapped_column(
        "entry_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    body_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Finds an earlier append of the same bytes: a retry gets the same index."""
    appended_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LogHead(Base):
    """The one row (id 1) that says how long the log is and which head was signed last."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    tiled_size: Mapped[int] = mapped_column(BigInteger)
    """The tiles of so many entries are known to be stored; there may be more."""
    checkpoint: Mapped[str] = mapped_column(Text)
    """The last signed checkpoint (a signed note), over all entries; its second home is outside the database."""
