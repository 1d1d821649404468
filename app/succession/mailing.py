# SPDX-License-Identifier: Apache-2.0
"""Telling by mail: those who have to sign again after a publication, once for each person and version.

Some minutes after it, so that a person's word that nobody has to is in time. Who had to sign already is not told again,
and nobody is told of a version that changes nothing for what they give.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.lineage import Lineage, compared
from app.agreements.models import VersionCompatibility
from app.agreements.values import PublishedVersion
from app.mail.outbox import Letter, Outbox
from app.succession.counting import Fate, fate, groups, people_of
from app.succession.errors import DeclarationUnlogged
from mcla.terms import KINDS
from mcla.terms.compare import TEXT

MAIL_JOB = "agreement.mail"
MAIL_AFTER = timedelta(minutes=10)
_CLASSES = ("material", "scoped", "notice", "editorial")


def promise(
    session: Session, outbox: Outbox, lineage: Lineage, new: PublishedVersion, now: datetime, origin: str
) -> None:
    """Put a letter to everybody who has to sign `new` into the outbox; again adds nobody.

    Raises `DeclarationUnlogged` while a person's word about the version is on its way to the log.
    """
    refuse_unlogged(session, new.id)
    before, after = around(lineage, new)
    known = [each.id for each in before.versions]
    for group in groups(session, known):
        found = fate(group, before, after, now)
        if found.again:
            signed = before.version(max(group.version_ids, key=known.index))
            outbox.to_persons(session, letter(signed, new, found, origin), people_of(known, group))


def around(lineage: Lineage, new: PublishedVersion) -> tuple[Lineage, Lineage]:
    """The versions there were before a publication, and those with it, as if it had no days of grace."""
    moment = new.published_at, new.number
    earlier = tuple(each for each in lineage.versions if (each.published_at, each.number) < moment)
    at_once = replace(new, grace_days=0)
    versions = tuple(sorted((*earlier, at_once), key=lambda each: each.number))
    return Lineage(earlier, lineage.declared), Lineage(versions, lineage.declared)


def refuse_unlogged(session: Session, version_id: str) -> None:
    """Raise `DeclarationUnlogged` if what somebody declared of a version does not count yet."""
    waiting = select(VersionCompatibility.id).where(
        VersionCompatibility.new_version_id == version_id, VersionCompatibility.log_index.is_(None)
    )
    if session.scalar(waiting) is not None:
        raise DeclarationUnlogged("What was declared of this version is not in the log yet.")


def letter(signed: PublishedVersion, new: PublishedVersion, found: Fate, origin: str) -> Letter:
    """What those are told who signed `signed` last."""
    page = f"{origin}/agreements/{new.slug}/{new.version}/changes/{signed.version}"
    grace = new.published_at + timedelta(days=new.grace_days)
    said = {
        "title": new.title,
        "version": new.version,
        "signed": signed.version,
        "foundation": new.foundation.name,
        "contact": new.foundation.contact,
        "company": new.for_companies,
        "kinds": [kind for kind in KINDS if kind in found.lost & found.gave] if found.has else [],
        "until": grace.isoformat() if new.grace_days else "",
        "changes": list(_changes(signed, new)),
        "changes_url": page,
        "sign_url": f"{origin}/sign/{new.slug}" + ("/company" if new.for_companies else ""),
    }
    return Letter("agreement-changed", new.id, said)


def _changes(signed: PublishedVersion, new: PublishedVersion) -> Iterator[dict[str, Any]]:
    """The terms that differ by class, the strongest first; the digest of the text stands for its words."""
    changes = compared(signed, new).changes
    for name in _CLASSES:
        terms = [each.key for each in changes if each.verdict.name == name and each.key != TEXT]
        if any(each.key == TEXT for each in changes if each.verdict.name == name):
            terms.append("the text")
        if terms:
            yield {"name": name, "terms": terms}
