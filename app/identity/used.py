# SPDX-License-Identifier: Apache-2.0
"""Identity tokens that were used up: each works once, for a command line, a stock client and a forge's job alike."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.identity.models import UsedAssertion
from app.identity.sql import insert_if_absent

KEPT = timedelta(days=30)
"""Past its end. A clock that ran ahead for less than this and was set right has made nothing usable a second time."""


class UsedOnce(Protocol):
    """A token that was checked: the digest of what was signed, and when it can be forgotten."""

    @property
    def sha256(self) -> str: ...

    @property
    def expires_at(self) -> datetime: ...


def use_up(session: Session, checked: UsedOnce, now: datetime) -> bool:
    """Remember a token that was checked, in the caller's transaction; False if it was used before."""
    session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at <= now - KEPT))
    return insert_if_absent(session, UsedAssertion(sha256=checked.sha256, expires_at=checked.expires_at))
