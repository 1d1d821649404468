# SPDX-License-Identifier: Apache-2.0
"""The second home, and writes that come too late: whoever lost its turn can neither fork nor overwrite the log."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from log_tools import bodies, check_one_history, check_receipt, downloaded, log_over, opened
from strace_tools import ROOT

from app.log import second_home
from app.log.errors import LogBusy, LogDamaged, LogForked
from app.log.second_home import SecondHome, Staged
from app.log.service import LogService
from app.platform.db import Database
from app.platform.kept import KeptConnection
from mcla.log.subtrees import Frontier

HOLD = """
import sys
from pathlib import Path
from app.log.second_home import SecondHome
with SecondHome(Path(sys.argv[1])).alone():
    print("alone", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def place(tmp_path: Path) -> SecondHome:
    return SecondHome(tmp_path / "log")


def test_what_was_staged_is_read_back_and_the_older_file_is_overwritten_next(place: SecondHome) -> None:
    batches = [Staged(f"note {size}", size, (b"", b"\x00\xff" * size), 0) for size in (0, 5, 900, 2000)]
    marks = set()
    for number, staged in enumerate(batches):
        with place.alone():
            marks.add(place.mark())
            place.stage(staged)
            marks.add(place.mark())
        assert place.staged() == batches[max(0, number - 1) : number + 1]
    assert len(marks) == 5


def test_a_shorter_head_after_a_longer_one_leaves_no_rest_behind(place: SecondHome) -> None:
    for size, length in ((1, 5000), (2, 5000), (3, 0), (4, 0)):
        with place.alone():
            place.stage(Staged("n" * length, size, (), 0))
    assert [staged.note for staged in place.staged()] == ["", ""]
    place.show("long " * 100)
    place.show("short")
    assert place.shown() == "short"


def test_readers_find_no_head_before_the_first_and_none_that_is_damaged(place: SecondHome, tmp_path: Path) -> None:
    assert place.shown() is None
    with place.alone():
        place.show("note")
    path = tmp_path / "log/shown"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert place.shown() is None


def test_only_one_process_is_alone_and_its_death_lets_the_next_in(
    place: SecondHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_home, "LOCK_WAIT", 0.05)
    command, environment = [sys.executable, "-c", HOLD, tmp_path / "log"], os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"alone\n"
        with pytest.raises(LogBusy), place.alone():
            raise AssertionError("two are alone")
        holder.kill()
        holder.wait(10)
        with place.alone():
            place.stage(Staged("mine", 1, (), 0))


def test_a_batch_whose_commit_failed_after_it_was_staged_keeps_its_indices(
    log: LogService, db: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(bodies(3))
    honest = KeptConnection.commit

    def lost(_kept: object, _connection: object, _last: object, meanwhile: Callable[[], None]) -> None:
        monkeypatch.setattr(KeptConnection, "commit", honest)
        meanwhile()
        raise RuntimeError("the database went away")

    monkeypatch.setattr(KeptConnection, "commit", lost)
    with pytest.raises(RuntimeError, match="went away"):
        log.append([b"in doubt"])
    other = log_over(db, home)
    assert [receipt.index for receipt in other.append([b"later", b"in doubt"])] == [4, 3]
    assert downloaded(other) == [*bodies(3), b"in doubt", b"later"]


def test_a_process_whose_turn_ended_without_its_noticing_cannot_write_over_the_next(
    log: LogService, db: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still holds the file lock: the next one waits, and takes up what it staged."""
    notes = [log.append(bodies(2))[-1].checkpoint]
    monkeypatch.setattr(second_home, "LOCK_WAIT", 0.05)
    other = log_over(db, home)
    with SecondHome(home / "log").alone(), pytest.raises(LogBusy):
        other.append([b"meanwhile"])
    receipts = other.append([b"meanwhile"])
    check_receipt(receipts[0], b"meanwhile")
    check_one_history(downloaded(log), [*notes, receipts[0].checkpoint])


def test_a_bit_that_flips_in_the_remembered_tree_is_noticed_before_anything_is_signed(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(5))
    edge = log._sequencer._edge
    assert edge is not None
    object.__setattr__(edge, "frontier", Frontier(5, (edge.frontier.peaks[0], bytes(32))))
    with pytest.raises(LogDamaged, match="not the one that was signed"):
        log.append([b"more"])
    assert log.failed
    assert opened(log.checkpoint()).size == 5
    assert log_over(db, home).append([b"more"])[0].index == 5


def test_a_bit_that_flips_in_a_head_while_it_is_signed_reaches_nobody(
    log: LogService, db: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.log import publisher

    log.append(bodies(2))
    honest = publisher.sign_checkpoint
    monkeypatch.setattr(publisher, "sign_checkpoint", lambda *args: honest(*args).replace("\n3\n", "\n2\n"))
    with pytest.raises(LogForked, match="memory"):
        log.append([b"more"])
    monkeypatch.undo()
    assert [staged.size for staged in SecondHome(home / "log").staged()] == [0, 2]
    assert log_over(db, home).append([b"more"])[0].index == 2
