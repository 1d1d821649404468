# SPDX-License-Identifier: Apache-2.0
"""Whether a change may be signed now: a pure function of what was signed so far, the change and who makes it.

It is asked when a change is drafted (a kind answer early) and again under the company's lock when it is signed (the
answer that counts). So of two managers at once each decides upon what the other has left.
"""

from datetime import datetime, timedelta

from app.companies.addresses import domain_of
from app.companies.changes import (
    OF_STAFF,
    AffiliationConfirmed,
    AffiliationEnded,
    Change,
    Domain,
    EndedByFoundation,
    EntryAdded,
    EntryRemoved,
    ManagerInvited,
    ManagerJoined,
    ManagerRemoved,
    Organisation,
    ParticularsChanged,
    ReleaseAsked,
    Released,
)
from app.companies.coverage import why_not
from app.companies.errors import (
    AddressNotVerified,
    ChangeBackwards,
    CompanyNotInForce,
    DomainNotYours,
    EntryKnown,
    EntryUnknown,
    LastManager,
    MembershipMissing,
    NotAllowed,
    NotListed,
    NotSignatory,
    RuleUnfit,
    SameActor,
    TooFewManagers,
)
from app.companies.facts import registration_key
from app.companies.roster import ASKED_WITHIN, Accepted, Entry, Ledger, Person, Roster, fold
from app.signing.drafts import DRAFT_LIFE
from mcla.wording import Worded

LONGEST = timedelta(days=366 * 10)


def decide(ledger: Ledger, change: Change, by: Person, now: datetime) -> None:  # noqa: C901 - one case for each kind of change
    """Raise an error of `app.companies.errors` unless `by` may make `change` at the time `now`."""
    if ledger.events and now < ledger.events[-1].at:
        raise ChangeBackwards("The company was changed at this very moment; nothing was signed.")
    roster = fold(ledger, now)
    if isinstance(change, OF_STAFF):
        _check_staff(roster, change, by)
        return
    accepted = roster.accepted
    if accepted is None:
        raise CompanyNotInForce("The company has no acceptance of the agreement in force.")
    match change:
        case ManagerInvited():
            _manager_or_signatory(roster, by)
        case ManagerJoined():
            _join(roster, change, by)
        case ManagerRemoved():
            _remove_manager(roster, change, by)
        case EntryAdded():
            _add_entry(roster, accepted, change, by)
        case EntryRemoved():
            _manager(roster, by)
            entry_of(roster, change.entry)
        case AffiliationConfirmed():
            check_confirmable(roster, entry_of(roster, change.entry), by)
        case AffiliationEnded():
            if (change.entry, by.account) not in roster.affiliations:
                raise EntryUnknown("You have not confirmed this, or ended it already.")
        case ReleaseAsked():
            _enough_managers(roster, accepted, by)
            _check_kinds(accepted, change.kinds)
        case Released():
            _release(roster, change, by)
        case ParticularsChanged():
            _particulars(roster, change, by)


def check_confirmable(roster: Roster, entry: Entry, by: Person) -> None:
    """Raise unless this entry means this person and counts now, and the person is the third actor."""
    if not entry.names(by):
        raise NotListed("This entry means no account, verified address or confirmed membership of yours.")
    if not entry.counts_at(roster.at):
        raise NotListed("This entry of the company's list does not count now: it begins later, or is over.")
    if isinstance(entry.rule, Organisation):
        _check_asked(entry.rule, by, roster.at)
    if by.contributor_id == entry.by:
        raise SameActor("You made this entry yourself, so it cannot cover you.")
    if roster.signed_by(by.contributor_id):
        raise SameActor("You signed the agreement for the company, so you cannot be on its list as well.")


def entry_of(roster: Roster, entry_id: str) -> Entry:
    """An entry that is on the list; raises `EntryUnknown`."""
    entry = roster.entries.get(entry_id)
    if entry is None:
        raise EntryUnknown("The company's list has no such entry any more.")
    return entry


def _join(roster: Roster, change: ManagerJoined, by: Person) -> None:
    invitation = roster.invitations.get(change.invitation)
    if invitation is None:
        raise EntryUnknown("This invitation was used or taken back.")
    if by.email != invitation.email:
        if by.email is None:
            raise AddressNotVerified(
                "The invitation is for one verified address, and the provider of this account has verified none."
            )
        raise AddressNotVerified(
            "The invitation is for one verified address, and this account has another verified address."
        )
    if roster.signed_by(by.contributor_id):
        raise SameActor("You signed the agreement for the company, so others keep its list.")
    if roster.manages(by.contributor_id):
        raise EntryKnown("You are a manager of this company already.")


def _remove_manager(roster: Roster, change: ManagerRemoved, by: Person) -> None:
    _manager_or_signatory(roster, by)
    if change.invitation in roster.invitations:
        return
    if change.invitation not in roster.managers:
        raise EntryUnknown("This person is no manager of the company any more.")
    if len(roster.managers) == 1:
        raise LastManager("This is the last manager; without one nobody could keep the company's list.")


def _add_entry(roster: Roster, accepted: Accepted, change: EntryAdded, by: Person) -> None:
    _enough_managers(roster, accepted, by)
    _check_kinds(accepted, change.kinds)
    if not change.kinds:
        raise RuleUnfit("The entry names no kind that may be given.", hint="Choose at least one kind.")
    _check_dates(roster.at, change.valid_from, change.valid_to)
    rule = change.rule
    if isinstance(rule, Domain) and (by.email is None or domain_of(by.email) != rule.domain):
        if not by.email:
            raise DomainNotYours(
                Worded(
                    "Only who has a verified address in %(domain)s can list that domain; your account has none.",
                    domain=rule.domain,
                )
            )
        raise DomainNotYours(
            Worded(
                "Only who has a verified address in %(domain)s can list that domain; yours is in %(own)s.",
                domain=rule.domain,
                own=domain_of(by.email),
            )
        )
    if isinstance(rule, Organisation):
        _check_asked(rule, by, roster.at)
    if any(each.rule == rule and _lasts(each, roster.at) for each in roster.entries.values()):
        raise EntryKnown("The list names exactly this already.")


def _check_asked(rule: Organisation, by: Person, now: datetime) -> None:
    """Raise unless the code host has just confirmed that this person is a member."""
    known = by.member_of(rule)
    if known is None:
        raise MembershipMissing(
            Worded("The code host has not confirmed that you are a member of %(name)s.", name=rule.name)
        )
    if now - known.confirmed_at > ASKED_WITHIN:
        raise MembershipMissing(
            Worded("Your membership in %(name)s was confirmed more than a day ago.", name=rule.name)
        )


def _lasts(entry: Entry, at: datetime) -> bool:
    return entry.valid_to is None or at < entry.valid_to


def _check_dates(now: datetime, valid_from: datetime | None, valid_to: datetime | None) -> None:
    if valid_from is not None and valid_from < now - DRAFT_LIFE:
        raise ChangeBackwards("The entry would begin in the past; what was given then stays as it was.")
    start = max(valid_from or now, now)
    if valid_to is not None and not start < valid_to <= start + LONGEST:
        raise RuleUnfit(
            "The entry would end before it begins, or in more than ten years.",
            hint="Choose a date to come, or none.",
        )


def _release(roster: Roster, change: Released, by: Person) -> None:
    _manager(roster, by)
    if by.account == change.giver:
        raise SameActor("You give these files yourself, so a second person must release them.")
    reason = why_not(roster, [change.giver], change.kind)
    if reason is not None:
        raise NotListed(
            Worded("The giver of these files may not give them for the company: %(sentence)s", sentence=reason.sentence)
        )
    giver = {each.contributor_id for (_, account), each in roster.affiliations.items() if account == change.giver}
    if by.contributor_id in giver:
        raise SameActor("You give these files yourself, so a second person must release them.")


def _particulars(roster: Roster, change: ParticularsChanged, by: Person) -> None:
    """A manager may tell the name too (`mcla-corporate` 29.2); that another number is the same entity, who bound it."""
    _manager_or_signatory(roster, by)
    renumbered = registration_key(change.registration) != registration_key(change.old_registration)
    if renumbered and not roster.signed_by(by.contributor_id):
        raise NotSignatory("Only who signed for the company can say that it has another register number.")


def _check_kinds(accepted: Accepted, kinds: tuple[str, ...]) -> None:
    other = sorted(set(kinds) - set(accepted.kinds))
    if other:
        raise RuleUnfit(
            Worded("The company's agreement does not cover: %(value)s.", value=", ".join(other)),
            hint=Worded("It covers: %(value)s.", value=", ".join(accepted.kinds)),
        )


def _check_staff(roster: Roster, change: Change, by: Person) -> None:
    if not by.staff:
        raise NotAllowed(
            "Only staff of the foundation can do this.", hint="Write to the foundation that you signed with."
        )
    if isinstance(change, EndedByFoundation) and roster.accepted is None:
        raise CompanyNotInForce("The company has no acceptance of the agreement in force, so there is none to end.")


def _manager(roster: Roster, by: Person) -> None:
    if not roster.manages(by.contributor_id):
        raise NotAllowed("Only a manager of the company can do this.")


def _manager_or_signatory(roster: Roster, by: Person) -> None:
    if not roster.manages(by.contributor_id) and not roster.signed_by(by.contributor_id):
        raise NotAllowed("Only a manager of the company, or who signed for it, can do this.")


def _enough_managers(roster: Roster, accepted: Accepted, by: Person) -> None:
    _manager(roster, by)
    if len(roster.managers) < accepted.managers:
        raise TooFewManagers(
            Worded(
                "The company has %(have)s of %(asked)s managers that its agreement asks for.",
                have=len(roster.managers),
                asked=accepted.managers,
            )
        )
