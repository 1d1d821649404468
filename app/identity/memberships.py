# SPDX-License-Identifier: Apache-2.0
"""Which organisations a provider said that somebody is a member of, and when; kept as far as somebody asked for it.

A membership is known by the organisation's id at the provider: a renamed organisation keeps it, and one that was made
anew under an old name inherits nothing. Whatever the provider does not name is no membership.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.identity.models import Identity, Membership, MembershipEnd
from app.identity.people import clean
from app.identity.ports import ConfirmedMembership, OrganisationTold

KEPT = timedelta(days=100)
"""Longer than anything that rests on one answer of a provider."""


def record(session: Session, identity_id: str, told: Collection[OrganisationTold], wanted: str, now: datetime) -> None:
    """Keep what the provider answered: the organisation named `wanted`, and those that were kept before.

    Those kept before that are in the answer are confirmed anew, under the name that they have now; the others end, and
    when is kept. Of the rest of the answer nothing is kept.
    """
    session.execute(delete(Membership).where(Membership.confirmed_at < now - KEPT))
    before = set(session.scalars(select(Membership.organisation).where(Membership.identity_id == identity_id)))
    session.execute(delete(Membership).where(Membership.identity_id == identity_id))
    for each in told:
        if each.number in before or each.name.casefold() == wanted.casefold():
            name = clean(each.name, 255)
            session.add(Membership(identity_id=identity_id, organisation=each.number, name=name, confirmed_at=now))
    for gone in before - {each.number for each in told}:
        session.merge(MembershipEnd(identity_id=identity_id, organisation=gone, ended_at=now))
    session.flush()


def of_contributor(session: Session, contributor_id: str) -> dict[tuple[str, str], tuple[ConfirmedMembership, ...]]:
    """The confirmed memberships of a person, by provider and subject of the account that has them. One statement."""
    query = (
        select(Identity.provider, Identity.subject, Membership)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(Identity.contributor_id == contributor_id)
        .order_by(Membership.name, Membership.organisation)
    )
    found: dict[tuple[str, str], tuple[ConfirmedMembership, ...]] = {}
    for provider, subject, row in session.execute(query):
        one = ConfirmedMembership(provider, row.organisation, row.name, row.confirmed_at)
        found[provider, subject] = (*found.get((provider, subject), ()), one)
    return found
