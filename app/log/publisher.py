# SPDX-License-Identifier: Apache-2.0
"""Signing heads: the one place that uses the log's key, under the lock of the head row.

A head is signed only if both earlier heads that we know of (the database's and the storage's) are prefixes of it, by
a proof from stored tiles and from entries whose hashes were computed anew. A signed head is stored outside the
database before the database hears of it, so the storage is ahead of the database's memory of it or equal, never behind;
a storage that is ahead of the database's *entries* means that the database is an older copy.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from app.log import rows
from app.log.errors import LogAbsent, LogForked
from app.log.models import LogHead
from app.log.tree import LogTiles
from app.platform.storage import Storage
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from mcla.log.merkle import verify_consistency
from mcla.log.tiles import WIDTH, consistency_proof, tree_root_from_tiles

HEAD_NAME = "log/checkpoint"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the note that it was read from and verified in."""

    note: str
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        return self.checkpoint.size


class Publisher:
    """Brings the storage and the signed head up to the database's entries."""

    def __init__(self, storage: Storage, key: Ed25519PrivateKey, origin: str) -> None:
        self._storage = storage
        self._key = key
        self._origin = origin

    def stored_head(self) -> SignedHead | None:
        """The head in the storage, its signature checked; None before the first."""
        data = self._storage.read(HEAD_NAME)
        return None if data is None else self._open(data.decode("utf-8", "replace"), "storage")

    def newest(self) -> SignedHead:
        """The head that the log shows to everybody."""
        head = self.stored_head()
        if head is None:
            raise LogAbsent("The log has no signed head yet.")
        return head

    def refuse_fork(self, size: int) -> None:
        """Raise `LogForked` if the storage holds a head over more entries than the database has."""
        stored = self.stored_head()
        if stored is not None and stored.size > size:
            raise LogForked(
                f"The database holds {size} entries, but the signed head in the storage covers {stored.size}: "
                "the database is an older copy."
            )

    def publish(self, session: Session, head: LogHead) -> None:
        """Publish every entry up to `head.size`; the caller holds the lock on `head` and commits.

        Raises `LogForked`, `LogDamaged`, `StorageConflict`, `ProofInvalid` or OSError; then no head was signed, or it
        stands in the storage alone and is taken up by the next call.
        """
        self.refuse_fork(head.size)
        stored, signed = self.stored_head(), self._signed(head)
        if stored is not None and stored == signed and head.size == head.published_size == stored.size:
            return
        known = [found for found in (stored, signed) if found is not None]
        # A storage without a head may lack any tile: then everything is derived again.
        low = min(found.size for found in known) if stored else 0
        # The old edge is proven before anything is built on it.
        for found in known:
            if found.size == low:
                self.check(session, found)
        LogTiles(self._storage, session).extend(low, head.size)
        newest = self._sign(session, known, head.size)
        if newest != stored:
            self._storage.replace(HEAD_NAME, newest.note.encode())
        head.checkpoint, head.published_size = newest.note, newest.size

    def _signed(self, head: LogHead) -> SignedHead | None:
        if head.origin != self._origin:
            raise LogForked(f"The database's log is {head.origin!r}, this service's is {self._origin!r}.")
        return self._open(head.checkpoint, "database") if head.checkpoint else None

    def _open(self, note: str, place: str) -> SignedHead:
        try:
            return SignedHead(note, open_checkpoint(note, self._origin, self._key.public_key()))
        except MclaError as error:
            raise LogForked(
                f"The head in the {place} was not signed by this log's key for {self._origin!r}: {error.message}."
            ) from error

    def _sign(self, session: Session, known: list[SignedHead], size: int) -> SignedHead:
        """The head over `size` entries, which extends every known head; an equal one is taken as it is."""
        tiles = LogTiles(self._storage, session)  # a fresh reader: what was just written is read back
        root = tree_root_from_tiles(tiles, size)
        for head in known:
            if head.size:
                self.check(session, head)
                proof = consistency_proof(tiles, head.size, size)
                verify_consistency(head.size, size, head.checkpoint.root, root, proof)
            if head.size == size:
                return head
        note = sign_checkpoint(Checkpoint(self._origin, size, root), self._key)
        return self._open(note, "memory")  # a fault while signing must not reach anybody

    def check(self, session: Session, head: SignedHead) -> None:
        """Raise `LogForked` or `LogDamaged` unless entries and tiles lead to the root in `head`."""
        root = tree_root_from_tiles(LogTiles(self._storage, session), head.size)
        if root != head.checkpoint.root:
            rows.entries(session, head.size - head.size % WIDTH, head.size % WIDTH)  # names a damaged entry
            raise LogForked(
                f"The signed head over {head.size} entries has the root {head.checkpoint.root.hex()}, but the "
                f"database's entries and the stored tiles give {root.hex()}: another history, or damaged tiles."
            )
