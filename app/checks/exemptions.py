# SPDX-License-Identifier: Apache-2.0
"""Bots and agents that need not sign: exactly one account or address each, with a reason, an actor and an end.

Nothing is matched by likeness, nothing lasts for ever, and nothing is deleted: who was exempt at a time stays told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_args

from sqlalchemy import Row, Select, bindparam, or_, select

from app.checks.errors import ExemptionUnfit, ExemptionUnknown
from app.checks.models import CheckExemption
from app.companies.addresses import compared
from app.platform.clock import Clock, is_id, new_id
from app.platform.db import Database, Reader, UtcDateTime
from app.platform.sqllists import dialect_of, named_list
from app.projects.changed import note_change
from app.projects.service import ProjectInfo
from mcla.artifacts.paths import unreadable_character
from mcla.checks.facts import Exemption, What
from mcla.checks.people import ByAccount, ByAddress
from mcla.wording import Worded

LONGEST = timedelta(days=731)
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class KeptExemption:
    """One exemption with its history; `whom` is an account as `provider number`, or an address."""

    id: str
    whom: ByAccount | ByAddress
    exemption: Exemption
    added_by: str
    added_at: datetime
    ended_by: str | None
    ended_at: datetime | None

    def counts_at(self, at: datetime) -> bool:
        return self.added_at <= at < (self.ended_at or self.exemption.until) and at < self.exemption.until


class ExemptionService:
    """Adds, ends and lists exemptions."""

    def __init__(self, db: Database, clock: Clock, providers: Collection[str]) -> None:
        """`providers` are the names of those that this service signs people in with."""
        self._db, self._clock, self._providers = db, clock, providers

    def add(
        self, project: ProjectInfo, what: str, whom: ByAccount | ByAddress, reason: str, until: datetime, by: str
    ) -> KeptExemption:
        """Exempt somebody from now until a day within two years; raises `ExemptionUnfit`."""
        now = self._clock.now()
        self._check(what, whom, reason, until, now)
        row = CheckExemption(id=new_id("exm"), project_id=project.id, what=what, reason=reason.strip())
        if isinstance(whom, ByAccount):
            row.provider, row.subject = whom.key
        else:
            row.address = whom.email
        row.added_by, row.added_at, row.until = by, now, until
        with self._db.write() as session:
            session.add(row)
            session.flush()
            note_change(session, self._clock, project.id)
            return _kept(row)

    def end(self, project: ProjectInfo, exemption_id: str, by: str) -> None:
        """End one now; again changes nothing. Raises `ExemptionUnknown`."""
        with self._db.write() as session:
            row = session.get(CheckExemption, exemption_id) if is_id(exemption_id) else None
            if row is None or row.project_id != project.id:
                raise ExemptionUnknown(Worded("The project %(slug)s has no exemption of that id.", slug=project.slug))
            if row.ended_at is None:
                row.ended_by, row.ended_at = by, self._clock.now()
                note_change(session, self._clock, project.id)

    def all(self, project: ProjectInfo) -> Sequence[KeptExemption]:
        """Every exemption there was, the newest first."""
        query = select(CheckExemption).where(CheckExemption.project_id == project.id)
        with self._db.read() as session:
            newest_first = query.order_by(CheckExemption.added_at.desc(), CheckExemption.id)
            return [_kept(row) for row in session.scalars(newest_first)]

    def _check(self, what: str, whom: ByAccount | ByAddress, reason: str, until: datetime, now: datetime) -> None:
        if what not in get_args(What):
            raise ExemptionUnfit(
                Worded("expected one of %(known)s, got %(got)s", known=", ".join(get_args(What)), got=repr(what[:20]))
            )
        if isinstance(whom, ByAddress) and (compared(whom.email) != whom.email or "*" in whom.email):
            raise ExemptionUnfit(
                Worded("expected one exact address such as bot@example.org, got %(got)s", got=repr(whom.email[:80]))
            )
        if isinstance(whom, ByAccount):
            self._check_account(whom)
        if not 2 <= len(reason.strip()) <= MAX_REASON or unreadable_character(reason):
            raise ExemptionUnfit(
                Worded("expected a reason of 2 to %(most)s characters, which everybody is shown", most=MAX_REASON)
            )
        if not now < until <= now + LONGEST:
            raise ExemptionUnfit(
                Worded("expected an end within two years from today, got %(got)s", got=until.date().isoformat())
            )

    def _check_account(self, whom: ByAccount) -> None:
        if whom.provider not in self._providers:
            known = ", ".join(sorted(self._providers)) or "none"
            raise ExemptionUnfit(
                Worded(
                    "%(name)s is no provider of this service; there are: %(known)s",
                    name=repr(whom.provider[:32]),
                    known=known,
                )
            )
        if not 1 <= len(whom.subject) <= 255 or not whom.subject.isascii() or not whom.subject.isprintable():
            raise ExemptionUnfit(Worded("expected the account's number or opaque id, as the provider's API tells it"))


def in_force(
    reader: Reader, project_id: str, whom: Collection[ByAccount | ByAddress], at: datetime
) -> dict[ByAccount | ByAddress, Exemption]:
    """The exemptions of a project at a time, of these accounts and addresses. One statement."""
    subjects = {each.subject for each in whom if isinstance(each, ByAccount)}
    addresses = {each.email for each in whom if isinstance(each, ByAddress)}
    asked = {"project": project_id, "at": at, "subjects": subjects, "addresses": addresses}
    kept = [_kept(each) for each in reader.execute(_in_force(dialect_of(reader)), asked)]
    wanted = set(whom)
    return {each.whom: each.exemption for each in kept if each.whom in wanted and each.counts_at(at)}


@cache
def _in_force(dialect: str) -> Select[Any]:
    row, at = CheckExemption, bindparam("at", type_=UtcDateTime)
    subject, address = (
        row.subject.in_(named_list(dialect, "subjects")),
        row.address.in_(named_list(dialect, "addresses")),
    )
    query = select(row.__table__).where(row.project_id == bindparam("project"), row.added_at <= at, row.until > at)
    return query.where(or_(subject, address)).order_by(row.added_at, row.id)


def _kept(row: CheckExemption | Row[*tuple[Any, ...]]) -> KeptExemption:
    account = ByAccount(row.provider, row.subject) if row.provider and row.subject else None
    exemption = Exemption("agent" if row.what == "agent" else "bot", row.reason, row.until)
    return KeptExemption(
        id=row.id,
        whom=account or ByAddress(row.address or ""),
        exemption=exemption,
        added_by=row.added_by,
        added_at=row.added_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )
