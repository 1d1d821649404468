# SPDX-License-Identifier: Apache-2.0
"""A full disk: a clear refusal, nothing acknowledged, reading goes on, and freeing space is all the repair there is."""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from log_tools import check_receipt, downloaded, log_over, opened
from needs import needs_root, skip_or_fail
from postgres import Postgres
from small_disk import MountRefused, fill_up, small_disk

from app.log.errors import LogFull
from app.log.service import LogReceipt, LogService
from app.platform.db import Database

FILLING = os.urandom(9000)
"""Takes its room in every database, also in one that makes values smaller."""


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of its own with 2 MB."""
    needs_root()
    with ExitStack() as mounted:
        try:
            place = mounted.enter_context(small_disk(2))
        except MountRefused as error:
            skip_or_fail(str(error))
        yield place


@pytest.fixture
def tablespace(postgres: Postgres, small: Path) -> Iterator[str]:
    """A PostgreSQL database whose log, with its indexes, lies on that file system."""
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as server:
        ((data,),) = server.execute("SHOW data_directory").fetchall()
        if not Path(data).is_dir():
            skip_or_fail("needs a PostgreSQL server on this machine")
        place, name = small / "tablespace", f"small_{uuid.uuid4().hex}"
        place.mkdir()
        os.chown(place, Path(data).stat().st_uid, -1)
        server.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        found = server.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'log_entry'").fetchall()
        kinds = [("TABLE", "log_entry"), *(("INDEX", index) for (index,) in found)]
        try:
            for kind, part in kinds:
                server.execute(f"ALTER {kind} {part} SET TABLESPACE {name}")
            yield url
        finally:
            for kind, part in kinds:
                server.execute(f"ALTER {kind} {part} SET TABLESPACE pg_default")
            server.execute(f"DROP TABLESPACE {name}")


def _append_until_full(log: LogService, kind: str) -> list[tuple[bytes, LogReceipt]]:
    told = []
    for number in range(2000):
        body = f"{kind} {number} ".encode() + FILLING
        try:
            told.append((body, log.append([body])[0]))
        except LogFull:
            return told
    raise AssertionError("the disk never filled up")


@pytest.mark.parametrize("leave", [0, 4096, 12_288, 40_960])
def test_a_full_disk_under_the_storage_refuses_and_freeing_space_is_all_the_repair(
    db: Database, small: Path, leave: int
) -> None:
    log = log_over(db, small / "home")
    log.append([b"%d" % number for number in range(250)])
    ballast = fill_up(small, leave)
    told = _append_until_full(log, "while full")
    head = opened(log.checkpoint())
    assert head.size == 250 + len(told)
    for body, receipt in told:
        check_receipt(receipt, body)
        check_receipt(log.receipt(receipt.index), body)
    assert not log.failed
    assert LogFull.status == 507
    ballast.unlink()
    refused = f"while full {len(told)} ".encode() + FILLING
    (again,) = log.append([refused])
    assert again.index == 250 + len(told)
    entries = downloaded(log)
    assert entries.count(refused) == 1
    assert log.audit() == len(entries)


@pytest.mark.parametrize("leave", [0, 8192, 100_000, 300_000])
def test_a_full_disk_under_a_sqlite_database_loses_nothing_that_was_told(
    tmp_path: Path, small: Path, sqlite_template: bytes, leave: int
) -> None:
    place = small / "log.sqlite"
    place.write_bytes(sqlite_template)
    db = Database(f"sqlite:///{place}")
    log = log_over(db, tmp_path / "home")
    log.append([b"first"])
    ballast = fill_up(small, leave)
    told = _append_until_full(log, "while full")
    for body, receipt in told:
        check_receipt(log.receipt(receipt.index), body)
    ballast.unlink()
    (again,) = log.append([b"after"])
    entries = downloaded(log)
    assert entries[again.index] == b"after"
    for body, receipt in told:
        assert entries[receipt.index] == body
    db.dispose()
    restarted = Database(f"sqlite:///{place}")
    log_over(restarted, tmp_path / "home").recover()
    with restarted.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    restarted.dispose()


@pytest.mark.parametrize("leave", [0, 100_000])
def test_a_full_disk_under_a_postgresql_tablespace_loses_nothing_that_was_told(
    tmp_path: Path, small: Path, tablespace: str, leave: int
) -> None:
    """Only the disk under the tables; `test_crash_points` has the one under the whole server."""
    db = Database(tablespace)
    log = log_over(db, tmp_path / "home")
    log.append([b"first"])
    ballast = fill_up(small, leave)
    told = _append_until_full(log, "while full")
    for body, receipt in told:
        check_receipt(log.receipt(receipt.index), body)
    assert not log.failed
    ballast.unlink()
    (again,) = log.append([b"while full " + b"%d " % len(told) + FILLING])
    entries = downloaded(log)
    assert (again.index, entries[1:-1]) == (len(told) + 1, [body for body, _ in told])
    assert log.audit() == len(entries)
    db.dispose()
