# SPDX-License-Identifier: Apache-2.0
"""Damaged and missing bytes: named, never signed over, never overwritten; what can be derived again is."""

import shutil
from hashlib import sha256
from pathlib import Path
from random import Random

import psycopg
import pytest
from crash_points import flip_bits
from log_tools import bodies, check_receipt, downloaded, log_over, opened
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from app.log.errors import LogBusy, LogDamaged, LogForked, LogFull, LogStopped, from_database
from app.log.models import LogEntry
from app.log.service import LogService
from app.platform.db import Database
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash

pytestmark = pytest.mark.usefixtures("forgetful")


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_flipped_bit_in_an_entry_of_the_growing_edge_stops_signing_and_is_named(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(7))
    with db.write() as session:
        session.execute(update(LogEntry).where(LogEntry.index == 4).values(body=b"bodx 4"))
    before = log.checkpoint()
    with pytest.raises(LogDamaged, match="Entry 4"):
        log.append([b"more"])
    assert log.checkpoint() == before
    with pytest.raises(LogStopped):
        log.append([b"again"])
    with pytest.raises(LogDamaged, match="Entry 4"):
        log.receipt(4)
    check_receipt(log.receipt(3), b"body 3")


def test_a_flipped_bit_in_a_leaf_hash_of_the_edge_stops_signing(log: LogService, db: Database) -> None:
    log.append(bodies(7))
    with db.write() as session:
        session.execute(update(LogEntry).where(LogEntry.index == 2).values(leaf_hash=bytes(32)))
    with pytest.raises(LogDamaged, match="Entry 2"):
        log.append([b"more"])
    assert opened(log.checkpoint()).size == 7


def test_an_entry_changed_together_with_its_hashes_cannot_be_signed(log: LogService, db: Database) -> None:
    log.append(bodies(7))
    forged = {"body": b"forged", "leaf_hash": leaf_hash(b"forged"), "body_sha256": sha256(b"forged").hexdigest()}
    with db.write() as session:
        session.execute(update(LogEntry).where(LogEntry.index == 3).values(**forged))
    before = log.checkpoint()
    with pytest.raises(LogForked, match="another history"):
        log.append([b"more"])
    assert log.checkpoint() == before


@pytest.mark.parametrize("place", ["body", "tile/0/000", "tile/0/001", "tile/entries/001", "tile/1/000.p/2"])
def test_a_flipped_bit_anywhere_is_found_by_the_audit(log: LogService, db: Database, home: Path, place: str) -> None:
    log.append(bodies(600))
    if place == "body":
        with db.write() as session:
            session.execute(update(LogEntry).where(LogEntry.index == 41).values(body=b"body 40"))
    else:
        _flip(home / "log" / place, 33)
    expected = {"body": "Entry 41", "tile/0/000": "Hash 1 ", "tile/0/001": "Hash 257 ", "tile/1/000.p/2": "Hash 1 "}
    with pytest.raises(LogDamaged, match=expected.get(place, place)):
        log.audit()


@pytest.mark.parametrize("cut", [0, 31, 8191])
def test_a_cut_tile_is_found_by_the_audit(log: LogService, home: Path, cut: int) -> None:
    log.append(bodies(300))
    path = home / "log/tile/0/000"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(MclaError):
        log.audit()


def test_a_flipped_bit_in_a_stored_tile_gives_no_receipt_and_no_new_head(log: LogService, home: Path) -> None:
    log.append(bodies(600))
    _flip(home / "log/tile/1/000.p/2", 5)
    before = log.checkpoint()
    with pytest.raises(MclaError):
        log.receipt(599)
    with pytest.raises(LogForked, match="damaged tiles"):
        log.append([b"more"])
    assert log.checkpoint() == before


def test_other_bytes_under_a_tiles_name_stop_the_log_and_are_not_overwritten(
    log: LogService, db: Database, home: Path
) -> None:
    log.append(bodies(255))
    late = home / "log/tile/0/000"
    late.parent.mkdir(parents=True, exist_ok=True)
    late.write_bytes(b"late")
    log.append([b"body 255"])  # its tile is stored behind its back, and the next append hears of it
    with pytest.raises(LogDamaged, match="tile/0/000"):
        log.append([b"more"])
    assert log.failed
    assert opened(log.checkpoint()).size == 256
    assert late.read_bytes() == b"late"
    late.unlink()
    restarted = log_over(db, home)
    restarted.recover()
    assert downloaded(restarted) == bodies(256)


def test_the_same_bytes_under_a_tiles_name_are_accepted(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(255))
    other = home.with_name("other")
    shutil.copytree(home, other)
    log.append(bodies(256))
    for name in ("head.0", "head.1", "shown"):
        shutil.copy(other / "log" / name, home / "log" / name)
    log_over(db, home).recover()
    assert downloaded(log) == bodies(256)


def test_missing_tiles_are_derived_for_readers_and_written_again_by_the_audit(log: LogService, home: Path) -> None:
    log.append(bodies(600))
    names = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file() and "tile" in path.parts)
    kept = {name: (home / name).read_bytes() for name in names}
    shutil.rmtree(home / "log" / "tile")
    check_receipt(log.receipt(5), b"body 5")
    assert downloaded(log) == bodies(600)
    assert log.audit() == 600
    assert {name: (home / name).read_bytes() for name in names} == kept


def test_a_missing_entry_is_named(log: LogService, db: Database, home: Path) -> None:
    log.append(bodies(5))
    with db.write() as session:
        session.execute(delete(LogEntry).where(LogEntry.index == 2))
    with pytest.raises(LogDamaged, match="Entry 2 is missing"):
        log.append([b"more"])
    with pytest.raises(LogDamaged):
        log_over(db, home).recover()


def test_the_audit_names_where_a_bit_was_flipped(db: Database, home: Path) -> None:
    assert flip_bits(db, home, 12, Random(3)) == (12, 12)  # noqa: S311  the same places each time


@pytest.mark.parametrize(
    ("state", "refusal"),
    [("53100", LogFull), ("55P03", LogBusy), ("40P01", LogBusy), ("58030", LogStopped), ("XX001", LogStopped),
     ("XX002", LogStopped), ("57P01", None), ("23505", None)],
)  # fmt: skip
def test_a_fault_of_postgresql_is_known_in_any_language_of_its_server(state: str, refusal: type | None) -> None:
    for words in ("Festplatte voll", "database is locked", "malformed 53100"):
        error = psycopg.errors.lookup(state)(words)
        known = from_database(DBAPIError.instance(None, None, error, psycopg.Error))
        assert type(known) is (refusal or type(None))


def test_a_port_in_the_words_of_a_lost_connection_is_no_code() -> None:
    for port in ("53100", "58030"):
        error = psycopg.OperationalError(f'connection to server at "127.0.0.1", port {port} failed: refused')
        assert from_database(DBAPIError.instance(None, None, error, psycopg.Error)) is None
