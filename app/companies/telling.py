# SPDX-License-Identifier: Apache-2.0
"""Turns a company's ledger into what one person may be told of it."""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.changes import Account, EndedByFoundation, ParticularsChanged
from app.companies.deciding import check_confirmable
from app.companies.ledgers import names_of
from app.companies.models import Company, CompanyInvitation
from app.companies.roster import Affiliation, Entry, Ledger, Person, Roster, fold
from app.companies.values import (
    CompanyInfo,
    CompanyView,
    Confirmable,
    ConfirmedLine,
    EntryLine,
    FormerLine,
    HistoryLine,
    InvitationLine,
    ManagerLine,
    Over,
    Role,
    Who,
)
from app.companies.words import named_in, told
from app.projects.models import Foundation
from app.projects.service import FoundationInfo
from app.signing.errors import SigningError
from mcla.wording import Joined

Names = Mapping[Account, tuple[str, str]]


def info_of(session: Session, row: Company) -> CompanyInfo:
    """The public facts of a company."""
    foundation = session.get_one(Foundation, row.foundation_id)
    told_as = FoundationInfo(foundation.id, foundation.slug, foundation.name, foundation.contact)
    return CompanyInfo(row.id, row.name, row.jurisdiction, row.registration, told_as)


def roles_in(roster: Roster, ledger: Ledger, persons: list[Person]) -> frozenset[Role]:
    """What part a person with these accounts has in a company."""
    mine, accounts = {each.contributor_id for each in persons}, {each.account for each in persons}
    entries = roster.entries.values()
    parts: dict[Role, bool] = {
        "signatory": signatory_of(roster, ledger) in mine,
        "manager": any(roster.manages(each) for each in mine),
        "listed": any(entry.names(person) and not _over(entry, roster.at) for entry in entries for person in persons),
        "confirmed": any(account in accounts for _, account in roster.affiliations),
    }
    return frozenset(role for role, has in parts.items() if has)


def acts_for(ledger: Ledger, roster: Roster, contributor_id: str) -> bool:
    """Whether somebody may take back for the company (`mcla-corporate` 19.6): a manager, or who signed for it last."""
    return roster.manages(contributor_id) or signatory_of(roster, ledger) == contributor_id


def signatory_of(roster: Roster, ledger: Ledger) -> str:
    """Who signed last for the company: whoever signed before has been replaced."""
    accepted = roster.accepted or (ledger.accepted[-1] if ledger.accepted else None)
    return accepted.signatory if accepted else ""


def over_in(ledger: Ledger) -> dict[str, Over]:
    """Which acceptances the foundation ended or a later one replaced, by their ids; whichever came first is told."""
    ends = {each.at: each for each in ledger.events if isinstance(each.change, EndedByFoundation)}
    found = {}
    for accepted, later in zip_longest(ledger.accepted, ledger.accepted[1:]):
        if accepted.ended_at is None or (later is not None and later.at < accepted.ended_at):
            if later is not None:
                another = later.signatory != accepted.signatory
                place = later.at, later.place.log_index
                found[accepted.signature_id] = Over("replaced", *place, later.version, another)
        elif accepted.ended_at in ends:
            end = ends[accepted.ended_at]
            found[accepted.signature_id] = Over("foundation", end.at, end.place.log_index)
    return found


def view_of(
    session: Session, row: Company, ledger: Ledger, now: datetime, persons: list[Person], roles: frozenset[Role]
) -> CompanyView:
    """The company as this person sees it; the list and its history are for managers and the foundation's staff."""
    roster = fold(ledger, now)
    accounts = {event.by.account for event in ledger.events}
    names = names_of(session, accounts)
    full, accepted = bool(roles & {"manager", "staff"}), roster.accepted
    heads, emails = full or "signatory" in roles, {each.email for each in persons if each.email}
    return CompanyView(
        info=info_of(session, row),
        roles=roles,
        version=accepted.version if accepted else "",
        slug=accepted.slug if accepted else (ledger.accepted[-1].slug if ledger.accepted else ""),
        accepted_at=accepted.at if accepted else None,
        signature_id=accepted.signature_id if accepted and "signatory" in roles else "",
        managers=_managers(roster, names, {each.contributor_id for each in persons}) if heads else (),
        invitations=_invitations(session, roster) if heads else (),
        entries=tuple(entry_line(roster, each, names) for each in roster.entries) if full else (),
        release_kinds=roster.release_kinds if full else (),
        history=_history(ledger, names) if full else (),
        kinds=accepted.kinds if accepted else (),
        former=_former(ledger),
        may_sign=any(ledger.admits(each.contributor_id, emails) for each in persons),
    )


def confirmable(roster: Roster, person: Person, names: Names) -> list[Confirmable]:
    """The entries that mean this person or that this account confirmed, the newest first."""
    found = []
    for entry_id, entry in reversed(list(roster.entries.items())):
        own = roster.affiliations.get((entry_id, person.account))
        if (entry.names(person) or own) and not _over(entry, roster.at):
            line = _confirmed(roster, person.account, own, names) if own else None
            found.append(Confirmable(entry_id, entry_line(roster, entry_id, names), line, _why(roster, entry, person)))
    return found


def entry_line(roster: Roster, entry_id: str, names: Names) -> EntryLine:
    """One entry with those who confirmed under it."""
    entry = roster.entries[entry_id]
    own = ((account, each) for (under, account), each in roster.affiliations.items() if under == entry_id)
    confirmed = tuple(_confirmed(roster, account, each, names) for account, each in own)
    state: Literal["counts", "later", "over"] = "over" if _over(entry, roster.at) else "later"
    if entry.counts_at(roster.at):
        state = "counts"
    return EntryLine(
        entry_id,
        entry.rule,
        entry.kinds,
        entry.valid_from,
        entry.valid_to,
        state,
        confirmed,
    )


def who_is(account: Account, names: Names) -> Who:
    """An account with its name."""
    name, login = names.get(account, ("", ""))
    return Who(account, name, login)


def _over(entry: Entry, at: datetime) -> bool:
    return entry.valid_to is not None and at >= entry.valid_to


def _why(roster: Roster, entry: Entry, person: Person) -> str:
    try:
        check_confirmable(roster, entry, person)
    except SigningError as error:
        return Joined(" ", (error.message, error.hint))
    return ""


def _confirmed(roster: Roster, account: Account, each: Affiliation, names: Names) -> ConfirmedLine:
    over = each.until is not None and each.until <= roster.at
    return ConfirmedLine(who_is(account, names), each.since, each.until, over)


def _managers(roster: Roster, names: Names, mine: set[str]) -> tuple[ManagerLine, ...]:
    return tuple(
        ManagerLine(identifier, who_is(each.account, names), each.email, each.since, each.contributor_id in mine)
        for identifier, each in roster.managers.items()
    )


def _invitations(session: Session, roster: Roster) -> tuple[InvitationLine, ...]:
    query = select(CompanyInvitation.id, CompanyInvitation.expires_at)
    rows = session.execute(query.where(CompanyInvitation.id.in_(roster.invitations)))
    links = {identifier: until for identifier, until in rows}  # noqa: C416 - `dict` does not know the rows' types
    lines = []
    for identifier, each in roster.invitations.items():
        until = links.get(identifier)
        lines.append(InvitationLine(identifier, each.email, each.at, until if until and until > roster.at else None))
    return tuple(lines)


def _former(ledger: Ledger) -> tuple[FormerLine, ...]:
    return tuple(
        FormerLine(each.change.old_name, each.change.old_registration, each.at, each.id, each.place.log_index)
        for each in reversed(ledger.events)
        if isinstance(each.change, ParticularsChanged)
    )


def _history(ledger: Ledger, names: Names) -> tuple[HistoryLine, ...]:
    meant = named_in(each.change for each in ledger.events)
    return tuple(
        HistoryLine(
            each.id,
            each.at,
            who_is(each.by.account, names),
            told(each.change, meant),
            each.reason,
            each.place.log_index,
        )
        for each in reversed(ledger.events)
    )
