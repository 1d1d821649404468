# SPDX-License-Identifier: Apache-2.0
"""The service's copies of projects' policies, as `mcla.checks.policy` reads them: the newest by a time, or all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from app.platform.db import Reader
from app.platform.sqllists import listed
from app.projects.models import Project, ProjectPolicy
from mcla.checks.change import policy_digest


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


_COLUMNS = (ProjectPolicy.number, ProjectPolicy.text, ProjectPolicy.set_by, ProjectPolicy.set_at)
_OF_PROJECT = (
    select(*_COLUMNS).where(ProjectPolicy.project_id == bindparam("project")).order_by(ProjectPolicy.number.desc())
)
_NEWEST = _OF_PROJECT.limit(1)
_NEWEST_THEN = _NEWEST.where(ProjectPolicy.set_at <= bindparam("at"))


def newest(reader: Reader, project_id: str, at: datetime | None) -> KeptPolicy | None:
    """The newest version that was set by a time (None: of all). One statement."""
    asked = {"project": project_id} if at is None else {"project": project_id, "at": at}
    row = reader.execute(_NEWEST if at is None else _NEWEST_THEN, asked).first()
    return KeptPolicy(*row) if row else None


def versions(reader: Reader, project_id: str) -> Sequence[KeptPolicy]:
    """Every version, the newest first."""
    return [KeptPolicy(*row) for row in reader.execute(_OF_PROJECT, {"project": project_id})]


def newest_of(reader: Reader, project_ids: Collection[str], at: datetime) -> dict[str, tuple[str, KeptPolicy | None]]:
    """The slug of each of these projects, and the newest version that was set by a time, if there is one."""
    wanted = listed(reader, project_ids)
    place = func.row_number().over(partition_by=ProjectPolicy.project_id, order_by=ProjectPolicy.number.desc())
    of = ProjectPolicy.project_id.in_(wanted), ProjectPolicy.set_at <= at
    then = select(ProjectPolicy.project_id, *_COLUMNS, place.label("place")).where(*of).subquery()
    kept = and_(then.c.project_id == Project.id, then.c.place == 1)
    query = (
        select(Project.id, Project.slug, then.c.number, then.c.text, then.c.set_by, then.c.set_at)
        .outerjoin(then, kept)
        .where(Project.id.in_(wanted))
    )
    return {each: (slug, None if row[0] is None else KeptPolicy(*row)) for each, slug, *row in reader.execute(query)}
