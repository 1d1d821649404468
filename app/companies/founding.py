# SPDX-License-Identifier: Apache-2.0
"""Signing for a company: whether this person can sign for it, and storing that; a new company is made by its first.

A company is one by its country and register number; its name must not look like that of another one here.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.models import AgreementVersion
from app.agreements.service import PublishedVersion
from app.companies.errors import CompanyKnown
from app.companies.facts import registration_key
from app.companies.ledgers import ledger_of, persons_of
from app.companies.models import Company, CompanyAcceptance
from app.companies.names import skeleton
from app.companies.particulars import lock_foundation, numbered, refuse_named_otherwise, refuse_taken
from app.platform.clock import new_id
from app.signing.models import Signature, Signing
from app.signing.values import CompanyFacts, title_in
from mcla.statements.company import CompanyRef

Facts = CompanyFacts | CompanyRef


def refuse_acceptance(
    session: Session, company: CompanyFacts, published: PublishedVersion, contributor_id: str
) -> None:
    """Raise `CompanyNameUnfit` or `CompanyKnown` if this person cannot sign this version for this company."""
    foundation = published.foundation_id
    known = _known(session, foundation, company)
    if known is None:
        refuse_taken(session, foundation, company)
    else:
        _refuse_signed(session, known, published.id, contributor_id)
        refuse_named_otherwise(session, known.id, company)


def found(session: Session, row: Signing, company: CompanyRef, contributor_id: str, now: datetime) -> None:
    """Store the acceptance, and the company if it is new; one company is founded at a time in a foundation."""
    foundation_id = session.get_one(AgreementVersion, row.agreement_version_id).agreement.foundation_id
    lock_foundation(session, foundation_id)
    known = _known(session, foundation_id, company)
    if known is None:
        refuse_taken(session, foundation_id, company)
        known = _new_company(foundation_id, company, now)
        session.add(known)
        session.flush()
    else:
        _refuse_signed(session, known, row.agreement_version_id, contributor_id)
        refuse_named_otherwise(session, known.id, company)
    values = {"signing_id": row.id, "company_id": known.id, "contributor_id": contributor_id}
    session.add(CompanyAcceptance(**values, title=title_in(row.document or b""), power=company.power))


def _addresses(session: Session, contributor_id: str) -> set[str]:
    return {each.email for each in persons_of(session, contributor_id) if each.email}


def _new_company(foundation_id: str, company: Facts, now: datetime) -> Company:
    return Company(
        id=new_id("com"),
        foundation_id=foundation_id,
        name=company.name,
        skeleton=skeleton(company.name),
        jurisdiction=company.jurisdiction,
        registration=company.registration,
        registration_key=registration_key(company.registration),
        created_at=now,
    )


def _known(session: Session, foundation_id: str, company: Facts) -> Company | None:
    return numbered(session, foundation_id, company.jurisdiction, company.registration)


def _refuse_signed(session: Session, row: Company, version_id: str, contributor_id: str) -> None:
    signed = (
        select(CompanyAcceptance.contributor_id, Signature.agreement_version_id)
        .join(Signing, Signing.id == CompanyAcceptance.signing_id)
        .outerjoin(Signature, Signature.signing_id == Signing.id)
        .where(CompanyAcceptance.company_id == row.id, Signing.state != "void")
    )
    every = session.execute(signed).all()
    ledger = ledger_of(session, row.id)
    signed_here = contributor_id in {each.contributor_id for each in every}
    if not ledger.admits(contributor_id, _addresses(session, contributor_id)):
        raise CompanyKnown(
            "The foundation has ended what was signed for the company."
            if signed_here
            else "Somebody else has signed for the company with this register number."
        )
    if every and not ledger.accepted and not signed_here:
        raise CompanyKnown("Somebody else signs for the company with this register number at this moment.")
    own = [each for each in ledger.accepted if each.signatory == contributor_id and each.ended_at is None]
    if version_id in {each.version_id for each in own}:
        raise CompanyKnown("You have signed this version for this company; that is in force.")
    if any(each.agreement_version_id is None for each in every):
        raise CompanyKnown("You have signed for this company a moment ago, and it is being recorded.")
