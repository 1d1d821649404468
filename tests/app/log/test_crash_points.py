# SPDX-License-Identifier: Apache-2.0
"""Kill the process at each write, fsync and rename of an append: nothing that was acknowledged is lost.

SIGKILL is delivered by strace on entering the n-th call of a kind, for n = 1, 2, … until a child survives. The
appends cross a tile boundary, so that tiles, bundles, heads, journals and acknowledgements are all cut off once.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_points import SEED, Count, examine, heads, kill_on_postgresql, kill_on_sqlite
from log_tools import bodies, log_over
from postgres import Postgres
from strace_tools import Nursery

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
