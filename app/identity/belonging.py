# SPDX-License-Identifier: Apache-2.0
"""Whose an account was at a time, within a statement of SQL.

An account never changes hands between people, but its owner can separate it, and it is somebody of its own from then
on. An answer about the time before must stay what it was.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, func

from app.identity.models import FormerLink, Identity

OWNER: ColumnElement[str] = func.coalesce(FormerLink.contributor_id, Identity.contributor_id)
"""The contributor whom an identity belonged to, in a statement with `FormerLink` joined by `linked_at`."""


def linked_at(at: Any) -> ColumnElement[bool]:
    """On what `FormerLink` is joined, from the outside, to identities as they were at a time (a value or a bound
    one)."""
    return and_(FormerLink.identity_id == Identity.id, FormerLink.since <= at, FormerLink.until > at)
