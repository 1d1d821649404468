# SPDX-License-Identifier: Apache-2.0
"""The order of system calls in an append: everything is forced to disk before anything is acknowledged.

A kill keeps the page cache, so crash points alone cannot show a missing fsync. Here the real calls are recorded and
read: at each acknowledgement no journal, tile or head may wait in memory, no file may get its name before its bytes are
on disk, and every rename or link must have been followed by an fsync of its folder.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_tools import bodies, log_over
from strace_tools import Nursery

from app.platform.db import Database

CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat"
WRITE = re.compile(r"(?:write|pwrite64)\(\d+<(?P<path>[^>]*)>")
SYNC = re.compile(r"(?:fsync|fdatasync)\(\d+<(?P<path>[^>]*)>\)\s*= 0")
BEGUN = re.compile(r"(?P<process>\d+)\s+(?P<call>.*?)\s*<unfinished \.\.\.>")
ENDED = re.compile(r"(?P<process>\d+)\s+<\.\.\. \w+ resumed>(?P<rest>.*)")
RENAME = re.compile(
    r"(?:rename(?:at2?)?|\blink(?:at)?)\("
    r'(?:\w+(?:<[^>]*>)?, )?"(?P<old>[^"]*)", (?:\w+(?:<[^>]*>)?, )?"(?P<new>[^"]*)"'
)


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery(tmp_path / "pipes")
    yield made
    made.close()


def whole_calls(trace: str) -> Iterator[str]:
    """Each call on one line, at the time when it ended: strace cuts those in two that overlap with other threads'."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        if cut := BEGUN.match(line):
            begun[cut["process"]] = cut["call"]
        elif ended := ENDED.match(line):
            yield begun.pop(ended["process"]) + ended["rest"]
        else:
            yield line


def unforced_at_acknowledgements(trace: str) -> Iterator[set[str]]:
    """At each write to the acknowledgement pipe: the files and folders whose change is not yet forced to disk."""
    waiting: set[str] = set()
    for line in whole_calls(trace):
        if renamed := RENAME.search(line):
            assert renamed["old"] not in waiting, f"renamed before its bytes were on disk: {renamed['old']}"
            waiting.add(str(Path(renamed["new"]).parent))
        elif forced := SYNC.search(line):
            waiting.discard(forced["path"])
        elif (wrote := WRITE.search(line)) and wrote["path"].endswith("/told"):
            yield set(waiting)
        # The journal has what the database gets, and the head that is shown is written again at the next start.
        elif wrote and not wrote["path"].endswith((".sqlite", "-shm", "log/shown")):
            waiting.add(wrote["path"])


def test_nothing_waits_in_memory_when_an_append_is_acknowledged(
    nursery: Nursery, tmp_path: Path, sqlite_template: bytes
) -> None:
    (tmp_path / "log.sqlite").write_bytes(sqlite_template)
    url, home = f"sqlite:///{tmp_path / 'log.sqlite'}", tmp_path / "home"
    db = Database(url)
    log_over(db, home).append(bodies(254))
    db.dispose()
    trace = tmp_path / "trace"
    ended = nursery.trace(url, home, [["a"], ["b", "c"], ["d"]], CALLS, trace)
    assert ended.status == 0
    found = list(unforced_at_acknowledgements(trace.read_text()))
    assert found == [set(), set(), set()]


def test_the_recording_holds_the_journal_the_tiles_and_the_head(
    nursery: Nursery, tmp_path: Path, sqlite_template: bytes
) -> None:
    (tmp_path / "log.sqlite").write_bytes(sqlite_template)
    url, home = f"sqlite:///{tmp_path / 'log.sqlite'}", tmp_path / "home"
    db = Database(url)
    log_over(db, home).append(bodies(255))
    db.dispose()
    trace = tmp_path / "trace"
    nursery.trace(url, home, [["a"]], CALLS, trace)
    seen = "\n".join(whole_calls(trace.read_text()))
    forced = {found["path"] for found in SYNC.finditer(seen)}
    renamed = {found["new"] for found in RENAME.finditer(seen)}
    assert any(path.endswith("log.sqlite-wal") for path in forced)
    assert any("/log/head." in path for path in forced)
    assert any("log/tile/" in path for path in renamed)


@pytest.mark.parametrize(
    "trace",
    [
        'pwrite64(4</s/log.sqlite-wal>, ""..., 10, 0) = 10\nwrite(9</p/told>, ""..., 3) = 3',
        'rename("/s/.a.tmp", "/s/a") = 0\nwrite(9</p/told>, ""..., 3) = 3',
        'link("/s/.a.tmp", "/s/a") = 0\nwrite(9</p/told>, ""..., 3) = 3',
        'write(5</s/a>, ""..., 1) = 1\nfsync(5</s/a>) = -1 EIO (Input/output error)\nwrite(9</p/told>, ""..., 3) = 3',
        (
            '7 fsync(5</s/a> <unfinished ...>\n8 pwrite64(5</s/a>, ""..., 1, 0) = 1\n7 <... fsync resumed>) = 0\n'
            '8 fdatasync(6</s/b>) = 0\n8 pwrite64(6</s/b>, ""..., 1, 0) = 1\n8 write(9</p/told>, ""..., 3) = 3'
        ),
    ],
)
def test_the_reading_notices_what_was_not_forced(trace: str) -> None:
    assert list(unforced_at_acknowledgements(trace)) != [set()]


def test_the_reading_notices_a_rename_before_the_bytes() -> None:
    trace = 'write(5</s/.a.tmp>, ""..., 1) = 1\nrename("/s/.a.tmp", "/s/a") = 0'
    with pytest.raises(AssertionError, match="renamed before"):
        list(unforced_at_acknowledgements(trace))
