# SPDX-License-Identifier: Apache-2.0
"""The newest head with its witnesses: collected once for all processes, kept in the storage, shown to everybody.

Witnesses are asked only when a head is durable in both homes, after the log's lock is free again: a slow witness
delays the callers of one batch, not the database. One process asks at a time, always for the newest head, so no
witness is ever asked to go back. What a reader is shown without a quorum is the operator's choice (ADR 0012).
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.log.cosigning import Cosigners
from app.log.errors import LogForked, QuorumMissing
from app.log.publisher import SignedHead
from app.platform.storage import Storage, make_directories
from mcla.log.checkpoint import Checkpoint
from mcla.log.note import parse_note
from mcla.log.tiles import TileReader

NAME = "log/cosigned"
Opened = Callable[[str, str], SignedHead]
"""Opens a note by one of the log's own keys, found at a place; raises `LogForked`."""


class Witnessed:
    """The cosigned head of one log. `folder` holds the lock that processes share."""

    def __init__(self, storage: Storage, folder: Path, cosigners: Cosigners, opened: Opened, *, refuse: bool) -> None:
        """With `refuse` no head without a quorum is ever shown, and `settle` raises `QuorumMissing`."""
        self._storage, self._folder = storage, folder
        self._cosigners, self._opened = cosigners, opened
        self._refuse = refuse

    def settle(self, newest: Callable[[], SignedHead], tiles: TileReader, *, everybody: bool = False) -> SignedHead:
        """The newest head with the cosignatures that came in time; `tiles` are the log's own.

        With `everybody` all are asked, though it is cosigned already, and all are waited for: what a restart needs.

        Raises `LogForked` if a witness proves another history, and `QuorumMissing` where heads wait for a quorum.
        """
        with self._alone():
            head, kept = newest(), self._kept()
            if kept is not None and kept.size > head.size:
                raise LogForked(
                    f"Witnesses have cosigned a head over {kept.size} entries, but the newest one here covers "
                    f"{head.size}: the database and its second home are older copies."
                )
            if kept is not None and not everybody and _is_same(kept, head) and self._is_enough(kept):
                return kept
            note = self._cosigners.collect(head.note, head.checkpoint, tiles, self._checkpoint, everybody=everybody)
            cosigned = self._opened(note, "memory")
            if not self._is_enough(cosigned) and self._refuse:
                raise QuorumMissing("Too few witnesses have cosigned the log's newest head.")
            if cosigned.note != head.note:
                self._storage.replace(NAME, cosigned.note.encode())
            return cosigned

    def shown(self, newest: SignedHead) -> SignedHead:
        """What a reader is given now; raises `QuorumMissing` where that has to wait for a first quorum."""
        kept = self._kept()
        if kept is not None and (self._refuse or _is_same(kept, newest)):
            return kept
        if self._refuse:
            raise QuorumMissing("No head of the log has been cosigned by enough witnesses yet.")
        return newest

    def _kept(self) -> SignedHead | None:
        data = self._storage.read(NAME)
        return None if data is None else self._opened(data.decode("utf-8", "replace"), "storage")

    def _checkpoint(self, note: str) -> Checkpoint:
        return self._opened(note, "witness").checkpoint

    def _is_enough(self, head: SignedHead) -> bool:
        policy = self._cosigners.policy
        return policy.met_by({one.witness.name for one in policy.cosigned(parse_note(head.note))})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread of one process at a time; the lock ends with its holder."""
        make_directories(self._folder)
        lock = os.open(self._folder / "cosigning.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _is_same(cosigned: SignedHead, head: SignedHead) -> bool:
    """Whether the one is the other with more lines: signed by the same key over the same tree."""
    return cosigned.note.startswith(head.note)
