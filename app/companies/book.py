# SPDX-License-Identifier: Apache-2.0
"""CompanyBook: the adapter of `app.signing.ports.Companies`; asks again, and stores what is signed for a company.

Everything here runs in the transaction that signs, under the company's lock: of two changes at once the second is
decided upon what the first has left. Nothing is ever changed or deleted in the list of events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.agreements.models import Agreement
from app.agreements.render import Consent
from app.agreements.service import PublishedVersion
from app.companies import release_requests
from app.companies.addresses import compared
from app.companies.changes import Account, EntryAdded, ManagerInvited, ManagerJoined, ParticularsChanged, Released
from app.companies.coverage import Covered, release_of, why_not
from app.companies.deciding import decide
from app.companies.document import answers_sha256, parse_document
from app.companies.errors import (
    CompanyNotInForce,
    CompanyUnknown,
    ReleaseNeeded,
)
from app.companies.founding import found, refuse_acceptance
from app.companies.ledgers import company_of, ledger_of, persons_of
from app.companies.models import Company, CompanyEntry, CompanyEvent, CompanyInvitation
from app.companies.particulars import lock_foundation, refuse_named_otherwise, take
from app.companies.paths import covered
from app.companies.roster import Person, Place, Roster, fold
from app.companies.telling import acts_for
from app.companies.words import consent_to
from app.identity import memberships
from app.identity.models import Identity, PersonDetail, Signer
from app.identity.sql import changed_rows
from app.platform.clock import Clock, is_id
from app.platform.settings import Settings
from app.projects.staff import is_staff
from app.signing.errors import AgreementNotSigned
from app.signing.ids import result_id
from app.signing.in_force import acceptances
from app.signing.models import Signing
from app.signing.ports import CompanyPath, Gift, Recorded
from app.signing.values import CompanyFacts
from mcla.statements.company import AffiliationRef, CompanyRef
from mcla.statements.parts import AcceptanceRef, Kind
from mcla.statements.statement import Acceptance, AnyStatement, CompanyChange, Contribution
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class _Way:
    """A company as it is now, and what covers somebody in it."""

    company: Company
    roster: Roster
    covered: Covered


class CompanyBook:
    """The adapter; it holds no state."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def refuse_acceptance(
        self, session: Session, company: CompanyFacts, published: PublishedVersion, contributor_id: str
    ) -> None:
        """Raise `CompanyNameUnfit` or `CompanyKnown` if this person cannot sign this version for this company."""
        refuse_acceptance(session, company, published, contributor_id)

    def path(self, session: Session, contributor_id: str, company_id: str, kind: str, now: datetime) -> CompanyPath:
        """On what this person may give this kind for the company now.

        Raises `CompanyUnknown`, `CompanyNotInForce`, `NotAffiliated`, `AddressNotVerified` or `AgreementNotSigned`.
        """
        way = self._way(session, contributor_id, company_id, kind, now)
        accepted, row = way.covered.accepted, way.company
        known = row.name, row.jurisdiction, row.registration
        return CompanyPath(accepted.version_id, _reference(accepted.place), *known)

    def affiliation(
        self, session: Session, contributor_id: str, company_id: str, gift: Gift, now: datetime
    ) -> AffiliationRef:
        """The records that let this person give exactly this; raises as `path`, and `ReleaseNeeded`."""
        way = self._way(session, contributor_id, company_id, gift.kind, now)
        released = release_of(way.roster, _to_release(gift, way.covered.account))
        if released is None and gift.kind in way.roster.release_kinds:
            wants = Worded(
                "%(name)s wants a second person to release this (%(kind)s) before it is given.",
                name=way.company.name,
                kind=gift.kind,
            )
            ask_url = f"{self._settings.origin}/api/v1/companies/{company_id}/releases"
            raise ReleaseNeeded(wants, company=company_id, ask_url=ask_url)
        confirmed = _reference(way.covered.affiliation.place)
        return AffiliationRef(confirmed, _reference(released.place) if released else None)

    def may_take_back(
        self, session: Session, given: Contribution, contributor_id: str, now: datetime, *, giver: bool
    ) -> bool:
        """Whether this person may take back for the company what was given for it; its `giver` while still listed."""
        assert given.company is not None  # noqa: S101 - the caller asks of what was given for a company
        ledger = ledger_of(session, company_of(session, given.company.confirmed.statement).id)
        roster = fold(ledger, ledger.reached(now))
        if acts_for(ledger, roster, contributor_id):
            return True
        accounts = [each.account for each in persons_of(session, contributor_id)]
        return giver and why_not(roster, accounts, given.kind) is None

    def hold(self, session: Session, statement: AnyStatement) -> None:
        """Let nobody change the company that this was given for until the transaction ends; nothing for other
        statements."""
        if isinstance(statement, Contribution) and statement.company is not None:
            _lock(session, company_of(session, statement.company.confirmed.statement).id)

    def sign(self, session: Session, row: Signing, statement: AnyStatement, now: datetime) -> None:
        """Ask again and store; raises what drafting it raised, for what happened meanwhile.

        Nothing for a withdrawal: whoever ends asks `may_take_back` again.
        """
        match statement:
            case Acceptance(company=CompanyRef() as company):
                found(session, row, company, _contributor(session, row), now)
            case Contribution(company=AffiliationRef() as given_for):
                company_id = company_of(session, given_for.confirmed.statement).id
                _lock(session, company_id)
                alone = statement.agreement.slug if statement.offer else None
                gift = Gift(statement.project, statement.kind, statement.manifest.root, statement.declarations, alone)
                giver = _contributor(session, row)
                self.affiliation(session, giver, company_id, gift, now)
                if statement.grantor is not None:
                    refuse_named_otherwise(session, company_id, statement.grantor)
                if asked := release_requests.find(session, company_id, giver, gift):
                    release_requests.keep(session, self._clock, asked, release_requests.GIVEN)
            case CompanyChange():
                _store(session, row, now)

    def record(self, session: Session, recorded: Recorded) -> None:
        """Keep log index and bundle of a change; nothing for other statements."""
        values = {"log_index": recorded.log_index, "bundle": dict(recorded.bundle)}
        session.execute(update(CompanyEvent).where(CompanyEvent.signing_id == recorded.signing.id).values(**values))

    def outcome(self, session: Session, signing_id: str) -> tuple[str, int, Mapping[str, Any]] | None:
        """Company, log index and bundle of a recorded change."""
        row = session.scalar(select(CompanyEvent).where(CompanyEvent.signing_id == signing_id))
        if row is None or row.log_index is None or row.bundle is None:
            return None
        return row.company_id, row.log_index, row.bundle

    def consent(self, document: bytes, beside: str) -> Consent:
        """The words beside the box for the change in this document."""
        return consent_to(parse_document(document).change, beside)

    def _refuse_unsigned(self, session: Session, roster: Roster, row: Company, contributor_id: str) -> None:
        """Some versions ask that whoever gives has signed an individual agreement too (`company.own_signature`)."""
        asked = roster.accepted is not None and roster.accepted.own_signature
        if asked and not acceptances(session, contributor_id, Agreement.foundation_id == row.foundation_id):
            raise AgreementNotSigned(
                Worded("The agreement of %(name)s asks that you sign an individual agreement as well.", name=row.name),
                sign_url=f"{self._settings.origin}/agreements",
            )

    def _way(self, session: Session, contributor_id: str, company_id: str, kind: str, now: datetime) -> _Way:
        row = session.get(Company, company_id) if is_id(company_id) else None
        if row is None:
            raise CompanyUnknown("You give for no company of that id.")
        roster = fold(ledger_of(session, company_id), now)
        self._refuse_unsigned(session, roster, row, contributor_id)
        persons = persons_of(session, contributor_id)
        return _Way(row, roster, covered(roster, row, persons, kind, self._settings.origin))


def _store(session: Session, row: Signing, now: datetime) -> None:
    """Decide upon the change as things stand now, and add its event."""
    document = parse_document(row.document or b"")
    if isinstance(document.change, ParticularsChanged):
        lock_foundation(session, _foundation(session, document.company))
    _lock(session, document.company)
    by = _actor_in(session, row, document.company)
    decide(ledger_of(session, document.company), document.change, by, now)
    if isinstance(document.change, ParticularsChanged):
        take(session, document.company, document.change)
    position = select(func.count()).select_from(CompanyEvent).where(CompanyEvent.company_id == document.company)
    session.add(
        CompanyEvent(
            id=result_id(row.id, row.kind),
            company_id=document.company,
            position=session.scalars(position).one(),
            signing_id=row.id,
            contributor_id=by.contributor_id,
            provider=by.account.provider,
            subject=by.account.subject,
            document=row.document,
            signed_at=now,
        )
    )
    _index(session, document.company, document.change)


def _index(session: Session, company_id: str, change: object) -> None:
    """Keep up what finds companies and invitations."""
    match change:
        case EntryAdded(entry, rule):
            session.add(CompanyEntry(id=entry, company_id=company_id, rule=rule.type, key=rule.key))
        case ManagerInvited(invitation):
            session.add(CompanyInvitation(id=invitation, company_id=company_id, used=False))
        case ManagerJoined(invitation):
            once = update(CompanyInvitation).where(
                CompanyInvitation.id == invitation, CompanyInvitation.used.is_(False)
            )
            changed_rows(session, once.values(used=True, token_sha256=None))


def _to_release(gift: Gift, giver: Account) -> Released:
    kind = cast("Kind", gift.kind)  # one that the company's agreement covers
    return Released(gift.project, kind, gift.root, answers_sha256(gift.declarations), giver, gift.agreement)


def _lock(session: Session, company_id: str) -> None:
    """Make this transaction the only one that signs for the company until it ends (SQLite: already the only writer)."""
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update())


def _foundation(session: Session, company_id: str) -> str:
    return session.scalars(select(Company.foundation_id).where(Company.id == company_id)).one()


def _actor_in(session: Session, row: Signing, company_id: str) -> Person:
    """Who signs, with whether they act for the foundation that the company signed with."""
    by, foundation_id = actor_of(session, row), _foundation(session, company_id)
    return replace(by, staff=is_staff(session, foundation_id, by.account.provider, by.account.subject))


def actor_of(session: Session, row: Signing) -> Person:
    """Who signs: the account and its verified address as they were when the statement was made, its memberships now."""
    identity = session.get_one(Identity, row.identity_id)
    detail = session.get(PersonDetail, row.person_detail_id)
    account, contributor_id = Account(identity.provider, identity.subject), _contributor(session, row)
    known = memberships.of_contributor(session, contributor_id).get((identity.provider, identity.subject), ())
    return Person(contributor_id, account, compared(detail.email) if detail else None, known)


def _contributor(session: Session, row: Signing) -> str:
    return session.get_one(Signer, row.signer_id).contributor_id


def _reference(place: Place) -> AcceptanceRef:
    if place.log_index is None:
        raise CompanyNotInForce(
            "A record that this rests on is being written to the log.", hint="Try again in a minute."
        )
    return AcceptanceRef(statement=place.statement, log_index=place.log_index)
