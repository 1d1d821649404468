# SPDX-License-Identifier: Apache-2.0
"""The storage port: named bytes outside the database (log tiles, checkpoints, records), and its directory adapter.

A write returns only when the bytes and the name are on disk: temporary file, write, fsync, rename (a link where
nothing may be there yet), fsync of the directory, with the directory's handle held open throughout, as otherwise an
I/O error can be lost.
"""

import os
import re
from pathlib import Path
from typing import Protocol

from mcla.errors import MclaError

_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


class StorageConflict(MclaError):
    """Other bytes already stand under a name that is written once."""

    code = "storage-conflict"
    status = 500
    hint = "Stop the service: two histories share this storage. Compare it with the database before going on."


class Storage(Protocol):
    """Named bytes. Names are relative slash paths of `[A-Za-z0-9_.-]` segments."""

    def read(self, name: str) -> bytes | None:
        """The bytes under `name`, or None."""
        ...

    def create(self, name: str, data: bytes) -> None:
        """Store durably, once: the same bytes again are accepted, others raise `StorageConflict`."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Store durably, atomically over what was there."""
        ...


class DirectoryStorage:
    """Storage in a directory of the local file system."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def create(self, name: str, data: bytes) -> None:
        there = self.read(name)
        if there is None and not self._put(name, data, over=False):
            there = self.read(name)  # another process was first
        if there is not None and there != data:
            raise StorageConflict(f"{name} is already stored with other bytes")

    def replace(self, name: str, data: bytes) -> None:
        self._put(name, data)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or ".." in name.split("/"):
            raise ValueError(f"not a storage name: {name!r}")
        return self.root / name

    def _put(self, name: str, data: bytes, *, over: bool = True) -> bool:
        """Store durably; whether it is there now, which without `over` it is only where nothing was."""
        path = self._path(name)
        make_directories(path.parent)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        temporary = path.parent / f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not over:
                os.link(temporary, path)  # fails where a file is, and a rename would take its place
                temporary.unlink()
            else:
                temporary.replace(path)
            os.fsync(directory)
        except FileExistsError:
            temporary.unlink(missing_ok=True)
            return False
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        finally:
            os.close(directory)
        return True


def make_directories(path: Path) -> None:
    """Create `path` and its parents, each made durable in its own parent."""
    if path.is_dir():
        return
    make_directories(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Force the names in a directory to disk."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
