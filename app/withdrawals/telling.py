# SPDX-License-Identifier: Apache-2.0
"""The letter that tells who took a contribution back what the foundation answered."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Signer
from app.mail.outbox import Letter
from app.projects.service import FoundationInfo
from app.signing.ids import signing_of
from app.signing.models import Signing
from app.withdrawals.models import Decision
from app.withdrawals.values import Case
from mcla.terms.taking_back import STEPS


def contributor_of(session: Session, case: Case) -> str:
    """Who took it back: who gave it, or somebody who acts for the company that it was given for."""
    signing_id = (signing_of(case.id) or ("", ""))[0]
    query = select(Signer.contributor_id).join(Signing, Signing.signer_id == Signer.id)
    return session.scalars(query.where(Signing.id == signing_id)).one()


def answer_letter(case: Case, answer: Decision, foundation: FoundationInfo, origin: str) -> Letter:
    """One letter for each answer: a correction is told too."""
    said = {
        "foundation": foundation.name,
        "contact": foundation.contact,
        "project": case.project,
        "day": case.signed_at.isoformat(),
        "answer": answer.answer,
        "corrected": answer.number > 1,
        "steps": [STEPS[each] for each in answer.steps],
        "url": f"{origin}/withdrawals/{case.id}",
    }
    return Letter("withdrawal-answered", f"{case.id}:{answer.number}", said)
