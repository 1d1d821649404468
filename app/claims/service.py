# SPDX-License-Identifier: Apache-2.0
"""ClaimService: takes in what other systems recorded, shows it to whom it names and to staff, and erases it.

A claim never covers anybody. It says that somebody else wrote down a signature; the person who signs in with that very
account and signs here makes it real.
"""

import logging
from collections.abc import Callable, Collection
from hashlib import sha256

from app.agreements.service import AgreementService
from app.claims import importing, queries
from app.claims.erasing import erase
from app.claims.errors import ClaimsSearchUnfit, ClaimsUnknown
from app.claims.formats import READERS
from app.claims.unfit import ClaimsAgreementForeign, ClaimsProviderUnclear
from app.claims.values import ClaimInfo, ImportInfo, OnRecord, Report, System, Whose
from app.platform.clock import Clock, is_id
from app.platform.db import Database
from app.platform.settings import Settings
from app.projects.service import ProjectInfo, ProjectService

PAGE = 100
MAX_WHOSE = 320
log = logging.getLogger("mcla.claims")


class ClaimService:
    """The claims of one service."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, projects: ProjectService, agreements: AgreementService
    ) -> None:
        self._db, self._clock, self._projects, self._agreements = db, clock, projects, agreements
        self._kinds = {each.name: each.kind for each in settings.providers}

    def import_file(
        self,
        project: str,
        system: System,
        data: bytes,
        by: str,
        *,
        provider: str | None = None,
        agreements: Collection[str] = (),
        dry_run: bool = False,
        tick: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Report:
        """Take a file in, all of its good rows or, on any fault, none; a dry run answers the same and writes nothing.

        `tick` is told (rows done, rows in all), once while they are looked up and once while they are written. Raises
        `ProjectUnknown`, `ClaimsFileUnfit`, `ClaimsProviderUnclear` or `ClaimsAgreementForeign`.
        """
        info = self._projects.project(project)
        parsed = READERS[system](data, self._clock.now())
        source = importing.Source(
            info.id, system, self._provider(provider), sha256(data).hexdigest(), self._signed_instead(info, agreements)
        )
        with self._db.read() if dry_run else self._db.write() as session:
            if not dry_run:
                importing.lock(session, info.id)
            secret = importing.secret_of(session, info.id)
            if secret is None:
                secret = bytes(32) if dry_run else importing.new_secret(session, info.id)
            planned = list(importing.plan(session, source, secret, parsed, tick))
            if not dry_run:
                importing.write(session, source, planned, by, self._clock.now(), tick)
        rows = tuple(each.row for each in planned)
        return Report(info.slug, system, source.provider, source.file_sha256, source.agreements, rows, parsed.left_out)

    def mine(self, contributor_id: str) -> list[OnRecord]:
        """What other systems have on record of a person, as far as it is proven that this is the person."""
        with self._db.read() as session:
            return queries.of_person(session, contributor_id)

    def imports(self, foundation_ids: Collection[str]) -> list[ImportInfo]:
        """What was imported for projects of these foundations, the newest first."""
        with self._db.read() as session:
            return queries.imports(session, foundation_ids)

    def rows(
        self, import_id: str, foundation_ids: Collection[str], after: int = 0
    ) -> tuple[ImportInfo, list[ClaimInfo]]:
        """One import and its claims after a row, `PAGE` at most; raises `ClaimsUnknown`, for other foundations too."""
        with self._db.read() as session:
            known = queries.imports(session, foundation_ids, import_id) if is_id(import_id) else []
            if not known:
                raise ClaimsUnknown("There is no import of this id.")
            return known[0], queries.rows_of(session, import_id, after, PAGE)

    def find(self, whose: Whose, foundation_ids: Collection[str]) -> list[ClaimInfo]:
        """What names somebody in projects of these foundations; raises `ClaimsSearchUnfit`."""
        checked = _checked(whose)
        with self._db.read() as session:
            return queries.found(session, foundation_ids, checked)

    def erase(self, whose: Whose, foundation_ids: Collection[str], by: str) -> int:
        """Erase everything that names somebody; answers how many rows were touched. Raises `ClaimsSearchUnfit`."""
        checked = _checked(whose)
        with self._db.write() as session:
            known = queries.found(session, foundation_ids, checked)
            touched = erase(session, known, checked, by, self._clock.now())
        log.info("claims erased rows=%d by=%s", touched, by)
        return touched

    def _provider(self, named: str | None) -> str:
        if named is not None:
            if named not in self._kinds:
                raise ClaimsProviderUnclear(f"No provider named {named[:40]!r} is set up here.")
            return named
        hosts = [name for name, kind in self._kinds.items() if kind == "github"]
        if len(hosts) != 1:
            raise ClaimsProviderUnclear(
                f"The accounts of this file are at GitHub, and {len(hosts) or 'no'} providers of that kind are set up."
            )
        return hosts[0]

    def _signed_instead(self, project: ProjectInfo, slugs: Collection[str]) -> tuple[str, ...]:
        """The agreements that persons sign here; of the given slugs each, or all of the foundation."""
        known = {
            each.slug
            for each in self._agreements.agreements()
            if each.for_persons and each.foundation_id == project.foundation.id
        }
        for slug in slugs:
            if slug not in known:
                raise ClaimsAgreementForeign(
                    f"{slug[:64]!r} is no agreement that {project.foundation.name} publishes for persons."
                )
        return tuple(sorted(set(slugs) or known))


def _checked(whose: Whose) -> Whose:
    value = whose.value.strip()
    if not 1 <= len(value) <= MAX_WHOSE or not value.isprintable() or not whose.provider.isprintable():
        raise ClaimsSearchUnfit("It is not said whose claims are meant.")
    return Whose(whose.by, value, whose.provider)
