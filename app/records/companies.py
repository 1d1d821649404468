# SPDX-License-Identifier: Apache-2.0
"""The company that a record is about, as it was called when that was signed, and each name that it got until now.

The statement is never told otherwise: a name in it stays, and the signed changes stand beside it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app.companies.changes import ParticularsChanged
from app.companies.document import parse_document
from app.companies.ledgers import company_of
from app.companies.particulars import Changed, changes_of, named_at
from app.records.parts import CompanyDetail, NameChange
from app.signing.models import Signing
from app.signing.review import POWER_NAMES
from app.signing.values import title_in
from mcla.statements.company import CompanyRef
from mcla.statements.statement import Acceptance, Contribution


def named_in(statement: Acceptance | Contribution) -> CompanyRef | None:
    """The company that a statement itself names: an acceptance for one, and the offer of one."""
    return statement.grantor if isinstance(statement, Contribution) else statement.company


def detail_of(
    session: Session, statement: Acceptance | Contribution, signing: Signing, until: datetime
) -> CompanyDetail | None:
    """What a record that was asked for at `until` tells of the company; None for who signed for themselves.

    Three statements at most.
    """
    named = named_in(statement)
    given_for = statement.company if isinstance(statement, Contribution) else None
    if named is None and given_for is None:
        return None
    company = company_of(session, given_for.confirmed.statement if given_for else signing.statement_sha256)
    every = changes_of(session, company.id)
    told = tuple(_told(each) for each in every if each.at <= until)
    if named is None:
        name, registration = named_at(company, every, signing.signed_at or until)
        return CompanyDetail(name, company.jurisdiction, registration, affiliation=given_for, changes=told)
    known = named.name, named.jurisdiction, named.registration
    title, power = title_in(signing.document or b"{}"), POWER_NAMES[named.power]
    return CompanyDetail(*known, title, power, given_for, named.power, told)


def new_name_in(document: bytes | None) -> tuple[str, ...]:
    """Name and number that a company would get by this change, for later records; nothing of other changes."""
    change = parse_document(document or b"").change
    return (change.name, change.registration) if isinstance(change, ParticularsChanged) else ()


def _told(changed: Changed) -> NameChange:
    change = changed.change
    before, after = (change.old_name, change.old_registration), (change.name, change.registration)
    return NameChange(*before, *after, changed.at, changed.record)
