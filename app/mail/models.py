# SPDX-License-Identifier: Apache-2.0
"""The outbox: a row for each mail that was promised, and afterwards the mark that it was sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class Mail(Base):
    """One mail. States: waiting -> sending -> sent, or back to waiting, or failed, unaddressed or dropped.

    `key` says what is told to whom, so that nobody is told twice. Once nothing is to be sent any more, `address` and
    `said` are emptied; of a person who has an account here the address is never kept, it is looked up to send.
    """

    __tablename__ = "mail"
    __table_args__ = (Index(None, "state", "due_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    template: Mapped[str] = mapped_column(String(40))
    contributor_id: Mapped[str | None] = mapped_column(ForeignKey("contributor.id"))
    address: Mapped[str | None] = mapped_column(String(320))
    """Of somebody who may have no account here; None for a contributor."""
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The values of the text, by the names that the template uses."""
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it is to be tried; while it is being sent, when whoever sends it has lost it."""
    failure: Mapped[str | None] = mapped_column(String(200))
    """The kind of the last failure and the server's number; never its words, which repeat the address."""
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
