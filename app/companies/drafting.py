# SPDX-License-Identifier: Apache-2.0
"""Makes the statement of a change and stores it as a draft, if the change may be signed as things stand."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.companies.changes import MAX_REASON, OF_STAFF, REASONED, Account, Change, ManagerJoined, ParticularsChanged
from app.companies.deciding import decide
from app.companies.desk import Desk, person_of
from app.companies.document import Document, manifest_of
from app.companies.errors import CompanyNotInForce, ReasonMissing
from app.companies.ledgers import ledger_of
from app.companies.models import Company
from app.companies.particulars import refuse_change
from app.companies.roster import Accepted, Ledger, Person, fold
from app.companies.words import consent_to
from app.projects.staff import is_staff
from app.signing.drafts import Common, forget_abandoned
from app.signing.ports import Actor
from app.signing.values import SigningInfo
from mcla.statements.parts import AcceptanceRef, ConsentRef, ManifestRef
from mcla.statements.statement import CompanyChange, manifest_subjects
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that somebody wants to sign, with the reason for the company's history."""

    actor: Actor
    company_id: str
    change: Change
    reason: str
    key_holder: str


def draft(desk: Desk, wanted: Wanted) -> SigningInfo:
    """Store and show it; raises `ReasonMissing` and what `app.companies.deciding.decide` raises."""
    _check_reason(wanted)
    ports = desk.ports
    with ports.db.write() as session:
        now = ports.steady.now(session)
        ledger = _ledger(desk, session, wanted, now)
        decide(ledger, wanted.change, _person(session, wanted), now)
        if isinstance(wanted.change, ParticularsChanged):
            refuse_change(session, session.get_one(Company, wanted.company_id), wanted.change)
        signing_id = _store(desk, session, wanted, _basis(ledger, wanted.change, now), now)
    return desk.signing.signing(wanted.actor, signing_id)


def _check_reason(wanted: Wanted) -> None:
    if isinstance(wanted.change, REASONED) and not wanted.reason:
        raise ReasonMissing("A change of the list needs a reason.")
    if len(wanted.reason) > MAX_REASON or not wanted.reason.isprintable():
        raise ReasonMissing(
            Worded(
                "expected a reason of one line and at most %(max_reason)s characters, got another",
                max_reason=MAX_REASON,
            )
        )


def _ledger(desk: Desk, session: Session, wanted: Wanted, now: datetime) -> Ledger:
    """What was signed so far; who has no part in the company is told that there is none, save the invited."""
    if isinstance(wanted.change, ManagerJoined):
        return ledger_of(session, wanted.company_id)
    return desk.part(session, wanted.actor, wanted.company_id, now)[1]


def _person(session: Session, wanted: Wanted) -> Person:
    company = session.get(Company, wanted.company_id)
    by = person_of(session, wanted.actor)
    staff = company is not None and is_staff(session, company.foundation_id, by.account.provider, by.account.subject)
    return replace(by, staff=staff)


def _basis(ledger: Ledger, change: Change, now: datetime) -> Accepted | None:
    """The acceptance that the change's statement names: the one in force, or for a change by the staff the last."""
    accepted = fold(ledger, now).accepted
    return ledger.accepted[-1] if accepted is None and isinstance(change, OF_STAFF) and ledger.accepted else accepted


def _store(desk: Desk, session: Session, wanted: Wanted, accepted: Accepted | None, now: datetime) -> str:
    ports, actor = desk.ports, wanted.actor
    if accepted is None or accepted.place.log_index is None:
        raise CompanyNotInForce("The company has no acceptance of the agreement in force.")
    account = Account(actor.provider, actor.subject)
    document = Document.of(wanted.company_id, account, wanted.reason, wanted.change).to_bytes()
    published = ports.agreements.version_by_id(accepted.version_id)
    signer = ports.identity.signer_for(session, actor.contributor_id, published.foundation_id)
    common = Common(ports, session, actor, published, signer.id, wanted.key_holder, now)
    manifest, words = manifest_of(document), consent_to(wanted.change, "")
    statement = CompanyChange(
        subjects=manifest_subjects(manifest),
        consent=ConsentRef(sha256=words.sha256, button=words.button),
        capacity="company",
        manifest=ManifestRef.of(manifest),
        acceptance=AcceptanceRef(statement=accepted.place.statement, log_index=accepted.place.log_index),
        **common.parts(),
    )
    row = common.row("company-change", statement.to_bytes())
    row.document = document
    session.add(row)
    forget_abandoned(session, row, now)
    return row.id
