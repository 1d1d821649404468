# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the whole suite: a migrated database on each engine, wired services, the application and its client."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from apiflask import APIFlask
from applications import Applications, new_application
from beginnings import BEGINNINGS, Beginning, Gift
from company_walk import Firm
from compiled import Compiled
from dealing import dealt
from ending import pytest_sessionfinish  # noqa: F401  pytest finds it here
from flask.testing import FlaskClient
from postgres import Fill, Postgres, start_postgres
from sqlalchemy import delete
from strangers import Ids
from tokens import SoftToken, soft_token

from app.agreements.service import AgreementService
from app.demo.seed import AGREEMENTS, seed
from app.platform.clock import FixedClock, SystemClock
from app.platform.db import Database
from app.platform.jobs import Job
from app.platform.keys import create_keys
from app.platform.migrate import upgrade
from app.platform.settings import Settings
from app.projects.service import ProjectService
from app.wiring import Services, build_services

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
# The same examples in every run, so that no change fails for what it did not touch; `make fuzz` looks for others.
# And no time limit for one example, because the machine is shared and some make keys.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")
gc.disable()  # until everything is imported and collected: hardly anything of that is garbage


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run; the test is skipped (in CI: fails) where none can be started."""
    with start_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Fill | None], bytes]:
    """The bytes of an SQLite database, migrated and filled: each filling happens once, and tests copy it."""

    @cache
    def filled(fill: Fill | None) -> bytes:
        folder = tmp_path_factory.mktemp("sqlite")
        if fill is None:
            return _template(folder, upgrade)
        (folder / "template.sqlite").write_bytes(filled(None))
        return _template(folder, fill)

    return filled


@pytest.fixture(scope="session")
def sqlite_template(filled_sqlite: Callable[[Fill | None], bytes]) -> bytes:
    """The bytes of an empty, migrated SQLite database."""
    return filled_sqlite(None)


@pytest.fixture(scope="session")
def seeding() -> Fill:
    """What puts the demo's content into a database; where many records are printed, it has briefer texts."""
    return seed_database


def _template(folder: Path, fill: Fill) -> bytes:
    path = folder / "template.sqlite"
    db = Database(f"sqlite:///{path}")
    fill(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return path.read_bytes()


def seed_database(db: Database, texts: Path = AGREEMENTS) -> None:
    """Put the demo's foundation, projects and agreements into a database, as of NOW, without the jobs they leave."""
    clock = FixedClock(NOW)
    seed(ProjectService(db, clock), AgreementService(db, clock), texts)
    with db.write() as session:
        session.execute(delete(Job))


class Beginnings:
    """The beginnings that tests have asked for, by engine and name."""

    def __init__(self, temporary: pytest.TempPathFactory, keys: Path) -> None:
        self._temporary, self._keys = temporary, keys
        self._made: dict[tuple[str, str], Beginning] = {}

    def on(self, engine: str, name: str) -> Beginning:
        if (engine, name) not in self._made:
            folder = self._temporary.mktemp(name)
            self._made[engine, name] = Beginning(BEGINNINGS[name], folder, self._keys, FixedClock(NOW), seed_database)
        return self._made[engine, name]


@pytest.fixture(scope="session")
def beginnings(tmp_path_factory: pytest.TempPathFactory, key_folder: Path) -> Beginnings:
    return Beginnings(tmp_path_factory, key_folder)


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> str | None:
    """The name of what the test begins with, if it does (`beginnings`)."""
    named = BEGINNINGS.keys() & set(request.fixturenames)
    assert len(named) <= 1, f"a test begins with one of them: {named}"
    return next(iter(named), None)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, beginning: str | None) -> Iterator[str]:
    """The address of a migrated database; every test that uses it runs on both engines.

    It is empty; or holds the demo's content where the test asks for `services`, and what the test begins with.
    """
    fill = request.getfixturevalue("seeding") if "services" in request.fixturenames else None
    if beginning:
        fill = request.getfixturevalue("beginnings").on(request.param, beginning).fill
    if request.param == "sqlite":
        path = tmp_path / "mcla.sqlite"
        path.write_bytes(request.getfixturevalue("filled_sqlite")(fill))
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("postgres").database(fill) as url:
            yield url


@pytest.fixture
def begun(beginnings: Beginnings, beginning: str | None, database_url: str) -> Beginning | None:
    """What the test's database began with."""
    return beginnings.on(database_url.partition(":")[0], beginning) if beginning else None


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    return Compiled()


@pytest.fixture
def db(database_url: str, compiled: Compiled) -> Iterator[Database]:
    """An empty, migrated database."""
    database = Database(database_url)
    for engine in database.engines:
        compiled.share(engine)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Service keys, made once a run; valid at NOW and at the real time."""
    home = tmp_path_factory.mktemp("home")
    create_keys(home, "127.0.0.1", min(NOW, SystemClock().now()))
    return home / "keys"


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    """A PKCS#11 token, one for all tests of a process."""
    with soft_token(tmp_path_factory.mktemp("token")) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, key_folder: Path, database_url: str, begun: Beginning | None) -> Settings:
    """Settings of a demo service in a temporary data directory with keys, and the files of what the database holds."""
    home = tmp_path / "home"
    home.mkdir()
    if begun:
        begun.put_files(home)
    (home / "keys").symlink_to(key_folder)
    return Settings(home=home, database_url=database_url, demo=True)


@pytest.fixture
def own_keys(settings: Settings) -> Path:
    """A copy of the keys that a test may spoil or replace."""
    keys = settings.home / "keys"
    source = keys.resolve()
    keys.unlink()
    shutil.copytree(source, keys)
    return keys


@pytest.fixture
def services(settings: Settings, db: Database, clock: FixedClock) -> Services:
    """The wired services over `db`, which holds the demo foundation, its projects and the published agreement."""
    wired = build_services(settings, db, clock)
    wired.log.recover()
    return wired


@pytest.fixture
def firm(services: Services, begun: Beginning) -> Firm:
    """Example GmbH with a signatory and two managers, in the test's own services."""
    founded: Firm = begun.made
    return founded.over(services)


@pytest.fixture
def gift(begun: Beginning) -> Gift:
    """What Ada has signed: the agreement, and a file under it."""
    made: Gift = begun.made
    return made


@pytest.fixture
def belongings(begun: Beginning) -> Ids:
    """The ids of everything that Ada has."""
    made: Ids = begun.made
    return made


@pytest.fixture(scope="session")
def applications() -> Applications:
    return Applications()


@pytest.fixture
def app(applications: Applications, services: Services) -> APIFlask:
    """The application over `services`; other tests get the same one."""
    return applications.over(services)


@pytest.fixture
def own_app(services: Services) -> APIFlask:
    """An application that a test may change."""
    return new_application(services)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every worker makes the same list of it; without workers it stays as it is."""
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), lambda each: each.nodeid)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What has been imported stays to the end: looking through it for garbage again and again is a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes in a test's name differ from run to run where they hold signatures; workers need one list of names."""
    return argname if isinstance(val, bytes) else None
