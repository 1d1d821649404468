# SPDX-License-Identifier: Apache-2.0
"""A full disk: a clear refusal, nothing acknowledged, reading goes on, and freeing space is all the repair there is."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_tools import check_receipt, downloaded, log_over, opened
from needs import needs_root, skip_or_fail

from app.log.errors import LogFull
from app.log.service import LogReceipt, LogService
from app.platform.db import Database


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1 MB."""
    needs_root()
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        skip_or_fail(f"needs to mount a tmpfs ({mounted.stderr.strip()})")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _fill(place: Path, leave: int) -> Path:
    """Take all space but `leave` bytes."""
    ballast = place / "ballast"
    free = os.statvfs(place)
    ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - leave)))
    return ballast


def _append_until_full(log: LogService, kind: str) -> list[tuple[bytes, LogReceipt]]:
    told = []
    for number in range(2000):
        body = f"{kind} {number} ".encode() + bytes(9000)
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
    ballast = _fill(small, leave)
    told = _append_until_full(log, "while full")
    head = opened(log.checkpoint())
    assert head.size == 250 + len(told)
    for body, receipt in told:
        check_receipt(receipt, body)
        check_receipt(log.receipt(receipt.index), body)
    assert not log.failed
    assert LogFull.status == 507
    ballast.unlink()
    refused = f"while full {len(told)} ".encode() + bytes(9000)
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
    ballast = _fill(small, leave)
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
