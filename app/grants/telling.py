# SPDX-License-Identifier: Apache-2.0
"""The letter that tells a giver what the foundation answered."""

from sqlalchemy.orm import Session

from app.agreements.models import AgreementVersion
from app.grants.models import OfferAnswer
from app.identity.models import Signer
from app.mail.outbox import Letter
from app.projects.models import Foundation, Project
from app.signing.ids import result_id
from app.signing.models import Signing


def answer_letter(session: Session, row: OfferAnswer, origin: str) -> tuple[Letter, str]:
    """The letter about an answer, and the contributor whom it goes to."""
    given = session.get_one(Signing, row.signing_id)
    version = session.get_one(AgreementVersion, given.agreement_version_id)
    foundation = session.get_one(Foundation, version.agreement.foundation_id)
    said = {
        "foundation": foundation.name,
        "contact": foundation.contact,
        "project": session.get_one(Project, given.project_id).name,
        "agreement": f"{version.agreement.title} {version.version}",
        "day": (given.signed_at or given.created_at).isoformat(),
        "answer": row.answer,
        "url": f"{origin}/contributions/{result_id(given.id, 'contribution')}",
    }
    return Letter("offer-answered", row.id, said), session.get_one(Signer, given.signer_id).contributor_id
