# SPDX-License-Identifier: Apache-2.0
"""A company founded once for all tests on one database engine: five ceremonies cost more than most tests.

The database's content is kept by who asks for it to be filled (`conftest`, `postgres`), the files beside it here.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from company_walk import Firm

from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.settings import Settings
from app.wiring import build_services


class Founding:
    """The founding of one company: `fill` does it, `put_files` and `firm` are what each test gets of it."""

    def __init__(self, folder: Path, keys: Path, clock: Clock, seed: Callable[[Database], object]) -> None:
        self._home, self._clock, self._seed = folder / "home", clock, seed
        self._home.mkdir()
        (self._home / "keys").symlink_to(keys)
        self.firm: Firm

    def fill(self, db: Database) -> None:
        """Seed an empty, migrated database and found the company in it."""
        self._seed(db)
        services = build_services(Settings(home=self._home, database_url=db.url, demo=True), db, self._clock)
        services.log.recover()
        self.firm = Firm.founded(services)
        services.log.wait_for_tiles()

    def put_files(self, home: Path) -> None:
        """Copy what the service has stored beside its database: the log's tiles and its last head."""
        shutil.copytree(self._home / "storage", home / "storage")
