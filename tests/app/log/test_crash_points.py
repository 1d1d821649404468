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
from log_tools import bodies, check_one_history, downloaded, log_over, opened
from postgres import Postgres
from strace_tools import Ended, Nursery

from app.log.service import LogService
from app.platform.db import Database
from mcla.log.merkle import leaf_hash, verify_inclusion

SEED = 254


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


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'log.sqlite'}"


def check_after(ended: Ended, log: LogService, batches: list[list[str]]) -> None:
    """Recovery needs no person; what was told is there once; a retry answers the same and completes the rest."""
    log.recover()
    entries = downloaded(log)
    assert len(set(entries)) == len(entries)
    for told in ended.told:
        head = opened(told["checkpoint"])
        for body, index, proof in zip(told["bodies"], told["indices"], told["proofs"], strict=True):
            assert entries[index] == body.encode(), "an acknowledged entry is missing or moved"
            steps = [bytes.fromhex(step) for step in proof]
            verify_inclusion(index, head.size, leaf_hash(body.encode()), steps, head.root)
    check_one_history(entries, [told["checkpoint"] for told in ended.told])
    wanted = [body.encode() for batch in batches for body in batch]
    again = [receipt.index for receipt in log.append(wanted)]
    told_indices = [index for told in ended.told for index in told["indices"]]
    assert again[: len(told_indices)] == told_indices
    entries = downloaded(log)
    assert [entries[index] for index in again] == wanted
    assert len(set(entries)) == len(entries)
    assert log.audit() == len(entries)


@pytest.mark.timeout(300)
def test_a_kill_at_any_write_fsync_or_rename_loses_nothing_on_sqlite(
    nursery: Nursery, memory: Path, seeded: Path
) -> None:
    points = 0
    batches = [["a"], ["b", "c"], ["d"], ["e"]]
    for call in ("pwrite64", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2", "mkdir"):
        for number in range(1, 1000):
            place = memory / f"{call}-{number}"
            shutil.copytree(seeded, place)
            url = _url(place)
            ended = nursery.run(url, place / "home", batches, f"{call}:signal=KILL:when={number}")
            assert ended.killed or (ended.status == 0 and len(ended.told) == len(batches))
            db = Database(url)
            check_after(ended, log_over(db, place / "home"), batches)
            db.dispose()
            shutil.rmtree(place)
            if not ended.killed:
                break
            points += 1
    print(f"COUNT log_crash_points_sqlite {points}")
    assert points >= 65


@pytest.mark.timeout(300)
def test_a_kill_of_the_client_at_any_step_loses_nothing_on_postgresql(
    nursery: Nursery, memory: Path, postgres: Postgres
) -> None:
    points = 0
    with postgres.database() as url:
        db = Database(url)
        log = log_over(db, memory / "home")
        log.append(bodies(SEED - 20))
        # Every second and third message only: a new connection alone takes some thirty.
        steps = {"sendto": 2, "recvfrom": 3, "write": 1, "fsync": 1, "rename": 1, "renameat": 1, "renameat2": 1}
        for call, step in steps.items():
            for number in range(1, 1000, step):
                batches = [[f"{call} {number}"]]
                ended = nursery.run(url, memory / "home", batches, f"{call}:signal=KILL:when={number}")
                assert ended.killed or (ended.status == 0 and len(ended.told) == len(batches))
                check_after(ended, log_over(db, memory / "home"), batches)
                if not ended.killed:
                    break
                points += 1
        db.dispose()
    print(f"COUNT log_crash_points_postgresql {points}")
    assert points >= 35


@pytest.mark.timeout(300)
@pytest.mark.parametrize("call", ["fsync", "fdatasync"])
def test_an_input_output_error_at_any_fsync_is_told_or_the_entry_is_durable(
    nursery: Nursery, memory: Path, seeded: Path, call: str
) -> None:
    """After the error the process signs nothing more; after a restart all is well."""
    stopped = 0
    for number in range(1, 1000):
        place = memory / f"{number}"
        shutil.copytree(seeded, place)
        url = _url(place)
        batches = [["a"], ["b", "c"], ["d"]]
        ended = nursery.run(url, place / "home", batches, f"{call}:error=EIO:when={number}")
        assert ended.status == 0
        refused = [told for told in ended.told if "refused" in told]
        assert all(told["refused"] == "log-stopped" for told in refused)
        good = [told for told in ended.told if "refused" not in told]
        # Once stopped, stopped: every acknowledgement came before the first refusal.
        assert ended.told == good + refused
        db = Database(url)
        check_after(Ended(0, good), log_over(db, place / "home"), batches)
        db.dispose()
        stopped += bool(refused)
        if len(ended.told) == len(batches) and not refused and number > stopped + 6:
            break
    print(f"COUNT log_faulty_{call}s {stopped}")
    assert stopped >= 5


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
