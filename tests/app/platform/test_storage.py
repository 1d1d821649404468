# SPDX-License-Identifier: Apache-2.0
"""Storage in a directory: written once, atomically, and only under safe names."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from app.platform.storage import DirectoryStorage, StorageConflict


def test_what_was_created_is_read_back_and_may_be_created_again(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path / "new")
    storage.create("log/tile/0/000.p/3", b"abc")
    storage.create("log/tile/0/000.p/3", b"abc")
    assert storage.read("log/tile/0/000.p/3") == b"abc"


def test_other_bytes_under_a_name_that_is_written_once_are_refused(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    storage.create("a", b"one")
    with pytest.raises(StorageConflict):
        storage.create("a", b"two")
    assert storage.read("a") == b"one"


def test_of_two_that_create_one_name_at_once_one_is_refused_and_the_others_bytes_stay(tmp_path: Path) -> None:
    storage, gate = DirectoryStorage(tmp_path), threading.Barrier(2)

    def create(name: str, data: bytes) -> bytes | None:
        gate.wait(30)
        try:
            storage.create(name, data)
        except StorageConflict:
            return None
        return data

    with ThreadPoolExecutor(2) as pool:
        for number in range(100):
            kept = set(pool.map(partial(create, f"{number}"), [b"one", b"two"]))
            assert kept == {None, storage.read(f"{number}")}
    assert len(list(tmp_path.iterdir())) == 100  # and no temporary file


def test_replace_leaves_no_temporary_file(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    storage.replace("head", b"1")
    storage.replace("head", b"2")
    assert storage.read("head") == b"2"
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_a_failed_write_leaves_the_old_bytes_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = DirectoryStorage(tmp_path)
    storage.replace("head", b"1")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        storage.replace("head", b"2")
    assert storage.read("head") == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_what_is_not_there_reads_as_nothing(tmp_path: Path) -> None:
    assert DirectoryStorage(tmp_path).read("absent") is None


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a\0b", "a b", "ä", "a/", "." * 2])
def test_an_unsafe_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a storage name"):
        DirectoryStorage(tmp_path).read(name)
