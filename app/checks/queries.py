# SPDX-License-Identifier: Apache-2.0
"""Whose an address is: the accounts whose providers had verified it; two statements, however many are asked for."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.companies.addresses import compared
from app.identity.belonging import OWNER, linked_at
from app.identity.models import FormerLink, Identity, PersonDetail
from app.platform.db import Reader
from app.platform.sqllists import listed
from mcla.checks.facts import Owner
from mcla.checks.people import ByAccount


def owners_of(reader: Reader, emails: Collection[str], at: datetime) -> dict[str, tuple[Owner, ...]]:
    """The owners of each of these addresses at a time; what an account had before and has no more is nobody's.

    Addresses are compared as lists of companies compare them; one that cannot be parsed is nobody's.
    """
    wanted = {email: key for email in emails if (key := compared(email))}
    spellings = {*wanted, *wanted.values()}
    ever = select(PersonDetail.identity_id).where(
        PersonDetail.email_lower.in_(listed(reader, spellings)), PersonDetail.recorded_at <= at
    )
    query = (
        select(OWNER, Identity.provider, Identity.subject, PersonDetail.email)
        .join(PersonDetail, PersonDetail.identity_id == Identity.id)
        .outerjoin(FormerLink, linked_at(at))
        .where(Identity.id.in_(ever), PersonDetail.recorded_at <= at)
        .order_by(PersonDetail.recorded_at, PersonDetail.id)
    )
    newest = {}
    for person, provider, subject, email in reader.execute(query) if wanted else ():
        newest[Owner(person, ByAccount(provider, subject))] = compared(email)
    found: dict[str, list[Owner]] = {}
    for owner, key in newest.items():
        found.setdefault(str(key), []).append(owner)
    return {email: tuple(found.get(key, ())) for email, key in wanted.items()}


def persons_of(reader: Reader, accounts: Collection[ByAccount], at: datetime) -> dict[ByAccount, str]:
    """The persons, as opaque ids, whose accounts these were at a time. One statement."""
    query = (
        select(Identity.provider, Identity.subject, OWNER)
        .outerjoin(FormerLink, linked_at(at))
        .where(
            Identity.provider.in_(listed(reader, {each.provider for each in accounts})),
            Identity.subject.in_(listed(reader, {each.subject for each in accounts})),
        )
    )
    found = {ByAccount(provider, subject): person for provider, subject, person in reader.execute(query)}
    return {each: found[each] for each in accounts if each in found}
