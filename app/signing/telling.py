# SPDX-License-Identifier: Apache-2.0
"""Turns stored signings into what their owner is told: the statement, the words of consent, the outcome."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.models import Agreement, AgreementVersion
from app.identity.models import Identity, PersonDetail
from app.platform.settings import Settings
from app.signing.ids import result_id
from app.signing.lookup import statement_of
from app.signing.models import Signature, Signing
from app.signing.ports import Ports
from app.signing.values import Completed, SignatureInfo, SignerInfo, SigningInfo, SigningType, State
from mcla.statements.statement import Contribution

ERASED = "erased"


def tell(ports: Ports, row: Signing, result: Completed | None) -> SigningInfo:
    """The signing as values."""
    statement = statement_of(row)
    version = ports.agreements.version_by_id(row.agreement_version_id)
    with ports.db.read() as session:
        signer = _signer(session, row, statement.signer)
    files = statement.manifest.files if isinstance(statement, Contribution) else 0
    page = "/contributions" if row.kind == "contribution" else f"/sign/{statement.agreement.slug}"
    return SigningInfo(
        id=row.id,
        type=cast("SigningType", row.kind),
        state=cast("State", row.state),
        key_holder=row.key_holder,
        statement=row.statement,
        statement_sha256=row.statement_sha256,
        consent=ports.agreements.consent(version, signer.name, files),
        signer=signer,
        created_at=row.created_at,
        expires_at=row.expires_at,
        review_url=f"{ports.settings.origin}{page}/review/{row.id}",
        result=result,
    )


def completed(settings: Settings, row: Signing, log_index: int, bundle: Mapping[str, Any], record_id: str) -> Completed:
    """The outcome of a complete signing, with its addresses."""
    origin, outcome = settings.origin, result_id(row.id, row.kind)
    noun = "contributions" if row.kind == "contribution" else "signatures"
    return Completed(
        type=cast("SigningType", row.kind),
        id=outcome,
        url=f"{origin}/{noun}/{outcome}",
        bundle_url=f"{origin}/api/v1/{noun}/{outcome}/bundle",
        record_url=f"{origin}/records/{record_id}.pdf",
        log_index=log_index,
        bundle=bundle,
    )


def signatures_of(session: Session, contributor_id: str) -> list[SignatureInfo]:
    """What a contributor accepted, newest in the log first."""
    query = (
        select(Signature, Signing.key_holder, AgreementVersion)
        .join(Signing, Signing.id == Signature.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(Signature.contributor_id == contributor_id)
        .order_by(Signature.log_index.desc())
    )
    return [_signature(row, holder, version) for row, holder, version in session.execute(query)]


def _signature(row: Signature, key_holder: str, version: AgreementVersion) -> SignatureInfo:
    return SignatureInfo(
        id=row.id,
        slug=version.agreement.slug,
        title=version.agreement.title,
        version=version.version,
        digest=version.digest,
        key_holder=key_holder,
        log_index=row.log_index,
        signed_at=row.signed_at,
        signing_id=row.signing_id,
    )


def _signer(session: Session, row: Signing, uri: str) -> SignerInfo:
    identity = session.get_one(Identity, row.identity_id)
    detail = session.get(PersonDetail, row.person_detail_id)
    if detail is None:
        return SignerInfo(uri=uri, name=ERASED, account=ERASED)
    return SignerInfo(uri=uri, name=detail.name, account=f"{detail.login or identity.subject} ({identity.provider})")
