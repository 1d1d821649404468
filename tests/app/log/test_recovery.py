# SPDX-License-Identifier: Apache-2.0
"""Restored copies, foreign keys and half-done steps: each is refused or healed, and no fork is signed."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_tools import KEY, bodies, check_one_history, check_receipt, downloaded, log_over, stored_heads
from sqlalchemy import delete, text, update

from app.log.errors import LogAbsent, LogDamaged, LogForked, LogStopped, LogUnsafe
from app.log.models import LogEntry, LogHead
from app.log.second_home import SecondHome, Staged
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
        session.execute(update(LogHead).values(size=size, tiled_size=size, checkpoint=note))


@pytest.mark.parametrize("size", [0, 1])
def test_a_database_older_than_the_storage_is_refused_with_both_sizes(
    log: LogService, db: Database, home: Path, size: int
) -> None:
    notes = [log.checkpoint(), log.append([b"body 0"])[0].checkpoint]
    for count in (2, 256, 300):
        log.append(bodies(count))
    _back_to(db, size, notes[size])
    before = log.checkpoint()
    restarted = log_over(db, home)
    with pytest.raises(LogForked, match=rf"{size} entries.*300") as refused:
        restarted.recover()
    assert "newest copy" in refused.value.hint
    with pytest.raises(LogStopped):
        restarted.append([b"after the restore"])
    assert log.checkpoint() == before


@pytest.mark.parametrize("size", [2, 256])
def test_a_database_that_lost_its_last_batches_takes_them_up_from_the_second_home(
    log: LogService, db: Database, home: Path, size: int
) -> None:
    notes = {count: log.append(bodies(count))[-1].checkpoint for count in (1, 2, 256, 300)}
    _back_to(db, size, notes[size])
    restarted = log_over(db, home)
    restarted.recover()
    assert restarted.checkpoint() == notes[300]
    assert downloaded(restarted) == bodies(300)
    assert restarted.append([b"more"])[0].index == 300
    assert restarted.audit() == 301


def test_a_batch_in_the_second_home_that_is_not_what_its_head_covers_is_refused(
    log: LogService, db: Database, home: Path
) -> None:
    note = log.append(bodies(2))[0].checkpoint
    longer = log.append(bodies(3))[2].checkpoint
    _back_to(db, 2, note)
    place = SecondHome(home / "log")
    with place.alone():
        place.stage(Staged(longer, 2, (b"forged",), 0))
        place.stage(Staged(longer, 2, (b"forged",), 0))
    with pytest.raises(LogForked, match="another history"):
        log_over(db, home).recover()
    with db.read() as session:
        assert session.get_one(LogHead, 1).size == 2


def test_a_database_restored_under_a_running_service_takes_no_entry_and_signs_nothing(
    log: LogService, db: Database, home: Path
) -> None:
    note = log.append(bodies(3))[0].checkpoint
    for count in (4, 5, 6):
        log.append(bodies(count))
    _back_to(db, 3, note)
    before = log.checkpoint()
    with pytest.raises(LogForked):
        log.append([b"new history"])
    assert log.failed
    assert log.checkpoint() == before
    with db.read() as session:
        assert session.get_one(LogHead, 1).size == 3


def test_an_emptied_database_beside_a_full_storage_is_refused(log: LogService, db: Database, home: Path) -> None:
    for count in (1, 2, 3):
        log.append(bodies(count))
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
    restarted, before = log_over(db, home), stored_heads(home)
    with pytest.raises((LogForked, StorageConflict)):
        restarted.recover()
    assert restarted.failed
    assert stored_heads(home) == before


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
    before = stored_heads(home)
    with pytest.raises((LogForked, StorageConflict)):
        log_over(db, home).recover()
    assert stored_heads(home) == before


def test_a_head_signed_by_another_key_is_refused(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(2))
    with pytest.raises(LogForked, match="not signed by this log's key"):
        log_over(db, home, key=Ed25519PrivateKey.generate()).recover()


def test_a_head_of_another_origin_is_refused(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(2))
    with pytest.raises(LogForked, match=r"elsewhere\.example"):
        log_over(db, home, origin="elsewhere.example").recover()


@pytest.mark.parametrize("note", ["", "garbage", "log.example.org\n2\n"])
def test_a_head_that_is_not_a_signed_note_is_refused(log: LogService, db: Database, home: Path, note: str) -> None:
    log.append(bodies(2))
    place = SecondHome(home / "log")
    with place.alone():
        place.stage(Staged(note, 2, (), 0))
    before = stored_heads(home)
    with pytest.raises(LogForked):
        log_over(db, home).recover()
    with pytest.raises(MclaError):
        log.append([b"more"])
    assert stored_heads(home) == before


@pytest.mark.parametrize("cut", [0, 40, 96, 150])
@pytest.mark.parametrize("slot", ["head.0", "head.1"])
def test_a_head_that_was_cut_off_while_it_was_written_leaves_the_other(
    log: LogService, db: Database, home: Path, slot: str, cut: int
) -> None:
    for count in (1, 2, 3):
        log.append(bodies(count))
    path = home / "log" / slot
    path.write_bytes(path.read_bytes()[:cut])
    restarted = log_over(db, home)
    assert restarted.append([b"more"])[0].index == 3
    assert downloaded(restarted) == [*bodies(3), b"more"]


def test_readers_find_the_head_again_after_a_power_loss_took_it(log: LogService, db: Database, home: Path) -> None:
    note = log.append(bodies(2))[0].checkpoint
    (home / "log/shown").unlink()
    restarted = log_over(db, home)
    with pytest.raises(LogAbsent):
        restarted.checkpoint()
    restarted.recover()
    assert restarted.checkpoint() == note


def test_a_head_that_reached_the_database_alone_is_taken_up(log: LogService, db: Database, home: Path) -> None:
    early = log.append(bodies(2))[0].checkpoint
    copy = home.with_name("copy")
    shutil.copytree(home, copy)
    newest = log.append(bodies(4))[0].checkpoint
    shutil.rmtree(home)
    shutil.move(copy, home)
    restarted = log_over(db, home)
    restarted.recover()
    assert restarted.checkpoint() == newest
    check_receipt(restarted.append([b"more"])[0], b"more")
    check_one_history(downloaded(restarted), [early, newest])


def test_a_running_service_takes_up_what_another_left_half_done(log: LogService, db: Database, home: Path) -> None:
    notes = [log.append(bodies(count))[-1].checkpoint for count in (2, 3)]
    _back_to(db, 2, notes[0])  # as when the other was killed between staging and its commit
    receipts = log.append([b"body 2", b"more"])
    assert [receipt.index for receipt in receipts] == [2, 3]
    check_one_history(downloaded(log), [*notes, receipts[0].checkpoint])


def test_a_stolen_lower_head_with_a_good_signature_is_not_taken_for_ours(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(5))
    forged = sign_checkpoint(Checkpoint("log.example.org", 3, tree_root([bytes(32)] * 3)), KEY)
    SecondHome(home / "log").show(forged)
    with pytest.raises(LogForked, match="another history"):
        log_over(db, home).recover()


def test_entries_that_are_missing_at_the_end_are_noticed_at_the_start(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(5))
    with db.write() as session:
        session.execute(delete(LogEntry).where(LogEntry.index == 4))
    with pytest.raises(LogDamaged, match="5 entries"):
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
