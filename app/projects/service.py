# SPDX-License-Identifier: Apache-2.0
"""Foundations and projects: setting them up and finding them."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.platform.clock import Clock, new_id
from app.platform.db import Database, Reader
from app.projects.models import Foundation, Project
from mcla.errors import MclaError
from mcla.wording import Worded

_WITH_FOUNDATION = select(
    *(Project.id, Project.slug, Project.name, Project.summary),
    *(Foundation.id, Foundation.slug, Foundation.name, Foundation.contact),
).join(Foundation, Foundation.id == Project.foundation_id)
_BY_SLUG = _WITH_FOUNDATION.where(Project.slug == bindparam("slug"))
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class ProjectUnknown(MclaError):
    """No project has this slug."""

    code = "project-unknown"
    status = 404
    hint = "Check the spelling; the projects of this service are listed on its first page."


class FoundationUnknown(MclaError):
    """No foundation has this slug."""

    code = "foundation-unknown"
    status = 404
    hint = "Create it first: mcla-server init --foundation SLUG --foundation-name NAME --contact ADDRESS"


class SlugInvalid(MclaError):
    """A slug has other characters than lower-case letters, digits and hyphens, or is longer than 64."""

    code = "slug-invalid"
    status = 422
    hint = "Use 1 to 64 lower-case letters, digits and inner hyphens."


@dataclass(frozen=True, slots=True)
class FoundationInfo:
    """A foundation, as values."""

    id: str
    slug: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """A project with its foundation, as values."""

    id: str
    slug: str
    name: str
    summary: str
    foundation: FoundationInfo


class ProjectService:
    """Foundations and projects of this service."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def ensure_foundation(self, slug: str, name: str, contact: str) -> FoundationInfo:
        """The foundation with this slug, created if there is none; an existing one is not changed."""
        _check_slug(slug)
        try:
            with self._db.write() as session:
                if session.scalar(select(Foundation.id).where(Foundation.slug == slug)) is None:
                    row = Foundation(
                        id=new_id("fnd"), slug=slug, name=name, contact=contact, created_at=self._clock.now()
                    )
                    session.add(row)
        except IntegrityError:  # another process created it between the two statements
            pass
        return self.foundation(slug)

    def ensure_project(self, foundation_slug: str, slug: str, name: str, summary: str) -> ProjectInfo:
        """The project with this slug, created if there is none; an existing one is not changed."""
        _check_slug(slug)
        foundation = self.foundation(foundation_slug)
        try:
            with self._db.write() as session:
                if session.scalar(select(Project.id).where(Project.slug == slug)) is None:
                    values = {"id": new_id("prj"), "slug": slug, "name": name, "summary": summary}
                    session.add(Project(**values, foundation_id=foundation.id, created_at=self._clock.now()))
        except IntegrityError:
            pass
        return self.project(slug)

    def foundation(self, slug: str) -> FoundationInfo:
        with self._db.read() as session:
            row = session.scalar(select(Foundation).where(Foundation.slug == slug))
        if row is None:
            raise FoundationUnknown(Worded("There is no foundation %(slug)s.", slug=repr(slug[:64])))
        return foundation_info(row)

    def foundations(self) -> list[FoundationInfo]:
        with self._db.read() as session:
            return [foundation_info(row) for row in session.scalars(select(Foundation).order_by(Foundation.slug))]

    def project(self, slug: str) -> ProjectInfo:
        with self._db.read() as reader:
            return project_of(reader, slug)

    def projects(self) -> list[ProjectInfo]:
        with self._db.read() as reader:
            return [_project(row) for row in reader.execute(_WITH_FOUNDATION.order_by(Project.slug))]


def project_of(reader: Reader, slug: str) -> ProjectInfo:
    """The project with this slug; raises `ProjectUnknown`. One statement."""
    # Only a well-formed slug is asked for: PostgreSQL has no text with a NUL in it.
    for row in reader.execute(_BY_SLUG, {"slug": slug}) if _SLUG.fullmatch(slug) else ():
        return _project(row)
    raise ProjectUnknown(Worded("There is no project %(slug)s.", slug=repr(slug[:64])))


def foundation_info(row: Foundation) -> FoundationInfo:
    """The row as values."""
    return FoundationInfo(id=row.id, slug=row.slug, name=row.name, contact=row.contact)


def _project(row: Any) -> ProjectInfo:
    project_id, slug, name, summary, *foundation = row
    return ProjectInfo(project_id, slug, name, summary, FoundationInfo(*foundation))


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise SlugInvalid(Worded("%(slug)s is not a slug.", slug=repr(slug[:80])))
