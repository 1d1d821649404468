# SPDX-License-Identifier: Apache-2.0
"""Files of model families that an operator's lists name: taken in, told, forgotten, and found among contributions.

A family is replaced as a whole. What was known before stays known of the time before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.contributions.models import Contribution, ContributionArtifact
from app.licences.equal import MODEL_KINDS, MOST_FILES
from app.licences.errors import FamilyUnknown
from app.licences.models import FamilyFile
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.sqllists import listed
from mcla.licences.families import Family, read_families
from mcla.licences.signals import Known
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """One that is known now, and how many files of it."""

    name: str
    licence: str
    source: str
    files: int


class FamilyService:
    """The families that one service knows."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def take_in(self, document: bytes) -> tuple[Family, ...]:
        """Know the families of a list, in place of what was known of them; raises what `read_families` raises."""
        families, now = read_families(document), self._clock.now()
        with self._db.write() as session:
            _forget(session, {each.name for each in families}, now)
            session.execute(insert(FamilyFile), [row for each in families for row in _rows(each, now)])
        return families

    def forget(self, name: str) -> None:
        """Know nothing of a family any more; raises `FamilyUnknown`."""
        with self._db.write() as session:
            if not _forget(session, {name}, self._clock.now()):
                raise FamilyUnknown(Worded("No family %(name)s is known.", name=repr(name[:80])))

    def every(self) -> Sequence[KnownFamily]:
        """All that are known now, by name."""
        row = FamilyFile
        query = select(row.family, row.licence, row.source, func.count()).where(_known_at(self._clock.now()))
        with self._db.read() as session:
            found = session.execute(query.group_by(row.family, row.licence, row.source).order_by(row.family))
            return [KnownFamily(*each) for each in found]


def files_of_families(session: Session, ids: Collection[str], then: datetime) -> list[tuple[str, Known]]:
    """The files of these contributions that a family has by the lists of `then`, with whose they are. One statement."""
    file, row = ContributionArtifact, FamilyFile
    query = (
        select(file.contribution_id, file.path, file.sha256, row.family, row.licence, row.source)
        .join(row, row.sha256 == file.sha256)
        .join(Contribution, Contribution.id == file.contribution_id)
        .where(file.contribution_id.in_(listed(session, ids)), Contribution.kind.in_(MODEL_KINDS), _known_at(then))
        .order_by(file.contribution_id, file.position, row.family)
        .limit(MOST_FILES)
    )
    return [(each.contribution_id, Known(*tuple(each)[1:])) for each in session.execute(query)]


def _known_at(then: datetime) -> ColumnElement[bool]:
    row = FamilyFile
    return and_(row.known_from <= then, or_(row.known_until.is_(None), row.known_until > then))


def _forget(session: Session, names: Collection[str], now: datetime) -> bool:
    """End what is known of these families now; whether there was anything."""
    row = FamilyFile
    query = update(row).where(row.family.in_(listed(session, names)), row.known_until.is_(None))
    return session.execute(query.values(known_until=now).returning(row.id)).first() is not None


def _rows(family: Family, now: datetime) -> list[dict[str, object]]:
    whose = {"family": family.name, "licence": family.licence, "source": family.told, "known_from": now}
    once = {file.sha256: file.path for file in family.files}
    return [whose | {"path": path, "sha256": sha256} for sha256, path in once.items()]
