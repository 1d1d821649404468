# SPDX-License-Identifier: Apache-2.0
"""Giving entries their places: one batch, one transaction, one signed head.

The head row's lock puts all processes in a line. While a process is alone it inserts the batch, reads it back, hashes
it, signs the head over it, and commits; the second home is written while the database commits. Between two batches it
remembers the tree's frontier, so that a batch costs the same in a log of any size; the memory counts only while
nobody else has touched the log, and for a second: then the stored bytes are read and proven anew.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection

from app.log import rows
from app.log.errors import LogBusy, LogDamaged
from app.log.publisher import Publisher, SignedHead
from app.log.rows import Head
from app.log.second_home import SecondHome, Staged
from app.log.tree import LogTiles
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.kept import KeptConnection
from app.platform.storage import Storage
from mcla.log.subtrees import Frontier, Growth
from mcla.log.tiles import WIDTH, frontier_from_tiles

TRUST_SECONDS = 1.0
"""How long the remembered frontier may stand in for what is stored."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """A batch in its place: the index of each body, and the head that covers them all."""

    indices: dict[bytes, int]
    first: int
    growth: Growth
    head: SignedHead


@dataclass(frozen=True, slots=True)
class _Edge:
    """The frontier under `head`, read and proven at `at` (monotonic seconds), while the second home had `mark`."""

    head: SignedHead
    frontier: Frontier
    mark: bytes
    at: float


@dataclass(slots=True)
class _Turn:
    """The log in the hands of this process alone; `saved`, `staged` and `shown` take effect when it ends well."""

    connection: Connection
    head: Head
    added: list[bytes] | None = None
    """The leaf hashes of what was added when the head was locked."""
    saved: Head | None = None
    staged: Staged | None = None
    shown: str | None = None
    mark: bytes = b""
    """What the second home was marked with at the turn's end."""


class _Unsettled(LogBusy):
    """A process was stopped half-way: database and second home differ."""


class Sequencer:
    """One process's way to append; any number may share the database and the storage."""

    def __init__(
        self, db: Database, storage: Storage, home: SecondHome, publisher: Publisher, clock: Clock, origin: str
    ) -> None:
        self._db, self._storage, self._home = db, storage, home
        self._publisher, self._clock, self._origin = publisher, clock, origin
        self._connection = KeptConnection(db)
        self._edge: _Edge | None = None
        self._tiled = 0
        self._tiling: Future[int] | None = None
        self._tiler = ThreadPoolExecutor(1, "log-tiles")

    def recover(self) -> None:
        """Compare database and second home, and finish what a crash left half done (see `Publisher.settle`)."""
        with self._db.transaction() as connection:
            rows.check_durable(connection)
            rows.make_head(connection, self._origin)
        with self._turn() as turn:
            rows.check_last(turn.connection, turn.head.size)
            settled, turn.staged = self._publisher.settle(turn.connection, turn.head, self._clock.now())
            turn.shown = settled.checkpoint
            self._tiled = settled.tiled_size
            turn.saved = settled if settled != turn.head else None

    def append(self, wishes: Sequence[Sequence[bytes]]) -> Sequenced:
        """Log every body of every wish once, durable in both places."""
        bodies, look, guess = rows.by_digest(body for wish in wishes for body in wish), False, True
        for _ in range(5):
            try:
                return self._append(bodies, look=look, guess=guess)
            except rows.AlreadyLogged as error:
                if look:
                    raise LogDamaged("The database holds entries that its head does not count.") from error
                look, guess = True, False
            except rows.Outrun:
                guess = False
            except _Unsettled:
                self.recover()
        raise LogBusy("Other processes stopped half-way several times in a row.")

    def _append(self, bodies: dict[str, bytes], *, look: bool, guess: bool) -> Sequenced:
        """Log the bodies; without a `look` at which are known already `AlreadyLogged` is raised if one is.

        With a `guess` that nobody else has appended, one round trip is saved, or `Outrun` raised.
        """
        with self._turn(bodies if guess and len(bodies) <= rows.ADD_AT_ONCE else {}) as turn:
            edge = self._prove_edge(turn)
            self._finish_tiles(turn.connection, turn.head.size)
            known = rows.find_indices(turn.connection, list(bodies)) if look else {}
            new = {digest: body for digest, body in bodies.items() if digest not in known}
            growth = Growth(edge.frontier, self._insert(turn, new))
            head = self._sign(turn, edge, growth, list(new.values())) if new else edge.head
        self._edge = _Edge(head, growth.frontier, turn.mark, edge.at)
        self._store_tiles(head)
        indices = {bodies[digest]: index for digest, index in known.items()}
        indices |= {body: edge.head.size + number for number, body in enumerate(new.values())}
        return Sequenced(indices, edge.head.size, growth, head)

    def close(self) -> None:
        """End what goes on between two appends: tiles being stored, and the connection that is kept."""
        self.wait_for_tiles()
        self._connection.close()

    def wait_for_tiles(self) -> None:
        """Return when no tile is being stored any more."""
        wait([self._tiling] if self._tiling else [])

    def _begin(self, connection: Connection, bodies: Mapping[str, bytes]) -> _Turn:
        """Lock the head; on PostgreSQL `bodies` are added with it if this process wrote last, as far as it knows."""
        if bodies and self._edge and rows.is_postgres(connection):
            return _Turn(connection, *rows.lock_and_add(connection, self._edge.head.size, bodies, self._clock.now()))
        return _Turn(connection, rows.lock_head(connection))

    @contextmanager
    def _turn(self, bodies: Mapping[str, bytes] = MappingProxyType({})) -> Iterator[_Turn]:
        """One transaction alone in both homes; its end commits and stages at once, then shows the head."""
        with ExitStack() as fence:
            with self._connection.transaction() as connection:
                turn = self._begin(connection, bodies)
                # Whoever lost its database connection may believe that it is still its turn.
                fence.enter_context(self._home.alone())
                yield turn
                if turn.saved:
                    self._connection.commit(connection, rows.saving(turn.saved), lambda: self._stage(turn))
                else:
                    self._stage(turn)
            if turn.shown:
                self._home.show(turn.shown)
            turn.mark = self._home.mark()

    def _stage(self, turn: _Turn) -> None:
        if turn.staged:
            self._home.stage(turn.staged)

    def _prove_edge(self, turn: _Turn) -> _Edge:
        """The tree as it stands, from memory where that may be trusted; raises `_Unsettled` or what a check raises."""
        edge, note, mark = self._edge, turn.head.checkpoint, self._home.mark()
        if edge and edge.head.note == note and edge.mark == mark and time.monotonic() - edge.at < TRUST_SECONDS:
            return edge
        if {staged.note for staged in self._home.staged() if staged.size >= turn.head.size} != {note}:
            raise _Unsettled("Another process was stopped half-way.")
        head = self._publisher.opened(note, "database")
        rows.check_last(turn.connection, head.size + len(turn.added or []))
        tiles = LogTiles(self._storage, turn.connection, turn.head.tiled_size)
        self._publisher.check(tiles, head)
        if edge:
            self._publisher.check_extends(tiles, edge.head, head.size, head.checkpoint.root)
        turn.shown = note  # whoever signed it may have been stopped before
        frontier = frontier_from_tiles(tiles, head.size)
        self._tiled = max(self._tiled, turn.head.tiled_size)
        return _Edge(head, frontier, mark, time.monotonic())

    def _insert(self, turn: _Turn, new: dict[str, bytes]) -> list[bytes]:
        """The leaf hashes of the bodies, read back from the database."""
        if turn.added is not None or not new:
            return turn.added or []
        return rows.add_entries(turn.connection, turn.head.size, new, self._clock.now())

    def _sign(self, turn: _Turn, edge: _Edge, growth: Growth, bodies: Sequence[bytes]) -> SignedHead:
        if edge.frontier.root() != edge.head.checkpoint.root:
            raise LogDamaged(f"The remembered tree of {edge.head.size} entries is not the one that was signed.")
        signed = self._publisher.sign(growth.frontier.size, growth.root)
        turn.staged = Staged(signed.note, edge.head.size, tuple(bodies), self._tiled)
        turn.saved = Head(turn.head.origin, signed.size, self._tiled, signed.note)
        turn.shown = signed.note
        return signed

    def _store_tiles(self, head: SignedHead) -> None:
        """Store the tiles that became full, behind the callers' backs: until then they are made from the entries."""
        if head.size // WIDTH > self._tiled // WIDTH and self._tiling is None:
            self._tiling = self._tiler.submit(self._extend, self._tiled, head)

    def _extend(self, old: int, head: SignedHead) -> int:
        full = head.size - head.size % WIDTH
        with self._db.read() as session:
            tiles = LogTiles(self._storage, session.connection(), old)
            self._publisher.check_root(tiles, head)
            tiles.extend(old, full)
        return full

    def _finish_tiles(self, connection: Connection, size: int) -> None:
        """Take note of what was stored; where that failed, try again here, so that a caller hears of the fault."""
        if self._tiling is None or not self._tiling.done():
            return
        if self._tiling.exception() is None:
            self._tiled = self._tiling.result()
        else:
            LogTiles(self._storage, connection).extend(self._tiled, size)
            self._tiled = size
        self._tiling = None
