# SPDX-License-Identifier: Apache-2.0
"""Unchanged files are not read again, and no change goes unnoticed, not even with its times put back."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors_files import silero_file

from mcla.artifacts import measure as measuring
from mcla.artifacts.memory import COARSE_GRAIN_NS, FINE_GRAIN_NS, Memory
from mcla.artifacts.safetensors import is_safetensors
from mcla.artifacts.scan import Measured, find_files, measure_found

LATER = 10 * COARSE_GRAIN_NS


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that were opened to be read."""
    seen: list[str] = []
    real = measuring.read_pieces

    def counted(path: Any, *args: Any, **named: Any) -> Any:
        seen.append(Path(path).name)
        return real(path, *args, **named)

    monkeypatch.setattr(measuring, "read_pieces", counted)
    return seen


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    shutil.copy(silero_file(), folder / "model.safetensors")
    (folder / "notes.txt").write_text("notes")
    (folder / "empty").write_bytes(b"")
    (folder / "large.bin").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12\n")
    return folder


@pytest.fixture
def look(release: Path, tmp_path: Path) -> Callable[..., list[Measured]]:
    """`look()` measures the release, remembering; `later` is how long after the changes the run begins, in ns."""

    def measure(*, tensors: bool = True, later: int = LATER) -> list[Measured]:
        with Memory(tmp_path / "cache" / "files.sqlite", lambda: time.time_ns() + later) as memory:
            found = measure_found(
                find_files([release]), tensors=is_safetensors if tensors else lambda _: False, memory=memory
            )
        return sorted(found, key=lambda file: file.path)

    return measure


def next_tick(file: Path) -> None:
    """Wait until the file system's clock has moved on since `file` changed, so that a change can be told apart."""
    probe, before = file.parent.parent / "probe", file.stat().st_ctime_ns
    for _ in range(1000):
        probe.write_bytes(b"")
        os.utime(probe)
        if probe.stat().st_ctime_ns > before:
            return
        time.sleep(0.001)
    pytest.fail("the file system's clock stands still")


def test_the_second_look_reads_no_file_and_finds_the_same(look: Any, opened: list[str]) -> None:
    first = look()
    assert sorted(opened) == ["empty", "large.bin", "model.safetensors", "notes.txt"]
    opened.clear()
    assert look() == first
    assert opened == []
    assert next(file for file in first if file.path == "large.bin").content.pointer


def test_progress_counts_remembered_files_too(release: Path, look: Any, tmp_path: Path) -> None:
    look()
    seen: list[int] = []
    with Memory(tmp_path / "cache" / "files.sqlite") as memory:
        measure_found(find_files([release]), seen.append, tensors=is_safetensors, memory=memory)
    assert sum(seen) == sum(item.size for item in find_files([release]))


CHANGES: dict[str, Callable[[Path], object]] = {
    "same size": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "one byte": lambda file: file.write_bytes(file.read_bytes()[:-1] + b"\xff"),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
    "replaced": lambda file: (file.with_suffix(".new").write_bytes(bytes(9)), file.with_suffix(".new").replace(file)),
    "in place": lambda file: os.pwrite(handle := os.open(file, os.O_WRONLY), b"\xff", 100) and os.close(handle),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("times", ["new", "put back"])
def test_any_change_is_noticed(release: Path, look: Any, opened: list[str], change: str, times: str) -> None:
    file = release / "model.safetensors"
    before = look(), file.stat()
    next_tick(file)
    CHANGES[change](file)
    if times == "put back":
        os.utime(file, ns=(before[1].st_atime_ns, before[1].st_mtime_ns))
        assert file.stat().st_mtime_ns == before[1].st_mtime_ns
    opened.clear()
    after = look()
    assert opened == ["model.safetensors"]
    assert {file.path for file in after if file not in before[0]} == {"model.safetensors"}


@pytest.mark.parametrize("later", [0, FINE_GRAIN_NS // 2, -LATER])
def test_a_file_that_changed_just_before_or_after_the_run_began_is_not_remembered(
    look: Any, opened: list[str], later: int
) -> None:
    first = look(later=later)
    opened.clear()
    assert look(later=later) == first
    assert len(opened) == 4


def test_tensors_are_read_for_if_the_file_was_hashed_only(look: Any, opened: list[str]) -> None:
    hashed = look(tensors=False)
    opened.clear()
    whole = look()
    assert "model.safetensors" in opened
    assert [file.content.sha256 for file in whole] == [file.content.sha256 for file in hashed]
    opened.clear()
    assert look(tensors=False) == hashed
    assert look() == whole
    assert opened == []


def test_a_file_that_is_no_safetensors_is_asked_anew_because_the_next_version_may_read_it(
    release: Path, look: Any, opened: list[str]
) -> None:
    shutil.copy(release / "notes.txt", release / "model.safetensors")
    first, again = look(), look()
    assert opened.count("model.safetensors") == 2
    assert opened.count("notes.txt") == 1
    assert [file.content.sha256 for file in first] == [file.content.sha256 for file in again]


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    file = release / "notes.txt"
    with Memory(tmp_path / "cache" / "files.sqlite", lambda: time.time_ns() + LATER) as memory:
        content, state = measuring.measure(file, 5)
        next_tick(file)
        file.write_text("other")
        memory.keep(file, state, content)
        file.write_text("notes")
    with Memory(tmp_path / "cache" / "files.sqlite") as memory:
        assert memory.recall(file, tensors=False) is None


def broken(place: Path) -> None:
    place.write_bytes(b"no database" * 100)


def of_another_format(place: Path) -> None:
    with sqlite3.connect(place) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def with_rubbish(place: Path) -> None:
    with sqlite3.connect(place) as database:
        for number, text in enumerate(['{"sha256":"x"}', "[]", "\x00", '{"sha256":"' + "0" * 64 + '","size":"y"}']):
            database.execute("UPDATE file SET content = ? WHERE rowid = ?", (text, number + 1))
    database.close()


@pytest.mark.parametrize("damage", [broken, of_another_format, with_rubbish])
def test_a_damaged_memory_forgets_and_does_not_fail(look: Any, opened: list[str], tmp_path: Path, damage: Any) -> None:
    first = look()
    opened.clear()
    damage(tmp_path / "cache" / "files.sqlite")
    assert look() == first
    assert len(opened) == 4
    look()
    opened.clear()
    assert look() == first
    assert opened == []


def test_a_folder_that_others_may_write_to_is_no_memory(look: Any, opened: list[str], tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    look()
    opened.clear()
    look()
    assert len(opened) == 4
    assert not (tmp_path / "cache" / "files.sqlite").exists()


def test_a_memory_that_cannot_be_made_is_gone_without(release: Path, opened: list[str]) -> None:
    with Memory(release / "notes.txt" / "cache" / "files.sqlite") as memory:
        assert len(measure_found(find_files([release]), memory=memory)) == 4
