# SPDX-License-Identifier: Apache-2.0
"""Loads what was signed for companies, and finds the companies that may matter to somebody; constant SQL statements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.agreements.models import Agreement, AgreementVersion
from app.companies.addresses import above, compared, domain_of
from app.companies.changes import (
    Account,
    Address,
    AffiliationConfirmed,
    Change,
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
from app.log.models import LogEntry
from app.platform.clock import is_id
from app.platform.db import Reader
from app.platform.sqllists import dialect_of, named_list
from app.signing.models import Signature, Signing, Withdrawal


def ledger_of(session: Session, company_id: str) -> Ledger:
    """Everything that was signed for one company."""
    return ledgers_of(session, [company_id]).get(company_id) or Ledger(company_id, (), ())


def ledgers_of(session: Session, company_ids: Collection[str]) -> dict[str, Ledger]:
    """The same for several, in three statements; text that is no id names a company of which nothing was signed."""
    company_ids = [each if is_id(each) else "" for each in company_ids]
    accepted: dict[str, list[Accepted]] = {each: [] for each in company_ids}
    events: dict[str, list[Event]] = {each: [] for each in company_ids}
    own = CompanyEvent.company_id.in_(company_ids)
    for company_id, each in _accepted(session.execute(_acceptances(CompanyAcceptance.company_id.in_(company_ids)))):
        accepted[company_id].append(each)
    for row in session.execute(_events(own).order_by(CompanyEvent.company_id, CompanyEvent.position)):
        events[row.company_id].append(_event(row))
    news = _news(session.execute(_told_since(own)))
    return {each: Ledger.of(each, accepted[each], events[each], news.get(each, ())) for each in company_ids}


def ledgers_naming(reader: Reader, accounts: Collection[Account], foundation_id: str) -> dict[str, Ledger]:
    """What decides whether these accounts give for companies of a foundation, and nothing else of their lists.

    An account gives for a company only by its own confirmation, so only entries that one of them has confirmed are
    loaded. Four statements, however many companies and entries there are.
    """
    confirmed, *naming = _naming(dialect_of(reader))
    wanted = {(each.provider, each.subject) for each in accounts}
    providers, subjects = ({key[place] for key in wanted} for place in (0, 1))
    asked = {"providers": providers, "subjects": subjects, "foundation": foundation_id}
    found = [row for row in reader.execute(confirmed, asked) if (row.provider, row.subject) in wanted]
    companies, entries = {row.company_id for row in found}, {str(row.entry_id) for row in found}
    if not found:
        return {}
    asked |= {"companies": companies, "entries": entries}
    acceptances, happened, told = (reader.execute(each, asked).all() for each in naming)
    accepted: dict[str, list[Accepted]] = {each: [] for each in companies}
    for company_id, each in _accepted(acceptances):
        accepted[company_id].append(each)
    events: dict[str, list[Event]] = {each: [] for each in companies}
    for row in sorted(happened, key=lambda each: each.position):
        events[row.company_id].append(_event(row))
    news = _news(told)
    return {
        each: Ledger.of(each, accepted[each], events[each], news.get(each, ())) for each in companies if accepted[each]
    }


@cache
def _naming(dialect: str) -> tuple[Any, ...]:
    """The statements of `ledgers_naming`: confirmations; acceptances, events of entries and ends, news."""
    subject = CompanyEvent.subject.in_(named_list(dialect, "subjects"))
    confirmed = (
        select(CompanyEvent.company_id, CompanyEvent.entry_id, CompanyEvent.provider, CompanyEvent.subject)
        .join(Company, Company.id == CompanyEvent.company_id)
        .where(CompanyEvent.provider.in_(named_list(dialect, "providers")), subject, _is(AffiliationConfirmed))
        .where(Company.foundation_id == bindparam("foundation"))
    )
    own = named_list(dialect, "companies")
    about = CompanyEvent.entry_id.in_(named_list(dialect, "entries"))
    kept = _is(EntryAdded, EntryRemoved) | subject
    return (
        confirmed,
        _acceptances(CompanyAcceptance.company_id.in_(own)),
        _events(about & kept).union_all(_events(CompanyEvent.company_id.in_(own) & _is(EndedByFoundation))),
        _told_since(about & subject),
    )


def _is(*changes: type[Change]) -> ColumnElement[bool]:
    """Written out, not a parameter: how rare a change is decides which index is walked, in a plan made for all."""
    return CompanyEvent.change.in_([literal_column(f"'{each.type}'", String) for each in changes])


def acceptances_over() -> Select[str]:
    """The signings of acceptances that stand for their company no more, in SQL: a later one does, or the foundation
    ended it. `Ledger` and `fold` decide the same for one company; ends by the signatory are those of signatures."""
    own, later = aliased(Signature), aliased(Signature)
    other, company = aliased(CompanyAcceptance), CompanyAcceptance.company_id
    replaced = (
        select(later.id)
        .join(other, other.signing_id == later.signing_id)
        .where(other.company_id == company, later.log_index > own.log_index)
    )
    ended = select(CompanyEvent.id).where(
        CompanyEvent.company_id == company,
        CompanyEvent.change == EndedByFoundation.type,
        or_(CompanyEvent.log_index.is_(None), CompanyEvent.log_index > own.log_index),
    )
    query = select(CompanyAcceptance.signing_id).join(own, own.signing_id == CompanyAcceptance.signing_id)
    return query.where(or_(replaced.exists(), ended.exists()))


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


def company_of(session: Session, record_sha256: str) -> Company:
    """The company of which this statement (64 hex) is a record: its acceptance, or a change that was signed for it.

    Raises `CompanyUnknown`. One statement.
    """
    signed = select(Signing.id).where(Signing.statement_sha256 == record_sha256)
    recorded = (
        select(table.company_id).where(table.signing_id.in_(signed)) for table in (CompanyAcceptance, CompanyEvent)
    )
    found = session.scalar(select(Company).where(Company.id.in_(union_all(*recorded))))
    if found is None:
        raise CompanyUnknown("No company of this service has the record that the statement names.")
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


def _acceptances(which: ColumnElement[bool]) -> Select[Any]:
    # Columns, not whole rows: a signature's row holds its bundle.
    return (
        select(
            CompanyAcceptance.company_id,
            CompanyAcceptance.contributor_id,
            Signature.id.label("signature_id"),
            Signature.log_index,
            LogEntry.appended_at,
            Signing.statement_sha256,
            AgreementVersion.id.label("version_id"),
            AgreementVersion.version,
            AgreementVersion.terms,
            Agreement.slug,
            Withdrawal.signed_at.label("ended_at"),
        )
        .join(Signing, Signing.id == CompanyAcceptance.signing_id)
        .join(Signature, Signature.signing_id == Signing.id)
        .join(LogEntry, LogEntry.index == Signature.log_index)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signing.id)
        .where(which)
        .order_by(Signature.log_index)
    )


def _accepted(rows: Iterable[Any]) -> Iterable[tuple[str, Accepted]]:
    for row in rows:
        yield (
            row.company_id,
            Accepted(
                slug=row.slug,
                version=row.version,
                version_id=row.version_id,
                kinds=ordered(row.terms["scope"]["kinds"]),
                managers=row.terms["company"]["managers"],
                second_release=ordered(row.terms["company"]["second_release"]),
                own_signature=row.terms["company"]["own_signature"] == "needed",
                signatory=row.contributor_id,
                signature_id=row.signature_id,
                place=Place(row.statement_sha256, row.log_index),
                at=row.appended_at,
                ended_at=row.ended_at,
            ),
        )


_SAME = and_(CompanyEvent.provider == Identity.provider, CompanyEvent.subject == Identity.subject)
_WHOSE = (CompanyEvent.company_id, Identity.provider, Identity.subject)


def _told_since(which: ColumnElement[bool]) -> CompoundSelect[str, str, str, str, str, datetime]:
    """What was told of the accounts that made these confirmations since: an organisation left, or an address shown."""
    confirmed = (which, _is(AffiliationConfirmed))
    left = (
        select(*_WHOSE, literal(Left.__name__).label("news"), MembershipEnd.organisation, MembershipEnd.ended_at)
        .join(Identity, _SAME)
        .join(MembershipEnd, MembershipEnd.identity_id == Identity.id)
        .where(*confirmed, MembershipEnd.ended_at >= CompanyEvent.signed_at)
    )
    moved = (
        select(*_WHOSE, literal(Moved.__name__), PersonDetail.email, PersonDetail.recorded_at)
        .join(Identity, _SAME)
        .join(PersonDetail, PersonDetail.identity_id == Identity.id)
        .where(*confirmed, PersonDetail.recorded_at >= CompanyEvent.signed_at)
    )
    return left.union_all(moved)


def _news(told: Iterable[Any]) -> Mapping[str, list[Left | Moved]]:
    """What was told of accounts since they confirmed, by company."""
    found: dict[str, list[Left | Moved]] = {}
    for company_id, provider, subject, news, value, at in told:
        account = Account(provider, subject)
        one = Left(account, value, at) if news == Left.__name__ else Moved(account, compared(value), at)
        found.setdefault(company_id, []).append(one)
    return found


def _events(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # Columns, not whole rows: an event's row holds its bundle.
    return (
        select(
            CompanyEvent.id,
            CompanyEvent.company_id,
            CompanyEvent.position,
            CompanyEvent.contributor_id,
            CompanyEvent.provider,
            CompanyEvent.subject,
            CompanyEvent.document,
            CompanyEvent.signed_at,
            CompanyEvent.log_index,
            Signing.statement_sha256,
        )
        .join(Signing, Signing.id == CompanyEvent.signing_id)
        .where(which)
    )


def _event(row: Any) -> Event:
    document = parse_document(row.document)
    by = Person(row.contributor_id, Account(row.provider, row.subject))
    place = Place(row.statement_sha256, row.log_index)
    return Event(row.position, row.signed_at, by, document.change, place, document.reason, row.id)
