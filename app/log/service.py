# SPDX-License-Identifier: Apache-2.0
"""The log's use cases: append and acknowledge with a proof, serve heads and tiles, recover, audit.

The database is the truth for entries; the head row's lock sequences all processes. An append is acknowledged only
with an inclusion proof that was verified here against the signed head that everybody sees. A fault after which
memory and disk may differ stops signing in this process until a restart; reading goes on.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError

from app.log import rows
from app.log.errors import (
    EntryTooLong,
    EntryUnknown,
    LogDamaged,
    LogError,
    LogForked,
    LogStopped,
    TileUnknown,
    from_database,
    from_os,
)
from app.log.publisher import Publisher, SignedHead
from app.log.tree import LogTiles
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.storage import Storage, StorageConflict
from mcla.log.merkle import ProofInvalid, leaf_hash, verify_inclusion
from mcla.log.tiles import MAX_ENTRY, WIDTH, TileInvalid, inclusion_proof, parse_tile_path, width_at

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LogReceipt:
    """Proof that an entry is in the log: `proof` leads from it to `root` in the signed `checkpoint` of `tree_size`."""

    index: int
    tree_size: int
    root: bytes
    proof: tuple[bytes, ...]
    checkpoint: str


class LogService:
    """One log, as one process sees it; any number of processes may share the database and the storage."""

    def __init__(self, db: Database, storage: Storage, key: Ed25519PrivateKey, origin: str, clock: Clock) -> None:
        self._db = db
        self._storage = storage
        self._publisher = Publisher(storage, key, origin)
        self._origin = origin
        self._clock = clock
        self._turn = threading.Lock()
        self._recovered = False
        self._failure = ""

    @property
    def failed(self) -> bool:
        """Whether this process has stopped signing until it is restarted."""
        return bool(self._failure)

    def append(self, bodies: Sequence[bytes]) -> list[LogReceipt]:
        """Log each body once and answer with its proof, in the order given.

        A body that is in the log already keeps its index, so a request that failed may be repeated. Raises
        `EntryTooLong` before anything is written, `LogFull`, `LogBusy` (repeat later), `LogStopped` and, where the
        log cannot be trusted, `LogForked`, `LogDamaged` or `StorageConflict`. After an error nothing is acknowledged.
        """
        for body in bodies:
            if len(body) > MAX_ENTRY:
                raise EntryTooLong(f"The log entry has {len(body)} bytes; at most {MAX_ENTRY} fit.")
        if not bodies:
            return []
        with self._signing():
            if not self._recovered:
                self._recover()
            indices = self._insert(bodies)
            self._publish_through(max(indices) + 1)
            return self._prove(list(zip(indices, map(leaf_hash, bodies), strict=True)))

    def receipt(self, index: int) -> LogReceipt:
        """The proof of entry `index` against the newest head; raises `EntryUnknown`."""
        head = self._publisher.newest()
        if not 0 <= index < head.size:
            raise EntryUnknown(f"The log's newest head covers {head.size} entries; there is no entry {index}.")
        with self._db.read() as session:
            leaf = rows.entries(session, index, 1)[0].leaf
        return self._prove([(index, leaf)])[0]

    def checkpoint(self) -> str:
        """The newest signed head: a C2SP checkpoint."""
        return self._publisher.newest().note

    def tile(self, path: str) -> bytes:
        """The bytes at `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; raises `TileUnknown`."""
        try:
            name = parse_tile_path(path)
        except TileInvalid as error:
            raise TileUnknown(f"{error.message}.", hint=error.hint) from error
        size = self._publisher.newest().size
        if width_at(name.level or 0, name.index, size) < name.width:
            raise TileUnknown(f"A log of {size} entries has no {path}.")
        with self._db.read() as session:
            tiles = LogTiles(self._storage, session)
            if name.level is None:
                return tiles.read_bundle(name.index, name.width)
            return tiles.read_tile(name.level, name.index, name.width)

    def recover(self) -> None:
        """Compare database and storage, and finish what a crash left half done; call at start-up.

        Raises `LogForked` if the storage knows of a longer or another history (a restored backup), `LogDamaged`,
        `LogUnsafe`, and what `append` raises.
        """
        with self._signing():
            self._recover()

    def audit(self, on_tile: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Derive every tile and the head again from the entries; raises `LogDamaged` naming the first fault.

        Stored files that are missing are written again. Answers how many entries were checked. `on_tile` hears
        (entries done, entries in all).
        """
        head = self._publisher.newest()
        for index in range(-(-head.size // WIDTH)):
            with self._db.read() as session:
                LogTiles(self._storage, session).check(index, head.size)
            on_tile(min(head.size, (index + 1) * WIDTH), head.size)
        with self._db.read() as session:
            tiles = LogTiles(self._storage, session)
            tiles.check_upper(head.size)
            self._publisher.check(session, head)
        return head.size

    def _recover(self) -> None:
        with self._db.write() as session:
            rows.check_durable(session)
            rows.make_head(session, self._origin)
        with self._turn, self._db.write() as session:
            head = rows.lock_head(session)
            if (count := rows.count_entries(session)) != head.size:
                raise LogDamaged(f"The database's head says {head.size} entries, but it holds {count}.")
            self._publisher.publish(session, head)
        self._recovered = True

    def _insert(self, bodies: Sequence[bytes]) -> list[int]:
        digests = [sha256(body).hexdigest() for body in bodies]
        with self._db.write() as session:
            head = rows.lock_head(session)
            # Entries that can never be published must not get in: they would stand in the way of a repair.
            self._publisher.refuse_fork(head.size)
            known = rows.find_indices(session, digests)
            new = {digest: body for digest, body in zip(digests, bodies, strict=True) if digest not in known}
            if new:
                rows.add_entries(session, head.size, list(new.values()), self._clock.now())
                known |= {digest: head.size + number for number, digest in enumerate(new)}
                head.size += len(new)
        return [known[digest] for digest in digests]

    def _publish_through(self, size: int) -> None:
        with self._turn:
            if self._published_size() >= size:
                return  # whoever held the turn, here or in another process, did it
            with self._db.write() as session:
                self._publisher.publish(session, rows.lock_head(session))

    def _published_size(self) -> int:
        with self._db.read() as session:
            head = rows.read_head(session)
            return head.published_size if head else 0

    def _prove(self, leaves: Sequence[tuple[int, bytes]]) -> list[LogReceipt]:
        # The head first, the rows after: then the rows include whatever the head covers.
        head = self._publisher.newest()
        with self._db.read() as session:
            tiles = LogTiles(self._storage, session)
            return [self._receipt(tiles, head, index, leaf) for index, leaf in leaves]

    def _receipt(self, tiles: LogTiles, head: SignedHead, index: int, leaf: bytes) -> LogReceipt:
        size, root = head.size, head.checkpoint.root
        if index >= size:
            raise LogForked(f"Entry {index} was published, but the head in the storage covers {size} entries only.")
        proof = inclusion_proof(tiles, index, size)
        verify_inclusion(index, size, leaf, proof, root)
        return LogReceipt(index, size, root, proof, head.note)

    @contextmanager
    def _signing(self) -> Iterator[None]:
        """Around everything that may sign: translates faults, and remembers those that end signing."""
        if self._failure:
            raise LogStopped(self._failure)
        try:
            yield
        except OSError as error:
            raise self._noted(from_os(error)) from error
        except DBAPIError as error:
            if (known := from_database(error)) is None:
                raise
            raise self._noted(known) from error
        except LogError as error:
            raise self._noted(error) from error
        except (StorageConflict, ProofInvalid, TileInvalid) as error:
            self._stop(error.message)
            raise

    def _noted(self, error: LogError) -> LogError:
        if error.stops or isinstance(error, LogStopped):
            self._stop(error.message)
        return error

    def _stop(self, why: str) -> None:
        log.error("log.stopped", reason=why)
        self._failure = self._failure or why
