# SPDX-License-Identifier: Apache-2.0
"""What contributions declare of the models and data they were made from, as rows that can be found from both ends.

A row says no more than the signed statement: it is written with the contribution, from its declarations alone.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.contributions.models import ContributionBase
from mcla.licences.lineage_file import claims_of_declarations

LONGEST = 600


def store_bases(session: Session, contribution_id: str, declarations: Mapping[str, Any]) -> None:
    """One row for each base that the declarations name; none for declarations that ask for something else."""
    rows = base_rows(contribution_id, declarations)
    if rows:
        session.execute(insert(ContributionBase), rows)


def base_rows(contribution_id: str, declarations: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a contribution's declarations."""
    edges, labels = claims_of_declarations("", declarations, "")
    also = {label.artifact: label.also[0] for label in labels if label.also}
    return [
        {
            "contribution_id": contribution_id,
            "position": position,
            "base": edge.base[:LONGEST],
            "also": also[edge.base][:LONGEST] if edge.base in also else None,
            "relation": edge.relation,
            "licence": edge.licence,
            "licence_sha256": edge.licence_sha256,
            "retrieved": edge.retrieved,
        }
        for position, edge in enumerate(edges)
    ]
