# SPDX-License-Identifier: Apache-2.0
"""CoverageService: was an account, a company or a file covered for a kind, under which version, at any time.

Only what was signed, published and logged by then counts, so the answer about a time never changes later. The service
never writes. Accounts are asked for by provider and subject alone: by address, strangers could guess who signed.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.agreements.lineage import Lineage
from app.agreements.service import AgreementService
from app.claims.queries import claimed
from app.companies.ledgers import ledgers_of
from app.companies.roster import Roster, fold
from app.contributions.service import ContributionService
from app.contributions.values import Covering
from app.coverage import deciding
from app.coverage.queries import company_ids, moment_asked, persons_at, size_then
from app.coverage.values import Coverage, KindAnswer
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
        info, when = self._projects.project(project), moment_asked(self._clock, at)
        lineages = self._lineages(info)
        with self._db.read() as session:
            key = provider, subject
            person = persons_at(session, info.foundation.id, [key], when).get(key)
            claims = claimed(session, info.id, [key], when).get(key, ())
            as_of = AsOf(size_then(session, at), when)
        answers = {each: deciding.of_account(person, lineages, each, when) for each in _asked(kind)}
        told = {each: deciding.or_claimed(answer, claims, lineages, each, when) for each, answer in answers.items()}
        return Coverage(info.slug, told, as_of)

    def of_login(self, project: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """The answer about any login: unknown, the same for those that are known here and for those that are not.

        What is known of a login is as old as the last sign-in with it; raises `ProjectUnknown` or `TimeUnfit`.
        """
        info, when = self._projects.project(project), moment_asked(self._clock, at)
        with self._db.read() as session:
            as_of = AsOf(size_then(session, at), when)
        return Coverage(info.slug, dict.fromkeys(_asked(kind), deciding.LOGIN_ONLY), as_of)

    def of_company(self, project: str, company_id: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a company's acceptance was in force; raises `ProjectUnknown` or `TimeUnfit`."""
        info, when = self._projects.project(project), moment_asked(self._clock, at)
        lineages = self._lineages(info)
        with self._db.read() as session:
            company = _company(session, info.foundation.id, company_id, when)
            as_of = AsOf(size_then(session, at), when)
        answers = {each: deciding.of_company(company, lineages, each, when) for each in _asked(kind)}
        return Coverage(info.slug, answers, as_of)

    def of_artifact(self, project: str, digest: str, kind: Kind | None, at: datetime | None) -> Coverage:
        """Whether a contribution of a file to a project was in force; raises as above, or `DigestInvalid`."""
        info, when = self._projects.project(project), moment_asked(self._clock, at)
        with self._db.read() as session:
            as_of = AsOf(size_then(session, at), when)
        listed = self._contributions.artifact_then(digest, as_of).contributions
        given = [each for each in listed if each.project == info.slug]
        return Coverage(info.slug, {each: _given(given, each) for each in _asked(kind)}, as_of)

    def _lineages(self, project: ProjectInfo) -> dict[str, Lineage]:
        return self._agreements.lineages(project.foundation.id)


def _asked(kind: Kind | None) -> tuple[Kind, ...]:
    return (kind,) if kind else KINDS


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
    basis = deciding.given_basis(standing[0])
    what = Worded(
        "It was given under %(slug)s %(version)s, log entry %(log_index)s, and that was in force.",
        slug=basis.slug,
        version=basis.version,
        log_index=basis.log_index,
    )
    return KindAnswer("covered", "covered", what, basis)
