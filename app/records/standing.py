# SPDX-License-Identifier: Apache-2.0
"""How the records of a service, or of some foundations, stand: how many wait, since when, and what failed and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.platform.sqllists import dialect_of
from app.records.choosing import Choice, chosen
from app.records.files import bare, on_the_way
from app.records.models import Record, RecordFile

MOST_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Failed:
    """Records that failed for one reason: the code of the error, what it said of one of them, and that one's id."""

    code: str
    count: int
    says: str
    example: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`waiting` are on their way to their signers, the oldest for `oldest`, `late` of them for longer than the alarm.

    `offers` wait for the foundation itself. Of the reasons of `failures` there are the ten most frequent. `bare` can be
    had and have no timestamp yet (B-B), the oldest for `bare_for`: an authority was away when they were sealed.
    """

    waiting: int
    oldest: timedelta
    late: int
    offers: int
    failures: tuple[Failed, ...]
    bare: int = 0
    bare_for: timedelta = timedelta(0)

    @property
    def failed(self) -> int:
        return sum(each.count for each in self.failures)


def standing(session: Session, now: datetime, limit: timedelta, foundations: Collection[str] | None = None) -> Standing:
    """The standing of the records of these foundations (ids), or of all; late after `limit`. Four statements."""
    old = case((on_the_way() & (Record.created_at < now - limit), 1))
    columns = (
        func.count(case((on_the_way(), 1))),
        func.min(case((on_the_way(), Record.created_at))),
        func.count(old),
        func.count(case((Record.state == "waiting", 1))),
    )
    query = chosen(Choice(foundations=foundations), *columns).where(Record.state.not_in(_OVER) | on_the_way())
    waiting, oldest, late, offers = session.execute(query).one()
    waits = max(now - oldest, timedelta(0)) if oldest else timedelta(0)
    failures = _failures(session, foundations)
    return Standing(waiting, waits, late, offers, failures, *_bare(session, now, foundations))


def _bare(session: Session, now: datetime, foundations: Collection[str] | None) -> tuple[int, timedelta]:
    sealed = select(RecordFile.sealed_at).where(RecordFile.sha256 == Record.sha256).scalar_subquery()
    query = chosen(Choice(foundations=foundations), func.count(), func.min(sealed)).where(bare())
    count, oldest = session.execute(query).one()
    return count, max(now - oldest, timedelta(0)) if oldest else timedelta(0)


_OVER = ("verified", "delivered")


def _failures(session: Session, foundations: Collection[str] | None) -> tuple[Failed, ...]:
    colon = (func.instr if dialect_of(session) == "sqlite" else func.strpos)(Record.failure, ":")
    code = func.substr(Record.failure, 1, colon - 1).label("code")
    query = chosen(Choice(foundations=foundations), code, func.count(), func.min(Record.id))
    query = query.where(on_the_way(), Record.failure.is_not(None)).group_by("code")
    rows = session.execute(query.order_by(func.count().desc(), "code").limit(MOST_FAILURES)).all()
    said = select(Record.id, Record.failure).where(Record.id.in_([example for _, _, example in rows]))
    says = {record_id: failure or "" for record_id, failure in session.execute(said)}
    return tuple(Failed(code, count, says[one].removeprefix(f"{code}: "), one) for code, count, one in rows)
