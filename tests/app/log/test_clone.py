# SPDX-License-Identifier: Apache-2.0
"""A copy of the whole machine runs beside the original: only somebody outside both can tell, and the witness does."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_tools import bodies, check_one_history, check_receipt, downloaded, log_over
from sqlalchemy import insert, select
from witness_servers import cosigners, policy_of, witnesses

from app.log.errors import LogError, LogForked, LogStopped
from app.log.models import LogEntry, LogHead
from app.log.service import LogService
from app.log.witnessed import Opened, Witnessed
from app.platform.db import Database
from app.platform.storage import DirectoryStorage
from mcla.log.policy import Policy


@pytest.fixture
def other_db(db: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database beside `db`, on the same engine."""
    if db.is_sqlite:
        path = tmp_path / "clone.sqlite"
        path.write_bytes(request.getfixturevalue("sqlite_template"))
        yield Database(f"sqlite:///{path}")
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield Database(url)


def _copy(db: Database, other: Database) -> None:
    for table in (LogEntry.__table__, LogHead.__table__):
        with db.read() as session:
            rows = [dict(row._mapping) for row in session.execute(select(table))]
        with other.write() as session:
            session.execute(insert(table), rows)


def _log(db: Database, home: Path, policy: Policy) -> LogService:
    def over(opening: Opened) -> Witnessed:
        return Witnessed(DirectoryStorage(home), home / "log", cosigners(policy, 5), opening, refuse=True)

    return log_over(db, home, witnesses=over)


def test_a_clone_that_appends_beside_the_original_is_stopped_before_it_shows_a_head(
    db: Database, other_db: Database, home: Path, tmp_path: Path
) -> None:
    with witnesses(tmp_path / "witnesses", 1) as running:
        policy = policy_of(running, "quorum w1")
        original = _log(db, home, policy)
        original.append(bodies(3))
        _copy(db, other_db)
        shutil.copytree(home, tmp_path / "clone")
        clone = _log(other_db, tmp_path / "clone", policy)
        clone.recover()  # as long as nothing was added there is nothing to tell them apart by
        before = clone.checkpoint()
        receipt = original.append([b"the original's"])[0]
        with pytest.raises(LogForked):
            clone.append([b"the clone's"])
        assert clone.checkpoint() == before
        with pytest.raises(LogStopped):
            clone.append([b"more"])
        check_receipt(original.append([b"goes on"])[0], b"goes on")
        check_one_history(downloaded(original), [before, receipt.checkpoint, original.checkpoint()])


def test_a_clone_of_the_storage_alone_shares_the_databases_one_history(
    db: Database, home: Path, tmp_path: Path
) -> None:
    original = log_over(db, home)
    original.append(bodies(3))
    shutil.copytree(home, tmp_path / "clone")
    clone, notes = log_over(db, tmp_path / "clone"), []
    for number in range(3):
        for log, name in ((original, "original"), (clone, "clone")):
            notes.append(log.append([f"{name} {number}".encode()])[0].checkpoint)
    check_one_history(downloaded(clone), notes)
    original.recover()
    assert downloaded(original) == downloaded(clone)


def test_a_clone_of_the_database_alone_beside_one_storage_makes_no_second_history(
    db: Database, other_db: Database, home: Path
) -> None:
    """It takes up what it lacks by a batch, and is refused where it lacks more."""
    original = log_over(db, home)
    original.append(bodies(3))
    _copy(db, other_db)
    clone = log_over(other_db, home)
    notes = [log.append([name])[0].checkpoint for log, name in ((original, b"first"), (clone, b"second"))]
    for body in (b"third", b"fourth", b"fifth"):
        notes.append(original.append([body])[0].checkpoint)
    with pytest.raises(LogError):
        clone.append([b"too far behind"])
    check_one_history(downloaded(original), notes)
