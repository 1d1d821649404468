# SPDX-License-Identifier: Apache-2.0
"""The log's key changes at any moment of an append: each proof names the key that signed its head, and none is lost."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_tools import KEY, ORIGIN, bodies

from app.log.errors import LogForked
from app.log.second_home import SecondHome
from app.log.service import LogReceipt, LogService
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.keys import LogKeys
from app.platform.storage import DirectoryStorage
from mcla.log.checkpoint import open_checkpoint
from mcla.log.merkle import leaf_hash, verify_inclusion
from mcla.log.note import key_id

NEXT = Ed25519PrivateKey.from_private_bytes(bytes(32))
BY_ID = {key_id(ORIGIN, key.public_key()): key.public_key() for key in (KEY, NEXT)}


class Changing:
    """The log's keys, which change after being asked for `calls` times."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self) -> LogKeys:
        self.left -= 1
        if self.left >= 0:
            return LogKeys(KEY, (KEY.public_key(),))
        return LogKeys(NEXT, (NEXT.public_key(), KEY.public_key()))


def log_with(db: Database, home: Path, keys: Changing) -> LogService:
    return LogService(db, DirectoryStorage(home), SecondHome(home / "log"), keys, ORIGIN, SystemClock())


def check(receipt: LogReceipt, body: bytes) -> None:
    head = open_checkpoint(receipt.checkpoint, ORIGIN, BY_ID[receipt.key_id])
    verify_inclusion(receipt.index, head.size, leaf_hash(body), receipt.proof, head.root)


@pytest.mark.parametrize("calls", range(12))
def test_a_change_at_any_moment_of_a_batch_leaves_proofs_that_hold(tmp_path: Path, db: Database, calls: int) -> None:
    keys = Changing(100)
    log = log_with(db, tmp_path, keys)
    first = log.append(bodies(3))
    keys.left = calls
    batch = bodies(4, "later")
    both = [*zip(first, bodies(3), strict=True), *zip(log.append(batch), batch, strict=True)]
    keys.left = 0
    both += zip(log.append([b"last"]), [b"last"], strict=True)
    for receipt, body in both:
        check(receipt, body)
    assert BY_ID[both[-1][0].key_id] == NEXT.public_key()
    assert BY_ID[both[0][0].key_id] == KEY.public_key()
    log.wait_for_tiles()
    assert log.audit() == 8


def test_a_head_by_a_retired_key_stands_through_a_start_until_the_next_entry(tmp_path: Path, db: Database) -> None:
    log_with(db, tmp_path, Changing(100)).append(bodies(3))
    log = log_with(db, tmp_path, Changing(0))
    log.recover()
    check(log.receipt(1), bodies(3)[1])
    assert BY_ID[log.receipt(1).key_id] == KEY.public_key()
    log.append([b"next"])
    check(log.receipt(1), bodies(3)[1])
    assert BY_ID[log.receipt(1).key_id] == NEXT.public_key()


def test_a_head_by_a_key_that_was_never_the_logs_is_a_fork(tmp_path: Path, db: Database) -> None:
    log_with(db, tmp_path, Changing(0)).append(bodies(3))
    with pytest.raises(LogForked, match="not signed by this log's key"):
        log_with(db, tmp_path, Changing(100)).recover()
