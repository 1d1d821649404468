# SPDX-License-Identifier: Apache-2.0
"""Agreements: publishing immutable versions, finding them, and what each one asks of a contributor.

Invariants: a published version never changes; the same bytes again are a no-op, other bytes are refused; of two
publications at once one wins and the other gets one of these two answers. Withdrawing ends new signatures only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.agreements.errors import (
    AgreementTaken,
    AgreementUnknown,
    AgreementVersionExists,
    AgreementVersionUnknown,
    AgreementWithdrawn,
    GraceInvalid,
    KindNotCovered,
    PublicationOvertaken,
    PublicationTooEarly,
)
from app.agreements.folder import SLUG, VersionFolder, read_folder, schedules_in
from app.agreements.lineage import Declared, Lineage
from app.agreements.models import Agreement, AgreementDocument, AgreementVersion, VersionCompatibility
from app.agreements.render import Consent, RenderedAgreement, consent_words, render_documents
from app.agreements.translations import Translations
from app.agreements.values import PublishedVersion
from app.platform.clock import APART, Clock, new_id
from app.platform.db import Database, Reader
from app.platform.jobs import add_job
from app.platform.sqllists import dialect_of, named_list
from app.projects.changed import note_change
from app.projects.models import Foundation
from app.projects.service import FoundationInfo, FoundationUnknown
from mcla.terms import KINDS, Kind, Schedule, parse_terms, schedule_letter
from mcla.terms import check_declarations as check_answers
from mcla.terms.declarations import Answer
from mcla.wording import Worded

__all__ = ["MAX_GRACE", "TELL_JOB", "AgreementService", "PublishedVersion"]

MAX_GRACE = 365
TELL_JOB = "agreement.tell"
"""Tells everybody who signed an earlier version, once."""
_VERSIONS = (
    select(AgreementVersion, Foundation)
    .join(AgreementVersion.agreement)
    .join(Foundation, Foundation.id == Agreement.foundation_id)
)

_CHANGEABLE = (
    select(
        AgreementVersion.id,
        AgreementVersion.withdrawn_at,
        AgreementVersion.grace_days,
        Agreement.foundation_id,
        Foundation.slug,
        Foundation.name,
        Foundation.contact,
    )
    .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
    .join(Foundation, Foundation.id == Agreement.foundation_id)
    .where(Agreement.foundation_id == bindparam("foundation"))
)


class AgreementService:
    """The agreements of this service."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._read: dict[str, PublishedVersion] = {}
        """Versions by id as they were read once: their documents never change."""
        self.translations = Translations(db, clock)

    def publish(
        self,
        folder: Path | VersionFolder,
        foundation_slug: str,
        progress: Callable[[int, int], None] | None = None,
        *,
        grace_days: int = 0,
        replaces: str | None = None,
    ) -> PublishedVersion:
        """Publish the version folder `agreements/<slug>/<version>/`, on disk or read, for a foundation.

        Publishing the same bytes again answers the version that is there. `replaces` is the digest of the newest
        version that the publisher looked at. Raises `AgreementFolderInvalid`, `TermsInvalid`, `ScheduleInvalid`,
        `AgreementVersionExists`, `AgreementTaken`, `FoundationUnknown`, `GraceInvalid`, `PublicationOvertaken` or
        `PublicationTooEarly`. `progress` is told (files read, files in all).
        """
        read = read_folder(folder, progress) if isinstance(folder, Path) else folder
        if not 0 <= grace_days <= MAX_GRACE:
            raise GraceInvalid(
                Worded(
                    "expected 0 to %(max_grace)s days of grace, got %(grace_days)s",
                    max_grace=MAX_GRACE,
                    grace_days=grace_days,
                )
            )
        render_documents(read.documents)  # a version that cannot be shown must not become one
        try:
            self._store(read, foundation_slug, grace_days, replaces)
        except IntegrityError:  # another process published between our look and our insert: look again
            self._store(read, foundation_slug, grace_days, replaces)
        return self.version(read.slug, read.version)

    def version(self, slug: str, version: str | None = None) -> PublishedVersion:
        """One version; None means the newest that is not withdrawn.

        Raises `AgreementUnknown` or `AgreementVersionUnknown`, which name what there is.
        """
        versions = self.versions(slug)
        if version is None:
            return next((each for each in versions if each.withdrawn_at is None), versions[0])
        for each in versions:
            if each.version == version:
                return each
        raise AgreementVersionUnknown(slug, version, (each.version for each in versions))

    def version_to_sign(self, slug: str, version: str | None = None) -> PublishedVersion:
        """As `version`, but raises `AgreementWithdrawn` for one that takes no new signatures."""
        found = self.version(slug, version)
        if found.withdrawn_at is not None:
            raise AgreementWithdrawn(
                Worded(
                    "Version %(version)s of %(slug)s was withdrawn and takes no new signatures.",
                    version=found.version,
                    slug=slug,
                )
            )
        return found

    def version_by_id(self, version_id: str) -> PublishedVersion:
        """The version with this id, withdrawn or not."""
        return self._find(AgreementVersion.id == version_id)[0]

    def titles(self) -> dict[str, str]:
        """Slug -> title of every agreement; one statement."""
        with self._db.read() as session:
            return {slug: title for slug, title in session.execute(select(Agreement.slug, Agreement.title))}  # noqa: C416

    def versions(self, slug: str) -> list[PublishedVersion]:
        """Every version of an agreement, the newest first; raises `AgreementUnknown`."""
        # Only a well-formed slug is asked for: PostgreSQL has no text with a NUL in it.
        found = self._find(Agreement.slug == slug) if SLUG.fullmatch(slug) else []
        if not found:
            raise AgreementUnknown(slug, (each.slug for each in self.agreements()))
        return found

    def agreements(self) -> list[PublishedVersion]:
        """Each agreement of the service by its newest version (not withdrawn, where there is one), by slug."""
        newest: dict[str, PublishedVersion] = {}
        for each in self._find():
            known = newest.get(each.slug)
            if known is None or (known.withdrawn_at is not None and each.withdrawn_at is None):
                newest[each.slug] = each
        return [newest[slug] for slug in sorted(newest)]

    def withdraw(self, slug: str, version: str) -> PublishedVersion:
        """End new signatures for a version; doing it again changes nothing."""
        found = self.version(slug, version)
        with self._db.write() as session:
            row = session.get_one(AgreementVersion, found.id)
            row.withdrawn_at = row.withdrawn_at or self._clock.now()
        return self.version(slug, version)

    def declarations(self, version: PublishedVersion, kind: str) -> Schedule | None:
        """The questions for one kind, None if it has none; raises `KindNotCovered`."""
        known = _covered(version, kind)
        letter = schedule_letter(known)
        return None if letter is None else version.schedules[letter].for_kind(known)

    def check_declarations(
        self, version: PublishedVersion, kind: str, values: Mapping[str, object]
    ) -> dict[str, Answer]:
        """The cleaned answers; raises `KindNotCovered`, or `DeclarationsInvalid` with a sentence for each fault."""
        return check_answers(self.declarations(version, kind), values, self._clock.now().date())

    def render(self, version: PublishedVersion) -> RenderedAgreement:
        """The version as it is read."""
        return render_documents(version.documents)

    def consent(self, version: PublishedVersion, name: str = "", files: int = 0) -> Consent:
        """The words of the act: accepting the agreement (`files` 0), or giving files under it."""
        return consent_words(version.documents, name, files)

    def lineage(self, slug: str) -> Lineage:
        """Every version of an agreement with what was declared between them; raises `AgreementUnknown`."""
        versions = self.versions(slug)
        with self._db.read() as reader:
            return _lineages(reader, versions)[slug]

    def lineages(self, foundation_id: str) -> dict[str, Lineage]:
        """The same for each agreement of a foundation, by slug."""
        with self._db.read() as reader:
            return self.lineages_seen(reader, foundation_id)

    def lineages_seen(self, reader: Reader, foundation_id: str) -> dict[str, Lineage]:
        """The same among other questions. Two statements, and two more for versions that were not read before."""
        rows = reader.execute(_CHANGEABLE, {"foundation": foundation_id}).all()
        if any(row.id not in self._read for row in rows):
            for each in self._find(Agreement.foundation_id == foundation_id):
                self._read[each.id] = each
        return _lineages(reader, _sorted(_renewed(self._read[row.id], row) for row in rows))

    def _store(self, read: VersionFolder, foundation_slug: str, grace_days: int, replaces: str | None) -> None:
        with self._db.write() as session:
            foundation = session.scalar(select(Foundation).where(Foundation.slug == foundation_slug))
            if foundation is None:
                raise FoundationUnknown(
                    Worded("There is no foundation %(foundation_slug)s.", foundation_slug=repr(foundation_slug[:64]))
                )
            agreement = self._agreement(session, read, foundation)
            if _is_there(session, agreement, read):
                return
            now = self._clock.now()
            before = _look_again(session, agreement, replaces, now)
            row = _row(agreement, read, now, grace_days)
            session.add(row)
            note_change(session, self._clock, foundation.id)
            if before:
                add_job(session, self._clock, TELL_JOB, {"version_id": row.id})

    def _agreement(self, session: Session, read: VersionFolder, foundation: Foundation) -> Agreement:
        row = session.scalar(select(Agreement).where(Agreement.slug == read.slug))
        if row is None:
            row = Agreement(id=new_id("agr"), foundation_id=foundation.id, slug=read.slug, title=read.title)
            row.created_at = self._clock.now()
            session.add(row)
            session.flush()
        if row.foundation_id != foundation.id:
            raise AgreementTaken(
                Worded("The agreement %(slug)s belongs to another foundation of this service.", slug=read.slug)
            )
        return row

    def _find(self, *conditions: object) -> list[PublishedVersion]:
        query = _VERSIONS.where(*conditions).options(selectinload(AgreementVersion.documents))  # type: ignore[arg-type]
        with self._db.read() as session:
            found = [_published(version, foundation) for version, foundation in session.execute(query).all()]
        return _sorted(found)


def _lineages(reader: Reader, versions: list[PublishedVersion]) -> dict[str, Lineage]:
    """Of versions that come by slug, the newest first. One statement."""
    declared: dict[str, list[Declared]] = {}
    for old, new, at in reader.execute(_declared(dialect_of(reader)), {"versions": {each.id for each in versions}}):
        declared.setdefault(new, []).append(Declared(old, new, at))
    by_slug = {slug: tuple(reversed(list(each))) for slug, each in groupby(versions, key=lambda one: one.slug)}
    return {
        slug: Lineage(each, tuple(said for one in each for said in declared.get(one.id, ())))
        for slug, each in by_slug.items()
    }


@cache
def _declared(dialect: str) -> Select[str, str, datetime]:
    row = VersionCompatibility
    query = select(row.old_version_id, row.new_version_id, row.declared_at)
    return query.where(row.new_version_id.in_(named_list(dialect, "versions")), row.log_index.is_not(None))


def _covered(version: PublishedVersion, kind: str) -> Kind:
    for known in version.kinds:
        if known == kind:
            return known
    what = "is not covered by" if kind in KINDS else "is not a kind that could be covered by"
    raise KindNotCovered(
        f"{kind[:40]!r} {what} {version.slug} {version.version}.",
        hint=Worded("This version covers: %(value)s.", value=", ".join(version.kinds)),
    )


def _is_there(session: Session, agreement: Agreement, read: VersionFolder) -> bool:
    """Whether this version is stored with the same bytes; raises `AgreementVersionExists` if with others."""
    same = select(AgreementVersion).where(AgreementVersion.digest == read.digest)
    other = select(AgreementVersion).where(
        AgreementVersion.agreement_id == agreement.id, AgreementVersion.version == read.version
    )
    found = session.scalar(same) or session.scalar(other)
    if found is None:
        return False
    if (found.agreement_id, found.version, found.digest) == (agreement.id, read.version, read.digest):
        return True
    raise AgreementVersionExists(
        Worded(
            "Version %(version)s of %(slug)s is published with the digest %(digest)s; this folder (%(slug2)s "
            "%(version2)s) has %(digest2)s.",
            version=found.version,
            slug=found.agreement.slug,
            digest=found.digest,
            slug2=read.slug,
            version2=read.version,
            digest2=read.digest,
        )
    )


def _look_again(session: Session, agreement: Agreement, replaces: str | None, now: datetime) -> bool:
    """Whether there are other versions; raises if they are not those that the publisher saw, or are of the future."""
    session.execute(select(Agreement.id).where(Agreement.id == agreement.id).with_for_update())
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id)
    rows = [row for row in session.scalars(query) if row.withdrawn_at is None]
    newest = max(rows, key=lambda row: tuple(map(int, row.version.split("."))), default=None)
    if replaces is not None and newest is not None and newest.digest != replaces:
        raise PublicationOvertaken(
            Worded(
                "%(slug)s %(version)s was published meanwhile, so what the preview said no longer holds.",
                slug=agreement.slug,
                version=newest.version,
            )
        )
    if any(row.published_at > now + APART for row in rows):
        raise PublicationTooEarly(
            Worded("The clock stands before the publication of %(slug)s that is there already.", slug=agreement.slug)
        )
    return bool(rows)


def _row(agreement: Agreement, read: VersionFolder, now: datetime, grace_days: int) -> AgreementVersion:
    documents = [
        AgreementDocument(path=path, sha256=sha256(content).hexdigest(), content=content)
        for path, content in read.documents.items()
    ]
    return AgreementVersion(
        id=new_id("agv"),
        agreement_id=agreement.id,
        version=read.version,
        text_sha256=read.terms.agreement.text_sha256,
        digest=read.digest,
        terms=read.terms.to_dict(),
        published_at=now,
        grace_days=grace_days,
        documents=documents,
    )


def _sorted(versions: Iterable[PublishedVersion]) -> list[PublishedVersion]:
    """By slug, the newest first."""
    return sorted(versions, key=lambda each: (each.slug, [-int(part) for part in each.version.split(".")]))


def _renewed(known: PublishedVersion, row: Any) -> PublishedVersion:
    """A version that was read before, with what can change of it; its documents are not loaded again."""
    told = FoundationInfo(row.foundation_id, row.slug, row.name, row.contact)
    return replace(known, withdrawn_at=row.withdrawn_at, grace_days=row.grace_days, foundation=told)


def _published(row: AgreementVersion, foundation: Foundation) -> PublishedVersion:
    documents = MappingProxyType({document.path: document.content for document in row.documents})
    terms = parse_terms(documents["terms.toml"])
    return PublishedVersion(
        id=row.id,
        slug=row.agreement.slug,
        title=row.agreement.title,
        version=row.version,
        text_sha256=row.text_sha256,
        digest=row.digest,
        terms=terms,
        kinds=terms.scope.kinds,
        schedules=MappingProxyType(schedules_in(terms, documents)),
        documents=documents,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        grace_days=row.grace_days,
        foundation=FoundationInfo(foundation.id, foundation.slug, foundation.name, foundation.contact),
    )
