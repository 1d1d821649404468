# SPDX-License-Identifier: Apache-2.0
"""A forge's word for a job, exchanged for a token of the project that lives ten minutes (after RFC 8693).

So a project's CI keeps no secret. Each ID token works once, and only under a rule of the project that names what it
says: issuer, audience (this service), signature, times and every claim of the rule are compared exactly.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.identity.errors import IdentityError, IdTokenInvalid
from app.identity.idtoken import peek_issuer
from app.identity.secret import at_rest
from app.identity.used import use_up
from app.platform.clock import Clock, is_id, new_id
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.platform.scopes import Scope, TokenScopeMissing
from app.projects.models import Project
from app.projects.service import ProjectInfo
from app.tokens.errors import (
    JobNotTrusted,
    TrustAway,
    TrustIssuerUnknown,
    WorkloadIssuerAway,
    WorkloadTokenInvalid,
    WorkloadTokenUsed,
)
from app.tokens.issuers import WorkloadClaims, WorkloadIssuer
from app.tokens.models import ProjectToken, WorkloadTrust
from app.tokens.secret import new_token
from app.tokens.trust import TrustRule, check_rule, unmatched
from app.tokens.values import read_scopes, told
from mcla.wording import Worded

LIFE = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long a token's row outlives it."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A token for a job, told once; `expires_in` in seconds."""

    secret: str
    scopes: frozenset[Scope]
    expires_in: int


class WorkloadDesk:
    """The rules of projects, and the exchange by them; `audience` is what an ID token must be made for."""

    def __init__(
        self, db: Database, clock: Clock, watch: ClockWatch, issuers: Mapping[str, WorkloadIssuer], audience: str
    ) -> None:
        self._db, self._clock, self._watch = db, clock, watch
        self._issuers, self._audience = issuers, audience

    @property
    def issuers(self) -> list[str]:
        """The issuers that a rule can trust."""
        return list(self._issuers)

    def trust(
        self, project: ProjectInfo, issuer: str, claims: Mapping[str, str], scopes: frozenset[Scope], made_by: str
    ) -> TrustRule:
        """Make a rule; raises `TrustIssuerUnknown` or `TrustUnfit`."""
        if issuer not in self._issuers:
            known = ", ".join(self._issuers)
            raise TrustIssuerUnknown(
                Worded("Expected one of %(known)s, got %(issuer)s.", known=known, issuer=issuer[:200])
            )
        check_rule(issuer, claims, scopes)
        row = WorkloadTrust(
            id=new_id("wtr"),
            project_id=project.id,
            issuer=issuer,
            claims=json.dumps(claims, sort_keys=True),
            scopes=told(scopes),
            made_by=made_by,
            created_at=self._clock.now(),
        )
        with self._db.write() as session:
            session.add(row)
        return _rule(row, project.slug, project.foundation.id)

    def rules(self, foundation_ids: Sequence[str] | None = None) -> list[TrustRule]:
        """The rules of these foundations' projects, None for all: those in force first, then by project."""
        query = _of(foundation_ids).order_by(Project.slug, WorkloadTrust.created_at, WorkloadTrust.id)
        with self._db.read() as session:
            found = [_rule(*each) for each in session.execute(query)]
        return sorted(found, key=lambda each: each.ended_at is not None)

    def end(self, trust_id: str, ended_by: str, foundation_ids: Sequence[str] | None = None) -> TrustRule:
        """End a rule and every token that came of it, at once; again changes nothing. Raises `TrustAway`."""
        if not is_id(trust_id):
            raise TrustAway("There is no such rule.")
        now = self._clock.now()
        with self._db.write() as session:
            found = session.execute(_of(foundation_ids).where(WorkloadTrust.id == trust_id)).first()
            if found is None:
                raise TrustAway("There is no such rule.")
            if found[0].ended_at is None:
                found[0].ended_at, found[0].ended_by = now, ended_by
            of_it = update(ProjectToken).where(ProjectToken.trust_id == trust_id, ProjectToken.ended_at.is_(None))
            session.execute(of_it.values(ended_at=now, ended_by=ended_by))
            return _rule(*found)

    def exchange(self, project: ProjectInfo, token: str, scopes: frozenset[Scope] | None = None) -> Exchanged:
        """A token of the project for a forge's ID token, with `scopes` or all that one rule gives.

        Raises `WorkloadTokenInvalid`, `JobNotTrusted`, `TokenScopeMissing`, `WorkloadTokenUsed`, `WorkloadIssuerAway`.
        """
        rules = self._rules_of(project, _issuer_of(token))
        checked = self._check(rules[0].issuer, token)
        rule = _fitting(rules, checked, scopes)
        self._watch.look()
        secret, granted = new_token(), scopes or rule.scopes
        with self._db.write() as session:
            self._issue(session, project, rule, checked, secret, granted)
        return Exchanged(secret, granted, int(LIFE.total_seconds()))

    def _rules_of(self, project: ProjectInfo, issuer: str) -> list[TrustRule]:
        query = _of(None).where(WorkloadTrust.project_id == project.id, WorkloadTrust.ended_at.is_(None))
        with self._db.read() as session:
            found = [_rule(*each) for each in session.execute(query.order_by(WorkloadTrust.created_at))]
        of_issuer = [each for each in found if each.issuer == issuer and issuer in self._issuers]
        if not of_issuer:  # before anybody is asked over the network
            raise JobNotTrusted(f"No rule of {project.slug} trusts this token's issuer.")
        return of_issuer

    def _check(self, issuer: str, token: str) -> WorkloadClaims:
        try:
            return self._issuers[issuer].check(token, self._audience)
        except IdTokenInvalid as error:
            raise WorkloadTokenInvalid(error.message) from error
        except IdentityError as error:
            raise WorkloadIssuerAway(f"The token's issuer cannot be asked for its keys. {error.message}") from error

    def _issue(
        self,
        session: Session,
        project: ProjectInfo,
        rule: TrustRule,
        checked: WorkloadClaims,
        secret: str,
        scopes: frozenset[Scope],
    ) -> None:
        now = self._clock.now()
        row = session.get_one(WorkloadTrust, rule.id, with_for_update=True)
        if row.ended_at is not None:
            raise JobNotTrusted(f"The rule of {project.slug} that trusted this token was just ended.")
        if not use_up(session, checked, now):
            raise WorkloadTokenUsed("This ID token was exchanged before; each one works once.")
        row.last_used_at = datetime.combine(now.date(), time.min, UTC)
        over = ProjectToken.trust_id.is_not(None), ProjectToken.expires_at <= now - KEPT
        session.execute(delete(ProjectToken).where(*over))
        session.add(
            ProjectToken(
                id=new_id("ptk"),
                project_id=project.id,
                token_sha256=at_rest(secret),
                trust_id=rule.id,
                label="",
                scopes=told(scopes),
                made_by=rule.id,
                created_at=now,
                expires_at=now + LIFE,
                last_used_at=row.last_used_at,
            )
        )


def cut_short(session: Session, over: datetime) -> None:
    """End the tokens of jobs: the clock was set back. Those of people have months, which a clock does not double."""
    of_jobs = ProjectToken.trust_id.is_not(None), ProjectToken.expires_at > over
    session.execute(update(ProjectToken).where(*of_jobs).values(expires_at=over))


def _issuer_of(token: str) -> str:
    """The issuer that a token claims, unchecked: only to find the keys that it is then checked with."""
    try:
        return peek_issuer(token)[0]
    except IdTokenInvalid as error:
        raise WorkloadTokenInvalid(error.message) from error


def _fitting(rules: Sequence[TrustRule], checked: WorkloadClaims, scopes: frozenset[Scope] | None) -> TrustRule:
    """The one rule that the new token rests on; the one that gives most where nobody said how much."""
    missing = {rule.id: unmatched(rule, checked.claims) for rule in rules}
    trusting = [rule for rule in rules if not missing[rule.id]]
    if not trusting:
        nearest = min(missing.values(), key=len)
        raise JobNotTrusted(
            f"No rule of {rules[0].project} trusts this token; of the nearest, {', '.join(nearest)} differ."
        )
    giving = [rule for rule in trusting if scopes is None or scopes <= rule.scopes]
    if not giving:
        raise TokenScopeMissing("No single rule that trusts this token gives all of these scopes.")
    return max(giving, key=lambda rule: len(rule.scopes))


def _of(foundation_ids: Sequence[str] | None) -> Select[WorkloadTrust, str, str]:
    """Rules with their project's slug and foundation, of these foundations or of all."""
    query = select(WorkloadTrust, Project.slug, Project.foundation_id)
    query = query.join(Project, Project.id == WorkloadTrust.project_id)
    return query if foundation_ids is None else query.where(Project.foundation_id.in_(foundation_ids))


def _rule(row: WorkloadTrust, project: str, foundation_id: str) -> TrustRule:
    return TrustRule(
        id=row.id,
        project=project,
        foundation_id=foundation_id,
        issuer=row.issuer,
        claims=tuple(sorted(json.loads(row.claims).items())),
        scopes=read_scopes(row.scopes),
        made_by=row.made_by,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
    )
