# SPDX-License-Identifier: Apache-2.0
"""Finding contributions by digest: a constant number of statements, however many digests are asked.

A digest is found as a file of a contribution or as the root of its manifest. One very common file (a licence text)
may be in countless contributions: only the first ones of each digest are looked at, in the order of the log.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.contributions.models import Contribution, ContributionArtifact
from app.log.models import LogHead
from app.platform.sqllists import as_list, dialect_of, listed, named_list

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
    return _found(session, _by_digest(dialect_of(session), project_id is not None), digests, limit, below, project_id)


def tensor_hits(session: Session, roots: Collection[str], limit: int, below: int, project_id: str) -> list[Hit]:
    """The same for contributions to a project that name one of these tensor roots, at the position of the root."""
    return _found(session, _by_tensors(dialect_of(session)), roots, limit, below, project_id)


def _found(
    session: Session, query: Select[Any], digests: Collection[str], limit: int, below: int, project_id: str | None
) -> list[Hit]:
    asked = {"digests": as_list(digests), "limit": limit, "below": below}
    return [Hit(*row) for row in session.execute(query, asked | ({"project": project_id} if project_id else {}))]


@cache
def _by_digest(dialect: str, in_project: bool) -> Select[Any]:
    artifact = ContributionArtifact
    files = (
        select(artifact.sha256, artifact.contribution_id, func.min(artifact.position).label("position"))
        .where(artifact.sha256.in_(named_list(dialect, "digests")))
        .group_by(artifact.sha256, artifact.contribution_id)
    )
    roots = select(
        Contribution.manifest_root.label("sha256"), Contribution.id.label("contribution_id"), literal(ROOT_POSITION)
    ).where(Contribution.manifest_root.in_(named_list(dialect, "digests")))
    return _ranked(union_all(files, roots), in_project=in_project)


@cache
def _by_tensors(dialect: str) -> Select[Any]:
    found = select(
        Contribution.tensor_root.label("sha256"),
        Contribution.id.label("contribution_id"),
        literal(ROOT_POSITION).label("position"),
    ).where(Contribution.tensor_root.in_(named_list(dialect, "digests")))
    return _ranked(found, in_project=True)


def _ranked(listing: Any, *, in_project: bool) -> Select[Any]:
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
    ranked = ranked.where(Contribution.log_index < bindparam("below"))
    if in_project:
        ranked = ranked.where(Contribution.project_id == bindparam("project"))
    inner = ranked.subquery()
    return select(inner).where(inner.c.rank <= bindparam("limit")).order_by(inner.c.sha256, inner.c.rank)


def files(session: Session, found: Sequence[Hit]) -> dict[tuple[str, int], tuple[str, int]]:
    """Path and size of each hit, by contribution and position. One statement."""
    asked = {
        "digests": as_list({hit.sha256 for hit in found}),
        "contributions": as_list({hit.contribution_id for hit in found}),
    }
    return {
        (contribution, place): (path, size)
        for contribution, place, path, size in session.execute(_files(dialect_of(session)), asked)
    }


@cache
def _files(dialect: str) -> Select[str, int, str, int]:
    artifact = ContributionArtifact
    return select(artifact.contribution_id, artifact.position, artifact.path, artifact.size).where(
        artifact.sha256.in_(named_list(dialect, "digests")),
        artifact.contribution_id.in_(named_list(dialect, "contributions")),
    )


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
    return session.scalar(_SIZE) or 0


_SIZE = select(LogHead.size)
