# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records issue` on a full disk says so, and goes on where it stopped once there is room."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from needs import needs_root, skip_or_fail
from signin import person
from signing_walk import accept, file, give
from small_disk import MountRefused, fill_up, small_disk
from sqlalchemy import delete

from app.cli.main import main
from app.platform.jobs import Job
from app.platform.settings import Settings

ASKED = ("issue", "--agreement", "mcla-individual", "--since", "2026-11-01", "--processes", "1")


@pytest.fixture
def small(services: Any, settings: Settings) -> Iterator[Path]:
    """A disk of 8 MB of its own, with a service on it: two records are still to be made, and no job will."""
    needs_root()
    ada = person(services.identity)
    accept(services, ada)
    give(services, ada, file("part.py", b"print()\n"))
    with services.db.write() as session:
        session.execute(delete(Job))
    with ExitStack() as mounted:
        try:
            place = mounted.enter_context(small_disk(8))
        except MountRefused as error:
            skip_or_fail(str(error))
        shutil.copytree(settings.home, place / "home", ignore=shutil.ignore_patterns("*.sqlite*"))
        with closing(sqlite3.connect(settings.database.removeprefix("sqlite:///"))) as whole:
            whole.execute("VACUUM INTO ?", [str(place / "all.sqlite")])
        yield place


def server(small: Path, *args: str) -> Result:
    env = {"MCLA_HOME": str(small / "home"), "MCLA_DATABASE_URL": f"sqlite:///{small}/all.sqlite", "MCLA_DEMO": "true"}
    return CliRunner().invoke(main, ["records", *args], env=env)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("leave", "full", "noted"), [(0, "database", ""), (40_000, "storage", "2 of them failed with disk-full: ")]
)
def test_a_full_disk_is_named_with_what_to_do_and_freeing_space_is_all_the_repair(
    small: Path, leave: int, full: str, noted: str
) -> None:
    waiting = server(small, "status").stdout
    assert waiting.startswith("2 records are still to be made or to be put into the log, the oldest for ")
    ballast = fill_up(small, leave)
    ran = server(small, *ASKED)
    assert ran.exit_code == 1
    assert "0 issued, 0 were there meanwhile, 2 failed." in ran.stdout
    assert ran.stdout.count(f"  disk-full: The disk under the {full} is full.") == 2
    assert (
        "What to do (disk-full): Free room on that disk, then run the same command again: it goes on where it stopped."
        in ran.stdout
    )
    assert "`mcla-server records status` counts the record among those that are still to be made" in ran.stdout
    assert "OperationalError" not in ran.output
    status = server(small, "status").stdout
    assert status.startswith("2 records are still to be made")
    assert noted in status
    assert ("failed" in status) == bool(noted)
    ballast.unlink()
    ran = server(small, *ASKED)
    assert (ran.exit_code, ran.stdout) == (0, "2 issued, 0 were there meanwhile, 0 failed.\n")
    assert server(small, "status").stdout == "0 records are still to be made or to be put into the log\n"
