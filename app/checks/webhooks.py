# SPDX-License-Identifier: Apache-2.0
"""WebhookService: where a project is told of other answers, and the telling: at least once, for three days, then dead.

Signed as Standard Webhooks 1.0 has it: `webhook-id`, `webhook-timestamp` and `webhook-signature`, HMAC-SHA256 over the
three with dots between. The same id is the same body; whoever keeps the ids it has seen acts on each once.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.checks.errors import WebhookAbsent, WebhookUnfit
from app.checks.models import CheckDelivery, ProjectWebhook, WaitingCheck
from app.checks.queueing import DELIVER_JOB
from app.checks.sending import Outcome, send, unfit
from app.identity.sql import changed_rows
from app.platform.clock import Clock, new_id
from app.platform.db import Database
from app.platform.jobs import add_job
from app.projects.service import ProjectInfo
from mcla.wording import Worded

TRIED = timedelta(days=3)
LEASE = timedelta(minutes=2)
"""Shorter than a job's: whoever takes over a job of somebody who died finds the delivery free."""
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=6)
QUIET, LONGEST_QUIET = timedelta(minutes=1), timedelta(hours=1)
"""How long a receiver that does not answer is left alone, whatever waits for it."""
BUSY = (429, 503)
GONE = 410
Send = Callable[..., Outcome]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a project is told; `disabled_at` is when the receiver answered that it is gone."""

    project: str
    url: str
    set_by: str
    set_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """A delivery that was given up, for a person to look at: about which change, why, after how many tries."""

    id: str
    repository: str
    change: int
    head: str
    failure: str
    attempts: int
    queued_at: datetime
    over_at: datetime | None


class WebhookService:
    """The webhooks of the projects of this service."""

    def __init__(
        self, db: Database, clock: Clock, key: Callable[[], bytes], *, loopback: bool, send: Send = send
    ) -> None:
        """`key` gives the bytes that secrets are made of; `loopback`: whether receivers may be on this machine."""
        self._db, self._clock, self._key, self._loopback, self._send = db, clock, key, loopback, send

    def set(self, project: ProjectInfo, url: str, by: str) -> str:
        """Set the address with a fresh secret, which is told once; raises `WebhookUnfit`."""
        if wrong := unfit(url, self._loopback):
            raise WebhookUnfit(wrong)
        row = ProjectWebhook(project_id=project.id, url=url, secret_id=new_id("whs"), set_by=by)
        row.set_at, row.disabled_at, row.silent, row.quiet_until = self._clock.now(), None, 0, None
        with self._db.write() as session:
            session.merge(row)
        return self._secret(row.secret_id)

    def remove(self, project: ProjectInfo) -> None:
        """Tell nobody any more; what waits to be sent is dead when its time comes."""
        with self._db.write() as session:
            if (row := session.get(ProjectWebhook, project.id)) is not None:
                session.delete(row)

    def current(self, project: ProjectInfo) -> Webhook | None:
        """The project's webhook, also a disabled one."""
        with self._db.read() as session:
            row = session.get(ProjectWebhook, project.id)
        return Webhook(project.slug, row.url, row.set_by, row.set_at, row.disabled_at) if row else None

    def dead(self, project: ProjectInfo) -> Sequence[DeadDelivery]:
        """The deliveries that were given up, the oldest first."""
        query = select(CheckDelivery, WaitingCheck).join(WaitingCheck, WaitingCheck.id == CheckDelivery.waiting_id)
        query = query.where(CheckDelivery.project_id == project.id, CheckDelivery.state == "dead")
        with self._db.read() as session:
            found = session.execute(query.order_by(CheckDelivery.queued_at, CheckDelivery.id)).all()
        return [
            DeadDelivery(
                each.id,
                of.repository,
                of.change_number,
                of.head,
                each.failure or "",
                each.attempts,
                each.queued_at,
                each.over_at,
            )
            for each, of in found
        ]

    def replay(self, project: ProjectInfo, delivery_id: str | None = None) -> int:
        """Send again what was given up, one or all; how many there are. Raises `WebhookAbsent`."""
        now = self._clock.now()
        dead = select(CheckDelivery.id).where(CheckDelivery.project_id == project.id, CheckDelivery.state == "dead")
        if delivery_id is not None:
            dead = dead.where(CheckDelivery.id == delivery_id)
        values = {"state": "waiting", "attempts": 0, "due_at": now, "queued_at": now, "over_at": None}
        with self._db.write() as session:
            hook = session.get(ProjectWebhook, project.id)
            if hook is None or hook.disabled_at is not None:
                raise WebhookAbsent(Worded("The project %(slug)s has no webhook in use.", slug=project.slug))
            hook.silent, hook.quiet_until = 0, None
            ids = session.scalars(dead).all()
            return sum(self._wake(session, each, values) for each in ids)

    def deliver_job(self, payload: dict[str, Any]) -> None:
        """The handler of `checks.deliver`: payload `{"id"}`; one try, and a job for the next if there is to be one."""
        claimed = self._claim(str(payload["id"]))
        if claimed is None:
            return None
        delivery, hook = claimed
        outcome = self._try(delivery, hook)
        if outcome.status is not None and 200 <= outcome.status < 300:
            return self._done(delivery, "delivered", body=None, failure=None)
        failure = outcome.failure or _told(outcome.status)
        log.warning("webhook.failed", delivery=delivery.id, failure=failure, attempt=delivery.attempts)
        if outcome.status == GONE:
            self._disable(hook)
            return self._done(delivery, "dead", failure=failure)
        return self._put_off(delivery, hook, failure, silent=outcome.status is None or outcome.status in BUSY)

    def _wake(self, session: Session, delivery_id: str, values: dict[str, Any]) -> int:
        again = update(CheckDelivery).where(CheckDelivery.id == delivery_id, CheckDelivery.state == "dead")
        changed = changed_rows(session, again.values(values))
        if changed:
            add_job(session, self._clock, DELIVER_JOB, {"id": delivery_id})
        return changed

    def _claim(self, delivery_id: str) -> tuple[CheckDelivery, ProjectWebhook] | None:
        """The delivery, held for some minutes, with where it goes; None if it is not to be sent now."""
        now = self._clock.now()
        with self._db.write() as session:
            row = session.get(CheckDelivery, delivery_id, with_for_update=True)
            if row is None or row.state not in ("waiting", "sending") or (row.state == "sending" and row.due_at > now):
                return None
            hook = session.get(ProjectWebhook, row.project_id)
            if hook is None or hook.disabled_at is not None:
                row.state, row.failure, row.over_at = "dead", "the project has no webhook in use", now
                return None
            # No further off than the longest pause: a clock that was set back must not put anything off for long.
            when = min(max(row.due_at, hook.quiet_until or now), now + LONGEST_DELAY)
            if when > now:
                row.state, row.due_at = "waiting", when
                add_job(session, self._clock, DELIVER_JOB, {"id": delivery_id}, when - now)
                return None
            row.state, row.attempts, row.due_at = "sending", row.attempts + 1, now + LEASE
            return row, hook

    def _try(self, delivery: CheckDelivery, hook: ProjectWebhook) -> Outcome:
        body, seconds = (delivery.body or "").encode(), int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "mcla",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(self._secret(hook.secret_id), delivery.id, seconds, body),
        }
        return self._send(hook.url, headers, body, loopback=self._loopback)

    def _put_off(self, delivery: CheckDelivery, hook: ProjectWebhook, failure: str, *, silent: bool) -> None:
        """Try again later, ever more rarely, for three days."""
        now = self._clock.now()
        delay = min(FIRST_DELAY * 2 ** min(delivery.attempts - 1, 20), LONGEST_DELAY)
        if silent:
            self._leave_alone(hook, now)
        if now + delay > delivery.queued_at + TRIED:
            return self._done(delivery, "dead", failure=failure)
        with self._db.write() as session:
            values = {"state": "waiting", "due_at": now + delay, "failure": failure[:200]}
            if changed_rows(session, _mine(delivery).values(values)):
                add_job(session, self._clock, DELIVER_JOB, {"id": delivery.id}, delay)
        return None

    def _leave_alone(self, hook: ProjectWebhook, now: datetime) -> None:
        pause = min(QUIET * 2 ** min(hook.silent, 10), LONGEST_QUIET)
        self._mark(_this(hook).values(silent=hook.silent + 1, quiet_until=now + pause))

    def _disable(self, hook: ProjectWebhook) -> None:
        log.warning("webhook.disabled", project=hook.project_id)
        self._mark(_this(hook).values(disabled_at=self._clock.now()))

    def _done(self, delivery: CheckDelivery, state: str, **values: Any) -> None:
        self._mark(_mine(delivery).values(state=state, over_at=self._clock.now(), **values))
        if state == "delivered":
            answers = update(ProjectWebhook).where(
                ProjectWebhook.project_id == delivery.project_id, ProjectWebhook.silent > 0
            )
            self._mark(answers.values(silent=0, quiet_until=None))

    def _mark(self, change: Any) -> None:
        with self._db.write() as session:
            session.execute(change)

    def _secret(self, secret_id: str) -> str:
        made = hmac.digest(self._key(), b"mcla webhook secret v1\0" + secret_id.encode(), "sha256")
        return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, webhook_id: str, seconds: int, body: bytes) -> str:
    """The value of `webhook-signature` (Standard Webhooks 1.0); `secret` is `whsec_` and base64."""
    signed = f"{webhook_id}.{seconds}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _mine(delivery: CheckDelivery) -> Any:
    """Only what this claim holds: whoever was too slow marks nothing."""
    held = CheckDelivery.state == "sending", CheckDelivery.attempts == delivery.attempts
    return update(CheckDelivery).where(CheckDelivery.id == delivery.id, *held)


def _this(hook: ProjectWebhook) -> Any:
    """Only the webhook that was used: another that was set meanwhile has its own fate."""
    same = ProjectWebhook.secret_id == hook.secret_id
    return update(ProjectWebhook).where(ProjectWebhook.project_id == hook.project_id, same)


def _told(status: int | None) -> str:
    if status is not None and 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return f"answered {status}" + (": the receiver is gone" if status == GONE else "")
