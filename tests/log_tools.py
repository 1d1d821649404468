# SPDX-License-Identifier: Apache-2.0
"""For tests of the log: a service over given places, and an auditor who trusts nothing but the public key."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from app.log.second_home import SecondHome
from app.log.service import LogReceipt, LogService
from app.log.witnessed import Opened, Witnessed
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.keys import LogKeys
from app.platform.storage import DirectoryStorage
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, open_checkpoint
from mcla.log.merkle import leaf_hash, tree_root, verify_inclusion
from mcla.log.tiles import decode_bundle, split_tile, tile_path, width_at

ORIGIN = "log.example.org"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class PatientLog(LogService):
    """A log whose appends end when their tiles are stored too, so that a test can go and look."""

    def append(self, bodies: Sequence[bytes]) -> list[LogReceipt]:
        receipts = super().append(bodies)
        self.wait_for_tiles()
        return receipts


def keys_of(key: Ed25519PrivateKey, second: MLDSA44PrivateKey | None = None) -> Callable[[], LogKeys]:
    """The keys of a log that never had others."""
    return lambda: LogKeys(key, (key.public_key(),), second)


def log_over(
    db: Database,
    home: Path,
    key: Ed25519PrivateKey = KEY,
    origin: str = ORIGIN,
    witnesses: Callable[[Opened], Witnessed] | None = None,
) -> LogService:
    return PatientLog(
        db, DirectoryStorage(home), SecondHome(home / "log"), keys_of(key), origin, SystemClock(), witnesses
    )


def bodies(count: int, kind: str = "body") -> list[bytes]:
    return [f"{kind} {number}".encode() for number in range(count)]


def append_one(log: LogService, batch: list[str]) -> dict[str, Any]:
    """What is told of one append: where the bodies stand and how that is proven, or why it was refused."""
    try:
        receipts = log.append([body.encode() for body in batch])
    except MclaError as error:
        return {"bodies": batch, "refused": error.code}
    return {
        "bodies": batch,
        "indices": [receipt.index for receipt in receipts],
        "proofs": [[step.hex() for step in receipt.proof] for receipt in receipts],
        "checkpoint": receipts[0].checkpoint,
    }


def opened(note: str) -> Checkpoint:
    return open_checkpoint(note, ORIGIN, KEY.public_key())


def downloaded(log: LogService) -> list[bytes]:
    """Every entry, fetched as an outsider does, after checking tiles and root against the signed head."""
    head = opened(log.checkpoint())
    entries: list[bytes] = []
    for index in range(-(-head.size // 256)):
        width = width_at(0, index, head.size)
        bundle = decode_bundle(log.tile(tile_path(None, index, width)))
        assert [leaf_hash(entry) for entry in bundle] == split_tile(log.tile(tile_path(0, index, width)))
        entries += bundle
    assert len(entries) == head.size
    assert tree_root([leaf_hash(entry) for entry in entries]) == head.root
    return entries


def check_receipt(receipt: LogReceipt, body: bytes) -> None:
    head = opened(receipt.checkpoint)
    assert (head.size, head.root) == (receipt.tree_size, receipt.root)
    verify_inclusion(receipt.index, head.size, leaf_hash(body), receipt.proof, head.root)


def check_one_history(entries: Sequence[bytes], notes: Sequence[str]) -> None:
    """Every signed head that anybody saw is a prefix of the log as it stands: then each is one of every later."""
    leaves = [leaf_hash(entry) for entry in entries]
    for head in {opened(note) for note in notes}:
        assert head.size <= len(leaves)
        assert tree_root(leaves[: head.size]) == head.root, f"the head over {head.size} entries is of another history"


def stored_heads(home: Path) -> dict[str, bytes]:
    """What the second home holds, byte for byte."""
    return {path.name: path.read_bytes() for path in sorted((home / "log").glob("head.*"))}
