# SPDX-License-Identifier: Apache-2.0
"""The log: appends against the database's own durable commits, proofs from a large log against those from a small one.

Both databases, both with fsync. A commit of the peer is one row of the same shape as a log entry's, through the
driver alone. Our append is what a service process does: entry and signed head durable in the database and in the
second home, and a proof that was verified. The large log is real: rows, tiles, bundles and head, made in bulk.
"""

import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_tools import keys_of
from postgres import start_postgres

from app.log.second_home import SecondHome
from app.log.service import LogService
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.migrate import upgrade
from app.platform.storage import DirectoryStorage
from benchmarks.big_log import fill
from benchmarks.ratio import Report, quick, seconds
from mcla.log.merkle import leaf_hash

ORIGIN = "log.example.org"
KEY = Ed25519PrivateKey.generate()
ENTRY_BYTES = 1500
"""About what the entry of a signature takes."""
SMALL = 10_000
Call = Callable[[], object]


def main() -> None:
    is_quick, report = quick(), Report()
    with tempfile.TemporaryDirectory(prefix="mcla-bench-") as name, start_postgres(durable=True) as server:
        folder = Path(name)
        with server.database() as postgres_url:
            for engine, url in (("sqlite", f"sqlite:///{folder / 'log.sqlite'}"), ("postgresql", postgres_url)):
                appends(report, engine, opened(url, folder / engine), folder, is_quick)
        proofs(report, folder, 100_000 if is_quick else 10_000_000)
    report.end()


def opened(url: str, folder: Path) -> tuple[Database, LogService]:
    db = Database(url)
    upgrade(db)
    log = LogService(db, DirectoryStorage(folder), SecondHome(folder / "log"), keys_of(KEY), ORIGIN, SystemClock())
    log.recover()
    return db, log


def appends(report: Report, engine: str, ours: tuple[Database, LogService], folder: Path, is_quick: bool) -> None:
    (db, log), rounds, each = ours, 5 if is_quick else 15, 40 if is_quick else 200

    def append() -> None:
        log.append([os.urandom(ENTRY_BYTES)])

    with peer(db, folder) as commit:
        committed, alone, together = in_turns_of(
            rounds,
            lambda: repeat(each, commit),
            lambda: repeat(each, append),
            lambda: in_threads(64, each // 8, append),
        )
    base, one, many = each / committed, each / alone, 64 * (each // 8) / together
    print(f"# {engine}, a second: {base:.0f} commits, {one:.0f} appends by 1 writer, {many:.0f} by 64 at once")
    report.at_least(f"log_append_1_writer_vs_{engine}_commits", one / base, 0.5)
    report.at_least(f"log_append_64_writers_vs_{engine}_commits", many / base, 3)
    log.wait_for_tiles()
    db.dispose()


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
        body = os.urandom(ENTRY_BYTES)
        now = datetime.now(UTC).isoformat()
        driver.execute(statement, (next(numbers), body, leaf_hash(body), sha256(body).hexdigest(), now))

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


def proofs(report: Report, folder: Path, large: int) -> None:
    logs = {size: filled(folder / str(size), size) for size in (SMALL, large)}
    chosen = random.Random(5)  # noqa: S311  which entries are asked for is no secret

    def some(size: int) -> Call:
        return lambda: repeat(50, lambda: logs[size].receipt(chosen.randrange(size)))

    small, big = in_turns_of(21, some(SMALL), some(large))
    print(f"# a proof: {small * 20:.2f} ms from {SMALL:,} entries, {big * 20:.2f} ms from {large:,}")
    what = "10m" if large == 10_000_000 else f"only_{large // 1000}k"
    report.at_most(f"log_proof_from_{what}_vs_10k", big / small, 2)


def filled(folder: Path, size: int) -> LogService:
    """A log of `size` entries."""
    began = time.perf_counter()
    folder.mkdir()
    url, storage = f"sqlite:///{folder / 'log.sqlite'}", folder / "storage"
    db, _ = opened(url, storage)
    fill(db, storage, size, KEY, ORIGIN)
    _, log = opened(url, storage)
    print(f"# built a log of {size:,} entries in {time.perf_counter() - began:.0f} s", flush=True)
    return log


if __name__ == "__main__":
    main()
