# SPDX-License-Identifier: Apache-2.0
"""Files named without their bytes: LFS pointers as Git has them, and saved hub listings that must agree."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from needs import needs

from mcla.artifacts.digest import DigestInvalid, sha256_hex
from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.jsontext import MAX_INT, JsonInvalid
from mcla.artifacts.lfs import LfsPointer, is_near_pointer, parse_pointer, pointer_blob_id, pointer_text
from mcla.artifacts.listing import ListingInvalid, ListingMismatch, parse_listing, read_beside, unnamed
from mcla.artifacts.manifest import MAX_FILES
from mcla.artifacts.paths import PathInvalid
from mcla.artifacts.scan import scan
from mcla.errors import MclaError

WEIGHTS = sha256_hex(b"weights")
SIZES = st.integers(0, MAX_INT)
DIGESTS = st.binary(max_size=8).map(sha256_hex)


def git(folder: Path, *args: str) -> str:
    command = [needs("git"), "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def large(path: str = "model.safetensors", sha256: str = WEIGHTS, size: int = 4_976_698_672, **changed: Any) -> Any:
    """An entry of a file in LFS, as the hub gives it."""
    pointer = {"oid": sha256, "size": size, "pointerSize": len(pointer_text(sha256, size))}
    entry = {"type": "file", "oid": pointer_blob_id(sha256, size), "size": size, "path": path, "lfs": pointer}
    return entry | {"xetHash": "c" * 64} | changed


def small(path: str = "config.json", content: bytes = b"{}", **changed: Any) -> Any:
    """An entry of a file that lies in Git itself."""
    return {"type": "file", "oid": blob_id(content), "size": len(content), "path": path} | changed


def lfs(**changed: Any) -> Any:
    """A large entry with members of its `lfs` changed."""
    return large(lfs=large()["lfs"] | changed)


def saved(*entries: Any) -> bytes:
    return json.dumps(list(entries)).encode()


def test_the_git_id_of_a_pointer_follows_from_digest_and_size_as_git_itself_says(tmp_path: Path) -> None:
    """A commit of a pointer binds the digest of bytes that are not there."""
    size = 5_368_709_120
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "model.safetensors").write_bytes(pointer_text(WEIGHTS, size))
    (tmp_path / "config.json").write_text("{}")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "pointers")
    tree = dict(line.split("\t")[::-1] for line in git(tmp_path, "ls-tree", "-r", "HEAD").splitlines())
    assert tree["shards/model.safetensors"].split()[2] == pointer_blob_id(WEIGHTS, size)
    assert tree["config.json"].split()[2] == blob_id(b"{}")
    (entry,) = scan([tmp_path / "shards"]).files
    assert (entry.sha256, entry.size) == (WEIGHTS, size)
    assert pointer_blob_id(entry.sha256, entry.size) != pointer_blob_id(entry.sha256, size + 1)


@given(DIGESTS, SIZES)
def test_a_pointer_is_read_back_and_no_other_text_is_one(sha256: str, size: int) -> None:
    text = pointer_text(sha256, size)
    assert parse_pointer(text) == LfsPointer(sha256, size)
    assert len(text) < 1024
    for other in (text + b"\n", text[:-1], text.replace(b"\n", b"\r\n"), text.upper(), b" " + text, text * 2):
        assert parse_pointer(other) is None


@given(st.binary(max_size=1100) | st.binary(max_size=90).map(lambda end: pointer_text(WEIGHTS, 7)[:-4] + end))
def test_any_bytes_are_a_pointer_in_its_one_form_or_none(data: bytes) -> None:
    found = parse_pointer(data)
    assert found is None or pointer_text(found.sha256, found.size) == data


@pytest.mark.parametrize("sha256", ["", "ab", "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_a_pointer_to_no_digest_cannot_be_written(sha256: str) -> None:
    with pytest.raises(DigestInvalid):
        pointer_text(sha256, 1)


def test_a_listing_names_large_files_by_sha_256_and_small_ones_by_their_git_id() -> None:
    card = small("README.md", b"# card", lastCommit={"id": "0" * 40, "title": "x"}, securityFileStatus={"status": "ok"})
    files = parse_listing(
        saved(large("a/model.safetensors"), {"type": "directory", "oid": "0" * 40, "path": "a"}, card)
    )
    assert [(file.path, file.size, file.sha256) for file in files] == [
        ("a/model.safetensors", 4_976_698_672, WEIGHTS),
        ("README.md", 6, None),
    ]


def test_a_file_without_digest_is_read_beside_the_listing_and_must_be_the_listed_one(tmp_path: Path) -> None:
    (listed,) = parse_listing(saved(small("README.md", b"# card")))
    assert "README.md" in unnamed((listed,)).message
    source = tmp_path / "README.md"
    source.write_bytes(b"# card")
    assert read_beside(listed, source) == sha256_hex(b"# card")
    for other in (b"# curd", b"# card\n", b""):
        source.write_bytes(other)
        with pytest.raises(ListingMismatch, match=r"README\.md as listed"):
            read_beside(listed, source)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", JsonInvalid), (b"[", JsonInvalid), (b"\xff", JsonInvalid), (b"[" * 100_000, JsonInvalid),
        (b"[]", ListingInvalid), (b"{}", ListingInvalid), (b"null", ListingInvalid), (b'"x"', ListingInvalid),
        (saved({"type": "directory", "path": "only"}), ListingInvalid), (saved(1), ListingInvalid),
        (saved([]), ListingInvalid), (saved({}), ListingInvalid), (saved(large(type="symlink")), ListingInvalid),
        (saved(large(type=None)), ListingInvalid), (saved(large(path=None)), PathInvalid),
        (saved(large("../up")), PathInvalid), (saved(large("/etc/passwd")), PathInvalid),
        (saved(large("a\0b")), PathInvalid), (saved(large("a/./b")), PathInvalid), (saved(large("a\\b")), PathInvalid),
        (saved({"type": "directory", "path": "../up"}, large()), PathInvalid), (saved(large("x" * 1025)), PathInvalid),
        (saved(large(size=-1)), ListingInvalid), (saved(large(size=2**53)), JsonInvalid),
        (saved(large(size=1.0)), JsonInvalid), (saved(large(size="7")), ListingInvalid),
        (saved(large(size=True)), ListingInvalid), (saved(large(size=None)), ListingInvalid),
        (saved(lfs(size=5)), ListingInvalid),
        (saved(lfs(size=None)), ListingInvalid),
        (saved(large(oid="0" * 40)), ListingInvalid), (saved(large(oid="0" * 64)), ListingInvalid),
        (saved(large(oid=None)), ListingInvalid), (saved(small(oid=blob_id(b"{}").upper())), ListingInvalid),
        (saved(lfs(oid="ab" * 32)), ListingInvalid), (saved(lfs(oid=WEIGHTS.upper())), ListingInvalid),
        (saved(lfs(oid=f"sha256:{WEIGHTS}")), ListingInvalid), (saved(lfs(oid=None)), ListingInvalid),
        (saved(lfs(pointerSize=133)), ListingInvalid), (saved(lfs(pointerSize="135")), ListingInvalid),
        (saved(lfs(more=1)), ListingInvalid), (saved(large(lfs={})), ListingInvalid),
        (saved(large(lfs=[])), ListingInvalid),
        (saved(large(xetHash="x")), ListingInvalid), (saved(large(xetHash=7)), ListingInvalid),
        (saved(large()).replace(b'"path"', b'"path": "other", "path"'), JsonInvalid),
    ],
)  # fmt: skip
def test_a_listing_that_contradicts_itself_or_names_strange_paths_is_refused(
    data: bytes, error: type[MclaError]
) -> None:
    with pytest.raises(error) as caught:
        parse_listing(data)
    assert caught.value.hint


@given(st.data())
def test_a_listing_with_any_member_replaced_is_the_same_or_refused(data: st.DataObject) -> None:
    entry, values = large(), st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.none())
    holder = data.draw(st.sampled_from([entry, entry["lfs"]]))
    key = data.draw(st.sampled_from(sorted(holder)))
    holder[key] = data.draw(values)
    try:
        (file,) = parse_listing(json.dumps([entry]).encode())
    except MclaError:
        return
    if file.sha256 is not None:
        assert pointer_blob_id(file.sha256, file.size) == file.blob


def test_a_listing_may_name_as_many_large_files_as_a_manifest_and_one_more_is_told_so() -> None:
    one = json.dumps(large("#"), separators=(",", ":"))
    text = "[" + ",".join(one.replace("#", f"shard-{number}") for number in range(MAX_FILES)) + "]"
    files = parse_listing(text.encode())
    assert (len(files), files[-1].path) == (MAX_FILES, f"shard-{MAX_FILES - 1}")
    more = b"[" + b",".join([b'{"type":"file"}'] * (MAX_FILES + 1)) + b"]"
    with pytest.raises(ListingInvalid, match="expected 1 to 100000 files, got 100001") as caught:
        parse_listing(more)
    assert "one by one" in caught.value.hint


EXTENDED = pointer_text(WEIGHTS, 7).replace(b"oid", b"ext-0-crypt sha256:" + b"a" * 64 + b"\noid")


@pytest.mark.parametrize(
    ("data", "near"),
    [
        (EXTENDED, True), (pointer_text(WEIGHTS, 7).replace(b"\n", b"\r\n"), True),
        (pointer_text(WEIGHTS, 7).replace(b"git-lfs", b"hawser"), True),
        (b"version http://git-media.io/v/2\noid sha256:00\nsize 1\n", True), (pointer_text(WEIGHTS, 7)[:-1], True),
        (pointer_text(WEIGHTS, 7), False), (b"", False), (b"version 2\noid 7\n", False),
        (b"See " + pointer_text(WEIGHTS, 7), False), (pointer_text(WEIGHTS, 7) + b" " * 1024, True),
        (pointer_text(WEIGHTS, 7).ljust(1024) + b"whatever", True),
        ("\u2028\xa0".encode() + pointer_text(WEIGHTS, 7), True),
        (b"version https://git-lfs.github.com/spec/v1 is the format.\n", False),
    ],
)  # fmt: skip
def test_what_reads_like_a_pointer_and_is_none_is_told_apart(data: bytes, near: bool) -> None:
    assert is_near_pointer(data) is near


@given(st.binary(max_size=200))
def test_any_bytes_as_a_listing_give_a_typed_answer(data: bytes) -> None:
    for text in (data, b"[" + data + b"]", b'[{"type":"file","path":"a",' + data + b"}]"):
        with pytest.raises(MclaError):
            parse_listing(text)
