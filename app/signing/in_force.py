# SPDX-License-Identifier: Apache-2.0
"""Which agreement versions a contributor has accepted, and which of them a contribution may rest on.

Order is by log index, never by clock. Withdrawing a version ends new signatures only: an acceptance of it stays. An
acceptance that its signer has ended carries nothing new from the moment at which the end was signed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.agreements.errors import KindNotCovered
from app.agreements.models import Agreement, AgreementVersion
from app.agreements.service import PublishedVersion
from app.projects.service import ProjectInfo
from app.signing.errors import AgreementNotSigned, AgreementOutdated
from app.signing.models import Signature, Signing, Withdrawal
from app.signing.ports import Ports
from mcla.artifacts.digest import format_digest
from mcla.wording import Joined, Worded


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance in force."""

    signature_id: str
    agreement_version_id: str
    slug: str
    version: str
    statement_sha256: str
    log_index: int
    signed_at: datetime


def not_ended(signing_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The condition that nobody has signed a withdrawal of what came of this signing."""
    return signing_id.not_in(select(Withdrawal.ended_signing_id))


def acceptances(session: Session, contributor_id: str, *conditions: ColumnElement[bool]) -> list[Accepted]:
    """What the contributor accepted for self and has not ended, newest in the log first; `conditions` narrow."""
    query = (
        select(Signature, Agreement.slug, AgreementVersion.version, Signing.statement_sha256)
        .join(Signing, Signing.id == Signature.signing_id)
        .join(AgreementVersion, AgreementVersion.id == Signature.agreement_version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(Signature.contributor_id == contributor_id, Signature.capacity == "individual", *conditions)
        .where(not_ended(Signature.signing_id))
        .order_by(Signature.log_index.desc())
    )
    return [
        Accepted(row.id, row.agreement_version_id, slug, version, statement, row.log_index, row.signed_at)
        for row, slug, version, statement in session.execute(query)
    ]


def acceptance_covering(
    ports: Ports, contributor_id: str, project: ProjectInfo, kind: str
) -> tuple[Accepted, PublishedVersion]:
    """The newest acceptance that carries `kind` now for this project's foundation.

    Raises `AgreementNotSigned`, `AgreementOutdated`, or `KindNotCovered` if signing would not help.
    """
    with ports.db.read() as session:
        accepted = acceptances(session, contributor_id, Agreement.foundation_id == project.foundation.id)
    lineages = {slug: ports.agreements.lineage(slug) for slug in {each.slug for each in accepted}}
    covering = [
        (each, version)
        for each in accepted
        if (version := lineages[each.slug].version(each.agreement_version_id)).for_persons and kind in version.kinds
    ]
    now = ports.clock.now()
    for each, version in covering:
        if lineages[each.slug].carries(version.id, kind, now):
            return each, version
    if covering and kind in (current := lineages[covering[0][0].slug].current(now)).kinds:
        raise outdated(ports, covering[0][1], current, kind)
    raise _not_signed(ports, project, kind)


def outdated(ports: Ports, signed: PublishedVersion, current: PublishedVersion, kind: str) -> AgreementOutdated:
    """That an acceptance carries a kind no longer, with where to read what changed and to sign it."""
    return AgreementOutdated(
        Worded(
            "%(slug)s %(version)s replaced version %(signed)s, which was signed. Before you give %(kind)s, it has to "
            "be signed.",
            slug=current.slug,
            version=current.version,
            signed=signed.version,
            kind=Worded(kind),
        ),
        sign_url=f"{ports.settings.origin}/sign/{current.slug}",
        agreement={"slug": current.slug, "version": current.version, "digest": format_digest(current.digest)},
    )


def _not_signed(ports: Ports, project: ProjectInfo, kind: str) -> AgreementNotSigned | KindNotCovered:
    offered = [each for each in ports.agreements.agreements() if each.foundation_id == project.foundation.id]
    open_to_all = [each for each in offered if each.for_persons and each.withdrawn_at is None]
    covering = [each for each in open_to_all if kind in each.kinds]
    if not covering:
        kinds = sorted({kind for each in open_to_all for kind in each.kinds})
        taken = Worded(
            "%(name)s takes: %(kinds)s.", name=project.foundation.name, kinds=Joined(", ", map(Worded, kinds))
        )
        hint = taken if kinds else Worded("Ask the foundation for an agreement.")
        what = Worded(
            "No agreement of %(name)s covers the kind %(kind)s.", name=project.foundation.name, kind=repr(kind[:40])
        )
        return KindNotCovered(what, hint=hint)
    first = covering[0]
    return AgreementNotSigned(
        Worded("%(name)s takes this under %(slug)s, which you have not signed.", name=project.name, slug=first.slug),
        sign_url=f"{ports.settings.origin}/sign/{first.slug}",
        agreement={"slug": first.slug, "version": first.version, "digest": format_digest(first.digest)},
    )
