# SPDX-License-Identifier: Apache-2.0
"""A file system of its own that is soon full, where root may mount one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class MountRefused(Exception):
    """This machine lets nobody mount, not even root."""


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system in memory, where a database server may reach it too; raises `MountRefused`."""
    with tempfile.TemporaryDirectory(prefix="mcla-small-", dir="/tmp") as folder:
        place, options = Path(folder) / "small", f"size={megabytes}m,mode=755"
        place.parent.chmod(0o755)
        place.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True
        )
        if mounted.returncode:
            raise MountRefused(f"needs to mount a tmpfs ({mounted.stderr.strip()})")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)


def fill_up(place: Path, leave: int) -> Path:
    """Take all space but `leave` bytes, with one file; deleting it makes room again."""
    ballast = place / "ballast"
    free = os.statvfs(place)
    ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - leave)))
    return ballast
