# SPDX-License-Identifier: Apache-2.0
"""The service's copies of projects' policies: checked when they are set, and each version kept.

The copy here has the last word over the repository's: who may merge may change the file there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agreements.service import AgreementService
from app.checks.errors import PolicyAgreementUnknown
from app.checks.models import ProjectPolicy
from app.platform.clock import Clock, new_id
from app.platform.db import Database
from app.projects.changed import note_change
from app.projects.models import Project
from app.projects.service import ProjectInfo
from mcla.checks.change import policy_digest
from mcla.checks.policy import Policy, parse_policy


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One version: its text (None: back to the repository's own), who set it and when."""

    number: int
    text: str | None
    set_by: str
    set_at: datetime

    @property
    def sha256(self) -> str:
        """What names the text, 64 hex; empty for none."""
        return policy_digest(self.text) if self.text is not None else ""


class PolicyService:
    """Sets and finds policies."""

    def __init__(self, db: Database, clock: Clock, agreements: AgreementService) -> None:
        self._db, self._clock, self._agreements = db, clock, agreements

    def set(self, project: ProjectInfo, text: str | None, by: str) -> KeptPolicy:
        """Keep a policy as the newest; None goes back to the repository's own. The same text again changes nothing.

        Raises `PolicyInvalid` with every fault, or `PolicyAgreementUnknown`.
        """
        if text is not None:
            self._check_agreements(project, parse_policy(text))
        with self._db.write() as session:
            session.execute(select(Project.id).where(Project.id == project.id).with_for_update())
            last = newest(session, project.id, None)
            if last is not None and last.text == text:
                return last
            count = select(func.count()).where(ProjectPolicy.project_id == project.id)
            row = ProjectPolicy(id=new_id("pol"), project_id=project.id, number=session.scalars(count).one() + 1)
            row.text, row.set_by, row.set_at = text, by, self._clock.now()
            session.add(row)
            note_change(session, self._clock, project.id)
            return _kept(row)

    def current(self, project: ProjectInfo) -> KeptPolicy | None:
        """The newest version; None where nothing was ever set."""
        with self._db.read() as session:
            return newest(session, project.id, None)

    def history(self, project: ProjectInfo) -> Sequence[KeptPolicy]:
        """Every version, the newest first."""
        query = select(ProjectPolicy).where(ProjectPolicy.project_id == project.id)
        with self._db.read() as session:
            return [_kept(row) for row in session.scalars(query.order_by(ProjectPolicy.number.desc()))]

    def _check_agreements(self, project: ProjectInfo, policy: Policy) -> None:
        known = self._agreements.lineages(project.foundation.id)
        for number, rule in enumerate(policy.artifacts):
            for slug in rule.agreements:
                if slug not in known:
                    there = ", ".join(known) or "none"
                    what = f"artifacts[{number}].agreements: there is no agreement {slug}; there are: {there}"
                    raise PolicyAgreementUnknown(what)


def newest(session: Session, project_id: str, at: datetime | None) -> KeptPolicy | None:
    """The newest version that was set by a time (None: of all). One statement."""
    query = select(ProjectPolicy).where(ProjectPolicy.project_id == project_id)
    if at is not None:
        query = query.where(ProjectPolicy.set_at <= at)
    row = session.scalars(query.order_by(ProjectPolicy.number.desc()).limit(1)).first()
    return _kept(row) if row else None


def _kept(row: ProjectPolicy) -> KeptPolicy:
    return KeptPolicy(row.number, row.text, row.set_by, row.set_at)
