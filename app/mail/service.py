# SPDX-License-Identifier: Apache-2.0
"""MailService: sends what the outbox holds, tries again what was not taken, and tells how that goes.

A mail is claimed for some minutes, sent, then marked. Whoever dies in between leaves a claim that ends, and the mail is
sent again with the same Message-ID: at least once, and no more than once unless an answer was lost.
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from app.identity.people import mail_address, mail_language
from app.identity.sql import changed_rows
from app.mail.errors import MailOff, MailServerAway
from app.mail.letters import Sender, compose
from app.mail.models import Mail
from app.mail.outbox import SEND_JOB
from app.mail.transport import AWAY, Refusal, connected, refusal, told
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.jobs import Job, add_job
from app.platform.settings import Settings

MAX_ATTEMPTS = 20
"""About three days."""
LEASE = timedelta(minutes=10)
LONGEST_DELAY = timedelta(hours=6)
PAUSE = timedelta(minutes=1)
"""Until a server that was away is asked again, however many mails wait."""
BATCH, SPELL = 50, timedelta(seconds=20)
"""Mails of one connection, and about how long it may take: other jobs wait meanwhile, and come first after it."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """How many mails wait, failed for good or have nobody to go to, and since when the oldest waits."""

    waiting: int
    failed: int
    unaddressed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FailedMail:
    """A mail that was given up: what it told, of whom nothing."""

    key: str
    template: str
    failure: str
    queued_at: datetime
    attempts: int


class MailService:
    """The sending side of the outbox."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db, self._clock, self._settings = db, clock, settings

    @property
    def on(self) -> bool:
        return self._settings.mail_server is not None

    def send_job(self, _payload: dict[str, Any]) -> None:
        """The handler of `mail.send`: sends what is due, and adds a job for what is left."""
        self._again(self._send_due() if self.on else LONGEST_DELAY)

    def check(self) -> str:
        """Sign in at the mail server and leave; says which it was. Raises `MailOff` or `MailServerAway`."""
        with self._connected() as post:
            post.noop()
        return str(self._settings.mail_server)

    def test(self, address: str) -> None:
        """Send a mail that says that mail works, now; raises `MailOff`, `MailServerAway` or `MailUnfit`."""
        now = self._clock.now()
        said = {"origin": self._settings.origin}
        message = compose(self._sender(), "test", f"test:{address}:{now.isoformat()}", said, address, now)
        with self._connected() as post:
            post.send_message(message)

    def standing(self) -> Standing:
        """How the outbox is."""
        with self._db.read() as session:
            counted = select(Mail.state, func.count(), func.min(Mail.queued_at)).group_by(Mail.state)
            found = {state: (count, oldest) for state, count, oldest in session.execute(counted)}
        open_ones = [found[each] for each in ("waiting", "sending") if each in found]
        oldest = min((each[1] for each in open_ones), default=None)
        failed, unaddressed = (found.get(each, (0, None))[0] for each in ("failed", "unaddressed"))
        return Standing(sum(each[0] for each in open_ones), failed, unaddressed, oldest)

    def failed(self) -> list[FailedMail]:
        """The mails that were given up, the oldest first."""
        query = select(Mail).where(Mail.state == "failed").order_by(Mail.queued_at, Mail.key)
        with self._db.read() as session:
            return [
                FailedMail(row.key, row.template, row.failure or "", row.queued_at, row.attempts)
                for row in session.scalars(query)
            ]

    def retry(self) -> int:
        """Let every mail that was given up be tried again from now on; how many there are."""
        values = {"state": "waiting", "attempts": 0, "due_at": self._clock.now(), "over_at": None}
        with self._db.write() as session:
            add_job(session, self._clock, SEND_JOB, {})
            return changed_rows(session, update(Mail).where(Mail.state == "failed").values(values))

    def drop(self) -> int:
        """Forget every mail that was given up; how many there were."""
        with self._db.write() as session:
            return changed_rows(
                session, _over(update(Mail).where(Mail.state == "failed"), "dropped", self._clock.now())
            )

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """The mail server; whatever ends the connection, inside the block too, is `MailServerAway`."""
        server, login = self._settings.mail_server, self._settings.mail_login
        if server is None:
            raise MailOff("This service sends no mail.")
        try:
            with connected(server, login, self._settings.host) as post:
                yield post
        except AWAY as error:
            raise MailServerAway(f"The mail server {server} did not take it: {told(error)}.") from error

    def _sender(self) -> Sender:
        if self._settings.sender is None:
            raise MailOff("This service sends no mail.")
        return Sender(self._settings.sender, self._settings.host)

    def _send_due(self) -> timedelta:
        """Send some of what is due over one connection; returns how long to leave the server alone."""
        mail, sent, end = self._claim(), 0, self._clock.now() + SPELL
        if mail is None:
            return timedelta(0)
        try:
            with self._connected() as post:
                while mail is not None:
                    self._send(post, mail)
                    sent += 1
                    mail = self._claim() if sent < BATCH and self._clock.now() < end else None
        except MailServerAway as away:
            log.warning("mail.server_away", failure=away.message)
            if mail is not None:
                self._put_off(mail, away.message)
            self._leave_alone()
            return PAUSE
        return timedelta(0)

    def _leave_alone(self) -> None:
        """Let nothing that is due ask a server that is away, in whatever process; an attempt is not counted for it."""
        now = self._clock.now()
        due = update(Mail).where(Mail.state == "waiting", Mail.due_at <= now)
        self._mark(due.values(due_at=now + PAUSE))

    def _claim(self) -> Mail | None:
        now = self._clock.now()
        due = (
            select(Mail.key)
            .where(Mail.state.in_(("waiting", "sending")), Mail.due_at <= now)
            .order_by(Mail.due_at, Mail.queued_at)  # a server that was away puts all off to one moment
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        values = {"state": "sending", "attempts": Mail.attempts + 1, "due_at": now + LEASE}
        claim = update(Mail).where(Mail.key == due.scalar_subquery()).values(values).returning(Mail)
        with self._db.write() as session:
            return session.execute(claim).scalar_one_or_none()

    def _send(self, post: smtplib.SMTP, mail: Mail) -> None:
        """Send one claimed mail and mark it; an error of the server is left to the caller."""
        to = self._address(mail)
        if to is None:
            return self._close(mail, "unaddressed")
        try:
            post.send_message(self._message(mail, to))
        except (*AWAY, UnicodeError) as error:
            found = refusal(error)
            if found is None:
                raise
            return self._refused(mail, found)
        except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not hold up all others
            return self._refused(mail, Refusal(told(error), final=True))
        return self._close(mail, "sent")

    def _message(self, mail: Mail, to: str) -> EmailMessage:
        language = mail.said.get("language")
        if mail.contributor_id is not None:
            with self._db.read() as session:
                language = mail_language(session, mail.contributor_id)
        return compose(self._sender(), mail.template, mail.key, mail.said, to, mail.queued_at, language)

    def _address(self, mail: Mail) -> str | None:
        if mail.contributor_id is None:
            return mail.address
        with self._db.read() as session:
            return mail_address(session, mail.contributor_id)

    def _refused(self, mail: Mail, found: Refusal) -> None:
        log.warning("mail.refused", template=mail.template, failure=found.failure, attempt=mail.attempts)
        (self._give_up if found.final else self._put_off)(mail, found.failure)

    def _put_off(self, mail: Mail, failure: str) -> None:
        """Try again later, ever more rarely, and not for ever."""
        if mail.attempts >= MAX_ATTEMPTS:
            return self._give_up(mail, failure)
        delay = min(timedelta(minutes=2 ** (mail.attempts - 1)), LONGEST_DELAY)
        values = {"state": "waiting", "due_at": self._clock.now() + delay, "failure": failure[:200]}
        return self._mark(_mine(mail).values(values))

    def _give_up(self, mail: Mail, failure: str) -> None:
        """Keep it for a person, with what is needed to try again."""
        self._mark(_mine(mail).values(state="failed", failure=failure[:200], over_at=self._clock.now()))

    def _close(self, mail: Mail, state: str) -> None:
        self._mark(_over(_mine(mail), state, self._clock.now()))

    def _mark(self, change: Update) -> None:
        with self._db.write() as session:
            session.execute(change)

    def _again(self, pause: timedelta) -> None:
        """Add a job for the mail that is due first, unless one waits for that moment already."""
        with self._db.write() as session:
            due = session.scalar(select(func.min(Mail.due_at)).where(Mail.state.in_(("waiting", "sending"))))
            if due is None:
                return
            now = self._clock.now()
            when = max(due, now + pause)
            if not _awaited(session, when):
                add_job(session, self._clock, SEND_JOB, {}, when - now)


def _awaited(session: Session, when: datetime) -> bool:
    """Whether a job waits that looks at the outbox by then."""
    waiting = select(Job.id).where(Job.kind == SEND_JOB, Job.state == "waiting", Job.run_after <= when).limit(1)
    return session.scalar(waiting) is not None


def _mine(mail: Mail) -> Update:
    """Only what this claim holds: whoever was too slow marks nothing."""
    return update(Mail).where(Mail.key == mail.key, Mail.attempts == mail.attempts)


def _over(change: Update, state: str, now: datetime) -> Update:
    """Nothing is to be sent any more: the address and what the text said are emptied."""
    return change.values(state=state, over_at=now, address=None, said={})
