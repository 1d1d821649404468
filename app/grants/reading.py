# SPDX-License-Identifier: Apache-2.0
"""Offers as they are read: one statement of SQL, and each row as a value that says how the offer stands."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.agreements.models import Agreement, AgreementVersion
from app.grants.models import Offer, OfferAnswer
from app.grants.queries import told_answer
from app.grants.values import Giver, Grantor, OfferInfo
from app.identity.models import Identity, PersonDetail
from app.log.models import LogEntry
from app.projects.models import Project
from app.signing.ids import result_id
from app.signing.lookup import statement_of
from app.signing.models import Signing, Withdrawal
from app.signing.values import title_in
from mcla.statements.parts import format_time
from mcla.statements.statement import Contribution
from mcla.verify.offers import stand
from mcla.verify.standing import AsOf, End, Standing
from mcla.wording import Worded

_Entry = aliased(LogEntry)
_End = aliased(LogEntry)
OFFERS = (
    select(
        Offer,
        Signing,
        Project,
        Agreement.slug,
        Agreement.title,
        AgreementVersion.version,
        PersonDetail,
        Identity,
        OfferAnswer,
        _Entry.index,
        Withdrawal,
        _End.index,
    )
    .join(Signing, Signing.id == Offer.signing_id)
    .join(Project, Project.id == Signing.project_id)
    .join(AgreementVersion, AgreementVersion.id == Signing.agreement_version_id)
    .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
    .join(Identity, Identity.id == Signing.identity_id)
    .outerjoin(PersonDetail, PersonDetail.id == Signing.person_detail_id)
    .outerjoin(OfferAnswer, OfferAnswer.signing_id == Offer.signing_id)
    .outerjoin(_Entry, _Entry.body_sha256 == OfferAnswer.entry_sha256)
    .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Offer.signing_id)
    .outerjoin(_End, _End.body_sha256 == Withdrawal.entry_sha256)
)


def told(origin: str, row: Any, as_of: AsOf) -> OfferInfo:
    """A row of `OFFERS` as a value, as of this moment."""
    offer, signing, project, slug, title, version, detail, who, answer, index, withdrawn, ended_at = row
    said = statement_of(signing)
    if not isinstance(said, Contribution):
        raise TypeError(f"expected an offer, got {type(said).__name__}")
    known = told_answer(answer, index) if answer is not None and index is not None else None
    base = Standing("in-force", "in-force", Worded("Its giver has not taken it back."), as_of=as_of)
    if withdrawn is not None and ended_at is not None:
        base = Standing(
            "ended", "ended", Worded("Its giver has taken it back."), since=End(ended_at, withdrawn.signed_at)
        )
    return OfferInfo(
        id=result_id(signing.id, "contribution"),
        signing_id=signing.id,
        foundation_id=offer.foundation_id,
        project=project.slug,
        project_name=project.name,
        kind=said.kind,
        files=said.manifest.files,
        bytes=said.manifest.bytes,
        root=said.root,
        slug=slug,
        title=title,
        version=version,
        statement_sha256=signing.statement_sha256,
        signer=f"{origin}/signers/{signing.signer_id}",
        signer_contributor_id=who.contributor_id,
        giver=_giver(who, detail),
        grantor=_grantor(said, signing.document),
        offered_at=signing.signed_at,
        log_index=offer.log_index,
        until=offer.until,
        standing=stand({"offer": {"until": format_time(offer.until)}}, known, base),
        answer_id=answer.id if answer is not None else None,
        answer=known,
    )


def _grantor(said: Contribution, document: bytes | None) -> Grantor | None:
    named = said.grantor
    if named is None:
        return None
    return Grantor(named.name, named.jurisdiction, named.registration, title_in(document or b"{}"), named.power)


def _giver(who: Identity, detail: PersonDetail | None) -> Giver:
    if detail is None:
        return Giver("", "", None)
    return Giver(detail.name, f"{detail.login or who.subject} ({who.provider})", detail.email)
