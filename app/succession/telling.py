# SPDX-License-Identifier: Apache-2.0
"""Telling signers of a new version: once for each, on their own pages, until they say that they have seen it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from app.agreements.models import AgreementVersion, VersionNotice
from app.signing.in_force import not_ended
from app.signing.models import Signature


def tell(session: Session, version_id: str, now: datetime) -> None:
    """A notice for everybody with an acceptance in force of another version of this agreement; again adds nobody."""
    version = session.get_one(AgreementVersion, version_id)
    of_it = select(AgreementVersion.id).where(AgreementVersion.agreement_id == version.agreement_id)
    told = select(VersionNotice.contributor_id).where(VersionNotice.version_id == version_id)
    signers = (
        select(Signature.contributor_id, literal(version_id), literal(now, VersionNotice.made_at.type))
        .where(Signature.agreement_version_id.in_(of_it), Signature.agreement_version_id != version_id)
        .where(not_ended(Signature.signing_id), Signature.contributor_id.not_in(told))
        .distinct()
    )
    session.execute(insert(VersionNotice).from_select(["contributor_id", "version_id", "made_at"], signers))


def unseen(session: Session, contributor_id: str) -> Sequence[str]:
    """The versions that somebody was told of and has not said to have seen, by id."""
    query = select(VersionNotice.version_id).where(
        VersionNotice.contributor_id == contributor_id, VersionNotice.seen_at.is_(None)
    )
    return session.scalars(query).all()


def seen(session: Session, contributor_id: str, now: datetime) -> None:
    """Keep that the person has seen what they were told."""
    mine = update(VersionNotice).where(VersionNotice.contributor_id == contributor_id, VersionNotice.seen_at.is_(None))
    session.execute(mine.values(seen_at=now))
