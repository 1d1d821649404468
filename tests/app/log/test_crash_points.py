# SPDX-License-Identifier: Apache-2.0
"""Kill the process at each write, fsync and rename of an append: nothing that was acknowledged is lost.

SIGKILL is delivered by strace on entering the n-th call of a kind, for n = 1, 2, … until a child survives. The
appends cross a tile boundary, so that tiles, bundles, heads, journals and acknowledgements are all cut off once.
"""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from crash_points import SEED, Count, examine, heads, kill_on_postgresql, kill_on_sqlite
from log_tools import append_one, bodies, log_over
from needs import needs_root, skip_or_fail
from postgres import Postgres, start_postgres
from small_disk import MountRefused, fill_up, small_disk
from sqlalchemy.exc import OperationalError
from strace_tools import Nursery, fault_in

from app.log.service import LogService
from app.platform.db import Database


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(tmp_path_factory.mktemp("pipes") / "n")
    yield made
    made.close()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes) -> Path:
    """A folder with a SQLite log two entries short of its first full tile, to be copied."""
    folder = tmp_path_factory.mktemp("seeded")
    (folder / "log.sqlite").write_bytes(sqlite_template)
    db = Database(_url(folder))
    log_over(db, folder / "home").append(bodies(SEED))
    db.dispose()
    return folder


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process leaves the same there, and fsync costs nothing."""
    shared_memory = Path("/dev/shm")  # noqa: S108  only looked at; the folder in it is private
    if not os.access(shared_memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="mcla-log-", dir=shared_memory) as folder:
        yield Path(folder)


CLIENTS = [[f"client {number}"] for number in range(64)]


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'log.sqlite'}"


@pytest.mark.timeout(300)
def test_a_kill_at_any_file_call_loses_nothing_on_sqlite(
    nursery: Nursery, memory: Path, sqlite_template: bytes
) -> None:
    count = kill_on_sqlite(nursery, memory, sqlite_template, [["a"], ["b", "c"], ["d"], ["e"]])
    assert count == Count(points=count.points)
    assert count.points >= 65


@pytest.mark.timeout(300)
def test_a_kill_at_a_socket_or_file_call_loses_nothing_on_postgresql(
    nursery: Nursery, memory: Path, postgres: Postgres
) -> None:
    with postgres.database() as url:
        count = kill_on_postgresql(nursery, memory, url, [["a"]], every=2)
    assert count == Count(points=count.points)
    assert count.points >= 35


@pytest.mark.timeout(300)
def test_a_kill_while_64_clients_wait_loses_nothing_on_sqlite(
    nursery: Nursery, memory: Path, sqlite_template: bytes
) -> None:
    count = kill_on_sqlite(nursery, memory, sqlite_template, CLIENTS, every=7, at_once=True)
    assert count == Count(points=count.points)
    assert count.points >= 8


@pytest.mark.timeout(300)
def test_a_kill_while_64_clients_wait_loses_nothing_on_postgresql(
    nursery: Nursery, memory: Path, postgres: Postgres
) -> None:
    with postgres.database() as url:
        count = kill_on_postgresql(nursery, memory, url, CLIENTS, every=9, at_once=True)
    assert count == Count(points=count.points)
    assert count.points >= 8


@pytest.mark.timeout(300)
@pytest.mark.parametrize("call", ["fsync", "fdatasync", "fdatasync of a head"])
def test_an_input_output_error_at_any_fsync_is_told_or_the_entry_is_durable(
    nursery: Nursery, memory: Path, seeded: Path, call: str
) -> None:
    """After the error the process signs nothing more; after a restart all is well."""
    stopped, count = 0, Count()
    for number in range(1, 1000):
        place = memory / f"{number}"
        shutil.copytree(seeded, place)
        url = _url(place)
        batches = [["a"], ["b", "c"], ["d"]]
        only = heads(place / "home") if call.endswith("head") else []
        ended = nursery.run(url, place / "home", batches, f"{call.split()[0]}:error=EIO:when={number}", only=only)
        assert ended.status == 0
        refused = [told for told in ended.told if "refused" in told]
        assert all(told["refused"] == "log-stopped" for told in refused)
        good = [told for told in ended.told if "refused" not in told]
        # Once stopped, stopped: every acknowledgement came before the first refusal.
        assert ended.told == good + refused
        db = Database(url)
        examine(count, f"{call} {number}", log_over(db, place / "home"), good, [b"a", b"b", b"c", b"d"])
        db.dispose()
        stopped += bool(refused)
        if len(ended.told) == len(batches) and not refused and number > stopped + 6:
            break
    assert count == Count()
    assert stopped >= 3


@pytest.fixture(scope="module")
def own_disk() -> Iterator[Path | None]:
    """A file system of 300 MB for the server below; None where it cannot be mounted."""
    needs_root()
    with ExitStack() as mounted:
        place = None
        with suppress(MountRefused):
            place = mounted.enter_context(small_disk(300))
        yield place


@pytest.fixture(scope="module")
def own_postgres(own_disk: Path | None) -> Iterator[Postgres]:
    """A server that forces its journal to disk, and that nobody else needs."""
    with start_postgres(durable=True, own=True, disk=own_disk) as server:
        yield server


@pytest.mark.timeout(300)
def test_an_input_output_error_inside_postgresql_is_told_or_the_entry_is_durable(
    memory: Path, own_postgres: Postgres
) -> None:
    """The server's process for the log's connection gets the error.

    Where a table grows that is an error with a code (58030), after which this process signs nothing more. Where the
    journal is written or forced, PostgreSQL gives up by itself: it ends every connection and starts again from what is
    on disk. All that a client is told then is that its connection is gone, so this cannot be told apart from a
    server that was restarted, and need not be: what comes back is what is durable. Signing may go on.
    """
    count, seen = Count(), Counter[str]()
    with own_postgres.database() as url:
        for call, number in (("pwrite64", 1), ("pwrite64", 2), ("pwrite64", 3), ("fdatasync", 1), ("fdatasync", 2)):
            body, db = os.urandom(4500).hex(), Database(url)  # larger than a page, and not to be made smaller
            log = log_over(db, memory / "home")
            log.append([f"before {call} {number}".encode()])
            with fault_in(_servers_of(url), f"{call}:error=EIO:when={number}"):
                told = _append_or_fail(log, body)
            seen[told.get("refused", "told")] += 1
            print(call, number, told.get("refused", "told"))
            assert log.failed == (told.get("refused") == "log-stopped")
            db.dispose()
            _wait_for(url)
            again = Database(url)
            good = [] if "refused" in told else [told]
            examine(count, f"{call} {number}", log_over(again, memory / "home"), good, [body.encode()])
            again.dispose()
    assert count == Count()
    assert seen["log-stopped"] >= 1
    assert seen["gone"] >= 2
    assert seen["told"] >= 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("full", ["tables", "journal"])
def test_a_full_disk_under_a_whole_postgresql_server_loses_nothing_that_was_told(
    memory: Path, own_postgres: Postgres, own_disk: Path | None, full: str
) -> None:
    """Where a table finds no room that is told by a code (53100), and the server stays.

    Where the journal finds none the server gives up, and stays down until there is room and somebody starts it.
    """
    if own_disk is None or own_postgres.start is None:
        skip_or_fail("needs to mount a tmpfs, and Debian's PostgreSQL")
    count = Count()
    with own_postgres.database() as url:
        db = Database(url)
        log = log_over(db, memory / "home")
        log.append([b"before"])
        _use_up_journal(url, leave=300_000 if full == "journal" else 1_000_000)
        ballast = fill_up(own_disk, 600_000 if full == "journal" else 0)
        told = [_append_or_fail(log, f"{number} {os.urandom(15_000).hex()}") for number in range(60)]
        ballast.unlink()
        _wait_for(url, own_postgres.start)
        good = [one for one in told if "refused" not in one]
        assert {one["refused"] for one in told[-5:]} == {"log-full" if full == "tables" else "gone"}
        assert not log.failed
        wanted = [one["bodies"][0].encode() for one in told]
        assert [receipt.index for receipt in log.append(wanted)][: len(good)] == [one["indices"][0] for one in good]
        again = Database(url)
        examine(count, full, log_over(again, memory / "home"), good, wanted)
        again.dispose()
        db.dispose()
    assert count == Count()


def _use_up_journal(url: str, leave: int) -> None:
    """Bring the server to the last of its journal's files, with `leave` bytes of 1 MB in it, and no table larger."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(100):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT pg_logical_emit_message(false, 'filling', repeat('x', 1000))")
            ((ahead,),) = connection.execute(
                "SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"
                " AND name > pg_walfile_name(pg_current_wal_insert_lsn())"
            ).fetchall()
            if ahead == 0:
                break
        assert ahead == 0
        if leave < 900_000:
            message = "SELECT pg_logical_emit_message(true, 'filling', repeat('x', %s))"
            connection.execute(message, [1_000_000 - leave])


def _append_or_fail(log: LogService, body: str) -> dict[str, Any]:
    try:
        return append_one(log, [body])
    except OperationalError:
        return {"bodies": [body], "refused": "gone"}


def _servers_of(url: str) -> list[int]:
    """The process ids of the server's ends of all other connections."""
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url) as connection:
        return [pid for (pid,) in connection.execute(others)]


def _wait_for(url: str, start: Callable[[], object] = lambda: None) -> None:
    for _ in range(300):
        with suppress(psycopg.OperationalError), psycopg.connect(url):
            return
        start()
        time.sleep(0.05)
    raise AssertionError("the server did not come back")


def test_the_file_descriptors_of_a_log_do_not_leak_over_many_appends(tmp_path: Path, sqlite_template: bytes) -> None:
    (tmp_path / "log.sqlite").write_bytes(sqlite_template)
    db = Database(_url(tmp_path))
    log = log_over(db, tmp_path / "home")
    log.append([b"first"])
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for body in bodies(40):
        log.append([body])
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) <= before
    db.dispose()
