# SPDX-License-Identifier: Apache-2.0
"""What many tests begin with, made once a run for each database engine and copied for each test.

A ceremony costs more than most tests. A test, or a fixture of it, asks for the fixture of a beginning's name; then its
database and its data directory hold what the beginning left there, and the fixture says what that was.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from company_walk import Firm
from signin import person
from signing_walk import accept, give
from strangers import Ids, everything_of, with_two_accounts

from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.settings import Settings
from app.signing.values import Completed
from app.wiring import Services, build_services


class Gift(NamedTuple):
    """Ada's acceptance of the agreement, and her contribution of one file of code under it."""

    accepted: Completed
    given: Completed

    @classmethod
    def made(cls, services: Services) -> "Gift":
        ada = person(services.identity, "ada")
        return cls(accept(services, ada), give(services, ada))


def belongings(services: Services) -> Ids:
    """The ids of everything that Ada has; the record of the last signing is ready to be read, others wait."""
    ids = everything_of(services, with_two_accounts(services, person(services.identity, "ada")))
    services.records.issue(ids["signing"][-1])
    return ids


Make = Callable[[Services], Any]
BEGINNINGS: Mapping[str, Make] = {"firm": Firm.founded, "gift": Gift.made, "belongings": belongings}


class Beginning:
    """One beginning on one engine: `fill` makes it in a database; `put_files` and `made` are what each test gets."""

    def __init__(self, make: Make, folder: Path, keys: Path, clock: Clock, seed: Callable[[Database], object]) -> None:
        self._make, self._home, self._clock, self._seed = make, folder / "home", clock, seed
        self._home.mkdir()
        (self._home / "keys").symlink_to(keys)
        self.made: Any = None

    def fill(self, db: Database) -> None:
        """Seed an empty, migrated database and make the beginning in it."""
        self._seed(db)
        services = build_services(Settings(home=self._home, database_url=db.url, demo=True), db, self._clock)
        services.log.recover()
        self.made = self._make(services)
        services.log.wait_for_tiles()

    def put_files(self, home: Path) -> None:
        """Copy what the service has stored beside its database: the log's tiles and its last head."""
        shutil.copytree(self._home / "storage", home / "storage")
