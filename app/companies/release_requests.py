# SPDX-License-Identifier: Apache-2.0
"""How long a request for release is kept: while it may be used, and then no longer than somebody may look back at it.

Nothing of it is signed. The release itself is a change of the company and stays: whoever asks again for the same files
finds it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.companies.models import CompanyRelease
from app.platform.clock import Clock
from app.platform.jobs import add_job
from app.signing.ports import Gift

ASKED = timedelta(days=180)
"""From when it was last asked: as long as the longest confirmation that somebody could give under."""
GIVEN = timedelta(days=30)
"""From when the files were given."""
CLEAR_JOB = "releases.clear"


def find(session: Session, company_id: str, contributor_id: str, gift: Gift) -> CompanyRelease | None:
    """This person's request to release these files, whatever the answers."""
    row = CompanyRelease
    same = (
        *(row.company_id == company_id, row.contributor_id == contributor_id),
        *(row.project == gift.project, row.kind == gift.kind, row.root == gift.root),
        row.agreement.is_not_distinct_from(gift.agreement),
    )
    return session.scalar(select(row).where(*same).limit(1))


def keep(session: Session, clock: Clock, row: CompanyRelease, life: timedelta) -> None:
    """Keep a request for `life` from now on, whether that is longer or shorter than before."""
    before: datetime | None = row.expires_at
    row.expires_at = clock.now() + life
    if before is None or row.expires_at < before:  # else the job that waits comes back
        add_job(session, clock, CLEAR_JOB, {"release_id": row.id}, life)


def clear(session: Session, clock: Clock, payload: Mapping[str, Any]) -> None:
    """What `releases.clear` does: payload `{"release_id"}`. Deletes what has ended; comes back for one that has not."""
    now = clock.now()
    session.execute(delete(CompanyRelease).where(CompanyRelease.expires_at <= now))
    row = session.get(CompanyRelease, payload["release_id"])
    if row is not None:
        add_job(session, clock, CLEAR_JOB, dict(payload), row.expires_at - now)
