# SPDX-License-Identifier: Apache-2.0
"""A record of a real signing, made once by a running service's own job, for tests that read or spoil it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conftest import NOW
from signin import person
from signing_walk import accept, draft_contribution, file, finish, page_of

from app.platform.clock import FixedClock
from app.platform.db import Database
from app.platform.settings import Settings
from app.signing.values import Seen
from app.wiring import Services, build_services
from mcla.verify.trust import TrustedRoot


@dataclass(frozen=True)
class Real:
    """The sealed PDF, and the service that made it."""

    pdf: bytes
    services: Services

    @property
    def trust(self) -> TrustedRoot:
        return self.services.trust

    @property
    def now(self) -> datetime:
        return self.services.clock.now()


def make_record(home: Path, database: bytes, keys: Path) -> Real:
    """The record of a contribution of three files, by a service in `home` over a filled SQLite `database`."""
    (home / "keys").symlink_to(keys)
    (home / "mcla.sqlite").write_bytes(database)
    settings = Settings(home=home, demo=True)
    services = build_services(settings, Database(settings.database), FixedClock(NOW))
    services.log.recover()
    ada = person(services.identity)
    accept(services, ada)
    draft = draft_contribution(services, ada, *(file(f"src/part {n}.py", b"print(%d)\n" % n) for n in range(3)))
    done = finish(services, ada, draft, Seen(page_of(draft, NOW), 60))
    services.worker.run_due()
    return Real(services.records.pdf(ada, Path(done.record_url).stem), services)
