# SPDX-License-Identifier: Apache-2.0
"""The second home of the log's signed head, outside the database: what makes a restored database noticed.

For each batch the head that was signed and the entries that the batch added are written here at the same time as the
database commits, and neither is told to anybody before both have succeeded. So whichever of the two a crash
leaves behind can be brought up from the other: entries that the database did not get are taken from here.

Two files are overwritten in turn and in place (`log/head.0`, `log/head.1`): one flush, no new names, and a write that
is cut off leaves the other file whole. `log/shown` holds the head that readers are given; it is not forced to disk,
since start-up writes it again.
"""

import base64
import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
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
        bodies = [base64.b64encode(body).decode() for body in self.bodies]
        return json.dumps({"note": self.note, "first": self.first, "tiled": self.tiled, "bodies": bodies}).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Staged":
        value = json.loads(data)
        bodies = tuple(base64.b64decode(body) for body in value["bodies"])
        return cls(value["note"], value["first"], bodies, value["tiled"])


class SecondHome:
    """One log's second home in a directory; every method but `shown` is called while `alone`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._slots = (folder / "head.0", folder / "head.1")
        self._shown = folder / "shown"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process writes here meanwhile, not even one whose database connection was lost.

        Raises `LogBusy` after `LOCK_WAIT` seconds. The lock ends with its holder.
        """
        make_directories(self._folder)
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _wait_for(lock)
            yield
        finally:
            os.close(lock)

    def staged(self) -> list[Staged]:
        """What is held, the shorter log first; a file that was cut off while it was written does not count."""
        found = [Staged.decode(data) for path in self._slots if (data := _read(path)) is not None]
        return sorted(found, key=lambda staged: staged.size)

    def mark(self) -> bytes:
        """Bytes that are others after anything has been staged."""
        return b"".join(_first_line(path) for path in self._slots)

    def stage(self, staged: Staged) -> None:
        """Store durably, over the older of the two; raises OSError."""
        older = min(self._slots, key=lambda path: _size_in(_first_line(path)))
        there = older.exists()
        _overwrite(older, staged.encode(), staged.size, durable=True)
        if not there:
            sync_directory(self._folder)

    def show(self, note: str) -> None:
        """Give readers `note` from now on."""
        _overwrite(self._shown, note.encode(), 0, durable=False)

    def shown(self) -> str | None:
        """The head that readers are given; None before the first, or after a power loss until the next start."""
        for _ in range(100):
            data = _read(self._shown)
            if data is not None:
                return data.decode()
            if not self._shown.exists():
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


def _overwrite(path: Path, data: bytes, size: int, *, durable: bool) -> None:
    whole = b"%020d %010d %s\n" % (size, len(data), sha256(data).hexdigest().encode()) + data
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if os.pwrite(file, whole, 0) != len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if durable:
            _flush(file)
    finally:
        os.close(file)


# Not every system has the call that leaves the times of a file unwritten.
_flush = getattr(os, "fdatasync", os.fsync)


def _read(path: Path) -> bytes | None:
    try:
        whole = path.read_bytes()
    except FileNotFoundError:
        return None
    found = re.match(rb"[0-9]{20} ([0-9]{10}) ([0-9a-f]{64})\n", whole)
    if not found:
        return None
    data = whole[_FIRST_LINE : _FIRST_LINE + int(found[1])]
    return data if sha256(data).hexdigest().encode() == found[2] else None


def _first_line(path: Path) -> bytes:
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
