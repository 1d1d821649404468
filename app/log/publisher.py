# SPDX-License-Identifier: Apache-2.0
"""Signing heads: the one place that uses the log's key, under the lock of the head row.

A head is signed only over entries whose hashes were computed anew from what the database holds, and only if every
earlier head that we know of (the database's and the second home's) is a prefix of it. It is told to others only when
it is durable in both places. A second home that is ahead by one batch holds that batch's entries, and the database
takes them up; one that is ahead by more means that the database is an older copy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from app.log import rows
from app.log.errors import LogAbsent, LogForked
from app.log.rows import Head
from app.log.second_home import SecondHome, Staged
from app.log.tree import LogTiles
from app.platform.keys import LogKeys
from app.platform.storage import Storage
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from mcla.log.merkle import verify_consistency
from mcla.log.note import key_id
from mcla.log.tiles import consistency_proof, tree_root_from_tiles


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the note that it was read from and verified in."""

    note: str
    checkpoint: Checkpoint
    key_id: bytes
    """Which of the log's keys signed it (32 bytes)."""

    @property
    def size(self) -> int:
        return self.checkpoint.size


class Publisher:
    """Signs heads and brings both homes up to the same one."""

    def __init__(self, storage: Storage, home: SecondHome, keys_now: Callable[[], LogKeys], origin: str) -> None:
        self._storage = storage
        self._home = home
        self._keys_now = keys_now
        self._origin = origin
        self._opened = lru_cache(16)(self._open)

    def newest(self) -> SignedHead:
        """The head that the log shows to everybody; raises `LogAbsent`."""
        note = self._home.shown()
        if note is None:
            raise LogAbsent("The log has no signed head yet.")
        return self.opened(note, "storage")

    def opened(self, note: str, place: str) -> SignedHead:
        """The head in `note`, its signature checked; raises `LogForked` naming the `place` that it was found in."""
        try:
            return self._opened(note)
        except MclaError as error:
            raise LogForked(
                f"The head in the {place} was not signed by this log's key for {self._origin!r}: {error.message}."
            ) from error

    def _open(self, note: str) -> SignedHead:
        faults: list[MclaError] = []
        for key in self._keys_now().known:  # heads stay good when their key has been replaced
            try:
                return SignedHead(note, open_checkpoint(note, self._origin, key), key_id(self._origin, key))
            except MclaError as error:
                faults.append(error)
        raise faults[0]

    def sign(self, size: int, root: bytes) -> SignedHead:
        """A signed head; the caller has shown that it extends every known one."""
        note = sign_checkpoint(Checkpoint(self._origin, size, root), self._keys_now().signer)
        return self.opened(note, "memory")  # a fault while signing must not reach anybody

    def settle(self, connection: Connection, head: Head, now: datetime) -> tuple[Head, Staged | None]:
        """Bring database, second home and tiles up to one head, whatever a crash or a restored copy left.

        The caller holds the lock on `head` and is alone in the second home. Answers the new head, to be saved, and
        what has to be staged (None if that is there already). Raises `LogForked`, `LogDamaged`, `StorageConflict`,
        `ProofInvalid` or OSError.
        """
        staged = self._home.staged()
        if head.origin != self._origin:
            raise LogForked(f"The database's log is {head.origin!r}, this service's is {self._origin!r}.")
        for found in staged:
            head = self._take_up(connection, head, found, now)
        known = self._known(head, staged)
        if known and known[-1].size > head.size:
            raise LogForked(
                f"The database holds {head.size} entries, but a signed head covers {known[-1].size}: "
                "the database is an older copy."
            )
        for old in known[:1]:  # the old edge is proven before anything is built on it
            self.check(LogTiles(self._storage, connection), old)
        # A second home without a head may lack any tile: then everything is derived again.
        low = min(head.tiled_size, staged[-1].tiled) if staged else 0
        LogTiles(self._storage, connection).extend(low, head.size)
        newest = self._sign(connection, known, head.size)
        head = Head(head.origin, head.size, head.size, newest.note)
        there = bool(staged) and staged[-1].note == newest.note
        return head, None if there else Staged(newest.note, head.size, (), head.size)

    def _take_up(self, connection: Connection, head: Head, staged: Staged, now: datetime) -> Head:
        """Add the entries that the second home has and the database lacks."""
        if self.opened(staged.note, "storage").size != staged.size:
            raise LogForked(f"The head in the storage does not cover the {staged.size} entries that stand beside it.")
        if staged.size <= head.size or staged.first != head.size:
            return head
        rows.add_entries(connection, staged.first, rows.by_digest(staged.bodies), now)
        return replace(head, size=staged.size)

    def _known(self, head: Head, staged: Sequence[Staged]) -> list[SignedHead]:
        """Every head that was ever signed, as far as we can know, shortest first."""
        shown = self._home.shown()
        notes = {one.note: "storage" for one in staged} | ({shown: "storage"} if shown else {})
        notes |= {head.checkpoint: "database"} if head.checkpoint else {}
        return sorted((self.opened(note, place) for note, place in notes.items()), key=lambda found: found.size)

    def _sign(self, connection: Connection, known: Sequence[SignedHead], size: int) -> SignedHead:
        """The head over `size` entries, which extends every known head; an equal one is taken as it is."""
        tiles = LogTiles(self._storage, connection)
        root = tree_root_from_tiles(tiles, size)
        for head in known:
            self.check(tiles, head)
            self.check_extends(tiles, head, size, root)
        return known[-1] if known and known[-1].size == size else self.sign(size, root)

    def check_extends(self, tiles: LogTiles, old: SignedHead, size: int, root: bytes) -> None:
        """Raise `ProofInvalid` unless the tree of `size` entries under `root` begins with that of `old`."""
        if old.size:
            proof = consistency_proof(tiles, old.size, size)
            verify_consistency(old.size, size, old.checkpoint.root, root, proof)

    def check(self, tiles: LogTiles, head: SignedHead) -> None:
        """Raise `LogForked` or `LogDamaged` unless entries and tiles lead to the root in `head`."""
        tiles.check_edge(head.size)
        self.check_root(tiles, head)

    def check_root(self, tiles: LogTiles, head: SignedHead) -> None:
        """Raise `LogForked` unless leaf hashes and tiles, as they are stored, lead to the root in `head`."""
        root = tree_root_from_tiles(tiles, head.size)
        if root != head.checkpoint.root:
            raise LogForked(
                f"The signed head over {head.size} entries has the root {head.checkpoint.root.hex()}, but the "
                f"database's entries and the stored tiles give {root.hex()}: another history, or damaged tiles."
            )
