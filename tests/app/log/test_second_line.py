# SPDX-License-Identifier: Apache-2.0
"""The line of the log's second key (ML-DSA-44): for every reader, once a head, and never at the cost of an entry."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from log_tools import KEY, ORIGIN, bodies, keys_of, opened
from sqlalchemy import select

from app.log.models import LogHead
from app.log.second_home import SecondHome
from app.log.service import LogService
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.keys import LogKeys
from app.platform.storage import DirectoryStorage
from mcla.log.cosignature import CosignatureInvalid, cosigned_at
from mcla.log.note import parse_note
from mcla.log.vkey import VerifierKey

SECOND = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
NEXT = MLDSA44PrivateKey.from_seed_bytes(bytes(31) + b"\1")


class Counting:
    """A second key that counts its signatures, and lies when it is told to."""

    def __init__(self) -> None:
        self.made, self.lies = 0, False

    def public_key(self) -> MLDSA44PublicKey:
        return SECOND.public_key()

    def sign(self, data: bytes, /) -> bytes:
        self.made += 1
        return SECOND.sign(data + b"?" * self.lies)


def log_with(db: Database, home: Path, second: object = SECOND) -> LogService:
    keys = keys_of(KEY, second)  # type: ignore[arg-type]
    log = LogService(db, DirectoryStorage(home), SecondHome(home / "log"), keys, ORIGIN, SystemClock())
    log.recover()
    return log


def second_line(note: str, key: MLDSA44PrivateKey = SECOND) -> int | None:
    """When the second key signed the head in a note that the first one signed."""
    assert opened(note)
    return cosigned_at(parse_note(note), VerifierKey.of_log_mldsa(ORIGIN, key.public_key()))


def given_out(log: LogService, *batch: bytes) -> list[str]:
    """The heads in the receipts of a batch, as bundles carry them."""
    return [log.for_readers(receipt).checkpoint for receipt in log.append(batch)]


def test_heads_and_proofs_carry_both_lines_and_what_is_stored_the_first_alone(tmp_path: Path, db: Database) -> None:
    log = log_with(db, tmp_path)
    assert second_line(log.checkpoint()), "an empty log has a head too"
    notes = [*given_out(log, *bodies(3)), *given_out(log, *bodies(3)), log.checkpoint()]
    for note in notes:
        assert second_line(note)
        assert len(parse_note(note).signatures) == 2
    with db.read() as session:
        stored = session.scalars(select(LogHead.checkpoint)).one()
    assert len(parse_note(stored).signatures) == 1
    assert notes[-1].startswith(stored)


def test_the_second_key_signs_once_for_each_head_that_is_given_out(tmp_path: Path, db: Database) -> None:
    second = Counting()
    log = log_with(db, tmp_path, second)
    log.append(bodies(2))
    log.append(bodies(4))
    assert second.made == 0, "no append waits for it"
    notes = {*given_out(log, *bodies(4)), log.checkpoint(), log.checkpoint()}
    assert (len(notes), second.made) == (1, 1)


def test_a_log_that_had_no_second_key_gets_one_and_loses_it_again(tmp_path: Path, db: Database) -> None:
    assert second_line(given_out(log_with(db, tmp_path, None), *bodies(2))[0]) is None
    log = log_with(db, tmp_path)
    assert second_line(log.checkpoint())
    assert second_line(given_out(log, b"more")[0])
    assert second_line(log_with(db, tmp_path, None).checkpoint()) is None


def test_another_second_key_signs_from_now_on_and_the_old_line_stays_good(tmp_path: Path, db: Database) -> None:
    keys = [LogKeys(KEY, (KEY.public_key(),), SECOND)]
    log = LogService(
        db, DirectoryStorage(tmp_path), SecondHome(tmp_path / "log"), lambda: keys[0], ORIGIN, SystemClock()
    )
    old = given_out(log, *bodies(1))[0]
    keys[0] = LogKeys(KEY, (KEY.public_key(),), NEXT)
    assert second_line(old)
    for note in (log.checkpoint(), given_out(log, b"after the change")[0]):
        assert (second_line(note), bool(second_line(note, NEXT))) == (None, True)


def test_a_wrong_line_reaches_nobody_and_the_entry_keeps_its_place(tmp_path: Path, db: Database) -> None:
    second = Counting()
    log = log_with(db, tmp_path, second)
    second.lies = True
    receipt = log.append([b"entry"])[0]
    for give in (log.checkpoint, lambda: log.for_readers(receipt)):
        with pytest.raises(CosignatureInvalid):
            give()
    second.lies = False
    assert second_line(log.for_readers(log.append([b"entry"])[0]).checkpoint)
    assert log.append([b"entry"])[0].index == receipt.index
