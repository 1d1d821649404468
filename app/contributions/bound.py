# SPDX-License-Identifier: Apache-2.0
"""Who is bound by an agreement with a foundation now: by an own one, through a company, or by a grant.

This is whom paragraph S.6 of the agreements means. An agreement that was ended binds nobody any more, and an offer that
the foundation has not accepted binds nobody yet. Whoever signed for a company bound the company, not themselves.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.agreements.models import Agreement
from app.companies.changes import Account
from app.companies.coverage import Covered, covering
from app.companies.ledgers import ledgers_naming, persons_of
from app.companies.roster import Roster, fold
from app.contributions.models import Contribution
from app.grants.models import Offer, OfferAnswer
from app.signing.in_force import acceptances, not_ended


def is_bound(session: Session, contributor_id: str, foundation_id: str, now: datetime) -> bool:
    """Whether this person is bound; the cheaper questions are asked first."""
    return (
        bool(acceptances(session, contributor_id, Agreement.foundation_id == foundation_id))
        or _granted(session, contributor_id, foundation_id)
        or _listed(session, contributor_id, foundation_id, now)
    )


def _granted(session: Session, contributor_id: str, foundation_id: str) -> bool:
    """Whether a grant of theirs was counter-signed, and is not ended."""
    query = (
        exists()
        .where(Contribution.contributor_id == contributor_id, not_ended(Contribution.signing_id))
        .where(Offer.signing_id == Contribution.signing_id, Offer.foundation_id == foundation_id)
        .where(OfferAnswer.signing_id == Offer.signing_id, OfferAnswer.answer == "counter-signed")
        .where(OfferAnswer.bundle.is_not(None))
    )
    return bool(session.scalar(select(query)))


def _listed(session: Session, contributor_id: str, foundation_id: str, now: datetime) -> bool:
    """Whether they may give anything for a company that is bound."""
    accounts = [each.account for each in persons_of(session, contributor_id)]
    ledgers = ledgers_naming(session, accounts, foundation_id) if accounts else {}
    return any(_gives(fold(ledger, now), accounts) for ledger in ledgers.values())


def _gives(roster: Roster, accounts: list[Account]) -> bool:
    kinds = roster.accepted.kinds if roster.accepted else ()
    return any(isinstance(covering(roster, accounts, kind), Covered) for kind in kinds)
