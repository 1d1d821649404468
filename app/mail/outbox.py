# SPDX-License-Identifier: Apache-2.0
"""Promising a mail: a row in the transaction of the fact that calls for it, so that neither exists without the other.

What was promised once is not promised again: the key of a letter names what is told, about what, and to whom.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, insert, literal, select, update
from sqlalchemy.orm import Session

from app.identity.sql import insert_if_absent
from app.mail.errors import MailUnfit
from app.mail.models import Mail
from app.platform.clock import Clock
from app.platform.jobs import add_job

SEND_JOB = "mail.send"
Template = Literal["agreement-changed", "manager-invited", "withdrawal-answered", "offer-answered", "record"]
ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>(),;:\\\"\[\]\x00-\x1f\x7f]{1,253}")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told: a template of `texts/`, the id of what it is about, and the values of its text."""

    template: Template
    about: str
    said: Mapping[str, Any]


class Outbox:
    """Where use cases put letters. `on` False: this service sends no mail, and nothing is kept."""

    def __init__(self, clock: Clock, on: bool) -> None:
        self._clock, self.on = clock, on

    def to_person(self, session: Session, letter: Letter, contributor_id: str) -> None:
        """Promise a letter to a contributor, at the verified address that this person has when it is sent."""
        self._promise(session, letter, contributor_id=contributor_id)

    def to_address(self, session: Session, letter: Letter, address: str) -> None:
        """Promise a letter to somebody by address; raises `MailUnfit`."""
        self._promise(session, letter, address=check_address(address))

    def to_persons(self, session: Session, letter: Letter, persons: Select[str]) -> None:
        """Promise a letter to every contributor that `persons` selects (each once): one statement for any number."""
        if not self.on:
            return
        person, now = persons.subquery().c[0], self._clock.now()
        key = literal(f"{letter.template}:{letter.about}:") + person
        values: list[Any] = [
            key,
            literal(letter.template),
            person,
            literal(dict(letter.said), Mail.said.type),
            literal("waiting"),
            literal(0),
            literal(now, Mail.due_at.type),
            literal(now, Mail.queued_at.type),
        ]
        new = select(*values).where(key.not_in(select(Mail.key).where(Mail.template == letter.template)))
        session.execute(insert(Mail).from_select(_COLUMNS, new))
        add_job(session, self._clock, SEND_JOB, {})

    def _promise(self, session: Session, letter: Letter, **to: str) -> None:
        if not self.on:
            return
        now, whom = self._clock.now(), ":" + to["contributor_id"] if "contributor_id" in to else ""
        row = Mail(
            key=f"{letter.template}:{letter.about}{whom}",
            template=letter.template,
            said=dict(letter.said),
            state="waiting",
            attempts=0,
            due_at=now,
            queued_at=now,
            **to,
        )
        if insert_if_absent(session, row):
            add_job(session, self._clock, SEND_JOB, {})


_COLUMNS = ["key", "template", "contributor_id", "said", "state", "attempts", "due_at", "queued_at"]


def check_address(address: str) -> str:
    """One plain address, fit for a header; raises `MailUnfit`."""
    if len(address) > 254 or not ADDRESS.fullmatch(address):
        raise MailUnfit(f"expected one address such as name@example.com, got {len(address)} characters that are none")
    return address


def cut_short(session: Session, over: datetime) -> None:
    """Let no mail wait for a clock that was set back to catch up."""
    session.execute(update(Mail).where(Mail.due_at > over, Mail.state == "waiting").values(due_at=over))
