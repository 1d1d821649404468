# SPDX-License-Identifier: Apache-2.0
"""What a company is called and under which number its register has it, now and before: one legal entity throughout.

The row has what holds now; what held before stands in the signed changes, and nobody else takes it in this foundation:
records go on naming it. The register's country is never changed (docs/adr/0053).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.changes import ParticularsChanged
from app.companies.document import parse_document
from app.companies.errors import (
    CompanyNamedOtherwise,
    CompanyNameUnfit,
    ParticularsKnown,
    ParticularsOvertaken,
    RegisterNumberTaken,
    RegisterNumberUnfit,
)
from app.companies.facts import registration_key
from app.companies.models import Company, CompanyEvent
from app.companies.names import check_name, same, skeleton
from app.projects.models import Foundation
from app.signing.models import Signing
from app.signing.values import CompanyFacts
from mcla.statements.company import MAX_NAME
from mcla.statements.parts import AcceptanceRef
from mcla.wording import Worded


class Facts(Protocol):
    """A company as a register has it."""

    @property
    def name(self) -> str: ...
    @property
    def jurisdiction(self) -> str: ...
    @property
    def registration(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Changed:
    """A recorded change of particulars: since when, and the statement with its place in the log."""

    at: datetime
    change: ParticularsChanged
    record: AcceptanceRef


def particulars_changed(company: Facts, name: str, registration: str | None) -> ParticularsChanged:
    """The change from what holds now to what was typed; no `registration`: that stays.

    Raises `CompanyNameUnfit` or `RegisterNumberUnfit`.
    """
    number = company.registration if registration is None else registration.strip()
    if not 1 <= len(number) <= MAX_NAME or not number.isprintable():
        raise RegisterNumberUnfit(
            Worded(
                "expected a register number in 1 to %(most)s characters that can be seen, got %(value)s",
                most=MAX_NAME,
                value=len(number),
            )
        )
    return ParticularsChanged(check_name(name), number, company.name, company.registration)


def lock_foundation(session: Session, foundation_id: str) -> None:
    """Make this transaction the only one that takes a name or number in the foundation until it ends.

    Whoever locks a company too does so afterwards.
    """
    session.execute(select(Foundation.id).where(Foundation.id == foundation_id).with_for_update())


def numbered(session: Session, foundation_id: str, jurisdiction: str, registration: str) -> Company | None:
    """The company that has this register number now."""
    query = select(Company).where(
        Company.foundation_id == foundation_id,
        Company.jurisdiction == jurisdiction,
        Company.registration_key == registration_key(registration),
    )
    return session.scalar(query)


def refuse_change(session: Session, row: Company, change: ParticularsChanged) -> None:
    """Raise unless this is a change from what holds now to what nobody else here has or had.

    Raises `ParticularsOvertaken`, `ParticularsKnown`, `RegisterNumberTaken` or `CompanyNameUnfit`.
    """
    now = row.name, row.registration
    if (change.name, change.registration) == now:
        raise ParticularsKnown("The company has exactly this name and register number here already.")
    if (change.old_name, change.old_registration) != now:
        raise ParticularsOvertaken(
            Worded(
                "The company was given another name or number while the page stood open: %(name)s, %(registration)s. "
                "Nothing was signed.",
                name=row.name,
                registration=row.registration,
            )
        )
    other = numbered(session, row.foundation_id, row.jurisdiction, change.registration)
    if other is not None and other.id != row.id:
        raise RegisterNumberTaken("Another company that has signed here has this register number.")
    wanted = CompanyFacts(change.name, row.jurisdiction, change.registration, "", "")
    refuse_taken(session, row.foundation_id, wanted, row.id)


def take(session: Session, company_id: str, change: ParticularsChanged) -> None:
    """Let the company have its new name and number from now on; asked under its lock, raises as `refuse_change`."""
    row = _now(session, company_id)
    refuse_change(session, row, change)
    row.name, row.skeleton = change.name, skeleton(change.name)
    row.registration, row.registration_key = change.registration, registration_key(change.registration)


def _now(session: Session, company_id: str) -> Company:
    """The company as it is now, also where it was read before its lock was had."""
    return session.get_one(Company, company_id, populate_existing=True)


def refuse_taken(session: Session, foundation_id: str, company: Facts, own_id: str = "") -> None:
    """Raise where another company has the name, or had the name or number, or has one that only looks like it.

    Two companies of two countries may have one name. Raises `RegisterNumberTaken` or `CompanyNameUnfit`.
    """
    check_name(company.name)
    key = registration_key(company.registration)
    for row, name, registration in _others(session, foundation_id, skeleton(company.name), own_id):
        if row.jurisdiction == company.jurisdiction and registration_key(registration) == key:
            raise RegisterNumberTaken("A company that has signed here had this register number, and has another now.")
        if skeleton(name) != skeleton(company.name):
            continue
        if same(name, company.name) and row.jurisdiction != company.jurisdiction:
            continue
        raise CompanyNameUnfit(
            Worded(
                "The name looks like that of a company that has signed here already (%(jurisdiction)s), with "
                "another register number.",
                jurisdiction=row.jurisdiction,
            )
        )


def _others(session: Session, foundation_id: str, looks: str, own_id: str) -> Iterator[tuple[Company, str, str]]:
    """Other companies that are called so that it looks alike, and whatever others were called before."""
    here = Company.foundation_id == foundation_id, Company.id != own_id
    for row in session.scalars(select(Company).where(*here, Company.skeleton == looks)):
        yield row, row.name, row.registration
    before = select(Company, CompanyEvent.document).join(CompanyEvent, CompanyEvent.company_id == Company.id)
    for row, document in session.execute(before.where(*here, CompanyEvent.change == ParticularsChanged.type)):
        change = parse_document(document).change
        if isinstance(change, ParticularsChanged):
            yield row, change.old_name, change.old_registration


def refuse_named_otherwise(session: Session, company_id: str, company: Facts) -> None:
    """Raise `CompanyNamedOtherwise` unless something is signed for the company under the name that it has here."""
    row = _now(session, company_id)
    renumbered = registration_key(company.registration) != row.registration_key
    if renumbered or not same(row.name, company.name):
        raise CompanyNamedOtherwise(
            Worded(
                "The company is called %(name)s, %(registration)s, here.", name=row.name, registration=row.registration
            )
        )


def changes_of(session: Session, company_id: str) -> tuple[Changed, ...]:
    """The recorded changes of a company's particulars, in their order. One statement."""
    query = (
        select(CompanyEvent.signed_at, CompanyEvent.document, Signing.statement_sha256, CompanyEvent.log_index)
        .join(Signing, Signing.id == CompanyEvent.signing_id)
        .where(CompanyEvent.company_id == company_id, CompanyEvent.change == ParticularsChanged.type)
        .where(CompanyEvent.log_index.is_not(None))
        .order_by(CompanyEvent.position)
    )
    found = []
    for at, document, statement, log_index in session.execute(query):
        change = parse_document(document).change
        if isinstance(change, ParticularsChanged) and log_index is not None:
            found.append(Changed(at, change, AcceptanceRef(statement=statement, log_index=log_index)))
    return tuple(found)


def named_at(row: Company, changes: tuple[Changed, ...], at: datetime) -> tuple[str, str]:
    """Name and register number that the company had at a time, by its recorded changes."""
    before = [each.change for each in changes if each.at <= at]
    if before:
        return before[-1].name, before[-1].registration
    return (changes[0].change.old_name, changes[0].change.old_registration) if changes else (row.name, row.registration)
