# SPDX-License-Identifier: Apache-2.0
"""Several server processes on one database never fork the log, not even when one of them is killed on the way."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from crash_points import Count, kill_whoever_sequences
from log_tools import check_one_history, downloaded, log_over, opened
from naive_tree import Tiles
from strace_tools import ROOT

from app.log.service import LogService
from app.platform.db import Database
from mcla.log.merkle import verify_consistency
from mcla.log.tiles import consistency_proof


def _start(url: str, home: Path, name: str, count: int) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, Path(__file__).parent / "log_writer.py", url, home, name, str(count)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )


def _go(writers: list[subprocess.Popen[str]]) -> None:
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()


def _told(writer: subprocess.Popen[str]) -> list[dict[str, Any]]:
    out, _ = writer.communicate(timeout=60)
    return [json.loads(line) for line in out.splitlines() if line.endswith("}")]


def _check(log: LogService, told: list[dict[str, Any]]) -> list[bytes]:
    entries = downloaded(log)
    assert len(set(entries)) == len(entries), "a body was logged twice"
    for one in told:
        assert entries[one["index"]] == one["body"].encode()
    notes = [one["checkpoint"] for one in told]
    check_one_history(entries, notes)
    heads = sorted({opened(note) for note in notes}, key=lambda head: head.size)
    tiles = Tiles(entries)
    for old, new in pairwise(heads):
        proof = consistency_proof(tiles, old.size, new.size)
        verify_consistency(old.size, new.size, old.root, new.root, proof)
    return entries


def test_two_server_processes_that_append_at_once_make_one_history(log: LogService, db: Database, home: Path) -> None:
    log.append([b"before %d" % number for number in range(240)])
    writers = [_start(db.url, home, name, 30) for name in ("left", "right")]
    _go(writers)
    told = [one for writer in writers for one in _told(writer)]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(told) == 60
    entries = _check(log, told)
    assert len(entries) == 240 + 10 + 2 * 20
    assert log.audit() == len(entries)


def test_two_processes_that_start_on_an_empty_place_agree_on_one_log(db: Database, home: Path) -> None:
    writers = [_start(db.url, home, name, 3) for name in ("left", "right")]
    _go(writers)
    told = [one for writer in writers for one in _told(writer)]
    log = log_over(db, home)
    assert len(_check(log, told)) == 5


def test_when_the_process_that_sequences_is_killed_another_goes_on_within_seconds(db: Database, home: Path) -> None:
    count, seconds = kill_whoever_sequences(db.url, home, rounds=3)
    assert count == Count(points=3)
    assert max(seconds) < 10
