# SPDX-License-Identifier: Apache-2.0
"""Refuses what is signed already, or was overtaken while a page stood open.

The same questions are asked when a draft is made (a kind answer early) and again, under the signer's lock, when it
is signed (the answer that counts): of two signings of one thing at once, one is recorded.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.service import PublishedVersion
from app.identity.models import Signer
from app.platform.clock import APART
from app.signing.errors import AgreementReplaced, AlreadyContributed, AlreadySigned, ClockUnsteady
from app.signing.ids import result_id
from app.signing.in_force import not_ended, outdated
from app.signing.models import Signature, Signing
from app.signing.ports import Ports
from mcla.statements.statement import Contribution, parse_statement
from mcla.wording import Worded


def lock_signers(session: Session, signer_ids: Collection[str]) -> None:
    """Make this transaction the only one that signs for these until it ends (SQLite: already the only writer).

    In the order of their ids, so that of two people who end what the other one gave none waits for the other.
    """
    session.execute(select(Signer.id).where(Signer.id.in_(signer_ids)).order_by(Signer.id).with_for_update())


def refuse_replaced(ports: Ports, published: PublishedVersion) -> None:
    """Raise `AgreementReplaced` when a newer version is offered than the one about to be signed."""
    newest = ports.agreements.version(published.slug)
    if newest.id != published.id:
        raise AgreementReplaced(
            Worded(
                "%(slug)s %(version)s was replaced by %(version2)s while you were reading.",
                slug=published.slug,
                version=published.version,
                version2=newest.version,
            ),
            version=newest.version,
            url=f"{ports.settings.origin}/sign/{newest.slug}",
        )


def refuse_outdated(ports: Ports, slug: str, version_id: str, kind: str) -> None:
    """Raise `AgreementOutdated` when an accepted version carries this kind no longer, be it since a page was opened."""
    lineage, now = ports.agreements.lineage(slug), ports.clock.now()
    if not lineage.carries(version_id, kind, now):
        raise outdated(ports, lineage.version(version_id), lineage.current(now), kind)


def refuse_unpublished(published: PublishedVersion, now: datetime) -> None:
    """Raise `ClockUnsteady` when the clock stands before the publication: a signature would be older than its text."""
    if now + APART < published.published_at:
        raise ClockUnsteady(
            Worded(
                "The clock stands before the publication of %(slug)s %(version)s.",
                slug=published.slug,
                version=published.version,
            )
        )


def refuse_signed_already(session: Session, ports: Ports, signer_id: str, published: PublishedVersion) -> None:
    """Raise `AlreadySigned` when the signer has signed this version, or signed it and the log is being asked."""
    recorded = select(Signature.signing_id).where(
        Signature.signer_id == signer_id,
        Signature.agreement_version_id == published.id,
        not_ended(Signature.signing_id),
    )
    pending = select(Signing.id).where(
        Signing.signer_id == signer_id,
        Signing.kind == "acceptance",
        Signing.agreement_version_id == published.id,
        Signing.state == "signed",
    )
    signing_id = session.scalar(recorded.limit(1)) or session.scalar(pending.limit(1))
    if signing_id is not None:
        raise AlreadySigned(
            Worded("You have signed %(slug)s %(version)s.", slug=published.slug, version=published.version),
            signature=result_id(signing_id, "acceptance"),
            url=f"{ports.settings.origin}/signatures",
        )


def refuse_contributed_already(
    session: Session, ports: Ports, signer_id: str, project_id: str, kind: str, root: str
) -> None:
    """Raise `AlreadyContributed` when the signer gave exactly these files to this project as this kind before."""
    known = ports.outcomes.given_before(session, signer_id, project_id, kind, root, ports.clock.now())
    known = known or _pending(session, signer_id, project_id, kind, root)
    if known is not None:
        url = f"{ports.settings.origin}/contributions/{known}"
        raise AlreadyContributed("You gave exactly these files to this project before.", url=url, contribution=known)


def _pending(session: Session, signer_id: str, project_id: str, kind: str, root: str) -> str | None:
    """The contribution that a signed but not yet recorded signing will become; there are few such at any time."""
    query = select(Signing.id, Signing.statement).where(
        Signing.signer_id == signer_id, Signing.project_id == project_id, Signing.state == "signed"
    )
    for signing_id, statement in session.execute(query):
        given = parse_statement(statement)
        if isinstance(given, Contribution) and (given.kind, given.manifest.root) == (kind, root):
            return result_id(signing_id, "contribution")
    return None
