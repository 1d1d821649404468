# SPDX-License-Identifier: Apache-2.0
"""Which records are meant: those under an agreement, signed within a time, of some foundations; asked page by page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.agreements.models import Agreement, AgreementVersion
from app.contributions.models import Contribution
from app.records.models import Record
from app.signing.models import Signing


@dataclass(frozen=True, slots=True)
class Choice:
    """Records by what was signed and when; None: any. `foundations` are ids, `until` itself is not included.

    With `open_at` a contribution that is not shown to everybody at that time is left out (`app.contributions.seeing`),
    but for those of the foundations in `handled`.
    """

    agreement: str | None = None
    version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    foundations: Collection[str] | None = None
    open_at: datetime | None = None
    handled: Collection[str] = ()


def chosen(choice: Choice, *columns: InstrumentedAttribute[Any] | type[Any] | ColumnElement[Any]) -> Select[Any]:
    """These columns of the records that are meant; agreement, version and signing are joined."""
    query = (
        select(*columns)
        .select_from(Record)
        .join(Signing, Signing.id == Record.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signing.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
    )
    return query.where(*_conditions(choice))


def newest() -> ColumnElement[bool]:
    """That no other record took its place."""
    after = aliased(Record)
    return ~exists().where(after.replaces == Record.id)


def _conditions(choice: Choice) -> Iterator[ColumnElement[bool]]:
    if choice.agreement is not None:
        yield Agreement.slug == choice.agreement
    if choice.version is not None:
        yield AgreementVersion.version == choice.version
    if choice.since is not None:
        yield Signing.signed_at >= choice.since
    if choice.until is not None:
        yield Signing.signed_at < choice.until
    if choice.foundations is not None:
        yield Agreement.foundation_id.in_(choice.foundations)
    if choice.open_at is not None:
        yield or_(_open(choice.open_at), Agreement.foundation_id.in_(choice.handled))


def _open(now: datetime) -> ColumnElement[bool]:
    """That the record is of no contribution that only some may see."""
    given, today = Contribution, now.astimezone(UTC).date()
    over = or_(given.hidden_until.is_(None), given.hidden_until <= today, func.coalesce(given.lifted_at <= now, False))
    secret = exists().where(given.signing_id == Record.signing_id, not_(and_(given.hazard == "none", over)))
    return ~secret
