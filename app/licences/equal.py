# SPDX-License-Identifier: Apache-2.0
"""What contributions share with earlier ones: single tensors, all of them, and the files that come with a model.

Found by digest in an index, in a constant number of statements for any number of contributions. Few are looked at for
each content, the first in the log: whoever had it before is asked about, and not who took it after.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.contributions.models import Contribution, ContributionArtifact, TensorContent, TensorList
from app.platform.sqllists import listed

Rows = Select[*tuple[Any, ...]]
PROBES = 8
"""So many contents of a contribution, the largest, lead to others; those are then compared as a whole."""
FIRST = 10
MOST_OTHERS = 1_000
MOST_FILES = 2_000
MODEL_KINDS = ("weights", "adapter", "tokenizer", "safety")
FAMILY_FILES = (
    *("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "spiece.model", "vocab.json", "vocab.txt"),
    *("merges.txt", "config.json"),
)
WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".npz")


@dataclass(frozen=True, slots=True)
class Shared:
    """`own` has `tensors` contents of `of_tensors`, `bytes` of `of_bytes`, in common with the earlier `other`.

    Where all are 0 it is everything, and nobody told how much that is.
    """

    own: str
    other: str
    tensors: int
    of_tensors: int
    bytes: int
    of_bytes: int


@dataclass(frozen=True, slots=True)
class SharedFile:
    """The file at `path` of `own` is one of the earlier `other` too."""

    own: str
    other: str
    path: str
    sha256: str


def shared_tensors(session: Session, ids: Collection[str], below: int) -> list[Shared]:
    """What these contributions share with others before them, among the first `below` log entries. Four statements."""
    whole = _pairs(session, _same_root(session, ids, below))
    partly = _pairs(session, _same_contents(session, ids, below)) - whole
    totals = {row.contribution_id: row for row in session.execute(_totals(session, ids))}
    counted = session.execute(_counts(session, partly)) if partly else ()
    found = [
        Shared(own, other, tensors, totals[own].contents, int(size), totals[own].total_size)
        for own, other, tensors, size in counted
        if (own, other) in partly
    ]
    return [*(_all_of(own, other, totals.get(own)) for own, other in sorted(whole)), *found]


def shared_files(session: Session, ids: Collection[str], below: int) -> list[SharedFile]:
    """The tokenizers, configurations and weights of these contributions that others before them list too, the first
    in the log first. One statement."""
    mine, theirs = aliased(ContributionArtifact), aliased(ContributionArtifact)
    own, other = aliased(Contribution), aliased(Contribution)
    query = (
        select(own.id, other.id, mine.path, mine.sha256, _place(own.id, mine.sha256, by=other.log_index))
        .join(mine, mine.contribution_id == own.id)
        .join(theirs, and_(theirs.sha256 == mine.sha256, theirs.contribution_id != own.id))
        .join(other, _earlier(other, own, below, theirs.contribution_id))
        .where(own.id.in_(listed(session, ids)), own.kind.in_(MODEL_KINDS), _comes_with_a_model(mine.path))
    )
    return [SharedFile(*tuple(row)[:4]) for row in session.execute(_first(query, MOST_FILES))]


def _pairs(session: Session, query: Rows) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in session.execute(_first(query, MOST_OTHERS))}


def _same_root(session: Session, ids: Collection[str], below: int) -> Rows:
    own, other = aliased(Contribution), aliased(Contribution)
    query = select(own.id, other.id, _place(own.id, by=other.log_index))
    joined = query.join(other, and_(other.tensor_root == own.tensor_root, _earlier(other, own, below, other.id)))
    return joined.where(own.id.in_(listed(session, ids)))


def _same_contents(session: Session, ids: Collection[str], below: int) -> Rows:
    mine, theirs = aliased(TensorContent), aliased(TensorContent)
    own, other = aliased(Contribution), aliased(Contribution)
    return (
        select(own.id, other.id, _place(own.id, mine.sha256, by=other.log_index))
        .join(mine, mine.contribution_id == own.id)
        .join(theirs, and_(theirs.sha256 == mine.sha256, theirs.contribution_id != own.id))
        .join(other, _earlier(other, own, below, theirs.contribution_id))
        .where(own.id.in_(listed(session, ids)), mine.rank < PROBES)
    )


def _counts(session: Session, pairs: Collection[tuple[str, str]]) -> Rows:
    mine, theirs = aliased(TensorContent), aliased(TensorContent)
    query = select(mine.contribution_id, theirs.contribution_id, func.count(), func.sum(mine.size))
    own, others = {own for own, _ in pairs}, {other for _, other in pairs}
    return (
        query.join(theirs, theirs.sha256 == mine.sha256)
        .where(mine.contribution_id.in_(listed(session, own)), theirs.contribution_id.in_(listed(session, others)))
        .group_by(mine.contribution_id, theirs.contribution_id)
        .order_by(mine.contribution_id, theirs.contribution_id)
    )


def _totals(session: Session, ids: Collection[str]) -> Rows:
    row = TensorList
    return select(row.contribution_id, row.contents, row.total_size).where(
        row.contribution_id.in_(listed(session, ids))
    )


def _all_of(own: str, other: str, totals: Any) -> Shared:
    """Of one root everything is equal; how much that is may not be known."""
    tensors, size = (totals.contents, totals.total_size) if totals else (0, 0)
    return Shared(own, other, tensors, tensors, size, size)


def _place(*of: Any, by: Any) -> ColumnElement[int]:
    return func.row_number().over(partition_by=of, order_by=by).label("place")


def _earlier(other: Any, own: Any, below: int, identifier: Any) -> ColumnElement[bool]:
    return and_(other.id == identifier, other.log_index < own.log_index, other.log_index < below)


def _first(query: Rows, most: int) -> Rows:
    """The first few of each group, and at most so many in all."""
    inner = query.subquery()
    columns: Sequence[Any] = list(inner.c)
    return select(*columns).where(inner.c.place <= FIRST).order_by(columns[0], inner.c.place).limit(most)


def _comes_with_a_model(path: Any) -> ColumnElement[bool]:
    return or_(path.in_(FAMILY_FILES), *_endings(path))


def _endings(path: Any) -> Iterator[ColumnElement[bool]]:
    for name in FAMILY_FILES:
        yield path.endswith(f"/{name}", autoescape=True)
    for ending in WEIGHTS:
        yield path.endswith(ending, autoescape=True)
