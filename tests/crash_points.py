# SPDX-License-Identifier: Apache-2.0
"""Campaigns against the log: kill it at the n-th system call of a kind, or while two processes append, and count.

What is counted should never happen: an acknowledged entry lost or moved, a restart that needs a person, a head of
another history, an entry twice or an index without one.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from log_tools import bodies, check_one_history, downloaded, log_over, opened
from sqlalchemy import select, update
from strace_tools import ROOT, Ended, Nursery

from app.log.models import LogEntry
from app.log.service import LogService
from app.platform.db import Database
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash, verify_inclusion

SEED = 254
"""Entries before a campaign: the next ones cross the end of the first tile."""
FILE_CALLS = ("pwrite64", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "mkdir")
HEAD_CALLS = ("pwrite64", "fdatasync")
"""Those on the second home's files, which another thread makes than the commit."""
SOCKET_CALLS = (
    "sendto",
    "recvfrom",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
)


@dataclass
class Count:
    """What a campaign found."""

    points: int = 0
    lost: int = 0
    stuck: int = 0
    forks: int = 0
    gaps: int = 0
    said: list[str] = field(default_factory=list)
    """One line for each fault, with the point at which it came up."""

    def fault(self, kind: str, point: str, what: object) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        self.said.append(f"{kind} at {point}: {what}")


def examine(count: Count, point: str, log: LogService, told: Sequence[dict[str, Any]], wanted: Sequence[bytes]) -> None:
    """Restart as a service does, and look for what was told; then a retry of everything answers the same indices."""
    try:
        log.recover()
        entries = downloaded(log)
        retried = [receipt.index for receipt in log.append(wanted)]
        later = downloaded(log)
        if log.audit() != len(later):
            count.fault("gaps", point, "the audit counts another number of entries")
    except (MclaError, AssertionError) as error:
        return count.fault("stuck", point, error)
    if later[: len(entries)] != entries or len(set(later)) != len(later):
        count.fault("gaps", point, "an entry was replaced or logged twice")
    if [later[index] for index in retried] != list(wanted):
        count.fault("gaps", point, "a retry answered the index of another entry")
    for one in told:
        for body, index, proof in zip(one["bodies"], one["indices"], one["proofs"], strict=True):
            _look_for(count, point, entries, body.encode(), index, proof, one["checkpoint"])
    try:
        check_one_history(later, [one["checkpoint"] for one in told])
    except AssertionError as error:
        count.fault("forks", point, error)
    return None


def _look_for(
    count: Count, point: str, entries: Sequence[bytes], body: bytes, index: int, proof: Sequence[str], note: str
) -> None:
    head = opened(note)
    try:
        verify_inclusion(index, head.size, leaf_hash(body), [bytes.fromhex(step) for step in proof], head.root)
    except MclaError as error:
        count.fault("lost", point, error)
    if index >= len(entries) or entries[index] != body:
        count.fault("lost", point, f"entry {index} was acknowledged and is not there")


def kill_on_sqlite(
    nursery: Nursery,
    folder: Path,
    template: bytes,
    batches: Sequence[Sequence[str]],
    *,
    every: int = 1,
    at_once: bool = False,
) -> Count:
    """A kill at every so manieth file call of `batches`, each on a fresh copy of a log that is about to fill a tile."""
    seed, count = folder / "seed", Count()
    seed.mkdir()
    (seed / "log.sqlite").write_bytes(template)
    with _log_in(f"sqlite:///{seed / 'log.sqlite'}", seed) as log:
        log.append(bodies(SEED))
    place = folder / "place"
    for call, only in [*((call, []) for call in FILE_CALLS), *((call, heads(place)) for call in HEAD_CALLS)]:
        for number in range(1, 10_000, every):
            shutil.copytree(seed, place)
            url = f"sqlite:///{place / 'log.sqlite'}"
            fault = f"{call}:signal=KILL:when={number}"
            ended = nursery.run(url, place, batches, fault, at_once=at_once, only=only)
            with _log_in(url, place) as log:
                examine(count, f"{call} {number}", log, ended.told, _all(batches))
            shutil.rmtree(place)
            if not _counted(count, ended, batches):
                break
    return count


def kill_on_postgresql(
    nursery: Nursery,
    folder: Path,
    url: str,
    batches: Sequence[Sequence[str]],
    *,
    every: int = 1,
    at_once: bool = False,
) -> Count:
    """A kill at every so manieth socket or file call of `batches`; the log grows from one point to the next."""
    count = Count()
    with _log_in(url, folder) as log:
        log.append(bodies(SEED - 20))
    for call in SOCKET_CALLS:
        for number in range(1, 10_000, every):
            mine = [[f"{call} {number} {body}" for body in batch] for batch in batches]
            ended = nursery.run(url, folder, mine, f"{call}:signal=KILL:when={number}", at_once=at_once)
            with _log_in(url, folder) as log:
                examine(count, f"{call} {number}", log, ended.told, _all(mine))
            if not _counted(count, ended, batches):
                break
    return count


def heads(home: Path) -> list[Path]:
    """The second home's files that are forced to disk."""
    return [home / "log/head.0", home / "log/head.1"]


def _counted(count: Count, ended: Ended, batches: Sequence[Sequence[str]]) -> bool:
    """Whether the child was killed, which counts as a point; one that was not must have done its work."""
    assert ended.killed or (ended.status == 0 and len(ended.told) == len(batches)), ended
    count.points += ended.killed
    return ended.killed


def _all(batches: Sequence[Sequence[str]]) -> list[bytes]:
    return [body.encode() for batch in batches for body in batch]


@contextmanager
def _log_in(url: str, home: Path) -> Iterator[LogService]:
    db = Database(url)
    log = log_over(db, home)
    yield log
    log.close()
    db.dispose()


def kill_whoever_sequences(url: str, home: Path, rounds: int) -> tuple[Count, list[float]]:
    """Two processes with eight writers each; the one that appended last is killed and started again, `rounds` times.

    Answers also the seconds after each kill until the other appended.
    """
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, ROOT / "tests/app/log/log_rivals.py", url, home, str(rounds)]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600)
    found, count = json.loads(done.stdout), Count(points=rounds)
    with _log_in(url, home) as log:
        examine(count, "two processes", log, found["told"], [b"after"])
    return count, found["seconds"]


def flip_bits(db: Database, home: Path, rounds: int, chosen: Random) -> tuple[int, int]:
    """Flip a bit of an entry, a hash, a tile or a bundle, `rounds` times: how many, and how many the audit named."""
    log = log_over(db, home)
    log.append(bodies(700))
    found = 0
    for _ in range(rounds):
        if chosen.random() < 0.5:
            found += _flip_in_database(db, log, chosen)
        else:
            found += _flip_in_storage(home, log, chosen)
    assert log.audit() == 700, "a flip was not undone"
    return rounds, found


def _flip_in_database(db: Database, log: LogService, chosen: Random) -> bool:
    index, column = chosen.randrange(700), chosen.choice([LogEntry.body, LogEntry.leaf_hash])
    with db.read() as session:
        good = session.scalars(select(column).where(LogEntry.index == index)).one()

    def put(value: bytes) -> None:
        with db.write() as session:
            session.execute(update(LogEntry).where(LogEntry.index == index).values({column: value}))

    put(_flipped(good, chosen))
    named = _audit_names(log, f"Entry {index} ")
    put(good)
    return named


def _flip_in_storage(home: Path, log: LogService, chosen: Random) -> bool:
    path = chosen.choice(sorted(found for found in (home / "log/tile").rglob("*") if found.is_file()))
    good = path.read_bytes()
    bad = _flipped(good, chosen)
    path.write_bytes(bad)
    at = next(at for at in range(len(good)) if good[at] != bad[at]) // 32
    is_bundle, tile = "entries" in path.parts, 0 if path.parent.name.endswith(".p") else int(path.name)
    named = _audit_names(log, f"entries/{path.name}" if is_bundle else f"Hash {tile * 256 + at} ")
    path.write_bytes(good)
    return named


def _flipped(data: bytes, chosen: Random) -> bytes:
    at = chosen.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chosen.randrange(8)]) + data[at + 1 :]


def _audit_names(log: LogService, what: str) -> bool:
    try:
        log.audit()
    except MclaError as error:
        return what in error.message
    return False
