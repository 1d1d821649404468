# SPDX-License-Identifier: Apache-2.0
"""The log's use cases: append and acknowledge with a proof, serve heads and tiles, recover, audit.

The database is the truth for entries; the head row's lock sequences all processes. An append is acknowledged only
with an inclusion proof that was verified here against the signed head that everybody sees. A fault after which
memory and disk may differ stops signing in this process until a restart; reading goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.log import rows
from app.log.errors import (
    EntryTooLong,
    EntryUnknown,
    LogError,
    LogStopped,
    QuorumMissing,
    TileUnknown,
    from_database,
    from_os,
)
from app.log.group import GroupCommit
from app.log.publisher import Publisher, SignedHead
from app.log.second_home import SecondHome
from app.log.second_line import SecondLine
from app.log.sequencer import Sequenced, Sequencer
from app.log.tree import LogTiles
from app.log.witnessed import Opened, Witnessed
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.keys import LogKeys
from app.platform.storage import Storage, StorageConflict
from mcla.log.checkpoint import Checkpoint
from mcla.log.merkle import NodeHash, ProofInvalid, leaf_hash, node_hash, verify_inclusion
from mcla.log.tiles import MAX_ENTRY, WIDTH, TileInvalid, inclusion_proof, parse_tile_path, width_at

log = structlog.get_logger()
BATCH_BYTES = 4_000_000
"""So much is committed at once, at most."""


@dataclass(frozen=True, slots=True)
class LogReceipt:
    """Proof that an entry is in the log: `proof` leads from it to `root` in the signed `checkpoint` of `tree_size`.

    `key_id` (32 bytes) names the key that signed the checkpoint.
    """

    index: int
    tree_size: int
    root: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    key_id: bytes


class LogService:
    """One log, as one process sees it; any number of processes may share the database and the storage."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        home: SecondHome,
        keys_now: Callable[[], LogKeys],
        origin: str,
        clock: Clock,
        witnesses: Callable[[Opened], Witnessed] | None = None,
    ) -> None:
        self._db = db
        self._storage = storage
        self._publisher = Publisher(storage, home, keys_now, origin)
        self._sequencer = Sequencer(db, storage, home, self._publisher, clock, origin)
        self._second_line = SecondLine(keys_now, origin, clock)
        self._group = GroupCommit(self._commit, BATCH_BYTES)
        self._witnessed = witnesses(self._publisher.opened) if witnesses else None
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
        return self._group.submit(bodies, sum(map(len, bodies)) + len(bodies))

    def _commit(self, wishes: Sequence[Sequence[bytes]]) -> list[list[LogReceipt]]:
        """The receipts of each wish. One thread makes them all: going from one to another costs more than a proof."""
        with self._signing():
            if not self._recovered:
                self._recover()
            done = self._sequencer.append(wishes)
            if self._witnessed is not None:
                done = replace(done, head=self._settled(self._witnessed))
            once = lru_cache(None)(node_hash)  # each node that the proofs of a batch share is hashed once
            return [[self._prove(done, body, once) for body in wish] for wish in wishes]

    def _prove(self, done: Sequenced, body: bytes, once: NodeHash) -> LogReceipt:
        """The receipt of a body that was just appended, or had been before."""
        index, head = done.indices[body], done.head
        if index < done.first or head.size != done.growth.frontier.size:
            with self._db.read() as session:
                return self._receipt(session.connection(), head, index, leaf_hash(body))
        return _checked(head, index, leaf_hash(body), done.growth.proof(index), once)

    def receipt(self, index: int) -> LogReceipt:
        """The proof of entry `index` against the newest head; raises `EntryUnknown`."""
        head = self._shown()
        if not 0 <= index < head.size:
            raise EntryUnknown(f"The log's newest head covers {head.size} entries; there is no entry {index}.")
        with self._db.read() as session:
            connection = session.connection()
            return self._receipt(connection, head, index, rows.entries(connection, index, 1)[0].leaf)

    def _receipt(self, connection: Connection, head: SignedHead, index: int, leaf: bytes) -> LogReceipt:
        return _checked(head, index, leaf, inclusion_proof(self._tiles(connection), index, head.size))

    def _tiles(self, connection: Connection) -> LogTiles:
        """For one reader: a tile that another thread or process is about to store is not made from nothing."""
        return LogTiles(self._storage, connection, None)

    def checkpoint(self) -> str:
        """The newest signed head, a C2SP checkpoint, with the line of the second key."""
        return self._second_line.under(self._shown().note)

    def for_readers(self, receipt: LogReceipt) -> LogReceipt:
        """A receipt to be given out: its head with the line of the second key."""
        return replace(receipt, checkpoint=self._second_line.under(receipt.checkpoint))

    def head(self) -> Checkpoint:
        """What the newest signed head says."""
        return self._shown().checkpoint

    def _shown(self) -> SignedHead:
        newest = self._publisher.newest()
        return newest if self._witnessed is None else self._witnessed.shown(newest)

    def _settled(self, witnessed: Witnessed, *, everybody: bool = False) -> SignedHead:
        """The newest head, which is durable, with its witnesses."""
        with self._db.read() as session:
            tiles = self._tiles(session.connection())
            return witnessed.settle(self._publisher.newest, tiles, everybody=everybody)

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
            tiles = self._tiles(session.connection())
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

    def _recover(self) -> None:
        self._sequencer.recover()
        if self._witnessed is not None:
            # Before anything new is signed: a witness that has seen more than we hold tells a restored copy.
            with suppress(QuorumMissing):
                self._settled(self._witnessed, everybody=True)
        self._recovered = True

    def close(self) -> None:
        """Let go of the database, of which no pool closes a connection that is in use; nobody may be appending."""
        self._sequencer.close()

    def wait_for_tiles(self) -> None:
        """Return when no tile is being stored any more: before a copy of the storage is made, or in a test."""
        self._sequencer.wait_for_tiles()

    def audit(self, on_tile: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Derive every tile and the head again from the entries; raises `LogDamaged` naming the first fault.

        Stored files that are missing are written again. Answers how many entries were checked. `on_tile` hears
        (entries done, entries in all).
        """
        head = self._publisher.newest()
        for index in range(-(-head.size // WIDTH)):
            with self._db.read() as session:
                LogTiles(self._storage, session.connection()).check(index, head.size)
            on_tile(min(head.size, (index + 1) * WIDTH), head.size)
        with self._db.read() as session:
            tiles = LogTiles(self._storage, session.connection())
            tiles.check_upper(head.size)
            self._publisher.check(tiles, head)
        return head.size

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


def _checked(
    head: SignedHead, index: int, leaf: bytes, proof: tuple[bytes, ...], node_hash: NodeHash = node_hash
) -> LogReceipt:
    verify_inclusion(index, head.size, leaf, proof, head.checkpoint.root, node_hash)
    return LogReceipt(index, head.size, head.checkpoint.root, proof, head.note, head.key_id)
