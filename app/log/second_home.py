# SPDX-License-Identifier: Apache-2.0
"""The second home of the log's signed head, outside the database: what makes a restored database noticed.

For each batch the head that was signed and the entries that the batch added are written here at the same time as the
database commits, and neither is told to anybody before both have succeeded. So whichever of the two a crash
leaves behind can be brought up from the other: entries that the database did not get are taken from here.

Two files are overwritten in turn and in place (`log/head.0`, `log/head.1`): one flush, no new names, and a write that
is cut off leaves the other file whole. `log/shown` holds the head that readers are given; it is not forced to disk,
since start-up writes it again.
"""

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path

from app.log.errors import LogBusy
from app.platform.storage import make_directories, sync_directory

LOCK_WAIT = 15.0
"""Seconds to wait for another process to leave."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A signed head (`note`) and the entries that were added for it to the `first` ones before them."""

    note: str
    first: int
    bodies: tuple[bytes, ...]
    tiled: int
    """The tiles of so many entries are known to be stored."""

    @property
    def size(self) -> int:
        return self.first + len(self.bodies)

    def encode(self) -> bytes:
        """One line of JSON, and the bodies as they are, one after the other."""
        lengths = [len(body) for body in self.bodies]
        line = json.dumps({"note": self.note, "first": self.first, "tiled": self.tiled, "lengths": lengths})
        return b"\n".join((line.encode(), b"".join(self.bodies)))

    @classmethod
    def decode(cls, data: bytes) -> "Staged":
        line, _, rest = data.partition(b"\n")
        value = json.loads(line)
        ends = list(accumulate(value["lengths"], initial=0))
        bodies = tuple(rest[start:end] for start, end in pairwise(ends))
        return cls(value["note"], value["first"], bodies, value["tiled"])


class SecondHome:
    """One log's second home in a directory; every method but `shown` is called while `alone`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._slots = (str(folder / "head.0"), str(folder / "head.1"))
        self._shown = str(folder / "shown")
        self._lock = str(folder / "lock")
        self._lines: list[bytes] = []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process writes here meanwhile, not even one whose database connection was lost.

        Raises `LogBusy` after `LOCK_WAIT` seconds. The lock ends with its holder.
        """
        lock = self._open_lock()
        try:
            _wait_for(lock)
            self._lines = [_first_line(path) for path in self._slots]
            yield
        finally:
            os.close(lock)

    def _open_lock(self) -> int:
        with suppress(FileNotFoundError):
            return os.open(self._lock, os.O_RDWR)
        make_directories(self._folder)
        return os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)

    def staged(self) -> list[Staged]:
        """What is held, the shorter log first; a file that was cut off while it was written does not count."""
        found = [Staged.decode(data) for path in self._slots if (data := _read(path)) is not None]
        return sorted(found, key=lambda staged: staged.size)

    def mark(self) -> bytes:
        """Bytes that are others after anything has been staged."""
        return b"".join(self._lines)

    def stage(self, staged: Staged) -> None:
        """Store durably, over the older of the two; raises OSError."""
        older = min(range(len(self._slots)), key=lambda slot: _size_in(self._lines[slot]))
        line = _overwrite(self._slots[older], staged.encode(), staged.size, durable=True)
        if not self._lines[older]:
            sync_directory(self._folder)
        self._lines[older] = line

    def show(self, note: str) -> None:
        """Give readers `note` from now on."""
        _overwrite(self._shown, note.encode(), 0, durable=False)

    def shown(self) -> str | None:
        """The head that readers are given; None before the first, or after a power loss until the next start."""
        for _ in range(100):
            data = _read(self._shown)
            if data is not None:
                return data.decode()
            if not Path(self._shown).exists():
                return None
            time.sleep(0.001)  # it is being written
        return None


def _wait_for(lock: int) -> None:
    """Take the file lock, looking often at first: its holder usually leaves within a millisecond."""
    end, pause = time.monotonic() + LOCK_WAIT, 0.0001
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise LogBusy("Another process held the log's storage for too long.") from None
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


# A file is one line (size of the log, bytes that follow, their SHA-256) and those bytes; what comes after them is
# the rest of something longer that stood there before.
_FIRST_LINE = 20 + 1 + 10 + 1 + 64 + 1


def _overwrite(path: str, data: bytes, size: int, *, durable: bool) -> bytes:
    """Write `data` with a first line before it, which is answered."""
    line = b"%020d %010d %s\n" % (size, len(data), sha256(data).hexdigest().encode())
    whole = line + data
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if os.pwrite(file, whole, 0) != len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        if durable:
            _flush(file)
    finally:
        os.close(file)
    return line


# Not every system has the call that leaves the times of a file unwritten.
_flush = getattr(os, "fdatasync", os.fsync)


def _read(path: str) -> bytes | None:
    try:
        whole = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    found = re.match(rb"[0-9]{20} ([0-9]{10}) ([0-9a-f]{64})\n", whole)
    if not found:
        return None
    data = whole[_FIRST_LINE : _FIRST_LINE + int(found[1])]
    return data if sha256(data).hexdigest().encode() == found[2] else None


def _first_line(path: str) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return b""
    try:
        return os.pread(file, _FIRST_LINE, 0)
    finally:
        os.close(file)


def _size_in(first_line: bytes) -> int:
    return int(first_line[:20]) if first_line[:20].isdigit() else -1
