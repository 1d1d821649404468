# SPDX-License-Identifier: Apache-2.0
"""The log: appends against the database's own durable commits, proofs from a large log against those from a small one.

Both databases, both with fsync. A commit of the peer is one row of the same shape as a log entry's, through the
driver alone. Our append is what a service process does: entry and signed head durable in the database and in the
second home, and a proof that was verified. What no append can leave out is measured too, by the libraries alone: on a
disk that flushes faster than a signature is checked, that is the limit, and not a commit. The large log is real: rows,
tiles, bundles and head, made in bulk.
"""

import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_tools import keys_of
from postgres import Postgres, start_postgres

from app.log.group import GroupCommit
from app.log.second_home import SecondHome
from app.log.service import LogService
from app.log.tree import LogTiles
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.migrate import upgrade
from app.platform.storage import DirectoryStorage
from benchmarks.bare_append import bare_append
from benchmarks.big_log import HastyStorage, add_rows
from benchmarks.ratio import Report, quick, seconds
from mcla.log.merkle import leaf_hash, verify_consistency
from mcla.log.tiles import consistency_proof, tree_root_from_tiles

ORIGIN = "log.example.org"
KEY = Ed25519PrivateKey.generate()
FILLING, NUMBERS = os.urandom(1492), count()
"""A body has about as many bytes as the entry of a signature."""
SMALL, LARGE, QUICK = 10_000, 10_000_000, 100_000
PROOFS = 50
Call = Callable[[], object]


def main() -> None:
    is_quick, report = quick(), Report()
    with tempfile.TemporaryDirectory(prefix="mcla-bench-") as name, start_postgres(durable=True) as server:
        for engine in ("sqlite", "postgresql"):
            with database(engine, server, Path(name) / engine) as db:
                appends(report, engine, db, Path(name) / engine, is_quick)
        for engine in ("sqlite",) if is_quick else ("sqlite", "postgresql"):
            proofs(report, engine, server, Path(name), QUICK if is_quick else LARGE)
    report.end()


@contextmanager
def database(engine: str, server: Postgres, folder: Path) -> Iterator[Database]:
    """A migrated database of its own; `folder` is made."""
    folder.mkdir()
    if engine == "sqlite":
        yield migrated(f"sqlite:///{folder / 'log.sqlite'}")
    else:
        with server.database() as url:
            yield migrated(url)


def migrated(url: str) -> Database:
    db = Database(url)
    upgrade(db)
    return db


def log_over(db: Database, storage: DirectoryStorage) -> LogService:
    log = LogService(db, storage, SecondHome(storage.root / "log"), keys_of(KEY), ORIGIN, SystemClock())
    log.recover()
    return log


def body() -> bytes:
    return FILLING + next(NUMBERS).to_bytes(8, "big")


def appends(report: Report, engine: str, db: Database, folder: Path, is_quick: bool) -> None:
    log, bare = log_over(db, DirectoryStorage(folder / "storage")), bare_append(db, folder / "second")
    shared = GroupCommit(lambda wishes: bare([one for wish in wishes for one in wish]), 1000)
    rounds, each = (5, 40) if is_quick else (15, 200)
    with peer(db, folder) as commit:
        commits, *reached = rates(
            rounds,
            (each, lambda: repeat(each, commit)),
            (each, lambda: repeat(each, lambda: log.append([body()]))),
            (each, lambda: repeat(each, lambda: bare([body()]))),
            (8 * each, lambda: in_threads(64, each // 8, lambda: log.append([body()]))),
            (8 * each, lambda: in_threads(64, each // 8, lambda: shared.submit([body()]))),
        )
    one, bare_one, many, bare_many = reached
    print(f"# {engine}, a second: {commits:.0f} commits, {one:.0f} appends by 1 writer, {many:.0f} by 64 at once")
    print(f"# bare steps: {bare_one / commits:.2f} of the commits by 1 writer, {bare_many / commits:.2f} by 64 at once")
    report.at_least(f"log_append_1_writer_vs_{engine}_commits", one / commits, 0.5)
    report.at_least(f"log_append_1_writer_vs_its_bare_steps_on_{engine}", one / bare_one, 0.4)
    report.at_least(f"log_append_64_writers_vs_{engine}_commits", many / commits, 3)
    report.at_least(f"log_append_64_writers_vs_their_bare_steps_on_{engine}", many / bare_many, 0.4)
    log.wait_for_tiles()
    db.dispose()


def rates(rounds: int, *works: tuple[int, Call]) -> list[float]:
    """How many a second of each: every work is called in turns, and does so many at a call."""
    taken = in_turns_of(rounds, *(work for _, work in works))
    return [number / wall for (number, _), wall in zip(works, taken, strict=True)]


@contextmanager
def peer(db: Database, folder: Path) -> Iterator[Call]:
    """Commits one row like a log entry's, durably, through the bare driver on a connection of its own."""
    other = Database(f"sqlite:///{folder / 'peer.sqlite'}" if db.is_sqlite else db.url)
    connection = other.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    if not other.is_sqlite:
        driver.autocommit = True  # as SQLite's is already
        assert driver.execute("SHOW fsync").fetchone() == ("on",), "the peer must be durable too"
    number, blob, mark = ("integer", "blob", "?") if other.is_sqlite else ("bigint", "bytea", "%s")
    columns = f"number {number} PRIMARY KEY, body {blob}, leaf {blob}, digest text UNIQUE, at text"
    driver.execute(f"CREATE TABLE peer ({columns})")
    statement, numbers = f"INSERT INTO peer VALUES ({mark}, {mark}, {mark}, {mark}, {mark})", count()  # noqa: S608

    def commit() -> None:
        row = body()
        now = datetime.now(UTC).isoformat()
        driver.execute(statement, (next(numbers), row, leaf_hash(row), sha256(row).hexdigest(), now))

    yield commit
    connection.close()
    other.dispose()


def in_turns_of(rounds: int, *works: Call) -> list[float]:
    """Median seconds of each after one warm-up, measured in turns so that all meet the same machine."""
    for work in works:
        work()
    taken = [[seconds(work) for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def repeat(times: int, call: Call) -> None:
    for _ in range(times):
        call()


def in_threads(threads: int, times: int, call: Call) -> None:
    running = [threading.Thread(target=repeat, args=(times, call)) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


@dataclass(frozen=True, slots=True)
class BuiltLog:
    """A log of a known size, and earlier heads of it (size and root) to prove consistency with."""

    db: Database
    storage: DirectoryStorage
    log: LogService
    size: int
    heads: Sequence[tuple[int, bytes]]

    def prove_entries(self) -> None:
        for _ in range(PROOFS):
            self.log.receipt(CHOSEN.randrange(self.size))

    def prove_heads(self) -> None:
        newest = self.log.head()
        for size, root in self.heads:
            with self.db.read() as session:
                proof = consistency_proof(LogTiles(self.storage, session.connection()), size, self.size)
            verify_consistency(size, self.size, root, newest.root, proof)


CHOSEN = random.Random(5)  # noqa: S311  which entries are asked for is no secret


def proofs(report: Report, engine: str, server: Postgres, folder: Path, large: int) -> None:
    what = "10m" if large == LARGE else f"only_{large // 1000}k"
    with (
        database(engine, server, folder / f"{engine}-{SMALL}") as few,
        database(engine, server, folder / f"{engine}-{large}") as many,
    ):
        small = built(few, folder / f"{engine}-{SMALL}", SMALL)
        big = built(many, folder / f"{engine}-{large}", large)
        works = (small.prove_entries, big.prove_entries, small.prove_heads, big.prove_heads)
        one, other, one_head, other_head = in_turns_of(21, *works)
    milliseconds = [f"{1000 * wall / PROOFS:.2f} ms" for wall in (one, other, one_head, other_head)]
    print(f"# {engine}, inclusion and consistency: {milliseconds[::2]} at {SMALL:,}, {milliseconds[1::2]} at {large:,}")
    report.at_most(f"log_inclusion_proof_{engine}_from_{what}_vs_10k", other / one, 2)
    report.at_most(f"log_consistency_proof_{engine}_from_{what}_vs_10k", other_head / one_head, 2)


def built(db: Database, folder: Path, size: int) -> BuiltLog:
    """A log of `size` entries in the empty `db` and `folder`; says how long it took."""
    storage, began = HastyStorage(folder / "storage"), time.perf_counter()
    log = log_over(db, storage)
    add_rows(db, size)
    added = time.perf_counter()
    log.recover()
    ended = time.perf_counter()
    print(f"# {size:,} entries: rows {added - began:.0f} s, tiles and head {ended - added:.0f} s", flush=True)
    earlier = [CHOSEN.randrange(1, size) for _ in range(PROOFS)]
    with db.read() as session:
        tiles = LogTiles(storage, session.connection())
        heads = [(old, tree_root_from_tiles(tiles, old)) for old in earlier]
    return BuiltLog(db, storage, log, size, heads)


if __name__ == "__main__":
    main()
