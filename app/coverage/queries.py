# SPDX-License-Identifier: Apache-2.0
"""Loads what was signed by people or a company; a constant number of statements, however many and however much."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, exists, select, union, union_all

from app.agreements.models import Agreement, AgreementVersion
from app.companies.changes import Account
from app.companies.ledgers import ledgers_naming
from app.companies.models import Company
from app.companies.roster import Ledger
from app.contributions.queries import log_size
from app.coverage.deciding import Acceptance, PersonThen
from app.coverage.errors import TimeUnfit
from app.identity.belonging import OWNER, linked_at
from app.identity.models import FormerLink, Identity
from app.log.models import LogEntry
from app.platform.clock import Clock
from app.platform.db import Reader, UtcDateTime
from app.platform.sqllists import dialect_of, named_list
from app.signing.models import Signature, Signing, Withdrawal
from mcla.wording import Worded

STEPS = 63
"""Halvings of a log: more than any can take."""


Key = tuple[str, str]
"""An account: provider and subject."""


@dataclass(frozen=True, slots=True)
class Held:
    """An account as it was at a time: the identity's id, and the contributor whose it was then."""

    id: str
    contributor_id: str


def persons_at(reader: Reader, foundation_id: str, accounts: Collection[Key], at: datetime) -> dict[Key, PersonThen]:
    """What the owners of these accounts had accepted, and which companies had listed them, by account.

    An account that was not here then is left out. Seven statements, however many accounts there are.
    """
    identities = identities_of(reader, accounts, at)
    if not identities:
        return {}
    contributors = {each.contributor_id for each in identities.values()}
    own = _accounts_of(reader, contributors, at)
    accepted = acceptances_of(reader, list(identities.values()), foundation_id)
    ledgers = ledgers_naming(reader, [each for one in own.values() for each in one], foundation_id)
    by_account: dict[Account, list[Ledger]] = {}
    for ledger in ledgers.values():
        for account in {event.by.account for event in ledger.events}:
            by_account.setdefault(account, []).append(ledger)
    return {
        key: PersonThen(
            tuple(accepted[identity.id]),
            tuple(_once(ledger for one in own[identity.contributor_id] for ledger in by_account.get(one, ()))),
            own[identity.contributor_id],
        )
        for key, identity in identities.items()
    }


def identities_of(reader: Reader, accounts: Collection[Key], at: datetime) -> dict[Key, Held]:
    """The accounts with these subjects that were here at a time, with whose they were. One statement."""
    wanted = set(accounts)
    asked = {
        "providers": {provider for provider, _ in wanted},
        "subjects": {subject for _, subject in wanted},
        "at": at,
    }
    rows = reader.execute(_identities(dialect_of(reader)), asked) if wanted else ()
    return {(provider, subject): Held(*held) for provider, subject, *held in rows if (provider, subject) in wanted}


def acceptances_of(reader: Reader, identities: Collection[Held], foundation_id: str) -> dict[str, list[Acceptance]]:
    """What the owners of accounts accepted for self towards a foundation, ended or not, by identity. One statement.

    An acceptance by another account of the same person counts as well.
    """
    ids, contributors = {each.id for each in identities}, {each.contributor_id for each in identities}
    asked = {"ids": ids, "contributors": contributors, "foundation": foundation_id}
    found: dict[str, list[Acceptance]] = {each.id: [] for each in identities}
    by_person: dict[str, list[str]] = {}
    for each in identities:
        by_person.setdefault(each.contributor_id, []).append(each.id)
    rows = reader.execute(_acceptances(dialect_of(reader)), asked)
    for identity_id, contributor_id, slug, version_id, index, logged_at, ended_at in rows:
        for owner in {*by_person.get(contributor_id, ()), *({identity_id} & ids)}:
            found[owner].append(Acceptance(slug, version_id, index, logged_at, ended_at))
    return found


def _accounts_of(reader: Reader, contributors: Collection[str], at: datetime) -> dict[str, tuple[Account, ...]]:
    """Every account that was one of these people's at a time. One statement."""
    found: dict[str, list[Account]] = {}
    rows = reader.execute(_accounts(dialect_of(reader)), {"contributors": contributors, "at": at})
    for contributor_id, *account in rows:
        found.setdefault(contributor_id, []).append(Account(*account))
    return {each: tuple(accounts) for each, accounts in found.items()}


_AT: Any = bindparam("at", type_=UtcDateTime)


# Built once for each engine: building a statement costs as much as running it.
@cache
def _identities(dialect: str) -> Select[str, str, str, str]:
    return (
        select(Identity.provider, Identity.subject, Identity.id, OWNER)
        .outerjoin(FormerLink, linked_at(_AT))
        .where(Identity.provider.in_(named_list(dialect, "providers")), Identity.created_at <= _AT)
        .where(Identity.subject.in_(named_list(dialect, "subjects")))
    )


@cache
def _accounts(dialect: str) -> CompoundSelect[str, str, str]:
    # A union, because no index serves "theirs then or theirs now" over two tables.
    people = named_list(dialect, "contributors")
    account = Identity.provider, Identity.subject
    still = select(Identity.contributor_id, *account).where(Identity.contributor_id.in_(people))
    then = select(FormerLink.contributor_id, *account).join(Identity, linked_at(_AT))
    return union_all(
        still.where(Identity.created_at <= _AT, ~exists().where(linked_at(_AT))),
        then.where(FormerLink.contributor_id.in_(people)),
    )


@cache
def _acceptances(dialect: str) -> Select[str, str, str, str, int, datetime, datetime]:
    # A union, because no index serves "by this account or by this person" over two tables.
    signed = (
        select(Signature.id).where(Signature.contributor_id.in_(named_list(dialect, "contributors"))),
        select(Signature.id)
        .join(Signing, Signing.id == Signature.signing_id)
        .where(Signing.identity_id.in_(named_list(dialect, "ids"))),
    )
    return (
        select(
            Signing.identity_id,
            Signature.contributor_id,
            Agreement.slug,
            Signature.agreement_version_id,
            Signature.log_index,
            LogEntry.appended_at,
            Withdrawal.signed_at,
        )
        .join(Signing, Signing.id == Signature.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .join(LogEntry, LogEntry.index == Signature.log_index)
        .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signature.signing_id)
        .where(Signature.id.in_(union(*signed)), Signature.capacity == "individual")
        .where(Agreement.foundation_id == bindparam("foundation"))
    )


def _once(ledgers: Iterable[Ledger]) -> list[Ledger]:
    """Each company once, always in the same order."""
    return [each for _, each in sorted({each.company_id: each for each in ledgers}.items())]


def company_ids(reader: Reader, ids: Collection[str], foundation_id: str) -> list[str]:
    """Those of these companies that signed towards this foundation. One statement."""
    query = select(Company.id).where(Company.id.in_(ids), Company.foundation_id == foundation_id)
    return sorted(reader.scalars(query)) if ids else []


def moment_asked(clock: Clock, at: datetime | None) -> datetime:
    """The time of a question, now by default; raises `TimeUnfit` for one without a zone or that has not come."""
    now = clock.now()
    if at is None:
        return now
    if at.tzinfo is None:
        raise TimeUnfit(Worded("expected a time with its zone, got %(isoformat)s", isoformat=at.isoformat()))
    if at > now:
        raise TimeUnfit(Worded("expected a time that has come, got %(isoformat)s", isoformat=at.isoformat()))
    return at


def size_then(reader: Reader, at: datetime | None) -> int:
    """How many entries the log had at a time, now by default."""
    size = log_size(reader)
    return size if at is None else size_at(reader, size, at)


def size_at(reader: Reader, size: int, at: datetime) -> int:
    """How many of the log's first `size` entries were there at a time, by halving: entries carry rising times."""
    low, high = 0, size
    for _ in range(STEPS):
        if low >= high:
            break
        middle = (low + high) // 2
        appended = reader.scalar(select(LogEntry.appended_at).where(LogEntry.index == middle))
        low, high = (middle + 1, high) if appended is not None and appended <= at else (low, middle)
    return low
