# SPDX-License-Identifier: Apache-2.0
"""From a person's word that two versions are compatible to its place in the log.

One commit keeps document, signature and timestamp with a job, before the log is asked; the word counts from its log
entry on. Whatever dies in between, the job goes on from there. The key is made for this one document and forgotten.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.agreements.lineage import compared
from app.agreements.models import Agreement, AgreementVersion, VersionCompatibility
from app.agreements.values import PublishedVersion
from app.platform.clock import new_id
from app.platform.jobs import add_job
from app.projects.changed import note_change
from app.signing.files import SignedFile, enter_file, sign_file, sound
from app.signing.ports import Ports
from app.succession.document import By, checked_reason, declaration
from app.succession.errors import AgainstTheRules, AlreadyDeclared, VersionsUnfit
from mcla.artifacts.digest import sha256_hex
from mcla.wording import Worded

FINISH_JOB = "agreement.declared"
FINISH_AFTER = timedelta(seconds=30)


def declare(
    ports: Ports,
    old: PublishedVersion,
    new: PublishedVersion,
    reason: str,
    although: str | None,
    contributor_id: str | None,
) -> str:
    """Sign, keep and log the declaration; returns its id.

    `contributor_id` None is the operator. Raises `ReasonUnfit`, `VersionsUnfit`, `AgainstTheRules`, `AlreadyDeclared`,
    `ClockUnsteady`, or what the log raises (the declaration is then kept, and counts once a job has logged it).
    """
    words = checked_reason(reason)
    if old.slug != new.slug or old.number >= new.number:
        raise VersionsUnfit(
            Worded(
                "expected an older version of %(slug)s than %(version)s, got %(slug2)s %(version2)s",
                slug=new.slug,
                version=new.version,
                slug2=old.slug,
                version2=old.version,
            )
        )
    found = compared(old, new).name
    if found in ("material", "scoped") and although != found:
        raise AgainstTheRules(
            Worded(
                "From %(version)s to %(version2)s there are %(found)s changes.",
                version=old.version,
                version2=new.version,
                found=found,
            )
        )
    row_id = _keep(ports, old, new, (words, "staff" if contributor_id else "operator"), contributor_id)
    finish(ports, row_id)
    return row_id


def finish(ports: Ports, row_id: str) -> None:
    """Log what is kept, and let it count; nothing happens to what is logged already."""
    with ports.db.read() as session:
        row = session.get_one(VersionCompatibility, row_id)
    if row.log_index is not None:
        return
    index, bundle = _logged(ports, row)
    values = {"log_index": index, "bundle": bundle}
    once = update(VersionCompatibility).where(
        VersionCompatibility.id == row_id, VersionCompatibility.log_index.is_(None)
    )
    with ports.db.write() as session:
        session.execute(once.values(**values))
        of = select(Agreement.foundation_id).join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        note_change(session, ports.clock, session.scalars(of.where(AgreementVersion.id == row.new_version_id)).one())


def _keep(
    ports: Ports,
    old: PublishedVersion,
    new: PublishedVersion,
    said: tuple[str, By],
    contributor_id: str | None,
) -> str:
    reason, by = said
    pair = VersionCompatibility.old_version_id == old.id, VersionCompatibility.new_version_id == new.id
    try:
        with ports.db.write() as session:
            if session.scalar(select(VersionCompatibility.id).where(*pair)) is not None:
                raise AlreadyDeclared(
                    Worded(
                        "%(version)s and %(version2)s of %(slug)s were declared compatible before.",
                        version=old.version,
                        version2=new.version,
                        slug=new.slug,
                    )
                )
            now = ports.steady.now(session).replace(microsecond=0)
            document = declaration(ports.settings.origin, old, new, compared(old, new).name, reason, by, now)
            row = _row(ports, document, f"{ports.settings.origin}/signers/{new.foundation_id}", now)
            row.old_version_id, row.new_version_id, row.contributor_id = old.id, new.id, contributor_id
            session.add(row)
            add_job(session, ports.clock, FINISH_JOB, {"id": row.id}, FINISH_AFTER)
    except IntegrityError:
        raise AlreadyDeclared(
            Worded(
                "%(version)s and %(version2)s of %(slug)s were declared just now.",
                version=old.version,
                version2=new.version,
                slug=new.slug,
            )
        ) from None
    return row.id


def _row(ports: Ports, document: bytes, signer: str, now: datetime) -> VersionCompatibility:
    """The document signed with a key made for it, certified for the foundation and stamped."""
    signed = sign_file(ports, bytes.fromhex(sha256_hex(document)), signer, now)
    return VersionCompatibility(
        id=new_id("cmp"),
        document=document,
        certificate=signed.certificate,
        signature=signed.signature,
        timestamp=signed.timestamp,
        declared_at=now,
    )


def _logged(ports: Ports, row: VersionCompatibility) -> tuple[int, dict[str, Any]]:
    """The entry of what is kept, and the bundle that our own verifier accepts."""
    digest = bytes.fromhex(sha256_hex(row.document))
    made = sound(ports, enter_file(ports, SignedFile(digest, row.certificate, row.signature, row.timestamp)))
    return made.entry.log_index, made.to_dict()
