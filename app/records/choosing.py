# SPDX-License-Identifier: Apache-2.0
"""Which records are meant: those under an agreement, signed within a time, of some foundations; asked page by page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.agreements.models import Agreement, AgreementVersion
from app.records.models import Record
from app.signing.models import Signing


@dataclass(frozen=True, slots=True)
class Choice:
    """Records by what was signed and when; None: any. `foundations` are ids, `until` itself is not included."""

    agreement: str | None = None
    version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    foundations: Collection[str] | None = None


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
