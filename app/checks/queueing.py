# SPDX-License-Identifier: Apache-2.0
"""Promising a delivery: a row and its job in the transaction that keeps the answer, so that none exists without it."""

import json
from hashlib import sha256

from sqlalchemy.orm import Session

from app.checks.models import CheckDelivery, ProjectWebhook, WaitingCheck
from app.identity.sql import insert_if_absent
from app.platform.clock import Clock
from app.platform.jobs import add_job
from mcla.statements.parts import format_time

DELIVER_JOB = "checks.deliver"


def queue(session: Session, clock: Clock, row: WaitingCheck) -> None:
    """Queue the answer that a check has now, where the project has a webhook in use; the same one is queued once."""
    hook = session.get(ProjectWebhook, row.project_id)
    if hook is None or hook.disabled_at is not None:
        return
    now = clock.now()
    delivery = CheckDelivery(id=delivery_id(row.id, row.number), project_id=row.project_id, waiting_id=row.id)
    delivery.body, delivery.state, delivery.attempts = _body(row, format_time(now)), "waiting", 0
    delivery.due_at = delivery.queued_at = now
    if insert_if_absent(session, delivery):
        add_job(session, clock, DELIVER_JOB, {"id": delivery.id})


def delivery_id(waiting_id: str, number: int) -> str:
    """The id of a delivery, by which its receiver tells a repeated one: it follows from what is told."""
    return "whd_" + sha256(f"{waiting_id}:{number}".encode()).hexdigest()[:26]


def _body(row: WaitingCheck, time: str) -> str:
    """What is sent: the change, and the whole answer, in which addresses are masked."""
    reference = {"forge": row.forge, "repository": row.repository, "change": row.change_number, "head": row.head}
    data = {"id": row.id, "number": row.number, "state": row.state, "reference": reference, "answer": row.answer}
    return json.dumps({"type": "check.answered", "timestamp": time, "data": data}, separators=(",", ":"))
