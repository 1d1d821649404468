# SPDX-License-Identifier: Apache-2.0
"""The release by a second person: what somebody wants to give for a company is kept until then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.service import PublishedVersion
from app.companies import release_requests
from app.companies.changes import Account, Released
from app.companies.coverage import release_of
from app.companies.desk import Desk
from app.companies.document import answers_sha256
from app.companies.drafting import Wanted, draft
from app.companies.errors import CompanyUnknown, NotAllowed
from app.companies.ledgers import ledger_of, names_of, persons_of
from app.companies.models import Company, CompanyRelease
from app.companies.paths import covered
from app.companies.roster import Roster, fold
from app.companies.telling import info_of, who_is
from app.companies.values import ReleaseInfo
from app.platform.clock import is_id, new_id
from app.signing.errors import DeclarationsUnfit
from app.signing.ports import Actor, Gift
from app.signing.values import Office, SigningInfo
from mcla.artifacts.manifest import Manifest, parse_manifest
from mcla.statements.parts import Kind, TensorsRef
from mcla.terms.declarations import DeclarationsInvalid


class Releases:
    """The use cases of releases."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def version(self, actor: Actor, company_id: str, kind: str) -> PublishedVersion:
        """The version that this person gives files of this kind under for the company; raises as a draft does."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            row, ledger, _ = self._desk.part(session, actor, company_id, now)
            persons = persons_of(session, actor.contributor_id)
            found = covered(fold(ledger, now), row, persons, kind, self._desk.ports.settings.origin)
        return self._desk.ports.agreements.version_by_id(found.accepted.version_id)

    def ask(
        self,
        actor: Actor,
        company_id: str,
        project: str,
        kind: Kind,
        manifest: Manifest,
        answers: Mapping[str, Any],
        tensors: TensorsRef | None,
        agreement: str | None = None,
        office: Office | None = None,
    ) -> str:
        """Keep what an employee wants to give until somebody has released it; returns the request's id.

        With `agreement` it is to be offered under that one alone. Asking again for the same files finds the same
        request. Raises as `version` and `SigningService.covering_offer`, and `DeclarationsUnfit`.
        """
        version, now = self.version(actor, company_id, kind), self._desk.now()
        if agreement is not None:
            version = self._desk.signing.covering_offer(project, kind, agreement)
        try:
            answers = self._desk.ports.agreements.check_declarations(version, kind, answers)
        except DeclarationsInvalid as error:
            raise DeclarationsUnfit(error) from None
        gift, clock = Gift(project, kind, manifest.root, answers, agreement), self._desk.ports.clock
        with self._desk.ports.db.write() as session:
            row = release_requests.find(session, company_id, actor.contributor_id, gift)
            if row is None:
                row = _row(actor, company_id, gift, manifest, now)
                session.add(row)
            row.answers, row.tensors = dict(answers), tensors.to_dict() if tensors else None
            row.title, row.power = (office.title, office.power) if office else (None, None)
            release_requests.keep(session, clock, row, release_requests.ASKED)
            return row.id

    def clear_job(self, payload: Mapping[str, Any]) -> None:
        """The handler of `releases.clear`."""
        with self._desk.ports.db.write() as session:
            release_requests.clear(session, self._desk.ports.clock, payload)

    def one(self, actor: Actor, release_id: str) -> ReleaseInfo:
        """A request for release, for its giver and the company's managers; raises `CompanyUnknown`."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            row = session.get(CompanyRelease, release_id) if is_id(release_id) else None
            roster = fold(ledger_of(session, row.company_id if row else ""), now)
            if row is None or not (_own(row, actor) or roster.manages(actor.contributor_id)):
                raise CompanyUnknown("There is no request for release of that id that you may see.")
            return _asked(session, actor, row, roster)

    def waiting(self, actor: Actor, company_id: str) -> Sequence[ReleaseInfo]:
        """The requests that wait for a release, oldest first, for the company's managers."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            query = select(CompanyRelease).where(CompanyRelease.company_id == company_id)
            roster = fold(ledger_of(session, company_id), now)
            rows = session.scalars(query.order_by(CompanyRelease.created_at)).all()
            every = (
                [_asked(session, actor, row, roster) for row in rows] if roster.manages(actor.contributor_id) else []
            )
        return [each for each in every if not each.released]

    def draft_release(self, actor: Actor, release_id: str, reason: str, key_holder: str) -> SigningInfo:
        """The release that a second person would sign."""
        asked = self.one(actor, release_id)
        answers = answers_sha256(asked.answers)
        given = asked.manifest.root, answers, asked.giver.account
        change = Released(asked.project, asked.kind, *given, asked.agreement)
        return draft(self._desk, Wanted(actor, asked.company.id, change, reason.strip(), key_holder))

    def draft_gift(self, actor: Actor, release_id: str, key_holder: str) -> SigningInfo:
        """The giver's own statement of what was released; raises as `SigningService.draft_contribution`."""
        asked = self.one(actor, release_id)
        if not asked.mine:
            raise NotAllowed("Only who asked for the release gives these files.")
        return self._desk.signing.draft_contribution(
            actor,
            asked.project,
            asked.kind,
            asked.manifest.files,
            asked.answers,
            key_holder,
            TensorsRef(**asked.tensors) if asked.tensors else None,
            company_id=asked.company.id,
            agreement=asked.agreement,
            office=asked.office,
        )


def _row(actor: Actor, company_id: str, gift: Gift, manifest: Manifest, now: datetime) -> CompanyRelease:
    return CompanyRelease(
        id=new_id("rel"),
        company_id=company_id,
        contributor_id=actor.contributor_id,
        provider=actor.provider,
        subject=actor.subject,
        project=gift.project,
        kind=gift.kind,
        root=gift.root,
        manifest=manifest.to_bytes(),
        agreement=gift.agreement,
        created_at=now,
    )


def _own(row: CompanyRelease, actor: Actor) -> bool:
    return row.contributor_id == actor.contributor_id


def _asked(session: Session, actor: Actor, row: CompanyRelease, roster: Roster) -> ReleaseInfo:
    account, kind = Account(row.provider, row.subject), cast("Kind", row.kind)
    wanted = Released(row.project, kind, row.root, answers_sha256(row.answers), account, row.agreement)
    return ReleaseInfo(
        id=row.id,
        company=info_of(session, session.get_one(Company, row.company_id)),
        giver=who_is(account, names_of(session, [account])),
        mine=_own(row, actor),
        project=row.project,
        kind=kind,
        manifest=parse_manifest(row.manifest),
        answers=row.answers,
        tensors=row.tensors,
        created_at=row.created_at,
        released=release_of(roster, wanted) is not None,
        agreement=row.agreement,
        office=Office(row.title, row.power) if row.title and row.power else None,
    )
