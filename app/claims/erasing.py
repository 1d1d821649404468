# SPDX-License-Identifier: Apache-2.0
"""Takes a person's data out of claims, in the caller's transaction; that there was a row, and from where, stays.

What a row was known by again stays too, as a keyed digest: the next import of the same export brings nobody back.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.claims.models import Claim, ClaimMark
from app.claims.queries import marked
from app.claims.values import ClaimInfo, Whose


def erase(session: Session, claims: Sequence[ClaimInfo], whose: Whose, by: str, now: datetime) -> int:
    """Erase a person's rows in full, and the person's entries in companies' rows; answers how many rows that were."""
    touched = [each for each in claims if each.erased_at is None]
    own = [each.id for each in touched if each.what == "person"]
    if own:
        session.execute(delete(ClaimMark).where(ClaimMark.claim_id.in_(own)))
        empty = {"subject": None, "place": "", "erased_at": now, "erased_by": by}
        session.execute(update(Claim).where(Claim.id.in_(own)).values(**empty))
    listed = [each.id for each in touched if each.what != "person"]
    if listed:
        session.execute(delete(ClaimMark).where(ClaimMark.claim_id.in_(listed), *marked(session, whose)))
    return len(touched)
