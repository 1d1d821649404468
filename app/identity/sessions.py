# SPDX-License-Identifier: Apache-2.0
"""Browser sessions: begun at sign-in with a new secret, seen and ended by their owner, read at every request.

The cookie holds the secret and the row its SHA-256. Nothing is cached: an ended session is over at once, everywhere.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.identity import people
from app.identity.errors import SessionUnknown
from app.identity.models import AccessToken, AuthorizationCode, Identity, LoginFlow, WebSession
from app.identity.ports import Actor
from app.identity.secret import at_rest, new_secret
from app.identity.sql import changed_rows
from app.platform.clock import is_id, new_id

NO_SESSION = "You have no session of that id."
SEEN_EVERY = timedelta(minutes=5)
"""How stale `last_seen_at` may be: a write at every request would be a lock at every request."""


def begin(session: Session, identity_id: str, browser: str, signed_in_at: datetime, expires_at: datetime) -> str:
    """A new session; returns its secret, which is stored nowhere."""
    secret = new_secret()
    session.add(
        WebSession(
            id=new_id("ses"),
            secret_sha256=at_rest(secret),
            identity_id=identity_id,
            browser=people.clean(browser, 80),
            signed_in_at=signed_in_at,
            last_seen_at=signed_in_at,
            expires_at=expires_at,
        )
    )
    session.flush()
    return secret


def find(session: Session, secret: str, now: datetime) -> WebSession | None:
    """The live session of a cookie's secret."""
    query = select(WebSession).where(WebSession.secret_sha256 == at_rest(secret))
    row = session.scalars(query).first()
    return row if row is not None and row.ended_at is None and row.expires_at > now else None


def actor_of(session: Session, row: WebSession | AccessToken) -> Actor | None:
    """The person behind a live session or token; None when the person's details were erased."""
    identity = session.get_one(Identity, row.identity_id)
    detail = people.newest_detail(session, identity.id)
    if detail is None:
        return None
    is_session = isinstance(row, WebSession)
    return Actor(
        contributor_id=identity.contributor_id,
        identity_id=identity.id,
        person_detail_id=detail.id,
        provider=identity.provider,
        subject=identity.subject,
        name=detail.name,
        login=detail.login,
        email=detail.email,
        session_id=row.id if is_session else None,
        signed_in_at=row.signed_in_at if isinstance(row, WebSession) else row.created_at,
    )


def live(session: Session, contributor_id: str, now: datetime) -> list[WebSession]:
    """A person's sessions that still work, newest first."""
    query = select(WebSession).join(Identity, Identity.id == WebSession.identity_id)
    query = query.where(
        Identity.contributor_id == contributor_id, WebSession.ended_at.is_(None), WebSession.expires_at > now
    )
    return list(session.scalars(query.order_by(WebSession.signed_in_at.desc(), WebSession.id)))


def touch(session: Session, session_id: str, now: datetime) -> None:
    session.execute(update(WebSession).where(WebSession.id == session_id).values(last_seen_at=now))


def end(session: Session, contributor_id: str, session_id: str, now: datetime) -> None:
    """End one of a person's own sessions; raises `SessionUnknown` for an unknown one and for another person's alike."""
    if not is_id(session_id):
        raise SessionUnknown(NO_SESSION)
    owner = select(Identity.id).where(Identity.contributor_id == contributor_id)
    change = update(WebSession).where(WebSession.id == session_id, WebSession.identity_id.in_(owner))
    if changed_rows(session, change.where(WebSession.ended_at.is_(None)).values(ended_at=now)) != 1:
        raise SessionUnknown(NO_SESSION)


def end_secret(session: Session, secret: str, now: datetime) -> None:
    """End the session of a cookie, if it is one."""
    change = update(WebSession).where(WebSession.secret_sha256 == at_rest(secret), WebSession.ended_at.is_(None))
    session.execute(change.values(ended_at=now))


def end_everything(session: Session, identity_ids: list[str], now: datetime) -> int:
    """End every session, token and unused code of these identities; returns how many sessions were ended."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.identity_id.in_(identity_ids), AccessToken.ended_at.is_(None))
        .values(ended_at=now)
    )
    unused = update(AuthorizationCode).where(
        AuthorizationCode.identity_id.in_(identity_ids), AuthorizationCode.used_at.is_(None)
    )
    session.execute(unused.values(used_at=now))
    return changed_rows(
        session,
        update(WebSession)
        .where(WebSession.identity_id.in_(identity_ids), WebSession.ended_at.is_(None))
        .values(ended_at=now),
    )


def cut_short(session: Session, over: datetime) -> None:
    """End everybody's sessions, flows, codes and tokens: the clock was set back, so their ends came no nearer."""
    for table in (WebSession, LoginFlow, AuthorizationCode, AccessToken):
        session.execute(update(table).where(table.expires_at > over).values(expires_at=over))
