# SPDX-License-Identifier: Apache-2.0
"""Contributors, their identities, the snapshots of what providers said, and their opaque signer names.

Two sign-ins are the same person only if (provider, subject) is the same or was linked by the person: never by e-mail.
All functions run in the caller's transaction.
"""

import secrets
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.identity.errors import IdentityTaken, PersonDetailUnknown
from app.identity.models import Contributor, FormerLink, Identity, PersonDetail, Signer
from app.identity.ports import VerifiedClaims
from app.identity.sql import insert_if_absent
from app.platform.clock import new_id


def record_sign_in(session: Session, claims: VerifiedClaims, now: datetime) -> Identity:
    """The identity of these claims, made with a new contributor if it was never seen; refreshes its details."""
    identity = _identity_of(session, claims)
    if identity is None:
        contributor = Contributor(id=new_id("con"), created_at=now)
        session.add(contributor)
        session.flush()
        identity = _add_identity(session, claims, contributor.id, now)
        if identity.contributor_id != contributor.id:  # another request was first: its contributor is the one
            session.delete(contributor)
    _refresh(session, identity, claims, now)
    return identity


def link_identity(session: Session, claims: VerifiedClaims, contributor_id: str, now: datetime) -> Identity:
    """Give a person another identity; raises `IdentityTaken` if it belongs to somebody else."""
    identity = _identity_of(session, claims) or _add_identity(session, claims, contributor_id, now)
    if identity.contributor_id != contributor_id:
        raise IdentityTaken(
            "This account already belongs to another contributor here, so it was not linked; people are never merged."
        )
    _refresh(session, identity, claims, now)
    return identity


def unlink_identity(session: Session, identity: Identity, now: datetime) -> None:
    """Make an identity a contributor of its own; what was signed while it was linked stays where it was signed.

    Until when it was whose is kept, so that a question about that time is answered as it would have been then.
    """
    links = select(func.max(FormerLink.until)).where(FormerLink.identity_id == identity.id)
    since = session.scalar(links) or identity.created_at
    if since < now:
        row = FormerLink(identity_id=identity.id, until=now, since=since, contributor_id=identity.contributor_id)
        session.add(row)
    contributor = Contributor(id=new_id("con"), created_at=now)
    session.add(contributor)
    session.flush()
    identity.contributor_id = contributor.id


def newest_detail(session: Session, identity_id: str) -> PersonDetail | None:
    """What the provider said last of an identity; None when it was erased."""
    query = select(PersonDetail).where(PersonDetail.identity_id == identity_id)
    return session.scalars(query.order_by(PersonDetail.recorded_at.desc()).limit(1)).first()


def mail_address(session: Session, contributor_id: str) -> str | None:
    """The verified address of the account that a person used last of those that have one; None for no address."""
    query = select(Identity).where(Identity.contributor_id == contributor_id)
    for identity in session.scalars(query.order_by(Identity.last_sign_in_at.desc())):
        detail = newest_detail(session, identity.id)
        if detail is not None and detail.email:
            return detail.email
    return None


def mail_language(session: Session, contributor_id: str) -> str | None:
    """The tag of the language in which a person reads these pages, for mails; None if it was never told."""
    return session.scalar(select(Contributor.language).where(Contributor.id == contributor_id))


def write_in(session: Session, contributor_id: str, language: str) -> None:
    """Write mails to a person in the language with this tag from now on."""
    session.execute(update(Contributor).where(Contributor.id == contributor_id).values(language=language))


def person_detail(session: Session, detail_id: str) -> PersonDetail:
    """One snapshot by its id; raises `PersonDetailUnknown` when there is none any more."""
    detail = session.get(PersonDetail, detail_id)
    if detail is None:
        raise PersonDetailUnknown("These details of a person do not exist here, or were erased.")
    return detail


def signer_for(session: Session, contributor_id: str, foundation_id: str, now: datetime) -> Signer:
    """The contributor's opaque name towards one foundation, made on first use."""
    query = select(Signer).where(Signer.contributor_id == contributor_id, Signer.foundation_id == foundation_id)
    signer = session.scalars(query).first()
    if signer is None:
        row = Signer(id=new_id("sgn"), contributor_id=contributor_id, foundation_id=foundation_id, created_at=now)
        insert_if_absent(session, row)
        signer = session.scalars(query).one()
    return signer


def known_identity(session: Session, provider: str, subject: str) -> Identity | None:
    """The identity of a provider's subject, if it was ever seen here."""
    query = select(Identity).where(Identity.provider == provider, Identity.subject == subject)
    return session.scalars(query).first()


def _identity_of(session: Session, claims: VerifiedClaims) -> Identity | None:
    return known_identity(session, claims.provider, claims.subject)


def _add_identity(session: Session, claims: VerifiedClaims, contributor_id: str, now: datetime) -> Identity:
    row = Identity(
        id=new_id("idn"),
        contributor_id=contributor_id,
        provider=claims.provider,
        subject=claims.subject,
        created_at=now,
        last_sign_in_at=now,
    )
    insert_if_absent(session, row)
    identity = _identity_of(session, claims)
    if identity is None:
        raise RuntimeError("the identity that was just inserted is gone")
    return identity


def _refresh(session: Session, identity: Identity, claims: VerifiedClaims, now: datetime) -> None:
    session.execute(update(Identity).where(Identity.id == identity.id).values(last_sign_in_at=now))
    last = newest_detail(session, identity.id)
    if last is not None and not (claims.name or claims.login or claims.email):
        return  # a bare token says less than the last sign-in did
    login = clean(claims.login, 255)
    name = clean(claims.name, 500) or login or f"Account {clean(claims.subject, 60)}"
    if last is not None and (last.name, last.login, last.email) == (name, login, claims.email):
        return
    if last is not None and last.recorded_at >= now:  # keep the order of snapshots whatever the clock does
        now = last.recorded_at + timedelta(microseconds=1)
    values = {
        "name": name,
        "login": login,
        "email": claims.email,
        "secret": secrets.token_bytes(32),
        "recorded_at": now,
    }
    session.add(PersonDetail(id=new_id("per"), identity_id=identity.id, **values))
    session.flush()


def clean(text: str, limit: int) -> str:
    """A provider's text made fit to show: NFC, without control or direction-changing characters, cut to `limit`."""
    kept = (
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    return "".join(kept).strip()[:limit]
