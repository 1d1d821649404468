# SPDX-License-Identifier: Apache-2.0
"""The digests of a contribution's single tensors: taken from its giver if they make the root that was signed.

Names are forgotten once they have made the root; what is kept finds other contributions with the same contents.
"""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.contributions.errors import ContributionUnknown, TensorsOther
from app.contributions.models import Contribution, TensorContent, TensorList
from app.identity.ports import Actor
from app.platform.clock import is_id
from app.platform.db import Database
from app.signing.models import Signing
from mcla.artifacts.tensors import TensorSet
from mcla.statements.statement import Contribution as Stated
from mcla.statements.statement import parse_statement

MOST_KEPT = 4_096
"""Contents of one contribution that can be found, the largest: of equal size those with the lowest digest, so that of
two models with the same tensors the same ones are kept."""


class TensorLists:
    """Takes lists of tensors."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, actor: Actor, contribution_id: str, tensors: TensorSet) -> int:
        """Keep the tensors of the caller's own contribution; returns how many contents can be found by their digest.

        Again changes nothing. Raises `ContributionUnknown` also for one of somebody else, or `TensorsOther`.
        """
        sizes = {tensor.sha256: tensor.size for tensor in tensors.tensors}
        largest = sorted(sizes.items(), key=lambda each: (-each[1], each[0]))[:MOST_KEPT]
        with self._db.write() as session:
            _check_signed(_stated(session, actor, contribution_id), tensors)
            if session.get(TensorList, contribution_id) is not None:
                return len(largest)
            totals = {"contents": len(sizes), "total_size": sum(sizes.values()), "kept": len(largest)}
            session.execute(insert(TensorList).values(contribution_id=contribution_id, **totals))
            rows = [
                {"contribution_id": contribution_id, "sha256": sha256, "size": size, "rank": rank}
                for rank, (sha256, size) in enumerate(largest)
            ]
            session.execute(insert(TensorContent), rows)
        return len(largest)

    def compared(self, contribution_id: str) -> int | None:
        """With how many contents of a contribution others can be compared; None where no list was sent."""
        with self._db.read() as session:
            return session.scalar(select(TensorList.kept).where(TensorList.contribution_id == contribution_id))


def _stated(session: Session, actor: Actor, contribution_id: str) -> Stated:
    query = select(Signing.statement).join(Contribution, Contribution.signing_id == Signing.id)
    own = Contribution.contributor_id == actor.contributor_id
    found = session.scalar(query.where(Contribution.id == contribution_id, own)) if is_id(contribution_id) else None
    stated = parse_statement(found) if found is not None else None
    if not isinstance(stated, Stated):
        raise ContributionUnknown("You have no contribution of that id.")
    return stated


def _check_signed(stated: Stated, tensors: TensorSet) -> None:
    """Raise `TensorsOther` unless these are the tensors that the statement names."""
    signed = stated.tensors
    if signed is None:
        raise TensorsOther("The statement of this contribution names no tensors.")
    if (signed.root, signed.count, signed.bytes) != (tensors.root, len(tensors.tensors), tensors.total_bytes):
        raise TensorsOther(f"expected the tensors with the signed root {signed.root}, got others: {tensors.root}")
