# SPDX-License-Identifier: Apache-2.0
"""Restored copies, foreign keys and half-done steps: each is refused or healed, and no fork is signed."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_tools import KEY, bodies, check_one_history, check_receipt, downloaded, log_over, opened
from sqlalchemy import delete, text, update

from app.log.errors import LogForked, LogStopped, LogUnsafe
from app.log.models import LogEntry, LogHead
from app.log.service import LogService
from app.platform.db import Database
from app.platform.storage import StorageConflict
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.log.merkle import tree_root


def _back_to(db: Database, size: int, note: str) -> None:
    """What restoring a copy made at `size` entries leaves in the database."""
    with db.write() as session:
        session.execute(delete(LogEntry).where(LogEntry.index >= size))
        session.execute(update(LogHead).values(size=size, published_size=size, checkpoint=note))


@pytest.mark.parametrize("size", [0, 2, 256])
def test_a_database_older_than_the_storage_is_refused_with_both_sizes(
    log: LogService, db: Database, home: Path, size: int
) -> None:
    notes = [log.checkpoint()] + [log.append([body])[0].checkpoint for body in bodies(2)]
    log.append(bodies(256))
    notes.append(log.checkpoint())
    log.append(bodies(300))
    _back_to(db, size, notes[{0: 0, 2: 2, 256: 3}[size]])
    before = log.checkpoint()
    restarted = log_over(db, home)
    with pytest.raises(LogForked, match=rf"{size} entries.*300") as refused:
        restarted.recover()
    assert "newest copy" in refused.value.hint
    with pytest.raises(LogStopped):
        restarted.append([b"after the restore"])
    assert log.checkpoint() == before


def test_a_database_restored_under_a_running_service_takes_no_entry_and_signs_nothing(
    log: LogService, db: Database, home: Path
) -> None:
    note = log.append(bodies(3))[0].checkpoint
    log.append(bodies(5))
    _back_to(db, 3, note)
    before = log.checkpoint()
    with pytest.raises(LogForked):
        log.append([b"new history"])
    assert log.failed
    assert log.checkpoint() == before
    with db.read() as session:
        head = session.get(LogHead, 1)
        assert head is not None
        assert head.size == 3


def test_an_emptied_database_beside_a_full_storage_is_refused(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(3))
    with db.write() as session:
        session.execute(delete(LogEntry))
        session.execute(delete(LogHead))
    with pytest.raises(LogForked, match="0 entries"):
        log_over(db, home).recover()


@pytest.mark.parametrize("kept", ["nothing", "an older head", "an older head and its tiles"])
def test_a_storage_older_than_the_database_heals(log: LogService, db: Database, home: Path, kept: str) -> None:
    log.append(bodies(258))
    copy = home.with_name("copy")
    shutil.copytree(home, copy)
    log.append(bodies(600))
    newest = log.checkpoint()
    shutil.rmtree(home)
    if kept != "nothing":
        shutil.copytree(copy, home)
    if kept == "an older head":
        shutil.rmtree(home / "log" / "tile")
    healed = log_over(db, home)
    healed.recover()
    assert healed.checkpoint() == newest
    assert healed.audit() == 600
    assert downloaded(healed) == bodies(600)


@pytest.mark.parametrize("count", [4, 300])
def test_another_history_of_the_same_length_is_refused(log: LogService, db: Database, home: Path, count: int) -> None:
    log.append(bodies(count))
    elsewhere = home.with_name("elsewhere")
    shutil.move(home, elsewhere)
    _back_to(db, 0, "")
    other = log_over(db, home)
    other.append(bodies(count, "other"))
    shutil.rmtree(home)
    shutil.move(elsewhere, home)
    restarted, before = log_over(db, home), (home / "log/checkpoint").read_bytes()
    with pytest.raises((LogForked, StorageConflict)):
        restarted.recover()
    assert restarted.failed
    assert (home / "log/checkpoint").read_bytes() == before


@pytest.mark.parametrize("count", [4, 256, 300])
def test_another_history_that_grew_past_the_storages_head_is_refused(
    log: LogService, db: Database, home: Path, count: int
) -> None:
    log.append(bodies(count))
    elsewhere = home.with_name("elsewhere")
    shutil.move(home, elsewhere)
    _back_to(db, 0, "")
    log_over(db, home).append(bodies(count + 20, "other"))
    shutil.rmtree(home)
    shutil.move(elsewhere, home)
    before = (home / "log/checkpoint").read_bytes()
    with pytest.raises((LogForked, StorageConflict)):
        log_over(db, home).recover()
    assert (home / "log/checkpoint").read_bytes() == before


def test_a_head_signed_by_another_key_is_refused(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(2))
    with pytest.raises(LogForked, match="not signed by this log's key"):
        log_over(db, home, key=Ed25519PrivateKey.generate()).recover()


def test_a_head_of_another_origin_is_refused(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(2))
    with pytest.raises(LogForked, match=r"elsewhere\.example"):
        log_over(db, home, origin="elsewhere.example").recover()


@pytest.mark.parametrize("data", [b"", b"garbage", b"\xff\xfe", b"log.example.org\n2\n"])
def test_a_head_that_is_not_a_signed_note_is_refused(log: LogService, db: Database, home: Path, data: bytes) -> None:
    log.append(bodies(2))
    (home / "log/checkpoint").write_bytes(data)
    with pytest.raises(LogForked):
        log_over(db, home).recover()
    with pytest.raises(MclaError):
        log.append([b"more"])
    assert (home / "log/checkpoint").read_bytes() == data


def test_a_crash_between_the_storages_head_and_the_databases_is_taken_up(
    log: LogService, db: Database, home: Path
) -> None:
    early = log.append(bodies(2))[0].checkpoint
    log.append(bodies(4))
    with db.write() as session:
        session.execute(update(LogHead).values(published_size=2, checkpoint=early))
    newest = log.checkpoint()
    restarted = log_over(db, home)
    restarted.recover()
    assert restarted.checkpoint() == newest
    check_receipt(restarted.append([b"more"])[0], b"more")
    check_one_history(downloaded(restarted), [early, newest])


def test_entries_that_were_inserted_but_never_published_are_published(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(255))
    log._insert(bodies(260))
    assert opened(log.checkpoint()).size == 255
    restarted = log_over(db, home)
    restarted.recover()
    assert opened(restarted.checkpoint()).size == 260
    assert [receipt.index for receipt in restarted.append(bodies(260))] == list(range(260))


def test_a_stolen_lower_head_with_a_good_signature_is_not_taken_for_ours(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(5))
    forged = sign_checkpoint(Checkpoint("log.example.org", 3, tree_root([bytes(32)] * 3)), KEY)
    (home / "log/checkpoint").write_text(forged)
    with pytest.raises(LogForked, match="another history"):
        log_over(db, home).recover()


def test_a_database_that_may_forget_commits_is_refused(log: LogService, db: Database, home: Path) -> None:
    if db.is_sqlite:
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    again = Database(db.url)
    with pytest.raises(LogUnsafe):
        log_over(again, home).recover()
    again.dispose()
