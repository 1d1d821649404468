# SPDX-License-Identifier: Apache-2.0
"""How something was signed, from what the service kept of it: from where, on which page, and when each step was."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from app.records.parts import CircumstanceDetail, Event, PageDetail
from app.signing.models import Circumstance
from mcla.envelope.bundle import Bundle
from mcla.envelope.certificate import read_leaf
from mcla.envelope.sct import certified_at
from mcla.envelope.timestamp import read_timestamp
from mcla.records.names import Step
from mcla.statements.statement import Acceptance, Contribution


def how_seen(row: Circumstance) -> CircumstanceDetail:
    """What a record tells of it; what is not told there was not told here."""
    zone = "" if row.zone_offset is None else zone_name(row.zone_offset)
    return CircumstanceDetail(row.signed_in_at, row.address, row.agent, row.session or "", zone, _page(row))


def course_of(
    statement: Acceptance | Contribution,
    bundle: Bundle,
    seen: Circumstance | None,
    logged: datetime,
    ordered: datetime,
) -> Iterator[Event]:
    """The steps in their order. When the statement was made, the key certified and all signed, the bundle proves."""
    yield Event(Step.MADE, statement.created_at)
    if seen is not None and seen.shown_at is not None:
        yield Event(Step.SHOWN, seen.shown_at)
    yield Event(Step.CERTIFIED, certified_at(read_leaf(bundle.certificate).certificate))
    yield Event(Step.SIGNED, read_timestamp(bundle.timestamp).time)
    yield Event(Step.LOGGED, logged)
    yield Event(Step.ORDERED, ordered)


def zone_name(minutes: int) -> str:
    """Minutes east of UTC as `UTC+05:30`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _page(row: Circumstance) -> PageDetail | None:
    if row.shown_at is None:
        return None
    text = row.shown_text or ""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PageDetail(row.shown_at, row.shown_language or "", row.shown_build or "", digest, text)
