# SPDX-License-Identifier: Apache-2.0
"""Appending: every answer is a proof, one body has one index, and a proof costs the same wherever it lies."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from log_tools import check_one_history, check_receipt, downloaded, log_over, opened

from app.log.errors import EntryTooLong, EntryUnknown, TileUnknown
from app.log.service import LogService
from app.log.tree import LogTiles
from app.platform.db import Database
from app.platform.storage import DirectoryStorage
from mcla.log.merkle import EMPTY_ROOT, leaf_hash
from mcla.log.tiles import inclusion_proof, tree_root_from_tiles


def test_an_empty_log_has_a_signed_head_over_nothing(log: LogService) -> None:
    head = opened(log.checkpoint())
    assert (head.size, head.root) == (0, EMPTY_ROOT)


def test_every_append_is_answered_with_a_proof_that_verifies(log: LogService) -> None:
    for number in range(5):
        (receipt,) = log.append([b"entry %d" % number])
        assert (receipt.index, receipt.tree_size) == (number, number + 1)
        check_receipt(receipt, b"entry %d" % number)
    assert downloaded(log) == [b"entry %d" % number for number in range(5)]


def test_a_batch_over_tile_boundaries_keeps_its_order_and_its_heads_are_one_history(log: LogService) -> None:
    bodies, notes = [b"body %d" % number for number in range(600)], [log.checkpoint()]
    for low, high in ((0, 1), (1, 255), (255, 256), (256, 257), (257, 511), (511, 600)):
        receipts = log.append(bodies[low:high])
        for body, receipt in zip(bodies[low:high], receipts, strict=True):
            check_receipt(receipt, body)
        notes.append(receipts[0].checkpoint)
    assert downloaded(log) == bodies
    check_one_history(bodies, notes)
    assert log.audit() == 600


def test_nothing_to_append_is_nothing_appended(log: LogService) -> None:
    assert log.append([]) == []
    assert opened(log.checkpoint()).size == 0


def test_the_same_body_again_gets_the_same_index_and_no_second_entry(log: LogService) -> None:
    first = log.append([b"a", b"b"])
    again = log.append([b"b", b"c", b"a", b"c"])
    assert [receipt.index for receipt in again] == [first[1].index, 2, first[0].index, 2]
    assert downloaded(log) == [b"a", b"b", b"c"]


def test_a_hundred_equal_submissions_at_once_get_one_index(log: LogService) -> None:
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _number: log.append([b"same"])[0], range(100)))
    assert {receipt.index for receipt in answers} == {0}
    for receipt in answers:
        check_receipt(receipt, b"same")
    assert downloaded(log) == [b"same"]


def test_a_body_that_is_known_and_one_that_is_too_long_leave_the_others_of_their_batch_alone(log: LogService) -> None:
    log.append([b"known"])

    def send(number: int) -> int | None:
        body = {0: b"known", 1: b"x" * 65_536}.get(number, b"%d" % number)
        try:
            return log.append([body])[0].index
        except EntryTooLong:
            return None

    with ThreadPoolExecutor(30) as pool:
        indices = list(pool.map(send, range(30)))
    assert indices[:2] == [0, None]
    assert sorted(indices[2:]) == list(range(1, 29))


def test_many_threads_append_one_history(log: LogService) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: log.append([b"%d" % (number // 2)])[0], range(80)))
    entries = downloaded(log)
    assert sorted(entries) == sorted({b"%d" % number for number in range(40)})
    for number, receipt in enumerate(answers):
        assert entries[receipt.index] == b"%d" % (number // 2)
    check_one_history(entries, [receipt.checkpoint for receipt in answers])


def test_an_entry_of_65535_bytes_is_kept_whole(log: LogService) -> None:
    body = os.urandom(65_535)
    check_receipt(log.append([body])[0], body)
    assert downloaded(log) == [body]


def test_an_entry_of_65536_bytes_is_refused_and_takes_its_whole_batch_along(log: LogService) -> None:
    with pytest.raises(EntryTooLong, match="65536") as refused:
        log.append([b"small", b"x" * 65_536])
    assert refused.value.status == 413
    assert downloaded(log) == []
    assert not log.failed


def test_an_empty_body_is_an_entry_like_any_other(log: LogService) -> None:
    check_receipt(log.append([b""])[0], b"")
    assert downloaded(log) == [b""]


def test_a_later_receipt_proves_the_entry_against_the_newest_head(log: LogService) -> None:
    log.append([b"first"])
    log.append([b"second"])
    receipt = log.receipt(0)
    assert receipt.tree_size == 2
    check_receipt(receipt, b"first")


@pytest.mark.parametrize("index", [-1, 1, 2**62])
def test_there_is_no_receipt_for_an_entry_that_the_head_does_not_cover(log: LogService, index: int) -> None:
    log.append([b"only"])
    with pytest.raises(EntryUnknown):
        log.receipt(index)


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/000.p/3", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000.p/3", "tile/entries/000",
     "tile/63/000", "tile/0/x009/x223/x372/x036/x854/x775/807", "tile/0/../../checkpoint", "checkpoint", ""],
)  # fmt: skip
def test_a_tile_that_the_head_does_not_call_for_is_unknown(log: LogService, path: str) -> None:
    log.append([b"a", b"b"])
    with pytest.raises(TileUnknown) as refused:
        log.tile(path)
    assert refused.value.status == 404
    assert refused.value.hint


def test_partial_tiles_of_earlier_heads_stay_readable(log: LogService) -> None:
    log.append([b"%d" % number for number in range(10)])
    early = log.tile("tile/0/000.p/7"), log.tile("tile/entries/000.p/7")
    log.append([b"%d" % number for number in range(10, 300)])
    assert (log.tile("tile/0/000.p/7"), log.tile("tile/entries/000.p/7")) == early
    assert log.tile("tile/0/000").startswith(early[0])
    assert log.tile("tile/entries/000").startswith(early[1])


def test_a_proof_reads_a_number_of_tiles_that_grows_with_the_height_only(
    log: LogService, db: Database, home: Path
) -> None:
    reads: list[str] = []

    class Counting(DirectoryStorage):
        def read(self, name: str) -> bytes | None:
            reads.append(name)
            return super().read(name)

    most = {}
    log.append([b"%d" % number for number in range(200)])
    for size in (200, 1500):
        log.append([b"%d" % number for number in range(size)])
        with db.read() as session:
            for index in range(0, size, 7):
                reads.clear()
                inclusion_proof(LogTiles(Counting(home), session), index, size)
                most[size] = max(most.get(size, 0), len(reads))
    assert most == {200: 0, 1500: 2}  # besides one query for the growing edge


@pytest.mark.parametrize("tiled", [1024, None], ids=["told", "looked up"])
def test_a_tile_that_is_not_stored_yet_is_made_from_what_was_stored_of_it(
    log: LogService, db: Database, home: Path, tiled: int | None
) -> None:
    read: list[str] = []

    class Counting(DirectoryStorage):
        def read(self, name: str) -> bytes | None:
            read.append(name)
            return super().read(name)

    for low, high in ((0, 1024), (1024, 1536)):
        log.append([b"%d" % number for number in range(low, high)])
        log.wait_for_tiles()
    (home / "log/tile/1/000.p/6").unlink()
    with db.read() as session:
        tiles = LogTiles(Counting(home), session.connection(), tiled)
        assert tree_root_from_tiles(tiles, 1536) == log.head().root
    assert read == ["log/tile/1/000.p/6", "log/tile/1/000.p/4", "log/tile/0/004", "log/tile/0/005"]


def test_an_entry_changed_on_its_way_into_the_database_is_not_acknowledged(
    log: LogService, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.log import rows

    honest = rows._addition
    flipped = lambda connection, first, new, now: honest(connection, first, dict.fromkeys(new, b"\x01body"), now)  # noqa: E731
    monkeypatch.setattr(rows, "_addition", flipped)
    with pytest.raises(Exception, match="Entry 0 reached the database with other bytes"):
        log.append([b"\x00body"])
    assert log.failed


def test_a_second_service_on_the_same_places_goes_on_where_the_first_was(
    log: LogService, db: Database, home: Path
) -> None:
    log.append([b"one"])
    other = log_over(db, home)
    assert other.append([b"two"])[0].index == 1  # recovers by itself
    assert log.append([b"three"])[0].index == 2
    assert downloaded(log) == [b"one", b"two", b"three"]


def test_only_digests_of_a_body_are_compared_so_prefix_tricks_make_no_collision(log: LogService) -> None:
    bodies = [b"", b"\x00", b"\x01", b"\x00" * 32, leaf_hash(b"") + leaf_hash(b"\x00")]
    assert [receipt.index for receipt in log.append(bodies)] == [0, 1, 2, 3, 4]
    assert downloaded(log) == bodies
