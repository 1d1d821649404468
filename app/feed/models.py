# SPDX-License-Identifier: Apache-2.0
"""Tables: feeds, of which no row is ever changed or deleted, and the changes of their key."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class PublishedFeed(Base):
    """One feed, as it was signed and is served for ever."""

    __tablename__ = "published_feed"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedRotation(Base):
    """One change of the key, signed by the old one; every later feed carries it."""

    __tablename__ = "feed_rotation"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """From 1, in the order in which they were made."""
    document: Mapped[str] = mapped_column(Text)
