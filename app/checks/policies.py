# SPDX-License-Identifier: Apache-2.0
"""The service's copies of projects' policies: checked when they are set, and each version kept.

The copy here has the last word over the repository's: who may merge may change the file there.
"""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.agreements.service import AgreementService
from app.checks.errors import PolicyAgreementUnknown
from app.platform.clock import Clock, new_id
from app.platform.db import Database
from app.projects.changed import note_change
from app.projects.models import Project, ProjectPolicy
from app.projects.policies import KeptPolicy, newest, versions
from app.projects.service import ProjectInfo
from mcla.checks.policy import Policy, parse_policy


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
        with self._db.read() as reader:
            return newest(reader, project.id, None)

    def history(self, project: ProjectInfo) -> Sequence[KeptPolicy]:
        """Every version, the newest first."""
        with self._db.read() as reader:
            return versions(reader, project.id)

    def _check_agreements(self, project: ProjectInfo, policy: Policy) -> None:
        known = self._agreements.lineages(project.foundation.id)
        for number, rule in enumerate(policy.artifacts):
            for slug in rule.agreements:
                if slug not in known:
                    there = ", ".join(known) or "none"
                    what = f"artifacts[{number}].agreements: there is no agreement {slug}; there are: {there}"
                    raise PolicyAgreementUnknown(what)


def _kept(row: ProjectPolicy) -> KeptPolicy:
    return KeptPolicy(row.number, row.text, row.set_by, row.set_at)
