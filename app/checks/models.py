# SPDX-License-Identifier: Apache-2.0
"""Tables: exemptions, of which no row is ever deleted; checks that wait, and whom they tell."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, UtcDateTime


class CheckExemption(Base):
    """A bot or an agent that need not sign: exactly one account, or exactly one address in lower case."""

    __tablename__ = "check_exemption"
    __table_args__ = (Index(None, "project_id", "provider", "subject"), Index(None, "project_id", "address"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    what: Mapped[str] = mapped_column(String(8))
    provider: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(300))
    added_by: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """From when on it counts."""
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(300))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WaitingCheck(Base):
    """One change whose check is asked again. States: waiting -> covered or ended; gone 90 days after its question."""

    __tablename__ = "waiting_check"
    __table_args__ = (
        UniqueConstraint("project_id", "forge", "repository", "change_number"),
        Index(None, "state", "project_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    forge: Mapped[str] = mapped_column(String(32))
    repository: Mapped[str] = mapped_column(String(255))
    change_number: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str] = mapped_column(String(64))
    replaced: Mapped[list[str]] = mapped_column(JSON)
    """Heads that it had before, the newest last."""
    addresses: Mapped[bool] = mapped_column(Boolean)
    """Whether the token that asked may be told what addresses stand for."""
    state: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer)
    """Grows with each question and each other word: whoever marks an answer names the number that it was made for."""
    verdict: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    """Both empty as long as the question was never answered."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WaitingQuestion(Base):
    """The question of a check that waits, with the addresses in it: its row is gone when the check waits no more."""

    __tablename__ = "waiting_question"

    waiting_id: Mapped[str] = mapped_column(ForeignKey("waiting_check.id"), primary_key=True)
    question: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON as the API takes it, compressed (zlib)."""


class ProjectWebhook(Base):
    """Where a project is told of other answers. The secret is no column: it is made of `secret_id` and a key file."""

    __tablename__ = "project_webhook"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret_id: Mapped[str] = mapped_column(String(40))
    set_by: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its receiver answered that it is gone (410)."""
    silent: Mapped[int] = mapped_column(Integer)
    """How often in a row there was no answer."""
    quiet_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then it is left alone, whatever waits."""


class CheckDelivery(Base):
    """One answer that a project is told. States: waiting -> sending -> delivered, or back to waiting, or dead."""

    __tablename__ = "check_delivery"
    __table_args__ = (Index(None, "project_id", "state"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Made of the waiting check and its number: the same answer has the same id, however often it is queued."""
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    waiting_id: Mapped[str] = mapped_column(ForeignKey("waiting_check.id"), index=True)
    body: Mapped[str | None] = mapped_column(Text)
    """The bytes that are sent each time; none once it is delivered."""
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it is to be tried; while it is being sent, when whoever sends it has lost it."""
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """From then on it is tried for three days; a replay begins anew."""
    failure: Mapped[str | None] = mapped_column(String(200))
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
