# SPDX-License-Identifier: Apache-2.0
"""Reading a folder of large files: against `hashlib` in as many threads as cores, over the same files in the same run.

Where tensors are asked for, the peer makes the same digests (of each file and each tensor) from one read and does
nothing else: every byte passes SHA-256 twice on both sides.
"""

import hashlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.ratio import Report, best_in_turns, quick, speed_ratio
from mcla.artifacts.memory import Memory
from mcla.artifacts.scan import Measured, find_files, measure_found, scan

MEGABYTE = 1024 * 1024
SHARDS, TENSORS = 4, 16
CORES = os.cpu_count() or 1


def main() -> None:
    size, budget_s = (16, 15.0) if quick() else (128, 60.0)
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        folder.mkdir()
        files = [write_shard(folder / f"model-{number}.safetensors", number, size) for number in range(SHARDS)]
        pairs: list[tuple[str, Callable[[], object], Callable[[], object], float]] = [
            ("hash_folder_vs_hashlib_threads", lambda: scan([folder]), lambda: in_threads(file_digest, files), 0.95),
            (
                "tensors_and_digests_one_read_vs_hashlib_threads",
                lambda: read(folder),
                lambda: in_threads(both, files),
                0.9,
            ),
        ]
        for ratio, ours, peer, budget in pairs:
            report.at_least(ratio, speed_ratio(*best_in_turns(budget_s, ours, peer), CORES), budget)
        report.count_at_least("hash_folder_threads", threads_used(folder), min(CORES, SHARDS))
        report.at_most("unchanged_folder_bytes_read", bytes_read_again(folder, Path(name) / "memory.sqlite"), 0)
    report.end()


def write_shard(file: Path, number: int, megabytes: int) -> Path:
    """A safetensors file of `megabytes` MiB in TENSORS tensors."""
    each = megabytes * MEGABYTE // TENSORS
    entries = {
        f"layer.{number}.{n}": {"dtype": "U8", "shape": [each], "data_offsets": [n * each, (n + 1) * each]}
        for n in range(TENSORS)
    }
    header, block = json.dumps(entries).encode(), os.urandom(MEGABYTE)
    with file.open("wb") as handle:
        handle.write(len(header).to_bytes(8, "little") + header)
        for _ in range(megabytes):
            handle.write(block)
    return file


def read(path: Path) -> list[Measured]:
    """Digests and tensors of a file or folder, from one read."""
    return measure_found(find_files([path]), tensors=lambda _: True)


def threads_used(folder: Path) -> int:
    """How many threads hash the folder."""
    seen: set[int] = set()
    scan([folder], lambda _: seen.add(threading.get_ident()))
    return len(seen)


def in_threads(work: Callable[[Path], object], files: list[Path]) -> list[object]:
    """The limit: nothing but `hashlib` over the files, one thread a core, 1 MiB at a time into one buffer."""
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(work, files))


def file_digest(file: Path) -> str:
    digest, buffer = hashlib.sha256(), bytearray(MEGABYTE)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as handle:
        while count := handle.readinto(buffer):
            digest.update(view[:count])
    return digest.hexdigest()


def both(file: Path) -> tuple[str, list[str]]:
    """The digest of the file and one of each tensor, from one read; the header is trusted."""
    digest, tensors, buffer = hashlib.sha256(), [], bytearray(MEGABYTE)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as handle:
        first = handle.read(8)
        header = handle.read(int.from_bytes(first, "little"))
        digest.update(first + header)
        for entry in json.loads(header).values():
            left, tensor = entry["data_offsets"][1] - entry["data_offsets"][0], hashlib.sha256()
            while left:
                count = handle.readinto(view[: min(left, MEGABYTE)])
                digest.update(view[:count])
                tensor.update(view[:count])
                left -= count
            tensors.append(tensor.hexdigest())
    return digest.hexdigest(), tensors


def bytes_read_again(folder: Path, place: Path) -> int:
    """The sizes of the files that are opened when the folder, unchanged, is looked at for the second time."""
    opened: list[str] = []
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
    for _ in range(2):
        opened.clear()
        with Memory(place) as memory:
            measure_found(find_files([folder]), tensors=lambda _: True, memory=memory)
    return sum(Path(path).stat().st_size for path in opened if path.startswith(str(folder)))


if __name__ == "__main__":
    main()
