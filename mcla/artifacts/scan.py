# SPDX-License-Identifier: Apache-2.0
"""Hash files and folders into a manifest, one file per thread, at the speed of the machine and in constant memory.

Nothing is left out silently: every file below a folder counts, hidden ones too, and what cannot be hashed (sockets,
devices, unreadable files, links out of the folder) stops the scan with its name. Only the repository in a Git checkout
(`.git`) is no part of a folder, unless it is asked for. A Git LFS pointer counts as the file it stands for.
"""

import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import shown_path
from mcla.artifacts.manifest import MAX_FILES, Manifest, ManifestEntry, ManifestInvalid
from mcla.artifacts.measure import Content, measure
from mcla.artifacts.memory import Memory
from mcla.artifacts.paths import check_path
from mcla.artifacts.reading import FileUnreadable
from mcla.artifacts.worktree import is_repository

_NOT_A_FILE = "only regular files can be hashed, this is a {kind}: {path}"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to hash: where it lies, the `path` it will have in the manifest, and its size on disk in bytes."""

    source: Path
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A file after it was read, or remembered: its `path` in the manifest and what it holds."""

    path: str
    content: Content

    @property
    def entry(self) -> ManifestEntry:
        return ManifestEntry(path=self.path, sha256=self.content.sha256, size=self.content.size)


@dataclass(frozen=True, slots=True)
class _Way:
    """How the files of one run are read."""

    report: Callable[[int], None] | None
    memory: Memory | None
    spare_core: bool


def scan(
    paths: Iterable[str | Path], on_bytes: Callable[[int], None] | None = None, threads: int | None = None
) -> Manifest:
    """Hash `paths` (files and folders) into a manifest.

    One folder alone: paths are relative to it. Otherwise each file or folder keeps its own name as first segment.
    `on_bytes(n)` is called, one call at a time, as bytes are hashed.
    Raises `FileUnreadable`, `PathInvalid`, `ManifestInvalid`.
    """
    return manifest_of(measure_found(find_files(paths), on_bytes, threads))


def measure_found(
    found: Iterable[Found],
    on_bytes: Callable[[int], None] | None = None,
    threads: int | None = None,
    *,
    tensors: Callable[[str], bool] = lambda _: False,
    memory: Memory | None = None,
) -> list[Measured]:
    """Read what `find_files` found, each file once; callers that show progress sum the sizes first.

    `tensors(path)` says which files to take for safetensors; a file that `memory` knows unchanged is not read.
    """
    # Largest first: the last thread then has the least left to do.
    work = sorted(found, key=lambda item: item.size, reverse=True)
    cores = threads or os.cpu_count() or 1
    way = _Way(_one_at_a_time(on_bytes), memory, spare_core=len(work) < cores)
    pool = ThreadPoolExecutor(max_workers=cores)

    def one(item: Found) -> Measured:
        return Measured(item.path, _content(item, way, tensors=tensors(item.path)))

    try:
        return list(pool.map(one, work))
    finally:
        pool.shutdown(cancel_futures=True)


def manifest_of(measured: Iterable[Measured]) -> Manifest:
    """The manifest of measured files; raises `ManifestInvalid`."""
    return Manifest.of([item.entry for item in measured])


def find_files(paths: Iterable[str | Path], on_repository: Callable[[Path], bool] = lambda _: False) -> list[Found]:
    """List the files of `paths` without reading them; raises like `scan`.

    `on_repository(entry)` says of the `.git` of each Git checkout below them whether it counts; by default none does.
    """
    given = [Path(path) for path in paths]
    found: list[Found] = []
    for path in given:
        for item in _walk(path, on_repository, alone=len(given) == 1):
            found.append(item)
            if len(found) > MAX_FILES:
                raise ManifestInvalid(f"expected at most {MAX_FILES} files, got more")
    return found


def _walk(given: Path, on_repository: Callable[[Path], bool], *, alone: bool) -> Iterator[Found]:
    try:
        root = given.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise FileUnreadable(f"cannot read {shown_path(given)}: {_reason(error)}") from error
    name = given.name if given.name not in ("", "..") else root.name
    if not root.is_dir():
        yield _found(root, root, name)
        return
    yield from _walk_folder(root, root, "" if alone else name + "/", (root,), on_repository)


def _walk_folder(
    root: Path, folder: Path, prefix: str, above: tuple[Path, ...], on_repository: Callable[[Path], bool]
) -> Iterator[Found]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        raise FileUnreadable(f"cannot read the folder {shown_path(folder)}: {_reason(error)}") from error
    for name in names:
        source = folder / name
        if is_repository(source) and not on_repository(source):
            continue
        real = _inside(root, source)
        if not real.is_dir():
            yield _found(source, real, prefix + name)
        elif real in above:
            raise FileUnreadable(f"a link leads back to a folder above it: {shown_path(source)}")
        else:
            yield from _walk_folder(root, source, f"{prefix}{name}/", (*above, real), on_repository)


def _inside(root: Path, source: Path) -> Path:
    return resolved_inside(root, source) if source.is_symlink() else source


def resolved_inside(root: Path, source: Path) -> Path:
    """Where `source` leads through all links; raises `FileUnreadable` if that is out of the resolved `root`."""
    try:
        real = source.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise FileUnreadable(f"cannot follow {shown_path(source)}: {_reason(error)}") from error
    if not real.is_relative_to(root):
        raise FileUnreadable(
            f"a link leads out of the folder: {shown_path(source)}",
            hint="Put a copy of the file in its place, or give the folder that holds both.",
        )
    return real


def _found(shown: Path, real: Path, path: str) -> Found:
    try:
        status = real.stat()
    except OSError as error:
        raise FileUnreadable(f"cannot read {shown_path(shown)}: {_reason(error)}") from error
    if not stat.S_ISREG(status.st_mode):
        raise FileUnreadable(_NOT_A_FILE.format(kind=_kind(status.st_mode), path=shown_path(shown)))
    return Found(source=real, path=check_path(path), size=status.st_size)


def _content(item: Found, way: _Way, *, tensors: bool) -> Content:
    known = way.memory.recall(item.source, tensors=tensors) if way.memory is not None else None
    if known is not None:
        if way.report is not None:
            way.report(item.size)
        return known
    content, state = measure(item.source, item.size, way.report, tensors=tensors, spare_core=way.spare_core)
    if way.memory is not None:
        way.memory.keep(item.source, state, content)
    return content


def _one_at_a_time(on_bytes: Callable[[int], None] | None) -> Callable[[int], None] | None:
    if on_bytes is None:
        return None
    lock, call = threading.Lock(), on_bytes

    def report(count: int) -> None:
        with lock:
            call(count)

    return report


def _kind(mode: int) -> str:
    kinds = {stat.S_IFSOCK: "socket", stat.S_IFIFO: "pipe", stat.S_IFBLK: "device", stat.S_IFCHR: "device"}
    return kinds.get(stat.S_IFMT(mode), "special file")


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
