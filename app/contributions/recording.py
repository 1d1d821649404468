# SPDX-License-Identifier: Apache-2.0
"""Stores a contribution and its artifacts when its signing is complete, in the transaction that completes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.contributions.bases import store_bases
from app.contributions.drafts import forget_signed
from app.contributions.models import Contribution, ContributionArtifact
from app.grants.queries import over
from app.grants.recording import store_offer
from app.signing.ids import result_id
from app.signing.in_force import not_ended
from app.signing.models import Signature, Signing
from app.signing.ports import Recorded
from mcla.artifacts.manifest import Manifest, parse_manifest
from mcla.statements import statement as statements
from mcla.terms.secrecy import secrecy_of

ROWS_AT_ONCE = 5_000


def given_before(
    session: Session, signer_id: str, project_id: str, kind: str, manifest_root: str, now: datetime
) -> str | None:
    """The contribution of exactly these files by this signer to this project as this kind that was not ended.

    An offer that lapsed or was declined does not stand in the way of a new one.
    """
    query = select(Contribution.id).where(
        Contribution.signer_id == signer_id,
        Contribution.project_id == project_id,
        Contribution.kind == kind,
        Contribution.manifest_root == manifest_root,
        not_ended(Contribution.signing_id),
        ~over(Contribution.signing_id, now),
    )
    return session.scalar(query)


def stored(session: Session, signing_id: str) -> tuple[int, Mapping[str, Any]] | None:
    """Log index and bundle of the contribution that came of a signing."""
    query = select(Contribution.log_index, Contribution.bundle).where(Contribution.signing_id == signing_id)
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def store_contribution(session: Session, recorded: Recorded) -> None:
    """Add the contribution with one row for each file; nothing for another type of signing."""
    statement, signing = recorded.statement, recorded.signing
    if not isinstance(statement, statements.Contribution) or signing.manifest is None:
        return
    manifest, secrecy = parse_manifest(signing.manifest), secrecy_of(statement.declarations)
    row = Contribution(
        id=result_id(signing.id, "contribution"),
        signing_id=signing.id,
        signature_id=_acceptance(session, statement.acceptance.statement) if statement.acceptance else None,
        contributor_id=recorded.contributor_id,
        signer_id=signing.signer_id,
        project_id=signing.project_id,
        kind=statement.kind,
        manifest_root=manifest.root,
        manifest=signing.manifest,
        file_count=len(manifest.files),
        total_size=manifest.total_bytes,
        tensor_root=statement.tensors.root if statement.tensors else None,
        declarations=dict(statement.declarations),
        log_index=recorded.log_index,
        bundle=dict(recorded.bundle),
        contributed_at=recorded.signed_at,
        hidden_until=secrecy.until,
        hazard=secrecy.hazard,
    )
    session.add(row)
    session.flush()
    _store_artifacts(session, row.id, manifest)
    store_bases(session, row.id, statement.declarations)
    forget_signed(session, signing.id)
    if statement.offer is not None:
        store_offer(session, recorded, statement.offer)


def _acceptance(session: Session, statement_sha256: str) -> str:
    query = select(Signature.id).join(Signing, Signing.id == Signature.signing_id)
    return session.scalars(query.where(Signing.statement_sha256 == statement_sha256)).one()


def _store_artifacts(session: Session, contribution_id: str, manifest: Manifest) -> None:
    for start in range(0, len(manifest.files), ROWS_AT_ONCE):
        rows = [
            {"contribution_id": contribution_id, "position": position, **entry.to_dict()}
            for position, entry in enumerate(manifest.files[start : start + ROWS_AT_ONCE], start)
        ]
        session.execute(insert(ContributionArtifact), rows)
