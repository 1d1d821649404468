# SPDX-License-Identifier: Apache-2.0
"""Records as a foundation lists them: who signed what for whom and when, and how far the record is; page by page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select, tuple_, union
from sqlalchemy.orm import Session

from app.agreements.models import Agreement, AgreementVersion
from app.companies.models import Company, CompanyAcceptance, CompanyEvent
from app.identity.models import Identity, PersonDetail
from app.platform.clock import is_id
from app.platform.db import Database
from app.platform.sqllists import listed as among
from app.records.choosing import Choice, chosen, newest
from app.records.errors import RecordUnknown
from app.records.models import Record
from app.records.values import READY
from app.signing.ids import result_id
from app.signing.models import Signing
from mcla.statements.statement import Acceptance, Contribution, parse_statement

PAGE = 50
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Listed:
    """One record in a foundation's list: of an `acceptance` or a `contribution`; `company` empty: for themselves.

    `sha256` is that of the sealed record, None while there is none; `failed`: the code of what failed last, or empty.
    `contribution` is the id under which everybody sees what was given, empty for an acceptance.
    """

    id: str
    kind: str
    agreement: str
    version: str
    name: str
    account: str
    company: str
    signed_at: datetime
    state: str
    sha256: str | None
    failed: str
    contribution: str = ""

    @property
    def sealed(self) -> bool:
        return self.sha256 is not None


def page(session: Session, choice: Choice, after: str = "", size: int = PAGE) -> list[Listed]:
    """The newest records of the choice, the latest signature first, after the record of this id. Three statements."""
    query = _listing(choice).order_by(Signing.signed_at.desc(), Record.id.desc()).limit(size)
    if is_id(after):
        place = select(Signing.signed_at, literal(after)).join(Record, Record.signing_id == Signing.id)
        query = query.where(tuple_(Signing.signed_at, Record.id) < place.where(Record.id == after).scalar_subquery())
    rows = session.execute(query).all()
    statements = [parse_statement(row.statement) for row in rows]
    named = _companies(session, [(each, row.statement_sha256) for each, row in zip(statements, rows, strict=True)])
    return [_listed(row, named[place]) for place, row in enumerate(rows)]


def one(session: Session, choice: Choice, record_id: str) -> Record:
    """A record of the choice; raises `RecordUnknown` for any other, as for one that never was."""
    query = chosen(choice, Record).where(Record.id == record_id)
    record: Record | None = session.scalar(query) if is_id(record_id) else None
    if record is None:
        raise RecordUnknown("There is no such record of your foundation that you may see.")
    return record


def everything(db: Database, choice: Choice) -> Iterator[Listed]:
    """All of them in the same order, a page in memory at a time and no transaction open between two pages."""
    after = ""
    while True:
        with db.read() as session:
            found = page(session, choice, after, 2 * PAGE)
        yield from found
        if len(found) < 2 * PAGE:
            return
        after = found[-1].id


def _listing(choice: Choice) -> Select[Any]:
    columns = (
        *(Record.id, Record.signing_id, Record.state, Record.sha256, Record.failure, Record.corrected_name),
        *(Signing.kind, Signing.statement, Signing.statement_sha256, Signing.signed_at),
        *(Agreement.slug, AgreementVersion.version),
        *(Identity.provider, PersonDetail.name, PersonDetail.login),
    )
    query = chosen(choice, *columns).join(Identity, Identity.id == Signing.identity_id)
    return query.outerjoin(PersonDetail, PersonDetail.id == Signing.person_detail_id).where(newest())


def _listed(row: Any, company: str) -> Listed:
    known = row.login is not None
    return Listed(
        id=row.id,
        kind=row.kind,
        agreement=row.slug,
        version=row.version,
        name=(row.corrected_name or row.name) if known else ERASED,
        account=f"{row.login} at {row.provider}" if known else row.provider,
        company=company,
        signed_at=row.signed_at,
        state=row.state,
        sha256=row.sha256,
        failed=(row.failure or "").partition(":")[0] if row.state not in READY else "",
        contribution=result_id(row.signing_id, row.kind) if row.kind == "contribution" else "",
    )


def _companies(session: Session, statements: Collection[tuple[Any, str]]) -> list[str]:
    """What the company that each was signed for is called now, or an empty text."""
    records = [_record(*each) for each in statements]
    named = _names(session, {*records} - {""}) if any(records) else {}
    return [named.get(each, "") for each in records]


def _record(statement: Any, sha256: str) -> str:
    """The digest of the company's own record behind a statement: the giver's confirmation, or the acceptance itself."""
    if isinstance(statement, Contribution):
        return statement.company.confirmed.statement if statement.company else ""
    return sha256 if isinstance(statement, Acceptance) and statement.company else ""


def _names(session: Session, digests: Collection[str]) -> dict[str, str]:
    """The names of the companies of which these statements are records (`app.companies.ledgers.company_of`)."""
    signed = among(session, digests)
    found = union(
        *(
            select(Signing.statement_sha256, Company.name)
            .join(table, table.signing_id == Signing.id)
            .join(Company, Company.id == table.company_id)
            .where(Signing.statement_sha256.in_(signed))
            for table in (CompanyAcceptance, CompanyEvent)
        )
    )
    return {row[0]: row[1] for row in session.execute(found)}
