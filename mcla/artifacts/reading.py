# SPDX-License-Identifier: Apache-2.0
"""Reading one regular file once, whole, in constant memory; a file that changed meanwhile is refused.

A digest of half-old bytes names nothing, so size and time of change are compared before and after.
"""

import hashlib
import itertools
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import shown_path
from mcla.errors import MclaError

CHUNK = 1024 * 1024


class FileUnreadable(MclaError):
    """A file cannot be hashed: it is missing, forbidden, no regular file, or changed meanwhile."""

    code = "file-unreadable"
    hint = "Check that the file exists, that you may read it, and that nothing writes to it; then try again."


@dataclass(frozen=True, slots=True)
class FileState:
    """What changes whenever a file's bytes do: which file it is, its size, its times of change in nanoseconds."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileState":
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read_pieces(
    path: str | Path,
    take: Callable[[memoryview], None],
    on_bytes: Callable[[int], None] | None = None,
    chunk: int = CHUNK,
    buffers: int = 1,
) -> FileState:
    """Give every piece of the file to `take`, in order; a piece is valid until `buffers` - 1 more were taken.

    `on_bytes(n)` is called after each piece of n bytes. Returns the state the file had before and after.
    Raises `FileUnreadable`, also when the file changed while it was read.
    """
    try:
        # O_NONBLOCK: a pipe put in the file's place must be refused, not waited for.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb", buffering=0) as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise FileUnreadable(f"expected a regular file, got something else: {shown_path(path)}")
            ring = itertools.cycle([memoryview(bytearray(chunk)) for _ in range(buffers)])
            size = 0
            while count := file.readinto(piece := next(ring)):
                take(piece[:count])
                size += count
                if on_bytes is not None:
                    on_bytes(count)
            after = os.fstat(handle)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileUnreadable(f"cannot read {shown_path(path)}: {reason}") from error
    if size != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise FileUnreadable(f"the file changed while it was read: {shown_path(path)}")
    return FileState.of(before)


def hash_file(path: str | Path, on_bytes: Callable[[int], None] | None = None) -> tuple[str, int]:
    """The SHA-256 (64 hex) and size in bytes of one file; `on_bytes` and errors as `read_pieces`."""
    digest = hashlib.sha256()
    state = read_pieces(path, digest.update, on_bytes)
    return digest.hexdigest(), state.size
