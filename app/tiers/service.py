# SPDX-License-Identifier: Apache-2.0
"""TiersService: what publishing terms in tiers would do, publishing them, and which of them hold for a project.

Invariants: what is published never changes; versions rise and begin in that order, never on a day that is over; an id
belongs to one project or foundation.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, select

from app.projects.models import Foundation, Project
from app.projects.service import FoundationInfo, ProjectInfo, foundation_info
from app.signing.ports import Ports
from app.tiers import publishing
from app.tiers.errors import TiersNotPublished, TiersUnknown
from app.tiers.models import OutboundTerms
from app.tiers.values import Draft, Owner, PublishedTerms
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import Terms, is_id, is_version
from mcla.wording import Worded

_IN_LOG = (
    select(OutboundTerms, Foundation, Project)
    .join(Foundation, Foundation.id == OutboundTerms.foundation_id)
    .outerjoin(Project, Project.id == OutboundTerms.project_id)
    .where(OutboundTerms.log_index.is_not(None))
    .order_by(OutboundTerms.slug, OutboundTerms.number.desc())
)


class TiersService:
    """The published terms of one service."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def draft(self, owner: Owner, document: bytes) -> Draft:
        """What publishing the document now would do; stores nothing. Raises what `publish` raises."""
        today = self._ports.clock.now().date()
        terms = publishing.read_document(document, today)
        with self._ports.db.read() as session:
            last = publishing.row_before(session, owner, terms)
            already = publishing.published_already(session, terms) is not None
            if not already:
                publishing.check_follows(terms, last, today)
        return Draft(terms, owner, document, self._newest(owner), already)

    def publish(self, owner: Owner, document: bytes, by: str, seen: str | None = None) -> PublishedTerms:
        """Publish the document as the owner's next version; the same bytes again answer the version that is there.

        `seen` is the digest of the newest version that the publisher looked at, empty for none. Raises `TiersInvalid`,
        one of `app.tiers.errors`, `ClockUnsteady`, or what the log raises (a job then finishes what is kept).
        """
        row_id = publishing.keep(self._ports, owner, document, by, seen)
        publishing.finish(self._ports, row_id)
        return self._found(_IN_LOG.where(OutboundTerms.id == row_id))[0]

    def finish_job(self, payload: dict[str, Any]) -> None:
        """The handler of `tiers.published`: payload `{"id"}`."""
        publishing.finish(self._ports, payload["id"])

    def everything(self) -> Sequence[PublishedTerms]:
        """Every version of all terms: by id, the newest first."""
        return self._found(_IN_LOG)

    def versions(self, slug: str) -> Sequence[PublishedTerms]:
        """Every version, the newest first; raises `TiersUnknown`."""
        # Only a well-formed id is asked for: PostgreSQL has no text with a NUL in it.
        found = self._found(_IN_LOG.where(OutboundTerms.slug == slug)) if is_id(slug) else ()
        if not found:
            raise TiersUnknown(Worded("There are no terms called %(slug)s.", slug=repr(slug[:64])))
        return found

    def version(self, slug: str, version: str) -> PublishedTerms:
        """One version; raises `TiersUnknown`, which names what there is."""
        found = self.versions(slug)
        for each in found if is_version(version) else ():
            if each.version == version:
                return each
        there = ", ".join(each.version for each in found)
        said = Worded("%(slug)s has no version %(version)s; there are: %(there)s.",
                      slug=slug, version=repr(version[:32]), there=there)  # fmt: skip
        raise TiersUnknown(said)

    def of_project(self, project: ProjectInfo, day: date, version: str | None = None) -> PublishedTerms:
        """What holds for a project on a day: its own, else its foundation's; with `version` that one.

        Raises `TiersUnknown` or `TiersNotPublished`.
        """
        for owner in (Owner(project.foundation, project), Owner(project.foundation)):
            found = self._of(owner)
            if found and version is not None:
                return self.version(found[0].slug, version)
            if begun := next((each for each in found if each.effective <= day), None):
                return begun
        raise TiersNotPublished(
            Worded("%(project)s had no terms in tiers on %(day)s.", project=project.slug, day=day.isoformat())
        )

    def newest_of(self, owners: Sequence[Owner]) -> dict[Owner, PublishedTerms]:
        """The newest version of each owner that has one, in one statement."""
        foundations = {each.foundation.id for each in owners}
        found = self._found(_IN_LOG.where(OutboundTerms.foundation_id.in_(foundations)))
        newest: dict[Owner, PublishedTerms] = {}
        for each in found:
            newest.setdefault(each.owner, each)
        return {owner: newest[owner] for owner in owners if owner in newest}

    def newest_for(self, projects: Sequence[ProjectInfo]) -> dict[str, PublishedTerms]:
        """By its id, the newest version of each project's own terms or else its foundation's, in one statement."""
        own = {each: (Owner(each.foundation, each), Owner(each.foundation)) for each in projects}
        newest = self.newest_of([owner for owners in own.values() for owner in owners])
        found = {each.id: next((newest[one] for one in owners if one in newest), None) for each, owners in own.items()}
        return {id_: terms for id_, terms in found.items() if terms is not None}

    def _newest(self, owner: Owner) -> PublishedTerms | None:
        return next(iter(self._of(owner)), None)

    def _of(self, owner: Owner) -> Sequence[PublishedTerms]:
        return self._found(_IN_LOG.where(*publishing.owned(owner)))

    def _found(self, query: Select[OutboundTerms, Foundation, Project | None]) -> Sequence[PublishedTerms]:
        with self._ports.db.read() as session:
            return [_published(row) for row in session.execute(query)]


def _published(found: Row[OutboundTerms, Foundation, Project | None]) -> PublishedTerms:
    row, foundation, project = found
    terms = _read(row.document, row.effective)
    owner = Owner(foundation_info(foundation), _project(project, foundation_info(foundation)))
    index, bundle = row.log_index or 0, row.bundle or {}  # neither is missing of what is in the log
    return PublishedTerms(terms, owner, row.number, row.document, row.published_at, index, bundle)


@lru_cache(maxsize=512)
def _read(document: bytes, effective: str) -> Terms:
    return replace(read_terms(document), effective=effective)


def _project(row: Project | None, foundation: FoundationInfo) -> ProjectInfo | None:
    return ProjectInfo(row.id, row.slug, row.name, row.summary, foundation) if row else None
