# SPDX-License-Identifier: Apache-2.0
"""Hashing a folder of large files, against `hashlib` in as many threads as cores over the same files."""

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.ratio import Report, in_turns, quick
from mcla.artifacts.scan import scan

MEGABYTE = 1024 * 1024


def main() -> None:
    size, rounds = (64, 5) if quick() else (512, 7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        block = os.urandom(MEGABYTE)
        files = [folder / f"shard-{number}.safetensors" for number in range(4)]
        for file in files:
            with file.open("wb") as handle:
                for _ in range(size):
                    handle.write(block)
        ours, peer = in_turns(rounds, lambda: scan([folder]), lambda: hashlib_threads(files))
    report = Report()
    report.at_least("hash_folder_vs_hashlib_threads", peer / ours, 0.95)
    report.end()


def hashlib_threads(files: list[Path]) -> list[str]:
    """The limit: nothing but `hashlib` over the files, one thread a core, 1 MiB at a time into one buffer."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(hashlib_file, files))


def hashlib_file(file: Path) -> str:
    digest, buffer = hashlib.sha256(), bytearray(MEGABYTE)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as handle:
        while count := handle.readinto(buffer):
            digest.update(view[:count])
    return digest.hexdigest()


if __name__ == "__main__":
    main()
