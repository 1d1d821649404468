# SPDX-License-Identifier: Apache-2.0
"""SuccessionService: what a new version would do before it is published; what is said of it and told afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import select

from app.agreements.errors import AgreementUnknown, AgreementVersionExists
from app.agreements.folder import VersionFolder, schedules_in
from app.agreements.lineage import FOREVER, Declared, Lineage, compared
from app.agreements.models import VersionCompatibility
from app.agreements.text_changes import ChangedPart, text_changes
from app.agreements.values import PublishedVersion
from app.mail.outbox import Outbox
from app.platform.clock import is_id
from app.platform.jobs import add_job
from app.projects.service import FoundationInfo
from app.signing.ports import Ports
from app.succession import declaring, mailing, telling
from app.succession.counting import Standing, groups, standing
from app.succession.document import checked_reason
from app.succession.errors import AgainstTheRules
from mcla.terms import Comparison, Kind
from mcla.wording import Worded

NOT_YET = "agv_not_yet_published"


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing a folder would do. Everything but `read` is None or empty for the first version."""

    read: VersionFolder
    replaces: PublishedVersion | None
    comparison: Comparison | None = None
    text: tuple[ChangedPart, ...] = ()
    standing: Standing | None = None
    """By the rules alone."""
    declared: Standing | None = None
    """If somebody also declares it compatible with the version it replaces."""

    @property
    def counted(self) -> Literal["people", "companies"]:
        """What one signer of this agreement is: a company counts once, whoever signed for it or gives for it."""
        return "companies" if self.replaces is not None and self.replaces.for_companies else "people"

    @property
    def needs_word(self) -> bool:
        """Whether a person's word changes anything: the classes that carry by themselves need none."""
        return self.comparison is not None and self.comparison.name in ("editorial", "scoped", "material")


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """How one acceptance stands: what it carries for good, what only until `until`, what has to be signed for again."""

    signed: PublishedVersion
    current: PublishedVersion
    carried: tuple[Kind, ...]
    in_grace: tuple[Kind, ...]
    until: datetime | None
    again: tuple[Kind, ...]

    @property
    def is_current(self) -> bool:
        return self.signed.number >= self.current.number

    @property
    def needs_signature(self) -> bool:
        """Whether something is or will be asked of the signer."""
        return bool(self.again or self.in_grace)


class SuccessionService:
    """How one version follows another."""

    def __init__(self, ports: Ports, outbox: Outbox) -> None:
        self._ports, self._outbox = ports, outbox

    def preview(self, read: VersionFolder, foundation: FoundationInfo) -> Preview:
        """What publishing `read` would do now, in a constant number of statements; nothing is stored.

        Raises `AgreementVersionExists` if the version is published already.
        """
        try:
            before = self._ports.agreements.lineage(read.slug)
        except AgreementUnknown:
            return Preview(read, None)
        for each in before.versions:
            if each.version == read.version:
                raise AgreementVersionExists(
                    Worded(
                        "Version %(version)s of %(slug)s is published already.", version=each.version, slug=each.slug
                    )
                )
        now = self._ports.clock.now()
        replaced, new = before.current(now), _as_published(read, foundation, now)
        versions = tuple(sorted((*before.versions, new), key=lambda each: each.number))
        after = Lineage(versions, before.declared)
        with_word = Lineage(versions, (*before.declared, Declared(replaced.id, NOT_YET, now)))
        with self._ports.db.read() as session:
            signers = groups(session, [each.id for each in before.versions])
        return Preview(
            read,
            replaced,
            compared(replaced, new),
            text_changes(replaced.documents, read.documents),
            standing(signers, before, after, now),
            standing(signers, before, with_word, now),
        )

    def publish(
        self,
        read: VersionFolder,
        foundation: FoundationInfo,
        *,
        grace_days: int = 0,
        reason: str = "",
        although: str | None = None,
        replaces: str | None = None,
        contributor_id: str | None = None,
    ) -> PublishedVersion:
        """Publish, and with a `reason` also declare the version compatible with the one it replaces.

        Raises what `AgreementService.publish` and `declare` raise; what a declaration would refuse is refused before.
        """
        replaced = self._replaced(read, reason, although) if reason else None
        published = self._ports.agreements.publish(read, foundation.slug, grace_days=grace_days, replaces=replaces)
        if replaced is not None:
            declaring.declare(self._ports, replaced, published, reason, although, contributor_id)
        return published

    def declare(
        self,
        slug: str,
        old: str,
        new: str,
        reason: str,
        although: str | None = None,
        contributor_id: str | None = None,
    ) -> str:
        """Declare two published versions compatible, see `declaring.declare`; returns the declaration's id."""
        first, second = (self._ports.agreements.version(slug, each) for each in (old, new))
        return declaring.declare(self._ports, first, second, reason, although, contributor_id)

    def declared(self, old: PublishedVersion, new: PublishedVersion) -> VersionCompatibility | None:
        """What was said between two versions, once it is logged."""
        pair = VersionCompatibility.old_version_id == old.id, VersionCompatibility.new_version_id == new.id
        with self._ports.db.read() as session:
            return session.scalar(
                select(VersionCompatibility).where(*pair, VersionCompatibility.log_index.is_not(None))
            )

    def declaration(self, declaration_id: str) -> VersionCompatibility | None:
        """A declaration by its id, once it is logged."""
        with self._ports.db.read() as session:
            row = session.get(VersionCompatibility, declaration_id) if is_id(declaration_id) else None
        return row if row is not None and row.log_index is not None else None

    def standing_of(self, slug: str, version: str) -> OwnStanding:
        """How an acceptance in force of this version stands now."""
        lineage, now = self._ports.agreements.lineage(slug), self._ports.clock.now()
        signed = self._ports.agreements.version(slug, version)
        current, ends = lineage.current(now), lineage.ends(signed.id, now)
        carried = tuple(kind for kind, end in ends.items() if end == FOREVER)
        in_grace = tuple(kind for kind, end in ends.items() if end < FOREVER)
        again = tuple(kind for kind in signed.kinds if kind in current.kinds and kind not in ends)
        return OwnStanding(signed, current, carried, in_grace, min(ends.values()) if in_grace else None, again)

    def changes(self, slug: str, old: str, new: str) -> tuple[Comparison, tuple[ChangedPart, ...]]:
        """What differs from one published version to another, in terms and in words."""
        first, second = (self._ports.agreements.version(slug, each) for each in (old, new))
        return compared(first, second), text_changes(first.documents, second.documents)

    def news(self, contributor_id: str) -> list[PublishedVersion]:
        """The versions that this person was told of and has not said to have seen."""
        with self._ports.db.read() as session:
            ids = telling.unseen(session, contributor_id)
        return [self._ports.agreements.version_by_id(each) for each in ids]

    def seen(self, contributor_id: str) -> None:
        """Keep that the person has seen the news."""
        with self._ports.db.write() as session:
            telling.seen(session, contributor_id, self._ports.clock.now())

    def tell_job(self, payload: dict[str, Any]) -> None:
        """The handler of `agreement.tell`: payload `{"version_id"}`."""
        with self._ports.db.write() as session:
            telling.tell(session, payload["version_id"], self._ports.clock.now())
            if self._outbox.on:
                add_job(session, self._ports.clock, mailing.MAIL_JOB, payload, mailing.MAIL_AFTER)

    def mail_job(self, payload: dict[str, Any]) -> None:
        """The handler of `agreement.mail`: payload `{"version_id"}`."""
        new = self._ports.agreements.version_by_id(payload["version_id"])
        lineage, now = self._ports.agreements.lineage(new.slug), self._ports.clock.now()
        with self._ports.db.write() as session:
            mailing.promise(session, self._outbox, lineage, new, now, self._ports.settings.origin)

    def declared_job(self, payload: dict[str, Any]) -> None:
        """The handler of `agreement.declared`: payload `{"id"}`."""
        declaring.finish(self._ports, payload["id"])

    def _replaced(self, read: VersionFolder, reason: str, although: str | None) -> PublishedVersion:
        """The version that this one would replace, if a declaration between the two would be taken."""
        checked_reason(reason)
        now = self._ports.clock.now()
        replaced = self._ports.agreements.lineage(read.slug).current(now)
        found = compared(replaced, _as_published(read, replaced.foundation, now)).name
        if found in ("material", "scoped") and although != found:
            raise AgainstTheRules(
                Worded(
                    "From %(version)s to %(version2)s there are %(found)s changes.",
                    version=replaced.version,
                    version2=read.version,
                    found=found,
                )
            )
        return replaced


def _as_published(read: VersionFolder, foundation: FoundationInfo, now: datetime) -> PublishedVersion:
    """The folder as the version it would become, without grace."""
    documents: Mapping[str, bytes] = read.documents
    return PublishedVersion(
        id=NOT_YET,
        slug=read.slug,
        title=read.title,
        version=read.version,
        text_sha256=read.terms.agreement.text_sha256,
        digest=read.digest,
        terms=read.terms,
        kinds=read.terms.scope.kinds,
        schedules=MappingProxyType(schedules_in(read.terms, documents)),
        documents=documents,
        published_at=now,
        withdrawn_at=None,
        grace_days=0,
        foundation=foundation,
    )
