# SPDX-License-Identifier: Apache-2.0
"""CompanyService: what can be asked of and signed for companies, by the person whose part in them allows it.

The list is shown to the company's managers; whoever has no part in a company is told that there is none.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.agreements.service import PublishedVersion
from app.companies.addresses import compared
from app.companies.changes import (
    MAX_REASON,
    REASONED,
    Account,
    Change,
    Document,
    ManagerJoined,
    Released,
    manifest_of,
    parse_document,
)
from app.companies.coverage import Covered, covering, release_of
from app.companies.deciding import decide
from app.companies.errors import (
    CompanyNotInForce,
    CompanyUnknown,
    EntryUnknown,
    InvitationInvalid,
    NotAllowed,
    ReasonMissing,
)
from app.companies.ledgers import companies_of, company_of, ledger_of, ledgers_of, names_of, persons_of
from app.companies.models import (
    Company,
    CompanyAcceptance,
    CompanyEntry,
    CompanyEvent,
    CompanyInvitation,
    CompanyRelease,
)
from app.companies.names import check_name
from app.companies.paths import covered
from app.companies.roster import Ledger, Person, Roster, fold
from app.companies.telling import confirmable, info_of, roles_in, view_of, who_is
from app.companies.values import (
    CompanyInfo,
    CompanyView,
    Confirmable,
    EntryLine,
    Giving,
    InvitationLine,
    Invited,
    ManagerLine,
    MyCompany,
    ReleaseInfo,
    Role,
)
from app.companies.words import consent_to, named_in, told
from app.identity.secret import at_rest, new_secret
from app.identity.sql import changed_rows
from app.platform.clock import is_id, new_id
from app.projects.staff import StaffService
from app.signing.drafts import Common, forget_abandoned
from app.signing.errors import DeclarationsUnfit
from app.signing.ports import Actor, Ports
from app.signing.service import SigningService
from app.signing.values import CompanyFacts, SigningInfo
from mcla.artifacts.manifest import Manifest, parse_manifest
from mcla.statements.company import MAX_NAME, CompanyRef
from mcla.statements.parts import AcceptanceRef, ConsentRef, Kind, ManifestRef, TensorsRef, require
from mcla.statements.statement import CompanyChange, manifest_subjects
from mcla.terms.declarations import DeclarationsInvalid

LINK_LIFE = timedelta(days=7)


class CompanyService:
    """The use cases of companies, on the same ports as signing; `staff` tells who acts for a foundation."""

    def __init__(self, signing: SigningService, staff: StaffService) -> None:
        self._signing, self._staff = signing, staff

    @property
    def _ports(self) -> Ports:
        return self._signing.ports

    # signing for a company

    @staticmethod
    def facts(name: str, jurisdiction: str, registration: str, title: str, power: str) -> CompanyFacts:
        """A company's facts as they were typed; raises `CompanyNameUnfit` or `StatementInvalid`."""
        return company_facts(name, jurisdiction, registration, title, power)

    def draft_acceptance(
        self, actor: Actor, slug: str, version: str | None, company: CompanyFacts, key_holder: str
    ) -> SigningInfo:
        """The acceptance that would bind the company; see `app.signing.drafts.draft_acceptance`."""
        return self._signing.draft_acceptance(actor, slug, version, key_holder, company)

    def draft_change(self, actor: Actor, company_id: str, change: Change, reason: str, key_holder: str) -> SigningInfo:
        """Store and show the change that would be signed; raises what `app.companies.deciding.decide` raises.

        Nobody becomes a manager here: that takes the invitation's link (`draft_join`).
        """
        if isinstance(change, ManagerJoined):
            raise NotAllowed("Somebody becomes a manager by the link of an invitation only.")
        return self._draft(actor, company_id, change, reason, key_holder)

    def draft_join(self, actor: Actor, token: str, key_holder: str) -> SigningInfo:
        """The step by which an invited person becomes a manager; raises `InvitationInvalid` and as `draft_change`."""
        invited = self.invited(token)
        return self._draft(actor, invited.info.id, ManagerJoined(invited.invitation_id), "", key_holder)

    # invitations

    def make_link(self, actor: Actor, invitation_id: str) -> str:
        """A new secret for an invitation's link; the one before stops working. Raises `EntryUnknown`, `NotAllowed`."""
        now = self._ports.clock.now()
        with self._ports.db.write() as session:
            row = session.get(CompanyInvitation, invitation_id) if is_id(invitation_id) else None
            _, ledger, roles = self._part(session, actor, row.company_id if row else "", now)
            if not roles & {"manager", "signatory"}:
                raise NotAllowed("Only a manager of the company, or who signed for it, can invite.")
            if invitation_id not in fold(ledger, now).invitations:
                raise EntryUnknown("This invitation was used or taken back.")
            secret = new_secret()
            values = {"token_sha256": at_rest(secret), "expires_at": now + LINK_LIFE}
            once = update(CompanyInvitation).where(
                CompanyInvitation.id == invitation_id, CompanyInvitation.used.is_(False)
            )
            if changed_rows(session, once.values(**values)) != 1:
                raise EntryUnknown("This invitation was used or taken back.")
        return secret

    def invited(self, token: str) -> Invited:
        """The invitation whose link has this secret; raises `InvitationInvalid`."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            query = select(CompanyInvitation).where(CompanyInvitation.token_sha256 == at_rest(token))
            row = session.scalar(query)
            if row is None or row.used or row.expires_at is None or row.expires_at <= now:
                raise InvitationInvalid("This link was used, is over, or was replaced by a newer one.")
            invitation = fold(ledger_of(session, row.company_id), now).invitations.get(row.id)
            if invitation is None:
                raise InvitationInvalid("The company has taken this invitation back.")
            info = info_of(session, session.get_one(Company, row.company_id))
        return Invited(info, row.id, invitation.email, row.expires_at)

    # reading

    def view(self, actor: Actor, company_id: str) -> CompanyView:
        """A company as this person may see it; raises `CompanyUnknown` for who has no part in it."""
        with self._ports.db.read() as session:
            return self._seen(session, actor, company_id)

    def mine(self, actor: Actor) -> list[MyCompany]:
        """The companies that this person has a part in, by name."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            persons = persons_of(session, actor.contributor_id)
            found = []
            for company_id, ledger in ledgers_of(session, companies_of(session, persons)).items():
                if roles := roles_in(fold(ledger, now), ledger, persons):
                    found.append(MyCompany(info_of(session, session.get_one(Company, company_id)), roles))
            known = {each.info.id for each in found}
            hosted = [each.id for each in self._staff.foundations_of(actor.provider, actor.subject)]
            for row in session.scalars(select(Company).where(Company.foundation_id.in_(hosted))) if hosted else ():
                if row.id not in known:
                    found.append(MyCompany(info_of(session, row), frozenset({"staff"})))
        return sorted(found, key=lambda each: each.info.name)

    def entry(self, actor: Actor, entry_id: str) -> tuple[CompanyView, EntryLine]:
        """An entry with its company, for managers; raises `CompanyUnknown`, `NotAllowed` or `EntryUnknown`."""
        with self._ports.db.read() as session:
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
        with self._ports.db.read() as session:
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
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            row, ledger, _ = self._part(session, actor, company_id, now)
            person = person_of(actor)
            names = names_of(session, [person.account])
            return info_of(session, row), confirmable(fold(ledger, now), person, names)

    def giving(self, actor: Actor, foundation_id: str) -> list[Giving]:
        """The companies that this person may give for now, towards one foundation."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            persons = persons_of(session, actor.contributor_id)
            accounts = [each.account for each in persons]
            found = []
            for company_id, ledger in ledgers_of(session, companies_of(session, persons)).items():
                roster, row = fold(ledger, now), session.get_one(Company, company_id)
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

    def of_acceptance(self, statement_sha256: str) -> CompanyInfo | None:
        """The company that made the acceptance with this statement (64 hex), None for a person's own."""
        with self._ports.db.read() as session:
            try:
                return info_of(session, company_of(session, statement_sha256))
            except CompanyUnknown:
                return None

    def of_signing(self, signing_id: str) -> CompanyInfo:
        """The company that an acceptance binds, by the id of its signing."""
        with self._ports.db.read() as session:
            company_id = session.get_one(CompanyAcceptance, signing_id).company_id
            return info_of(session, session.get_one(Company, company_id))

    def change_of(self, signing: SigningInfo) -> tuple[Document, CompanyInfo, str]:
        """The document of a change that its signer is asked to sign, the company, and the change in a line."""
        document = parse_document(signing.document or b"")
        with self._ports.db.read() as session:
            names = named_in(each.change for each in ledger_of(session, document.company).events)
            info = info_of(session, session.get_one(Company, document.company))
            return document, info, told(document.change, names)

    def change_bundle(self, change_id: str) -> Mapping[str, Any]:
        """The public bundle of a recorded change: it names nobody. Raises `CompanyUnknown`."""
        with self._ports.db.read() as session:
            row = session.get(CompanyEvent, change_id) if is_id(change_id) else None
        if row is None or row.bundle is None:
            raise CompanyUnknown("There is no recorded change of that id.", hint="Check the id; it begins with chg_.")
        return row.bundle

    def change_document(self, actor: Actor, change_id: str) -> bytes:
        """The document of a change, for the company's managers and who signed it. Raises `CompanyUnknown`."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            row = session.get(CompanyEvent, change_id) if is_id(change_id) else None
            roster = fold(ledger_of(session, row.company_id if row else ""), now)
            own = row is not None and row.contributor_id == actor.contributor_id
            if row is None or not (own or roster.manages(actor.contributor_id)):
                raise CompanyUnknown("There is no change of that id that you may read.")
            return row.document

    def covering(self, actor: Actor, company_id: str, kind: str) -> PublishedVersion:
        """The version that this person gives files of this kind under for the company; raises as a draft does."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            row, ledger, _ = self._part(session, actor, company_id, now)
            persons = persons_of(session, actor.contributor_id)
            found = covered(fold(ledger, now), row, persons, kind, self._ports.settings.origin)
        return self._ports.agreements.version_by_id(found.accepted.version_id)

    # the release by a second person

    def ask_release(
        self,
        actor: Actor,
        company_id: str,
        project: str,
        kind: Kind,
        manifest: Manifest,
        answers: Mapping[str, Any],
        tensors: TensorsRef | None,
    ) -> str:
        """Keep what an employee wants to give until somebody has released it; returns the request's id.

        Asking again for the same files finds the same request. Raises as `covering`, and `DeclarationsUnfit`.
        """
        version, now = self.covering(actor, company_id, kind), self._ports.clock.now()
        try:
            answers = self._ports.agreements.check_declarations(version, kind, answers)
        except DeclarationsInvalid as error:
            raise DeclarationsUnfit(error) from None
        with self._ports.db.write() as session:
            same = select(CompanyRelease).where(
                CompanyRelease.company_id == company_id,
                CompanyRelease.contributor_id == actor.contributor_id,
                CompanyRelease.project == project,
                CompanyRelease.kind == kind,
                CompanyRelease.root == manifest.root,
            )
            before = session.scalar(same.limit(1))
            if before is not None:
                before.answers, before.tensors = dict(answers), tensors.to_dict() if tensors else None
                return before.id
            row = CompanyRelease(
                id=new_id("rel"),
                company_id=company_id,
                contributor_id=actor.contributor_id,
                provider=actor.provider,
                subject=actor.subject,
                project=project,
                kind=kind,
                root=manifest.root,
                manifest=manifest.to_bytes(),
                answers=dict(answers),
                tensors=tensors.to_dict() if tensors else None,
                created_at=now,
            )
            session.add(row)
        return row.id

    def release(self, actor: Actor, release_id: str) -> ReleaseInfo:
        """A request for release, for its giver and the company's managers; raises `CompanyUnknown`."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            row = session.get(CompanyRelease, release_id) if is_id(release_id) else None
            roster = fold(ledger_of(session, row.company_id if row else ""), now)
            if row is None or not (_own(row, actor) or roster.manages(actor.contributor_id)):
                raise CompanyUnknown("There is no request for release of that id that you may see.")
            return _asked(session, actor, row, roster)

    def releases(self, actor: Actor, company_id: str) -> Sequence[ReleaseInfo]:
        """The requests that wait for a release, oldest first, for the company's managers."""
        now = self._ports.clock.now()
        with self._ports.db.read() as session:
            query = select(CompanyRelease).where(CompanyRelease.company_id == company_id)
            roster = fold(ledger_of(session, company_id), now)
            rows = session.scalars(query.order_by(CompanyRelease.created_at)).all()
            every = (
                [_asked(session, actor, row, roster) for row in rows] if roster.manages(actor.contributor_id) else []
            )
        return [each for each in every if not each.released]

    def draft_release(self, actor: Actor, release_id: str, reason: str, key_holder: str) -> SigningInfo:
        """The release that a second person would sign."""
        asked = self.release(actor, release_id)
        change = Released(asked.project, asked.kind, asked.manifest.root, asked.giver.account)
        return self._draft(actor, asked.company.id, change, reason, key_holder)

    def draft_released(self, actor: Actor, release_id: str, key_holder: str) -> SigningInfo:
        """The giver's own statement of what was released; raises as `SigningService.draft_contribution`."""
        asked = self.release(actor, release_id)
        if not asked.mine:
            raise NotAllowed("Only who asked for the release gives these files.")
        return self._signing.draft_contribution(
            actor,
            asked.project,
            asked.kind,
            asked.manifest.files,
            asked.answers,
            key_holder,
            TensorsRef(**asked.tensors) if asked.tensors else None,
            company_id=asked.company.id,
        )

    def _part(
        self, session: Session, actor: Actor, company_id: str, now: datetime
    ) -> tuple[Company, Ledger, frozenset[Role]]:
        """The company, if this person has a part in it; raises `CompanyUnknown`."""
        # The same statements whether there is such a company or not, so that time tells a stranger nothing.
        row, ledger = session.get(Company, company_id if is_id(company_id) else ""), ledger_of(session, company_id)
        persons = persons_of(session, actor.contributor_id)
        hosted = {each.id for each in self._staff.foundations_of(actor.provider, actor.subject)}
        roles = roles_in(fold(ledger, now), ledger, persons)
        if row is not None and row.foundation_id in hosted:
            roles |= {"staff"}
        if row is None or not roles:
            raise CompanyUnknown("You have no part in a company of that id.")
        return row, ledger, roles

    def _seen(self, session: Session, actor: Actor, company_id: str) -> CompanyView:
        now = self._ports.clock.now()
        row, ledger, roles = self._part(session, actor, company_id, now)
        return view_of(session, row, ledger, now, persons_of(session, actor.contributor_id), roles)

    def _draft(self, actor: Actor, company_id: str, change: Change, reason: str, key_holder: str) -> SigningInfo:
        ports, reason = self._ports, reason.strip()
        if isinstance(change, REASONED) and not reason:
            raise ReasonMissing("A change of the list needs a reason.")
        if len(reason) > MAX_REASON or not reason.isprintable():
            raise ReasonMissing(f"expected a reason of one line and at most {MAX_REASON} characters, got another")
        with ports.db.write() as session:
            now = ports.steady.now(session)
            ledger = self._ledger(session, actor, company_id, change, now)
            decide(ledger, change, person_of(actor), now)
            signing_id = _store(ports, session, actor, company_id, fold(ledger, now), change, reason, key_holder, now)
        return self._signing.signing(actor, signing_id)

    def _ledger(self, session: Session, actor: Actor, company_id: str, change: Change, now: datetime) -> Ledger:
        """What was signed so far; who has no part in the company is told that there is none, save the invited."""
        if isinstance(change, ManagerJoined):
            return ledger_of(session, company_id)
        return self._part(session, actor, company_id, now)[1]


def _own(row: CompanyRelease, actor: Actor) -> bool:
    return row.contributor_id == actor.contributor_id


def _asked(session: Session, actor: Actor, row: CompanyRelease, roster: Roster) -> ReleaseInfo:
    account = Account(row.provider, row.subject)
    return ReleaseInfo(
        id=row.id,
        company=info_of(session, session.get_one(Company, row.company_id)),
        giver=who_is(account, names_of(session, [account])),
        mine=_own(row, actor),
        project=row.project,
        kind=cast("Kind", row.kind),
        manifest=parse_manifest(row.manifest),
        answers=row.answers,
        tensors=row.tensors,
        created_at=row.created_at,
        released=release_of(roster, account, row.project, row.kind, row.root) is not None,
    )


def person_of(actor: Actor) -> Person:
    """The signed-in person as companies compare people."""
    return Person(actor.contributor_id, Account(actor.provider, actor.subject), compared(actor.email))


def company_facts(name: str, jurisdiction: str, registration: str, title: str, power: str) -> CompanyFacts:
    """A company's facts as they were typed; raises `CompanyNameUnfit` or `StatementInvalid`."""
    facts = CompanyFacts(check_name(name), jurisdiction.strip().upper(), registration.strip(), title.strip(), power)
    CompanyRef(facts.name, facts.jurisdiction, facts.registration, facts.power, title_commitment="0" * 64)
    require(1 <= len(facts.title) <= MAX_NAME and facts.title.isprintable(), "a title of at most 200 characters", title)
    return facts


def _store(
    ports: Ports,
    session: Session,
    actor: Actor,
    company_id: str,
    roster: Roster,
    change: Change,
    reason: str,
    key_holder: str,
    now: datetime,
) -> str:
    accepted = roster.accepted
    if accepted is None or accepted.place.log_index is None:
        raise CompanyNotInForce("The company has no acceptance of the agreement in force.")
    published = ports.agreements.version_by_id(accepted.version_id)
    signer = ports.identity.signer_for(session, actor.contributor_id, published.foundation_id)
    document = Document.of(company_id, Account(actor.provider, actor.subject), reason, change).to_bytes()
    manifest, words = manifest_of(document), consent_to(change, "")
    common = Common(ports, session, actor, published, signer.id, key_holder, now)
    statement = CompanyChange(
        subjects=manifest_subjects(manifest),
        consent=ConsentRef(sha256=words.sha256, button=words.button),
        capacity="company",
        manifest=ManifestRef.of(manifest),
        acceptance=AcceptanceRef(statement=accepted.place.statement, log_index=accepted.place.log_index),
        **common.parts(),
    )
    row = common.row("company-change", statement.to_bytes())
    row.document = document
    session.add(row)
    forget_abandoned(session, row, now)
    return row.id


def cut_short(session: Session, over: datetime) -> None:
    """End the links of invitations, of which a manager makes new ones: the clock was set back."""
    late = CompanyInvitation.expires_at > over
    session.execute(update(CompanyInvitation).where(late).values(expires_at=over))
