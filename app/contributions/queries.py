# SPDX-License-Identifier: Apache-2.0
"""Finding contributions by digest: a constant number of statements, however many digests are asked.

A digest is found as a file of a contribution or as the root of its manifest. One very common file (a licence text)
may be in countless contributions: only the first ones of each digest are looked at, in the order of the log.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union_all

from app.contributions.models import Contribution, ContributionArtifact
from app.log.models import LogHead
from app.platform.db import Reader
from app.platform.sqllists import dialect_of, listed, named_list

ROOT_POSITION = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """A contribution that lists a digest at `position` of its manifest (-1: the digest is its root).

    `path` and `size` are those of the file there; None of the root.
    """

    sha256: str
    contribution_id: str
    position: int
    rank: int
    log_index: int
    file_count: int
    hidden_until: date | None
    hazard: str
    lifted_at: datetime | None
    path: str | None
    size: int | None


def hits(reader: Reader, digests: Collection[str], limit: int, below: int, project_id: str | None = None) -> list[Hit]:
    """Up to `limit` contributions for each digest among the first `below` log entries, in order. One statement.

    With `project_id` only those to this project.
    """
    return _found(reader, _by_digest(dialect_of(reader), project_id is not None), digests, limit, below, project_id)


def tensor_hits(reader: Reader, roots: Collection[str], limit: int, below: int, project_id: str) -> list[Hit]:
    """The same for contributions to a project that name one of these tensor roots, at the position of the root."""
    return _found(reader, _by_tensors(dialect_of(reader)), roots, limit, below, project_id)


def _found(
    reader: Reader, query: Select[Any], digests: Collection[str], limit: int, below: int, project_id: str | None
) -> list[Hit]:
    asked = {"digests": digests, "limit": limit, "below": below}
    return [Hit(*row) for row in reader.execute(query, asked | ({"project": project_id} if project_id else {}))]


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
    inner, file = ranked.subquery(), ContributionArtifact
    at = (file.contribution_id == inner.c.contribution_id) & (file.position == inner.c.position)
    first = select(inner, file.path, file.size).outerjoin(file, at).where(inner.c.rank <= bindparam("limit"))
    return first.order_by(inner.c.sha256, inner.c.rank)


def bundles(reader: Reader, ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The stored bundles of these contributions. One statement."""
    query = select(Contribution.id, Contribution.bundle).where(Contribution.id.in_(listed(reader, ids)))
    return {row.id: row.bundle for row in reader.execute(query)}


def manifests(reader: Reader, ids: Collection[str]) -> dict[str, bytes]:
    """The stored manifests of these contributions. One statement."""
    query = select(Contribution.id, Contribution.manifest).where(Contribution.id.in_(listed(reader, ids)))
    return {row.id: row.manifest for row in reader.execute(query)}


def log_size(reader: Reader) -> int:
    """How many entries the last signed head covers. One statement."""
    return reader.scalar(_SIZE) or 0


_SIZE = select(LogHead.size)
