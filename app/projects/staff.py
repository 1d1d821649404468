# SPDX-License-Identifier: Apache-2.0
"""Who acts for a foundation in the console. Nobody does until the operator says so, account by account.

The role belongs to the very account (provider, subject) that is signed in, not to others of the same person.
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


class StaffService:
    """The staff of the foundations of this service."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def add(self, foundation: FoundationInfo, provider: str, subject: str) -> None:
        """Give the role; again changes nothing."""
        with self._db.write() as session:
            key = (foundation.id, provider, subject)
            if session.get(Staff, key) is None:
                row = Staff(foundation_id=foundation.id, provider=provider, subject=subject)
                row.added_at = self._clock.now()
                session.add(row)

    def remove(self, foundation: FoundationInfo, provider: str, subject: str) -> bool:
        """Take the role away from the next request on; whether there was one."""
        wanted = (Staff.foundation_id == foundation.id, Staff.provider == provider, Staff.subject == subject)
        with self._db.write() as session:
            return session.execute(delete(Staff).where(*wanted).returning(Staff.subject)).first() is not None

    def of(self, foundation: FoundationInfo) -> list[tuple[str, str]]:
        """The accounts that act for a foundation, as (provider, subject)."""
        query = select(Staff.provider, Staff.subject).where(Staff.foundation_id == foundation.id)
        with self._db.read() as session:
            return [
                (provider, subject) for provider, subject in session.execute(query.order_by(*query.selected_columns))
            ]

    def foundations_of(self, provider: str, subject: str) -> tuple[FoundationInfo, ...]:
        """The foundations that an account acts for, by slug; usually none."""
        query = select(Foundation).join(Staff, Staff.foundation_id == Foundation.id)
        query = query.where(Staff.provider == provider, Staff.subject == subject).order_by(Foundation.slug)
        with self._db.read() as session:
            return tuple(foundation_info(row) for row in session.scalars(query))
