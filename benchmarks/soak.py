# SPDX-License-Identifier: Apache-2.0
"""A long campaign against the log on both databases: lines `COUNT <name> <value> <limit> ok|short`, 1 if one is short.

Kills at a thousand system calls, kills while 64 clients wait, kills of whichever process sequences, a bit flipped in
each of 200 places, and 10,000 races of two processes of one witness. `make test` runs the same on a tenth of the
points, and 60 races.
"""

import os
import sys
import tempfile
from pathlib import Path
from random import Random

from cosigning import LOG_VKEY
from crash_points import Count, flip_bits, kill_on_postgresql, kill_on_sqlite, kill_whoever_sequences
from postgres import start_postgres
from strace_tools import Nursery
from witness_races import races

from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.migrate import upgrade
from app.witness.home import WitnessHome
from benchmarks.ratio import Report

BATCHES = [[f"batch {number}"] for number in range(50)]
CLIENTS = [[f"client {number}"] for number in range(64)]
ROUNDS, FLIPS = 10, 100
RACES, HOMES = 100, 100


def main() -> None:
    total, report = Count(), Report()
    slowest, flipped, found, chosen = 0.0, 0, 0, Random(7)  # noqa: S311  the same places each time
    with tempfile.TemporaryDirectory(prefix="mcla-soak-", dir=memory()) as name, start_postgres() as server:
        folder = Path(name)
        template = migrated(folder / "template.sqlite")
        nursery = Nursery(folder / "pipes")
        add(total, kill_on_sqlite(nursery, new(folder), template, BATCHES))
        add(total, kill_on_sqlite(nursery, new(folder), template, CLIENTS, at_once=True))
        with server.database() as url:
            add(total, kill_on_postgresql(nursery, new(folder), url, BATCHES[:16]))
        with server.database() as url:
            add(total, kill_on_postgresql(nursery, new(folder), url, CLIENTS, every=2, at_once=True))
        nursery.close()
        with server.database() as first, server.database() as second:
            for rivals, flips in ((sqlite(folder, template), sqlite(folder, template)), (first, second)):
                count, seconds = kill_whoever_sequences(rivals, new(folder), ROUNDS)
                add(total, count)
                slowest = max(slowest, *seconds)
                tried, named = flip_bits(Database(flips), new(folder), FLIPS, chosen)
                flipped, found = flipped + tried, found + named
        lost = [told for number in range(HOMES) for told in races(witness(new(folder)), SystemClock(), RACES, chosen)]
    for line in (*total.said, *lost):
        print(f"# {line}", file=sys.stderr)
    report.count_at_least("crash_points", total.points, 1000)
    report.count_at_most("lost_acknowledged_entries", total.lost, 0)
    report.count_at_most("stuck", total.stuck, 0)
    report.count_at_most("forks", total.forks, 0)
    report.count_at_most("gaps", total.gaps, 0)
    report.count_at_most("seconds_until_another_process_goes_on", round(slowest, 2), 10)
    report.count_at_least("flipped_bits_found", found, flipped)
    report.count_at_least("witness_races", RACES * HOMES, 10_000)
    report.count_at_most("witness_races_that_went_wrong", len(lost), 0)
    report.end()


def memory() -> str | None:
    """A file system in memory where there is one: a killed process leaves the same there, and fsync costs nothing."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  the folder in it is private


def migrated(path: Path) -> bytes:
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return path.read_bytes()


def new(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


def sqlite(folder: Path, template: bytes) -> str:
    path = new(folder) / "log.sqlite"
    path.write_bytes(template)
    return f"sqlite:///{path}"


def witness(folder: Path) -> WitnessHome:
    """A witness of the log of the tests, which it has not seen yet."""
    home = WitnessHome(folder / "witness")
    home.create("witness.example/w1", "ed25519")
    home.add_log(LOG_VKEY.line)
    return home


def add(total: Count, found: Count) -> None:
    for name in ("points", "lost", "stuck", "forks", "gaps"):
        setattr(total, name, getattr(total, name) + getattr(found, name))
    total.said += found.said


if __name__ == "__main__":
    main()
