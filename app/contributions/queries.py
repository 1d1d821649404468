# SPDX-License-Identifier: Apache-2.0
"""Finding contributions by digest: a constant number of statements, however many digests are asked.

A digest is found as a file of a contribution or as the root of its manifest. One very common file (a licence text)
may be in countless contributions: only the first ones of each digest are looked at, in the order of the log.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from app.contributions.models import Contribution, ContributionArtifact
from app.log.models import LogHead
from app.platform.sqllists import listed

ROOT_POSITION = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """A contribution that lists a digest at `position` of its manifest (-1: the digest is its root)."""

    sha256: str
    contribution_id: str
    position: int
    rank: int
    log_index: int
    file_count: int
    hidden_until: date | None
    hazard: str
    lifted_at: datetime | None


def hits(
    session: Session, digests: Collection[str], limit: int, below: int, project_id: str | None = None
) -> list[Hit]:
    """Up to `limit` contributions for each digest among the first `below` log entries, in order. One statement.

    With `project_id` only those to this project.
    """
    artifact = ContributionArtifact
    files = (
        select(artifact.sha256, artifact.contribution_id, func.min(artifact.position).label("position"))
        .where(artifact.sha256.in_(listed(session, digests)))
        .group_by(artifact.sha256, artifact.contribution_id)
    )
    roots = select(
        Contribution.manifest_root.label("sha256"), Contribution.id.label("contribution_id"), literal(ROOT_POSITION)
    ).where(Contribution.manifest_root.in_(listed(session, digests)))
    return _ranked(session, union_all(files, roots), limit, below, project_id)


def tensor_hits(session: Session, roots: Collection[str], limit: int, below: int, project_id: str) -> list[Hit]:
    """The same for contributions to a project that name one of these tensor roots, at the position of the root."""
    found = select(
        Contribution.tensor_root.label("sha256"),
        Contribution.id.label("contribution_id"),
        literal(ROOT_POSITION).label("position"),
    ).where(Contribution.tensor_root.in_(listed(session, roots)))
    return _ranked(session, found, limit, below, project_id)


def _ranked(session: Session, listing: Any, limit: int, below: int, project_id: str | None) -> list[Hit]:
    found = listing.subquery()
    rank = func.row_number().over(partition_by=found.c.sha256, order_by=(Contribution.log_index, found.c.position))
    ranked = select(
        found.c.sha256,
        found.c.contribution_id,
        found.c.position,
        rank.label("rank"),
        Contribution.log_index,
        Contribution.file_count,
        Contribution.hidden_until,
        Contribution.hazard,
        Contribution.lifted_at,
    ).join(Contribution, Contribution.id == found.c.contribution_id)
    ranked = ranked.where(Contribution.log_index < below)
    if project_id is not None:
        ranked = ranked.where(Contribution.project_id == project_id)
    inner = ranked.subquery()
    query = select(inner).where(inner.c.rank <= limit).order_by(inner.c.sha256, inner.c.rank)
    return [Hit(*row) for row in session.execute(query)]


def files(session: Session, found: Sequence[Hit]) -> dict[tuple[str, int], tuple[str, int]]:
    """Path and size of each hit, by contribution and position. One statement."""
    artifact = ContributionArtifact
    query = select(artifact.contribution_id, artifact.position, artifact.path, artifact.size).where(
        artifact.sha256.in_(listed(session, {hit.sha256 for hit in found})),
        artifact.contribution_id.in_(listed(session, {hit.contribution_id for hit in found})),
    )
    return {(contribution, place): (path, size) for contribution, place, path, size in session.execute(query)}


def bundles(session: Session, ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The stored bundles of these contributions. One statement."""
    query = select(Contribution.id, Contribution.bundle).where(Contribution.id.in_(listed(session, ids)))
    return {row.id: row.bundle for row in session.execute(query)}


def manifests(session: Session, ids: Collection[str]) -> dict[str, bytes]:
    """The stored manifests of these contributions. One statement."""
    query = select(Contribution.id, Contribution.manifest).where(Contribution.id.in_(listed(session, ids)))
    return {row.id: row.manifest for row in session.execute(query)}


def log_size(session: Session) -> int:
    """How many entries the last signed head covers. One statement."""
    return session.scalar(select(LogHead.size)) or 0
