# SPDX-License-Identifier: Apache-2.0
"""Loads what was signed by one person or company; a constant number of statements, however much anybody signed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.agreements.models import Agreement, AgreementVersion
from app.companies.models import Company
from app.coverage.deciding import Acceptance
from app.identity.models import Identity
from app.log.models import LogEntry
from app.signing.models import Signature, Signing, Withdrawal

STEPS = 63
"""Halvings of a log: more than any can take."""


def identity_of(session: Session, provider: str, subject: str) -> Identity | None:
    """The account with this subject. One statement; none for text with a NUL, which PostgreSQL cannot hold."""
    if "\0" in provider + subject:
        return None
    query = select(Identity).where(Identity.provider == provider, Identity.subject == subject)
    return session.scalar(query)


def acceptances_of(session: Session, identity: Identity, foundation_id: str, at: datetime) -> list[Acceptance]:
    """What the owner of an account accepted for self towards a foundation, ended or not. One statement.

    An acceptance by another account of the same person counts from the time this account was here as well.
    """
    by: ColumnElement[bool] = Signing.identity_id == identity.id
    if identity.created_at <= at:
        by = or_(by, Signature.contributor_id == identity.contributor_id)
    query = (
        select(Agreement.slug, Signature.agreement_version_id, Signature.log_index, LogEntry.appended_at, Withdrawal)
        .join(Signing, Signing.id == Signature.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .join(LogEntry, LogEntry.index == Signature.log_index)
        .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signature.signing_id)
        .where(by, Signature.capacity == "individual", Agreement.foundation_id == foundation_id)
    )
    return [
        Acceptance(slug, version_id, index, logged_at, ended.signed_at if ended else None)
        for slug, version_id, index, logged_at, ended in session.execute(query)
    ]


def company_ids(session: Session, ids: Collection[str], foundation_id: str) -> list[str]:
    """Those of these companies that signed towards this foundation. One statement."""
    query = select(Company.id).where(Company.id.in_(ids), Company.foundation_id == foundation_id)
    return sorted(session.scalars(query)) if ids else []


def size_at(session: Session, size: int, at: datetime) -> int:
    """How many of the log's first `size` entries were there at a time, by halving: entries carry rising times."""
    low, high = 0, size
    for _ in range(STEPS):
        if low >= high:
            break
        middle = (low + high) // 2
        appended = session.scalar(select(LogEntry.appended_at).where(LogEntry.index == middle))
        low, high = (middle + 1, high) if appended is not None and appended <= at else (low, middle)
    return low
