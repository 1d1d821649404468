# SPDX-License-Identifier: Apache-2.0
"""From a document to its place in the log.

One commit keeps document, signature and timestamp with a job, before the log is asked; a version counts from its log
entry on. Whatever dies in between, the job goes on from there.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform.clock import new_id
from app.platform.jobs import add_job
from app.projects.models import Foundation, Project
from app.signing.files import SignedFile, enter_file, sign_file, sound
from app.signing.ports import Ports
from app.tiers.errors import (
    TiersBackdated,
    TiersIdOther,
    TiersIdTaken,
    TiersOvertaken,
    TiersTooLarge,
    TiersVersionLow,
    TiersVersionTaken,
)
from app.tiers.models import OutboundTerms
from app.tiers.values import Owner, number_of
from mcla.artifacts.digest import sha256_hex
from mcla.tiers.possible import check_possible
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import Terms
from mcla.wording import Worded

FINISH_JOB = "tiers.published"
FINISH_AFTER = timedelta(seconds=30)
MAX_DOCUMENT = 128 * 1024


def read_document(document: bytes, today: date) -> Terms:
    """The terms with the day on which they begin, to be published.

    Raises `TiersTooLarge`, `TiersInvalid`, or `TierImpossible` for a tier that could never hold.
    """
    if len(document) > MAX_DOCUMENT:
        raise TiersTooLarge(Worded("The document has %(size)s bytes.", size=f"{len(document):,}"))
    terms = read_terms(document)
    check_possible(terms)
    return terms if terms.effective else replace(terms, effective=today.isoformat())


def row_before(session: Session, owner: Owner, terms: Terms) -> OutboundTerms | None:
    """The owner's newest version; raises unless `terms` may follow it, or are the same bytes as a version there is."""
    rows = list(session.scalars(select(OutboundTerms).where(*owned(owner)).order_by(OutboundTerms.number)))
    if not rows and session.scalars(select(OutboundTerms.id).where(OutboundTerms.slug == terms.id).limit(1)).first():
        raise TiersIdTaken(Worded("Terms of another project or foundation are called %(id)s.", id=terms.id))
    if rows and rows[0].slug != terms.id:
        known = rows[0].slug
        raise TiersIdOther(Worded("expected the id %(known)s, by which they go, got %(id)s", known=known, id=terms.id))
    for row in rows:
        if row.version == terms.version and row.sha256 != terms.digest:
            raise TiersVersionTaken(
                Worded("%(id)s %(version)s is published with other content.", id=terms.id, version=terms.version)
            )
    return rows[-1] if rows else None


def published_already(session: Session, terms: Terms) -> OutboundTerms | None:
    """The row of these very bytes."""
    query = select(OutboundTerms).where(OutboundTerms.slug == terms.id, OutboundTerms.sha256 == terms.digest)
    return session.scalars(query).first()


def check_follows(terms: Terms, last: OutboundTerms | None, today: date) -> None:
    """Raise `TiersVersionLow` or `TiersBackdated` unless `terms` can be the next version from today on."""
    begins = terms.effective or today.isoformat()
    if last is not None and number_of(terms.version) <= number_of(last.version):
        raise TiersVersionLow(
            Worded("expected a version after %(last)s, got %(version)s", last=last.version, version=terms.version)
        )
    earliest = max(today.isoformat(), last.effective if last else "")
    if begins < earliest:
        said = Worded("expected %(earliest)s or later in effective, got %(begins)s", earliest=earliest, begins=begins)
        raise TiersBackdated(said)


def keep(ports: Ports, owner: Owner, document: bytes, by: str, seen: str | None) -> str:
    """Sign and keep the next version; returns its row's id, also where these bytes are there already."""
    try:
        with ports.db.write() as session:
            _lock(session, owner)
            now = ports.steady.now(session).replace(microsecond=0)
            terms = read_document(document, now.date())
            last = row_before(session, owner, terms)
            if (same := published_already(session, terms)) is not None:
                return same.id
            if seen is not None and seen != (last.sha256 if last else ""):
                raise TiersOvertaken(Worded("%(id)s was published meanwhile.", id=terms.id))
            check_follows(terms, last, now.date())
            row = _row(ports, owner, document, terms, now)
            row.number, row.published_by = (last.number if last else 0) + 1, by[:300]
            session.add(row)
            add_job(session, ports.clock, FINISH_JOB, {"id": row.id}, FINISH_AFTER)
            return row.id
    except IntegrityError as error:
        raise TiersOvertaken("These terms were published just now.") from error


def finish(ports: Ports, row_id: str) -> None:
    """Log what is kept, and let it count; nothing happens to what is logged already."""
    with ports.db.read() as session:
        row = session.get_one(OutboundTerms, row_id)
    if row.log_index is not None:
        return
    signed = SignedFile(bytes.fromhex(row.sha256), row.certificate, row.signature, row.timestamp)
    made = sound(ports, enter_file(ports, signed))
    once = update(OutboundTerms).where(OutboundTerms.id == row_id, OutboundTerms.log_index.is_(None))
    with ports.db.write() as session:
        session.execute(once.values(log_index=made.entry.log_index, bundle=made.to_dict()))


def owned(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    if owner.project is not None:
        return (OutboundTerms.project_id == owner.project.id,)
    return (OutboundTerms.foundation_id == owner.foundation.id, OutboundTerms.project_id.is_(None))


def _lock(session: Session, owner: Owner) -> None:
    of = select(Foundation.id).where(Foundation.id == owner.foundation.id)
    if owner.project is not None:
        of = select(Project.id).where(Project.id == owner.project.id)
    session.execute(of.with_for_update())


def _row(ports: Ports, owner: Owner, document: bytes, terms: Terms, now: datetime) -> OutboundTerms:
    """The document signed for the foundation and stamped."""
    name = f"{ports.settings.origin}/signers/{owner.foundation.id}"
    signed = sign_file(ports, bytes.fromhex(sha256_hex(document)), name, now)
    return OutboundTerms(
        id=new_id("trm"),
        foundation_id=owner.foundation.id,
        project_id=owner.project.id if owner.project else None,
        slug=terms.id,
        version=terms.version,
        document=document,
        sha256=terms.digest,
        effective=terms.effective,
        published_at=now,
        certificate=signed.certificate,
        signature=signed.signature,
        timestamp=signed.timestamp,
    )
