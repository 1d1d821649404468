# SPDX-License-Identifier: Apache-2.0
"""CompanyService: what can be asked of and signed for companies, by the person whose part in them allows it.

The list is shown to the company's managers; whoever has no part in a company is told that there is none.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.changes import Change, ManagerJoined
from app.companies.coverage import Covered, covering
from app.companies.desk import Desk, person_of
from app.companies.drafting import Wanted, draft
from app.companies.errors import CompanyUnknown, EntryUnknown, NotAllowed
from app.companies.facts import company_facts
from app.companies.history import History
from app.companies.invitations import Invitations
from app.companies.ledgers import companies_of, company_of, ledger_of, ledgers_of, names_of, persons_of, rows_of
from app.companies.models import Company, CompanyAcceptance, CompanyEntry, CompanyInvitation
from app.companies.releases import Releases
from app.companies.roster import fold
from app.companies.telling import acts_for, confirmable, info_of, over_in, roles_in, view_of
from app.companies.values import (
    CompanyInfo,
    CompanyView,
    Confirmable,
    EntryLine,
    Giving,
    InvitationLine,
    ManagerLine,
    MyCompany,
    Over,
)
from app.mail.outbox import Outbox
from app.platform.clock import is_id
from app.projects.staff import StaffService
from app.signing.ports import Actor
from app.signing.service import SigningService
from app.signing.values import CompanyFacts, SigningInfo


class CompanyService:
    """The use cases of companies; invitations, releases and single changes have a desk of their own each."""

    def __init__(self, signing: SigningService, staff: StaffService, outbox: Outbox) -> None:
        self._desk = desk = Desk(signing, staff, outbox)
        self.invitations, self.releases, self.history = Invitations(desk), Releases(desk), History(desk)

    # signing for a company

    @staticmethod
    def facts(name: str, jurisdiction: str, registration: str, title: str, power: str) -> CompanyFacts:
        """A company's facts as they were typed; raises `CompanyNameUnfit` or `StatementInvalid`."""
        return company_facts(name, jurisdiction, registration, title, power)

    def draft_acceptance(
        self, actor: Actor, slug: str, version: str | None, company: CompanyFacts, key_holder: str
    ) -> SigningInfo:
        """The acceptance that would bind the company; see `app.signing.drafts.draft_acceptance`."""
        return self._desk.signing.draft_acceptance(actor, slug, version, key_holder, company)

    def draft_change(self, actor: Actor, company_id: str, change: Change, reason: str, key_holder: str) -> SigningInfo:
        """Store and show the change that would be signed; raises what `app.companies.deciding.decide` raises.

        Nobody becomes a manager here: that takes the invitation's link (`Invitations.draft_join`).
        """
        if isinstance(change, ManagerJoined):
            raise NotAllowed("Somebody becomes a manager by the link of an invitation only.")
        return draft(self._desk, Wanted(actor, company_id, change, reason.strip(), key_holder))

    # reading

    def view(self, actor: Actor, company_id: str) -> CompanyView:
        """A company as this person may see it; raises `CompanyUnknown` for who has no part in it."""
        with self._desk.ports.db.read() as session:
            return self._seen(session, actor, company_id)

    def mine(self, actor: Actor) -> list[MyCompany]:
        """The companies that this person has a part in, by name."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            persons = persons_of(session, actor.contributor_id)
            found, ids = [], companies_of(session, persons)
            rows = rows_of(session, ids)
            for company_id, ledger in ledgers_of(session, ids).items():
                if roles := roles_in(fold(ledger, now), ledger, persons):
                    found.append(MyCompany(info_of(session, rows[company_id]), roles))
            known = {each.info.id for each in found}
            hosted = [each.id for each in self._desk.staff.foundations_of(actor.provider, actor.subject)]
            for row in session.scalars(select(Company).where(Company.foundation_id.in_(hosted))) if hosted else ():
                if row.id not in known:
                    found.append(MyCompany(info_of(session, row), frozenset({"staff"})))
        return sorted(found, key=lambda each: each.info.name)

    def entry(self, actor: Actor, entry_id: str) -> tuple[CompanyView, EntryLine]:
        """An entry with its company, for managers; raises `CompanyUnknown`, `NotAllowed` or `EntryUnknown`."""
        with self._desk.ports.db.read() as session:
            row = session.get(CompanyEntry, entry_id) if is_id(entry_id) else None
            view = self._seen(session, actor, row.company_id if row else "")
        if "manager" not in view.roles:
            raise NotAllowed("Only a manager of the company can do this.")
        for each in view.entries:
            if each.id == entry_id:
                return view, each
        raise EntryUnknown("The company's list has no such entry any more.")

    def manager(self, actor: Actor, invitation_id: str) -> tuple[CompanyView, ManagerLine | InvitationLine]:
        """A manager or an open invitation, for who may remove them; raises as `entry`."""
        with self._desk.ports.db.read() as session:
            row = session.get(CompanyInvitation, invitation_id) if is_id(invitation_id) else None
            view = self._seen(session, actor, row.company_id if row else "")
        if not view.roles & {"manager", "signatory"}:
            raise NotAllowed("Only a manager of the company, or who signed for it, can do this.")
        lines: list[ManagerLine | InvitationLine] = [*view.managers, *view.invitations]
        for each in lines:
            if each.id == invitation_id:
                return view, each
        raise EntryUnknown("This person is no manager of the company any more.")

    def confirmable(self, actor: Actor, company_id: str) -> tuple[CompanyInfo, list[Confirmable]]:
        """What of a company's list means this account; raises `CompanyUnknown` where nothing does."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            row, ledger, _ = self._desk.part(session, actor, company_id, now)
            person = person_of(session, actor)
            names = names_of(session, [person.account])
            return info_of(session, row), confirmable(fold(ledger, now), person, names)

    def giving(self, actor: Actor, foundation_id: str) -> list[Giving]:
        """The companies that this person may give for now, towards one foundation."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            persons = persons_of(session, actor.contributor_id)
            accounts = [each.account for each in persons]
            found, ids = [], companies_of(session, persons)
            rows = rows_of(session, ids)
            for company_id, ledger in ledgers_of(session, ids).items():
                roster, row = fold(ledger, now), rows[company_id]
                kinds = (
                    []
                    if roster.accepted is None
                    else [
                        kind for kind in roster.accepted.kinds if isinstance(covering(roster, accounts, kind), Covered)
                    ]
                )
                if kinds and row.foundation_id == foundation_id:
                    found.append(Giving(info_of(session, row), kinds))
        return sorted(found, key=lambda each: each.info.name)

    def acts_for(self, actor: Actor, company_id: str) -> bool:
        """Whether this person may take back what was given for the company: a manager, or who signed for it last."""
        with self._desk.ports.db.read() as session:
            ledger = ledger_of(session, company_id)
            return acts_for(ledger, fold(ledger, self._desk.now()), actor.contributor_id)

    def of_record(self, statement_sha256: str) -> CompanyInfo | None:
        """The company of which this statement (64 hex) is a record, None for a person's own acceptance."""
        with self._desk.ports.db.read() as session:
            try:
                return info_of(session, company_of(session, statement_sha256))
            except CompanyUnknown:
                return None

    def of_signing(self, signing_id: str) -> CompanyInfo:
        """The company that an acceptance binds, by the id of its signing."""
        with self._desk.ports.db.read() as session:
            company_id = session.get_one(CompanyAcceptance, signing_id).company_id
            return info_of(session, session.get_one(Company, company_id))

    def over(self, signing_ids: Collection[str]) -> dict[str, Over]:
        """Which acceptances for the companies of these signings count no more, by the acceptance's id.

        Those that their signers ended are left out.
        """
        query = select(CompanyAcceptance.company_id).where(CompanyAcceptance.signing_id.in_(signing_ids))
        with self._desk.ports.db.read() as session:
            ledgers = ledgers_of(session, set(session.scalars(query))) if signing_ids else {}
        return {key: each for ledger in ledgers.values() for key, each in over_in(ledger).items()}

    def _seen(self, session: Session, actor: Actor, company_id: str) -> CompanyView:
        now = self._desk.now()
        row, ledger, roles = self._desk.part(session, actor, company_id, now)
        return view_of(session, row, ledger, now, persons_of(session, actor.contributor_id), roles)
