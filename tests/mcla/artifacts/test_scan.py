# SPDX-License-Identifier: Apache-2.0
"""Files and folders become manifests: every file counts, nothing leads out of the folder, memory stays constant."""

import hashlib
import importlib.util
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import ManifestInvalid
from mcla.artifacts.paths import PathInvalid
from mcla.artifacts.reading import FileUnreadable
from mcla.artifacts.scan import find_files, scan


def silero() -> Path:
    """The folder of the silero-vad wheel: real weights, code and notes. Found, not imported: importing needs torch."""
    spec = importlib.util.find_spec("silero_vad")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def test_a_real_folder_of_weights_and_code_is_hashed_file_by_file() -> None:
    manifest = scan([silero()])
    expected = {
        str(path.relative_to(silero())): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in silero().rglob("*")
        if path.is_file()
    }
    assert {entry.path: entry.sha256 for entry in manifest.files} == expected
    assert "data/silero_vad_16k.safetensors" in expected


def test_a_single_file_keeps_its_own_name() -> None:
    weights = silero() / "data" / "silero_vad_16k.safetensors"
    (entry,) = scan([weights]).files
    assert (entry.path, entry.size) == ("silero_vad_16k.safetensors", 1_239_748)


def test_several_arguments_keep_the_names_of_their_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.txt").write_text(name)
    (tmp_path / "file").write_text("x")
    manifest = scan([tmp_path / "one", str(tmp_path / "two"), tmp_path / "file"])
    assert [entry.path for entry in manifest.files] == ["file", "one/same.txt", "two/same.txt"]


def test_hidden_files_count_and_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git" / "hooks").mkdir(parents=True)
    (tmp_path / ".git" / "hooks" / "post-checkout").write_text("planted")
    (tmp_path / "empty").write_bytes(b"")
    assert [entry.path for entry in scan([tmp_path]).files] == [".git/hooks/post-checkout", "empty"]
    with pytest.raises(ManifestInvalid):
        scan([tmp_path / "empty", tmp_path / "empty"])


def test_repositories_of_checkouts_at_any_depth_are_no_files_and_what_only_has_their_name_is(tmp_path: Path) -> None:
    top = tmp_path / "top"
    for place in (".git", "inner/.git", "kept/.git/deep/.git"):
        (top / place).mkdir(parents=True)
    for place in (".git/HEAD", ".git/hooks-secret", "inner/.git/HEAD", "kept/.git/deep/.git/HEAD", "kept/.git/note"):
        (top / place).write_text("ref: refs/heads/main\n")
    for place in ("tree", "bare.git", "text"):
        (top / place).mkdir()
    (top / "tree" / ".git").write_text("gitdir: /elsewhere/.git/worktrees/tree\n")
    (top / "text" / ".git").write_text("no gitdir: here\n")
    (top / "bare.git" / "HEAD").write_text("ref: refs/heads/main\n")
    (top / "linked").mkdir()
    (top / "linked" / ".git").symlink_to("../.git")
    expected = ["bare.git/HEAD", "kept/.git/note", "text/.git"]
    assert [entry.path for entry in scan([top]).files] == expected
    both = scan([top, top / ".git" / "HEAD"])
    assert [entry.path for entry in both.files] == ["HEAD", *(f"top/{each}" for each in expected)]
    assert [entry.path for entry in scan([top / ".git"]).files] == ["HEAD", "hooks-secret"]
    met: list[Path] = []
    every = {found.path for found in find_files([top], lambda entry: met.append(entry) is None)}
    assert every >= {".git/hooks-secret", "tree/.git", "kept/.git/deep/.git/HEAD", "linked/.git/HEAD"}
    assert len(met) == 5


def test_no_argument_and_a_folder_without_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for paths in ([], [tmp_path]):
        with pytest.raises(ManifestInvalid, match="got 0"):
            scan(paths)


def test_a_lfs_pointer_counts_as_the_file_it_stands_for(tmp_path: Path) -> None:
    digest = sha256_hex(b"weights")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 7\n"
    (tmp_path / "model.bin").write_text(pointer)
    (tmp_path / "near-miss").write_text(pointer + "\n")
    model, miss = scan([tmp_path]).files
    assert (model.sha256, model.size) == (digest, 7)
    assert miss.sha256 == sha256_hex((pointer + "\n").encode())
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert scan([tmp_path / "model.bin"]).files[0] == model


def test_links_inside_the_folder_are_followed_and_links_out_of_it_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "file").write_text("x")
    (folder / "link").symlink_to("sub/file")
    (folder / "again").symlink_to("sub", target_is_directory=True)
    assert [entry.path for entry in scan([folder]).files] == ["again/file", "link", "sub/file"]
    (tmp_path / "secret").write_text("s")
    for target in ("../secret", str(tmp_path / "secret"), "..", "/"):
        (folder / "out").symlink_to(target)
        with pytest.raises(FileUnreadable, match="leads out of the folder"):
            scan([folder])
        (folder / "out").unlink()


@pytest.mark.parametrize("target", [".", "..", "loop", "missing"])
def test_links_in_circles_and_into_nothing_are_refused_by_name(tmp_path: Path, target: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_text("x")
    (tmp_path / "deep" / "loop").symlink_to(target)
    with pytest.raises(FileUnreadable, match="loop"):
        scan([tmp_path])


def test_sockets_pipes_and_missing_files_are_refused_by_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a-pipe")
    with pytest.raises(FileUnreadable, match=r"pipe: .*a-pipe"):
        scan([tmp_path])
    (tmp_path / "a-pipe").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "a-socket"))
        with pytest.raises(FileUnreadable, match=r"socket: .*a-socket"):
            scan([tmp_path])
    with pytest.raises(FileUnreadable, match="device"):
        scan(["/dev/null"])
    with pytest.raises(FileUnreadable, match="nowhere"):
        scan([tmp_path / "nowhere"])
    with pytest.raises(FileUnreadable):
        scan(["bad\x00name"])


@pytest.fixture
def nobody() -> Iterator[None]:
    """Give up root's right to read everything for the length of a test."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("size", [10, 2000])
def test_an_unreadable_file_is_refused_by_name(size: int, nobody: None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.write_bytes(bytes(size))
        closed.chmod(0)
        with pytest.raises(FileUnreadable, match=r"closed: Permission denied"):
            scan([folder])


def test_an_unreadable_folder_is_refused_by_name(nobody: None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.mkdir(mode=0)
        with pytest.raises(FileUnreadable, match=r"closed: Permission denied"):
            scan([folder])


def test_a_name_that_is_not_utf_8_is_refused_and_shown_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff")).write_text("x")
    with pytest.raises(PathInvalid, match="UTF-8") as caught:
        scan([tmp_path])
    caught.value.message.encode()


def test_a_name_that_would_be_read_wrongly_is_refused(tmp_path: Path) -> None:
    (tmp_path / "back\\slash").write_text("x")
    with pytest.raises(PathInvalid, match="backslash"):
        scan([tmp_path])


def test_progress_is_reported_one_call_at_a_time_and_adds_up(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"f{number:02}").write_bytes(os.urandom(200_000 + number))
    busy, total = threading.Lock(), 0

    def on_bytes(count: int) -> None:
        nonlocal total
        assert busy.acquire(blocking=False), "two calls at once"
        total += count
        busy.release()

    manifest = scan([tmp_path], on_bytes, threads=4)
    assert total == manifest.total_bytes == sum(item.size for item in find_files([tmp_path]))
    assert manifest == scan([tmp_path], threads=1)
