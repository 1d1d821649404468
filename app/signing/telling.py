# SPDX-License-Identifier: Apache-2.0
"""Turns stored signings into what their owner is told: the statement, the words of consent, the outcome."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.models import Agreement, AgreementVersion
from app.agreements.render import Consent
from app.agreements.service import PublishedVersion
from app.identity.models import Identity, PersonDetail
from app.log.models import LogEntry
from app.platform.settings import Settings
from app.signing.ending import consent_to_end, ended_id, told
from app.signing.ids import result_id
from app.signing.lookup import statement_of
from app.signing.models import Signature, Signing, Withdrawal
from app.signing.ports import Ports
from app.signing.values import Completed, Ended, SignatureInfo, SignerInfo, SigningInfo, SigningType, State
from mcla.statements.statement import AnyStatement, CompanyChange, Contribution
from mcla.statements.statement import Withdrawal as WithdrawalStatement

ERASED = "erased"


def tell(ports: Ports, row: Signing, result: Completed | None) -> SigningInfo:
    """The signing as values."""
    statement = statement_of(row)
    version = ports.agreements.version_by_id(row.agreement_version_id)
    with ports.db.read() as session:
        signer = _signer(session, row, statement.signer)
        ends = ended_id(session, statement) if isinstance(statement, WithdrawalStatement) else None
    pages = {"contribution": "/contributions", "withdrawal": "/withdrawals", "company-change": "/companies"}
    page = pages.get(row.kind, f"/sign/{statement.agreement.slug}")
    return SigningInfo(
        id=row.id,
        type=cast("SigningType", row.kind),
        state=cast("State", row.state),
        key_holder=row.key_holder,
        statement=row.statement,
        statement_sha256=row.statement_sha256,
        consent=_consent(ports, row, statement, version, signer.name),
        signer=signer,
        created_at=row.created_at,
        expires_at=row.expires_at,
        review_url=f"{ports.settings.origin}{page}/review/{row.id}",
        result=result,
        ends=ends,
        document=row.document,
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


def changed(settings: Settings, row: Signing, company_id: str, log_index: int, bundle: Mapping[str, Any]) -> Completed:
    """The outcome of a company's change; its page is the company's."""
    origin, outcome = settings.origin, result_id(row.id, row.kind)
    bundle_url = f"{origin}/api/v1/company-changes/{outcome}/bundle"
    return Completed("company-change", outcome, f"{origin}/companies/{company_id}", bundle_url, None, log_index, bundle)


def signatures_of(session: Session, contributor_id: str) -> list[SignatureInfo]:
    """What a contributor accepted, newest in the log first."""
    query = (
        select(Signature, Signing.key_holder, AgreementVersion, Withdrawal, LogEntry.index)
        .join(Signing, Signing.id == Signature.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signature.signing_id)
        .outerjoin(LogEntry, LogEntry.body_sha256 == Withdrawal.entry_sha256)
        .where(Signature.contributor_id == contributor_id)
        .order_by(Signature.log_index.desc())
    )
    return [
        _signature(row, holder, version, told(withdrawal, index) if withdrawal else None)
        for row, holder, version, withdrawal, index in session.execute(query)
    ]


def _consent(ports: Ports, row: Signing, statement: AnyStatement, version: PublishedVersion, name: str) -> Consent:
    if isinstance(statement, CompanyChange) and row.document is not None:
        return ports.companies.consent(row.document, name)
    if isinstance(statement, WithdrawalStatement):
        return consent_to_end(statement.ends.type, name)
    files = statement.manifest.files if isinstance(statement, Contribution) else 0
    return ports.agreements.consent(version, name, files)


def _signature(row: Signature, key_holder: str, version: AgreementVersion, ended: Ended | None) -> SignatureInfo:
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
        ended=ended,
        capacity=row.capacity,
    )


def _signer(session: Session, row: Signing, uri: str) -> SignerInfo:
    identity = session.get_one(Identity, row.identity_id)
    detail = session.get(PersonDetail, row.person_detail_id)
    if detail is None:
        return SignerInfo(uri=uri, name=ERASED, account=ERASED)
    return SignerInfo(uri=uri, name=detail.name, account=f"{detail.login or identity.subject} ({identity.provider})")
