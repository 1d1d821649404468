# SPDX-License-Identifier: Apache-2.0
"""TokenService: a project's tokens are made, shown once, listed, ended, and believed when a request brings one.

A token is found by its digest, so that comparing takes no longer for a near miss. It is never logged.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta

import structlog
from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.identity.secret import at_rest
from app.platform.clock import Clock, is_id, new_id
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database, OutcomeUnknown
from app.platform.scopes import Scope
from app.projects.models import Project
from app.projects.service import ProjectInfo
from app.tokens.errors import TokenAway, TokenEnded, TokenExpired, TokenMalformed, TokenNotKnown, TokenUnfit
from app.tokens.models import ProjectToken
from app.tokens.secret import is_well_formed, new_token
from app.tokens.values import NewToken, PresentedToken, TokenInfo, read_scopes, told
from mcla.wording import Worded

DAYS, MAX_DAYS, MAX_LABEL = 90, 366, 100
log = structlog.get_logger()


class TokenService:
    """The tokens of the projects of this service."""

    def __init__(self, db: Database, clock: Clock, watch: ClockWatch) -> None:
        self._db, self._clock, self._watch = db, clock, watch

    def create(
        self, project: ProjectInfo, scopes: Collection[Scope], made_by: str, *, days: int = DAYS, label: str = ""
    ) -> NewToken:
        """Make a token that works for `days` days; raises `TokenUnfit`. Its secret is in the answer alone."""
        _check(scopes, days, label)
        self._watch.look()
        secret, now = new_token(), self._clock.now()
        row = ProjectToken(
            id=new_id("ptk"),
            project_id=project.id,
            token_sha256=at_rest(secret),
            label=label,
            scopes=told(frozenset(scopes)),
            made_by=made_by,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        with self._db.write() as session:
            session.add(row)
        return NewToken(_info(row, project.slug, project.foundation.id), secret)

    def tokens(self, foundation_ids: Sequence[str] | None = None) -> list[TokenInfo]:
        """The tokens that people made for these foundations' projects, None for all: those that work first."""
        query = (
            _of(foundation_ids)
            .where(ProjectToken.trust_id.is_(None))
            .order_by(Project.slug, ProjectToken.created_at, ProjectToken.id)
        )
        now = self._clock.now()
        with self._db.read() as session:
            found = [_info(*each) for each in session.execute(query)]
        return sorted(found, key=lambda each: each.state(now) != "in-use")

    def end(self, token_id: str, ended_by: str, foundation_ids: Sequence[str] | None = None) -> TokenInfo:
        """End a token from the next request on; again changes nothing. Raises `TokenAway`, also for others' tokens."""
        if not is_id(token_id):
            raise TokenAway("There is no such token.")
        with self._db.write() as session:
            found = session.execute(_of(foundation_ids).where(ProjectToken.id == token_id)).first()
            if found is None:
                raise TokenAway("There is no such token.")
            row = found[0]
            if row.ended_at is None:
                row.ended_at, row.ended_by = self._clock.now(), ended_by
            return _info(*found)

    def present(self, secret: str) -> PresentedToken:
        """The token of a request; raises `TokenMalformed`, `TokenNotKnown`, `TokenEnded` or `TokenExpired`."""
        if not is_well_formed(secret):
            raise TokenMalformed("The token has a typo or is cut off: its check sum does not fit.")
        self._watch.look()
        now = self._clock.now()
        with self._db.read() as session:
            found = session.execute(_of(None).where(ProjectToken.token_sha256 == at_rest(secret))).first()
        if found is None:
            raise TokenNotKnown("This service does not know the token.")
        row, slug, _ = found
        state = _info(*found).state(now)
        if state == "ended":
            raise TokenEnded("The token was ended.")
        if state == "expired":
            raise TokenExpired(f"The token expired on {row.expires_at:%Y-%m-%d}.")
        self._note_use(row, now)
        return PresentedToken(row.id, slug, read_scopes(row.scopes))

    def _note_use(self, row: ProjectToken, now: datetime) -> None:
        today = datetime.combine(now.date(), time.min, UTC)
        if row.last_used_at is not None and row.last_used_at >= today:
            return
        unused = or_(ProjectToken.last_used_at.is_(None), ProjectToken.last_used_at < today)
        change = update(ProjectToken).where(ProjectToken.id == row.id, unused)
        try:
            with self._db.write() as session:
                session.execute(change.values(last_used_at=today))
        except (
            SQLAlchemyError,
            OutcomeUnknown,
        ) as error:  # a full disk stops no reader
            log.warning("token.use_not_noted", token=row.id, failure=type(error).__name__)


def _check(scopes: Collection[Scope], days: int, label: str) -> None:
    if not scopes:
        raise TokenUnfit("Expected at least one scope, got none.")
    if not 1 <= days <= MAX_DAYS:
        raise TokenUnfit(Worded("Expected 1 to %(most)s days, got %(days)s.", most=MAX_DAYS, days=days))
    if len(label) > MAX_LABEL or not label.isprintable():
        raise TokenUnfit(Worded("Expected a label of at most %(most)s printable characters.", most=MAX_LABEL))


def _of(foundation_ids: Sequence[str] | None) -> Select[ProjectToken, str, str]:
    """Tokens with their project's slug and foundation, of these foundations or of all."""
    query = select(ProjectToken, Project.slug, Project.foundation_id)
    query = query.join(Project, Project.id == ProjectToken.project_id)
    return query if foundation_ids is None else query.where(Project.foundation_id.in_(foundation_ids))


def _info(row: ProjectToken, project: str, foundation_id: str) -> TokenInfo:
    return TokenInfo(
        id=row.id,
        project=project,
        foundation_id=foundation_id,
        label=row.label,
        scopes=read_scopes(row.scopes),
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
    )
