# SPDX-License-Identifier: Apache-2.0
"""CoverageService: was an account, a company or a file covered for a kind, under which version, at any time.

Only what was signed, published and logged by then counts, so the answer about a time never changes later. The service
never writes. Accounts are asked for by provider and subject alone: by address, strangers could guess who signed.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.agreements.lineage import Lineage
from app.agreements.service import AgreementService
from app.companies.ledgers import companies_of, ledgers_of, persons_of
from app.companies.roster import fold
from app.contributions.queries import log_size
from app.contributions.service import ContributionService
from app.contributions.values import ArtifactAnswer, Covering
from app.coverage import deciding
from app.coverage.errors import TimeUnfit
from app.coverage.queries import acceptances_of, company_ids, identity_of, size_at
from app.coverage.values import Basis, Coverage, KindAnswer
from app.platform.clock import Clock, is_id
from app.platform.db import Database
from app.projects.service import ProjectInfo, ProjectService
from mcla.terms import KINDS, Kind
from mcla.verify.standing import AsOf

Answerer = Callable[[Kind], KindAnswer]


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
            answer = self._account(session, info, lineages, provider, subject, when)
            return _coverage(info, answer, kind, AsOf(self._size(session, at), when))

    def of_company(self, project: str, company_id: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a company's acceptance was in force; raises `ProjectUnknown` or `TimeUnfit`."""
        info, when = self._projects.project(project), self._when(at)
        lineages = self._lineages(info)
        with self._db.read() as session:
            known = company_ids(session, [company_id] if is_id(company_id) else [], info.foundation.id)
            if known:
                accepted = fold(ledgers_of(session, known)[company_id], when).accepted
                answer: Answerer = lambda one: deciding.of_company(accepted, lineages, one, when)  # noqa: E731
            else:
                answer = lambda _: deciding.UNKNOWN_COMPANY  # noqa: E731
            return _coverage(info, answer, kind, AsOf(self._size(session, at), when))

    def of_artifact(self, project: str, digest: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a contribution of a file to a project was in force; raises as above, or `DigestInvalid`."""
        info, when = self._projects.project(project), self._when(at)
        with self._db.read() as session:
            size = self._size(session, at)
        found = self._contributions.artifact_then(digest, AsOf(size, when))
        return _coverage(info, _artifact(found, info), kind, AsOf(size, when))

    def _account(
        self,
        session: Session,
        project: ProjectInfo,
        lineages: dict[str, Lineage],
        provider: str,
        subject: str,
        at: datetime,
    ) -> Answerer:
        identity = identity_of(session, provider, subject)
        if identity is None or identity.created_at > at:
            return lambda _: deciding.UNKNOWN_ACCOUNT
        accepted = acceptances_of(session, identity, project.foundation.id, at)
        persons = persons_of(session, identity.contributor_id)
        known = company_ids(session, companies_of(session, persons), project.foundation.id)
        ledgers = [*ledgers_of(session, known).values()] if known else []
        accounts = [each.account for each in persons]

        def answer(kind: Kind) -> KindAnswer:
            own = deciding.of_person(accepted, lineages, kind, at)
            if own.word == "covered":
                return own
            return deciding.of_employee(ledgers, lineages, accounts, own, kind, at) or own

        return answer

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
            raise TimeUnfit(f"expected a time with its zone, got {at.isoformat()}")
        if at > now:
            raise TimeUnfit(f"expected a time that has come, got {at.isoformat()}")
        return at


def _coverage(project: ProjectInfo, answer: Answerer, kind: Kind | None, as_of: AsOf) -> Coverage:
    return Coverage(project.slug, {each: answer(each) for each in ((kind,) if kind else KINDS)}, as_of)


def _artifact(found: ArtifactAnswer, project: ProjectInfo) -> Answerer:
    these = [each for each in found.contributions if each.project == project.slug]

    def answer(kind: Kind) -> KindAnswer:
        given = [each for each in these if each.kind == kind]
        if not given:
            return deciding.UNKNOWN_ARTIFACT
        standing = [each for each in given if each.verdict == "verified" and each.standing.state == "in-force"]
        if not standing:
            first = given[0]
            said = first.standing.sentence if first.verdict == "verified" else first.reasons[0].message
            return KindAnswer("not-covered", f"contribution-{first.standing.state}", said)
        basis = _given(standing[0])
        what = f"It was given under {basis.slug} {basis.version}, log entry {basis.log_index}, and that was in force."
        return KindAnswer("covered", "covered", what, basis)

    return answer


def _given(covering: Covering) -> Basis:
    agreement = covering.agreement
    since = datetime.fromisoformat(covering.time)
    return Basis(
        "contribution", agreement["slug"], agreement["version"], agreement["digest"], covering.log_index, since
    )
