# SPDX-License-Identifier: Apache-2.0
"""Who acts for a foundation in the console. Nobody does until the operator says so, account by account.

The role belongs to the very account (provider, subject) that is signed in, not to others of the same person. Few of
them are appointed to handle safety reports as well, and see what an embargo or a hazard class hides.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.platform.clock import Clock
from app.platform.db import Database
from app.projects.models import Foundation, Staff
from app.projects.service import FoundationInfo, foundation_info
from mcla.errors import MclaError


class NotStaff(MclaError):
    """The signed-in account does not act for the foundation."""

    code = "not-staff"
    status = 403
    hint = "If you belong to the staff, send your foundation the number of your account, which the page /account shows."


def is_staff(session: Session, foundation_id: str, provider: str, subject: str) -> bool:
    """Whether an account is of the foundation's staff, in the caller's transaction."""
    return session.get(Staff, (foundation_id, provider, subject)) is not None


def handles_reports(session: Session, foundation_id: str, provider: str, subject: str) -> bool:
    """Whether an account is appointed to handle the foundation's safety reports, in the caller's transaction."""
    row = session.get(Staff, (foundation_id, provider, subject))
    return row is not None and row.handles_reports


class StaffService:
    """The staff of the foundations of this service."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def add(
        self, foundation: FoundationInfo, provider: str, subject: str, *, handles_reports: bool | None = None
    ) -> None:
        """Give the role, and appoint the account to handle reports or not; None leaves that as it is, at first not."""
        with self._db.write() as session:
            row = session.get(Staff, (foundation.id, provider, subject))
            if row is None:
                row = Staff(foundation_id=foundation.id, provider=provider, subject=subject, handles_reports=False)
                row.added_at = self._clock.now()
                session.add(row)
            if handles_reports is not None:
                row.handles_reports = handles_reports

    def remove(self, foundation: FoundationInfo, provider: str, subject: str) -> bool:
        """Take the role away from the next request on; whether there was one."""
        wanted = (Staff.foundation_id == foundation.id, Staff.provider == provider, Staff.subject == subject)
        with self._db.write() as session:
            return session.execute(delete(Staff).where(*wanted).returning(Staff.subject)).first() is not None

    def of(self, foundation: FoundationInfo) -> list[tuple[str, str, bool]]:
        """The accounts that act for a foundation, as (provider, subject, whether it handles reports)."""
        query = select(Staff.provider, Staff.subject, Staff.handles_reports).where(Staff.foundation_id == foundation.id)
        with self._db.read() as session:
            return [(*row,) for row in session.execute(query.order_by(Staff.provider, Staff.subject))]

    def without_handlers(self) -> tuple[FoundationInfo, ...]:
        """The foundations in which nobody is appointed to handle reports, by slug."""
        appointed = select(Staff.foundation_id).where(Staff.handles_reports)
        query = select(Foundation).where(Foundation.id.not_in(appointed)).order_by(Foundation.slug)
        with self._db.read() as session:
            return tuple(foundation_info(row) for row in session.scalars(query))

    def handled_by(self, provider: str, subject: str) -> frozenset[str]:
        """The ids of the foundations whose safety reports an account is appointed to handle."""
        mine = (Staff.provider == provider, Staff.subject == subject, Staff.handles_reports)
        with self._db.read() as session:
            return frozenset(session.scalars(select(Staff.foundation_id).where(*mine)))

    def foundations_of(self, provider: str, subject: str) -> tuple[FoundationInfo, ...]:
        """The foundations that an account acts for, by slug; usually none."""
        query = select(Foundation).join(Staff, Staff.foundation_id == Foundation.id)
        query = query.where(Staff.provider == provider, Staff.subject == subject).order_by(Foundation.slug)
        with self._db.read() as session:
            return tuple(foundation_info(row) for row in session.scalars(query))
