# SPDX-License-Identifier: Apache-2.0
"""What files held when they were last read, so that unchanged ones are not read again.

Known by device, inode, size, and both times of change in nanoseconds. The time of change of the inode cannot be set
by a program, so a file whose bytes changed is noticed even if its modification time was put back. A file that changed
within the grain of its file system's clock before it was read is not remembered: a second change in the same grain
would leave no trace (Git calls this "racily clean"). Whatever is odd about the memory itself makes it forget. ADR 11
says what must never rest on it: a verification.
"""

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from mcla.artifacts.digest import DigestInvalid, check_sha256
from mcla.artifacts.measure import Content
from mcla.artifacts.reading import FileState
from mcla.artifacts.safetensors import SafetensorsInvalid
from mcla.artifacts.tensors import Tensor

FORMAT = 1
MOST = 200_000
FINE_GRAIN_NS = 100_000_000
"""Where times have digits below a second: ten ticks of the slowest kernel clock."""
COARSE_GRAIN_NS = 2_100_000_000
"""Where they have none: FAT counts in steps of two seconds."""
_TABLE = "CREATE TABLE IF NOT EXISTS file (id TEXT PRIMARY KEY, state TEXT, content TEXT, kept INTEGER)"
_KEEP = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM file WHERE id NOT IN (SELECT id FROM file ORDER BY kept DESC LIMIT ?)"


class Memory:
    """A memory in the file `place`; a context manager that stores what was learnt on the way out. `now()` in ns."""

    def __init__(self, place: Path, now: Callable[[], int] = time.time_ns) -> None:
        self._place, self._began = place, now()
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._learnt: list[tuple[str, str, str, int]] = []

    def __enter__(self) -> "Memory":
        # Windows has no time of change that a program cannot set.
        if os.name == "posix":
            with contextlib.suppress(OSError, sqlite3.Error):
                self._database = _opened(self._place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._database is None:
            return
        # One short transaction at the end: runs beside this one must not wait for its gigabytes.
        with self._lock, contextlib.suppress(sqlite3.Error), self._database:
            self._database.executemany(_KEEP, self._learnt)
            if self._database.execute("SELECT count(*) FROM file").fetchone()[0] > MOST:
                self._database.execute(_FORGET, (MOST,))
        self._database.close()
        self._database = None

    def recall(self, path: Path, *, tensors: bool) -> Content | None:
        """What the file at `path` holds, if it is as it was when it was read; with its tensors if they are wanted."""
        state = _state(path)
        if self._database is None or state is None:
            return None
        with self._lock, contextlib.suppress(sqlite3.Error):
            query = "SELECT content FROM file WHERE id = ? AND state = ?"
            row = self._database.execute(query, (_id(state), _times(state))).fetchone()
            return _read(row[0], tensors=tensors) if row else None
        return None

    def keep(self, path: Path, state: FileState, content: Content) -> None:
        """Remember what the file held in the `state` before it was read, if that state proves anything."""
        told = isinstance(content.tensors, SafetensorsInvalid) or content.near_pointer  # again in each run
        if self._database is None or told or self._is_racy(state) or _state(path) != state:
            return
        with self._lock:
            self._learnt.append((_id(state), _times(state), _written(content), self._began))

    def _is_racy(self, state: FileState) -> bool:
        latest = max(state.modified_ns, state.changed_ns)
        grain = COARSE_GRAIN_NS if state.changed_ns % 1_000_000_000 == 0 else FINE_GRAIN_NS
        # Compared with the beginning of the whole run: later than it, and the file may still be changing.
        return not state.inode or not state.changed_ns or latest > self._began - grain


def default_place() -> Path | None:
    """The memory of this user: `mcla/files.sqlite` in the cache folder (XDG Base Directory), if there is one."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(given) if given.startswith("/") else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "mcla" / "files.sqlite"


def _opened(place: Path) -> sqlite3.Connection | None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = place.parent.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        return None  # somebody else could write digests into it
    database = sqlite3.connect(place, timeout=1, check_same_thread=False)
    try:
        if database.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            database.execute("DROP TABLE IF EXISTS file")
            database.execute(f"PRAGMA user_version = {FORMAT}")
        database.execute(_TABLE)
    except sqlite3.OperationalError:
        raise  # busy: another run has it
    except sqlite3.DatabaseError:
        database.close()
        place.unlink(missing_ok=True)  # no database any more; the next run begins anew
        raise
    return database


def _state(path: Path) -> FileState | None:
    try:
        return FileState.of(path.stat())
    except (OSError, ValueError):
        return None


def _id(state: FileState) -> str:
    return f"{state.device}:{state.inode}"


def _times(state: FileState) -> str:
    return f"{state.size}:{state.modified_ns}:{state.changed_ns}"


def _written(content: Content) -> str:
    value: dict[str, Any] = {"sha256": content.sha256, "size": content.size, "pointer": content.pointer}
    if isinstance(content.tensors, tuple):
        value["tensors"] = [[one.name, one.dtype, one.shape, one.size, one.sha256] for one in content.tensors]
    return json.dumps(value, separators=(",", ":"))


def _read(text: str, *, tensors: bool) -> Content | None:
    try:
        value = json.loads(text)
        sha256, size, pointer = check_sha256(value["sha256"]), int(value["size"]), value["pointer"] is True
        listed = value.get("tensors")
        if not tensors or pointer:
            return Content(sha256, size, pointer)
        if listed is None:
            return None
        known = tuple(Tensor(name, dtype, tuple(shape), held, digest) for name, dtype, shape, held, digest in listed)
        return Content(sha256, size, pointer, known)
    except (ValueError, KeyError, TypeError, DigestInvalid):
        return None
