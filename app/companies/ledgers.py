# SPDX-License-Identifier: Apache-2.0
"""Loads what was signed for companies, and finds the companies that may matter to somebody; constant SQL statements."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session, defer

from app.agreements.models import Agreement, AgreementVersion
from app.companies.addresses import above, compared, domain_of
from app.companies.changes import (
    Account,
    Address,
    AffiliationConfirmed,
    Domain,
    EndedByFoundation,
    EntryAdded,
    EntryRemoved,
    Organisation,
    ordered,
)
from app.companies.document import parse_document
from app.companies.errors import CompanyUnknown
from app.companies.models import Company, CompanyAcceptance, CompanyEntry, CompanyEvent
from app.companies.roster import Accepted, Event, Ledger, Left, Moved, Person, Place
from app.identity import memberships
from app.identity.models import Identity, MembershipEnd, PersonDetail
from app.platform.clock import is_id
from app.platform.sqllists import listed
from app.signing.models import Signature, Signing, Withdrawal


def ledger_of(session: Session, company_id: str) -> Ledger:
    """Everything that was signed for one company."""
    return ledgers_of(session, [company_id]).get(company_id) or Ledger(company_id, (), ())


def ledgers_of(session: Session, company_ids: Collection[str]) -> dict[str, Ledger]:
    """The same for several, in four statements; text that is no id names a company of which nothing was signed."""
    company_ids = [each if is_id(each) else "" for each in company_ids]
    accepted: dict[str, list[Accepted]] = {each: [] for each in company_ids}
    events: dict[str, list[Event]] = {each: [] for each in company_ids}
    for company_id, each in _accepted(session, company_ids):
        accepted[company_id].append(each)
    for row, statement in _events(session, CompanyEvent.company_id.in_(company_ids)):
        events[row.company_id].append(_event(row, statement))
    news = _news(session, CompanyEvent.company_id.in_(company_ids))
    return {each: Ledger.of(each, accepted[each], events[each], news.get(each, ())) for each in company_ids}


def ledgers_naming(session: Session, accounts: Collection[Account], foundation_id: str) -> dict[str, Ledger]:
    """What decides whether these accounts give for companies of a foundation, and nothing else of their lists.

    An account gives for a company only by its own confirmation, so only entries that one of them has confirmed are
    loaded. Six statements, however many companies and entries there are.
    """
    wanted = {(each.provider, each.subject) for each in accounts}
    subjects = listed(session, {subject for _, subject in wanted})
    confirmed = select(CompanyEvent.company_id, CompanyEvent.entry_id, CompanyEvent.provider, CompanyEvent.subject)
    confirmed = confirmed.where(CompanyEvent.provider.in_(listed(session, {provider for provider, _ in wanted})))
    confirmed = confirmed.where(CompanyEvent.subject.in_(subjects), CompanyEvent.change == AffiliationConfirmed.type)
    found = [row for row in session.execute(confirmed) if (row.provider, row.subject) in wanted]
    companies, entries = {row.company_id for row in found}, {str(row.entry_id) for row in found}
    if not found:
        return {}
    own = select(Company.id).where(Company.id.in_(listed(session, companies)), Company.foundation_id == foundation_id)
    accepted: dict[str, list[Accepted]] = {each: [] for each in companies}
    for company_id, each in _accepted(session, own):
        accepted[company_id].append(each)
    about = CompanyEvent.entry_id.in_(listed(session, entries))
    kept = (CompanyEvent.change.in_((EntryAdded.type, EntryRemoved.type))) | CompanyEvent.subject.in_(subjects)
    rows = [*_events(session, about & kept)]
    rows += _events(session, CompanyEvent.company_id.in_(own) & (CompanyEvent.change == EndedByFoundation.type))
    events: dict[str, list[Event]] = {each: [] for each in companies}
    for row, statement in sorted(rows, key=lambda each: each[0].position):
        events[row.company_id].append(_event(row, statement))
    news = _news(session, about & CompanyEvent.subject.in_(subjects))
    return {
        each: Ledger.of(each, accepted[each], events[each], news.get(each, ())) for each in companies if accepted[each]
    }


def companies_of(session: Session, persons: Collection[Person]) -> set[str]:
    """Companies in which one of these accounts has signed anything, or whose lists may mean them; three statements."""
    accounts = [(each.account.provider, each.account.subject) for each in persons]
    contributors = {each.contributor_id for each in persons}
    acted = or_(
        tuple_(CompanyEvent.provider, CompanyEvent.subject).in_(accounts), CompanyEvent.contributor_id.in_(contributors)
    )
    signed = select(CompanyAcceptance.company_id).where(CompanyAcceptance.contributor_id.in_(contributors))
    found = set(session.scalars(select(CompanyEvent.company_id).where(acted).distinct()))
    found |= set(session.scalars(select(CompanyEntry.company_id).where(or_(*_listed(persons))).distinct()))
    return found | set(session.scalars(signed))


def rows_of(session: Session, company_ids: Collection[str]) -> dict[str, Company]:
    """Companies by their ids. One statement."""
    return {row.id: row for row in session.scalars(select(Company).where(Company.id.in_(company_ids)))}


def company_of(session: Session, acceptance_sha256: str) -> Company:
    """The company that made the acceptance with this statement (64 hex); raises `CompanyUnknown`. One statement."""
    query = (
        select(Company)
        .join(CompanyAcceptance, CompanyAcceptance.company_id == Company.id)
        .join(Signing, Signing.id == CompanyAcceptance.signing_id)
    )
    found = session.scalar(query.where(Signing.statement_sha256 == acceptance_sha256))
    if found is None:
        raise CompanyUnknown("No company of this service made the acceptance that the statement names.")
    return found


def persons_of(session: Session, contributor_id: str) -> list[Person]:
    """The accounts of a contributor, each with what its provider confirmed: the last address, and memberships.

    Two statements.
    """
    query = (
        select(Identity, PersonDetail.email)
        .join(PersonDetail, PersonDetail.identity_id == Identity.id)
        .where(Identity.contributor_id == contributor_id)
        .order_by(PersonDetail.recorded_at)
    )
    newest: dict[Account, str | None] = {}
    for identity, email in session.execute(query):
        newest[Account(identity.provider, identity.subject)] = compared(email)
    known = memberships.of_contributor(session, contributor_id)
    return [
        Person(contributor_id, account, email, known.get((account.provider, account.subject), ()))
        for account, email in newest.items()
    ]


def names_of(session: Session, accounts: Iterable[Account]) -> dict[Account, tuple[str, str]]:
    """Name and login that the provider said last of each account, where they were not erased. One statement."""
    wanted = [(each.provider, each.subject) for each in set(accounts)]
    query = (
        select(Identity.provider, Identity.subject, PersonDetail.name, PersonDetail.login)
        .join(PersonDetail, PersonDetail.identity_id == Identity.id)
        .where(tuple_(Identity.provider, Identity.subject).in_(wanted))
        .order_by(PersonDetail.recorded_at)
    )
    rows: Any = session.execute(query) if wanted else ()
    return {Account(provider, subject): (name, login) for provider, subject, name, login in rows}


def _listed(persons: Collection[Person]) -> list[ColumnElement[bool]]:
    keys = {Account.type: {each.account.key for each in persons}}
    emails = {each.email for each in persons if each.email}
    keys[Address.type] = emails
    keys[Domain.type] = {domain for email in emails for domain in above(domain_of(email))}
    keys[Organisation.type] = {f"{each.provider}:{each.organisation}" for one in persons for each in one.memberships}
    return [and_(CompanyEntry.rule == rule, CompanyEntry.key.in_(wanted)) for rule, wanted in keys.items()]


def _accepted(session: Session, company_ids: Collection[str] | Select[str]) -> Iterable[tuple[str, Accepted]]:
    query = (
        select(CompanyAcceptance, Signature, Signing.statement_sha256, AgreementVersion, Agreement.slug, Withdrawal)
        .join(Signing, Signing.id == CompanyAcceptance.signing_id)
        .join(Signature, Signature.signing_id == Signing.id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signing.id)
        .where(CompanyAcceptance.company_id.in_(company_ids))
        .order_by(Signature.log_index)
    )
    for row, signature, statement, version, slug, ended in session.execute(query):
        yield (
            row.company_id,
            Accepted(
                slug=slug,
                version=version.version,
                version_id=version.id,
                kinds=ordered(version.terms["scope"]["kinds"]),
                managers=version.terms["company"]["managers"],
                second_release=ordered(version.terms["company"]["second_release"]),
                own_signature=version.terms["company"]["own_signature"] == "needed",
                signatory=row.contributor_id,
                signature_id=signature.id,
                place=Place(statement, signature.log_index),
                at=signature.signed_at,
                ended_at=ended.signed_at if ended else None,
            ),
        )


def _news(session: Session, which: ColumnElement[bool]) -> Mapping[str, list[Left | Moved]]:
    """What was told of the accounts that made these confirmations since they did, by company. Two statements."""
    own = and_(CompanyEvent.provider == Identity.provider, CompanyEvent.subject == Identity.subject)
    confirmed = which & (CompanyEvent.change == AffiliationConfirmed.type)
    account = (CompanyEvent.company_id, Identity.provider, Identity.subject)
    left = (
        select(*account, MembershipEnd.organisation, MembershipEnd.ended_at)
        .join(Identity, own)
        .join(MembershipEnd, MembershipEnd.identity_id == Identity.id)
        .where(confirmed, MembershipEnd.ended_at >= CompanyEvent.signed_at)
    )
    moved = (
        select(*account, PersonDetail.email, PersonDetail.recorded_at)
        .join(Identity, own)
        .join(PersonDetail, PersonDetail.identity_id == Identity.id)
        .where(confirmed, PersonDetail.recorded_at >= CompanyEvent.signed_at)
    )
    found: dict[str, list[Left | Moved]] = {}
    for company_id, provider, subject, organisation, at in session.execute(left):
        found.setdefault(company_id, []).append(Left(Account(provider, subject), organisation, at))
    for company_id, provider, subject, email, at in session.execute(moved):
        found.setdefault(company_id, []).append(Moved(Account(provider, subject), compared(email), at))
    return found


def _events(session: Session, which: ColumnElement[bool]) -> Iterable[tuple[CompanyEvent, str]]:
    query = (
        select(CompanyEvent, Signing.statement_sha256)
        .join(Signing, Signing.id == CompanyEvent.signing_id)
        .where(which)
        .order_by(CompanyEvent.company_id, CompanyEvent.position)
        .options(defer(CompanyEvent.bundle))
    )
    return ((row, statement) for row, statement in session.execute(query))


def _event(row: CompanyEvent, statement: str) -> Event:
    document = parse_document(row.document)
    by = Person(row.contributor_id, Account(row.provider, row.subject))
    place = Place(statement, row.log_index)
    return Event(row.position, row.signed_at, by, document.change, place, document.reason, row.id)
