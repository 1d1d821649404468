# SPDX-License-Identifier: Apache-2.0
"""CoverageService: was an account, a company or a file covered for a kind, under which version, at any time.

Only what was signed, published and logged by then counts, so the answer about a time never changes later. The service
never writes. Accounts are asked for by provider and subject alone: by address, strangers could guess who signed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.agreements.lineage import Lineage
from app.agreements.service import AgreementService
from app.companies.ledgers import companies_of, ledgers_of, persons_of
from app.companies.roster import Roster, fold
from app.contributions.queries import log_size
from app.contributions.service import ContributionService
from app.contributions.values import Covering
from app.coverage import deciding
from app.coverage.errors import TimeUnfit
from app.coverage.queries import acceptances_of, company_ids, identity_of, size_at
from app.coverage.values import Basis, Coverage, KindAnswer
from app.platform.clock import Clock, is_id
from app.platform.db import Database
from app.projects.service import ProjectInfo, ProjectService
from mcla.terms import KINDS, Kind
from mcla.verify.standing import AsOf
from mcla.wording import Worded


class CoverageService:
    """Coverage of one service; each question takes a constant number of statements, and a few more about the past."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        projects: ProjectService,
        agreements: AgreementService,
        contributions: ContributionService,
    ) -> None:
        self._db, self._clock, self._projects, self._agreements = db, clock, projects, agreements
        self._contributions = contributions

    def of_account(self, project: str, provider: str, subject: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether the owner of an account could give to a project; raises `ProjectUnknown` or `TimeUnfit`."""
        info, when = self._projects.project(project), self._when(at)
        lineages = self._lineages(info)
        with self._db.read() as session:
            person = _person(session, info.foundation.id, provider, subject, when)
            as_of = AsOf(self._size(session, at), when)
        answers = {each: deciding.of_account(person, lineages, each, when) for each in _asked(kind)}
        return Coverage(info.slug, answers, as_of)

    def of_company(self, project: str, company_id: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a company's acceptance was in force; raises `ProjectUnknown` or `TimeUnfit`."""
        info, when = self._projects.project(project), self._when(at)
        lineages = self._lineages(info)
        with self._db.read() as session:
            company = _company(session, info.foundation.id, company_id, when)
            as_of = AsOf(self._size(session, at), when)
        answers = {each: deciding.of_company(company, lineages, each, when) for each in _asked(kind)}
        return Coverage(info.slug, answers, as_of)

    def of_artifact(self, project: str, digest: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a contribution of a file to a project was in force; raises as above, or `DigestInvalid`."""
        info, when = self._projects.project(project), self._when(at)
        with self._db.read() as session:
            as_of = AsOf(self._size(session, at), when)
        listed = self._contributions.artifact_then(digest, as_of).contributions
        given = [each for each in listed if each.project == info.slug]
        return Coverage(info.slug, {each: _given(given, each) for each in _asked(kind)}, as_of)

    def _lineages(self, project: ProjectInfo) -> dict[str, Lineage]:
        offered = self._agreements.agreements()
        of_foundation: Iterable[str] = (each.slug for each in offered if each.foundation_id == project.foundation.id)
        return {slug: self._agreements.lineage(slug) for slug in of_foundation}

    def _size(self, session: Session, at: datetime | None) -> int:
        size = log_size(session)
        return size if at is None else size_at(session, size, at)

    def _when(self, at: datetime | None) -> datetime:
        now = self._clock.now()
        if at is None:
            return now
        if at.tzinfo is None:
            raise TimeUnfit(Worded("expected a time with its zone, got %(isoformat)s", isoformat=at.isoformat()))
        if at > now:
            raise TimeUnfit(Worded("expected a time that has come, got %(isoformat)s", isoformat=at.isoformat()))
        return at


def _asked(kind: Kind | None) -> tuple[Kind, ...]:
    return (kind,) if kind else KINDS


def _person(
    session: Session, foundation_id: str, provider: str, subject: str, at: datetime
) -> deciding.PersonThen | None:
    """What the owner of an account had accepted and which companies may have listed them; None for no such account."""
    identity = identity_of(session, provider, subject)
    if identity is None or identity.created_at > at:
        return None
    persons = persons_of(session, identity.contributor_id)
    known = company_ids(session, companies_of(session, persons), foundation_id)
    ledgers = tuple(ledgers_of(session, known).values()) if known else ()
    accepted = tuple(acceptances_of(session, identity, foundation_id, at))
    return deciding.PersonThen(accepted, ledgers, tuple(each.account for each in persons))


def _company(session: Session, foundation_id: str, company_id: str, at: datetime) -> Roster | None:
    """A company of this foundation as it was; None for no such company."""
    known = company_ids(session, [company_id] if is_id(company_id) else [], foundation_id)
    return fold(ledgers_of(session, known)[company_id], at) if known else None


def _given(listed: Sequence[Covering], kind: Kind) -> KindAnswer:
    """The answer on the contributions to one project that list a file."""
    given = [each for each in listed if each.kind == kind]
    if not given:
        return deciding.UNKNOWN_ARTIFACT
    standing = [each for each in given if each.verdict == "verified" and each.standing.state == "in-force"]
    if not standing:
        first = given[0]
        said = first.standing.sentence if first.verdict == "verified" else first.reasons[0].message
        return KindAnswer("not-covered", f"contribution-{first.standing.state}", said)
    basis = _basis(standing[0])
    what = f"It was given under {basis.slug} {basis.version}, log entry {basis.log_index}, and that was in force."
    return KindAnswer("covered", "covered", what, basis)


def _basis(covering: Covering) -> Basis:
    agreement = covering.agreement
    answered = (covering.offer or {}).get("answered")
    since = datetime.fromisoformat(answered["time"] if answered else covering.time)
    return Basis(
        "contribution", agreement["slug"], agreement["version"], agreement["digest"], covering.log_index, since
    )
