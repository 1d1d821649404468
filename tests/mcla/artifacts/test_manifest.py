# SPDX-License-Identifier: Apache-2.0
"""A manifest has one order, one text and one root, and refuses files that collide."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import inclusion_proof

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.lfs import LfsPointer, parse_pointer
from mcla.artifacts.manifest import MAX_FILES, Manifest, ManifestEntry, ManifestInvalid, parse_manifest
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash, verify_inclusion

HEX = sha256_hex(b"")


def entry(path: str, size: int = 0) -> ManifestEntry:
    return ManifestEntry(path, HEX, size)


def test_the_root_is_the_merkle_root_over_the_canonical_entries_in_byte_order() -> None:
    manifest = Manifest.of([entry("b"), entry("a/x"), entry("a-b/x", 7)])
    assert [item.path for item in manifest.files] == ["a-b/x", "a/x", "b"]
    leaves = [leaf_hash(rfc8785.dumps(item.to_dict())) for item in manifest.files]
    for index, leaf in enumerate(leaves):
        verify_inclusion(index, 3, leaf, inclusion_proof(leaves, index), bytes.fromhex(manifest.root))


def test_the_root_does_not_depend_on_the_order_given_but_on_every_field() -> None:
    base = Manifest.of([entry("a"), entry("b", 1)])
    assert Manifest.of([entry("b", 1), entry("a")]).root == base.root
    others = [
        Manifest.of([entry("a"), entry("c", 1)]),
        Manifest.of([entry("a"), entry("b", 2)]),
        Manifest.of([entry("a"), ManifestEntry("b", sha256_hex(b"x"), 1)]),
        Manifest.of([entry("a")]),
    ]
    assert base.root not in {other.root for other in others}


@given(st.dictionaries(st.text("abcdé/\U0001f600\ue000 .", min_size=1, max_size=8), st.integers(0, 2**40), min_size=1))
def test_text_and_root_survive_a_round_trip(files: dict[str, int]) -> None:
    try:
        manifest = Manifest.of(entry(path, size) for path, size in files.items())
    except MclaError:
        return
    data = manifest.to_bytes()
    assert data == rfc8785.dumps(manifest.to_dict())
    assert parse_manifest(data) == manifest
    assert parse_manifest(data).root == manifest.root


@pytest.mark.parametrize(
    "paths",
    [
        ["a", "a"], ["a", "A"], ["straße", "STRASSE"], ["\u00e9", "e\u0301"], ["d/x", "D/X"], ["\u212b", "\u00c5"],
        ["a", "a/b"], ["A", "a/b/c"], ["a/b", "a/b/c"], [],
    ],
)  # fmt: skip
def test_doubles_and_files_that_collide_on_common_file_systems_are_refused(paths: list[str]) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        Manifest.of(entry(path) for path in paths)
    assert caught.value.hint


@pytest.mark.parametrize("size", [-1, 2**53, 1.0, True, "1", None])
def test_a_size_that_is_no_whole_number_of_bytes_is_refused(size: Any) -> None:
    with pytest.raises(ManifestInvalid):
        ManifestEntry("a", HEX, size)


def test_the_bytes_of_all_files_together_stay_countable() -> None:
    with pytest.raises(ManifestInvalid, match="together"):
        Manifest.of([entry("a", 2**53 - 1), entry("b", 1)])


def test_10_000_files_are_one_manifest_and_100_001_are_none() -> None:
    started = time.monotonic()
    entries = [entry(f"d{number % 97}/f{number}", number) for number in range(MAX_FILES + 1)]
    assert len(Manifest.of(entries[:10_000]).root) == 64
    with pytest.raises(ManifestInvalid, match="100001"):
        Manifest.of(entries)
    assert len(parse_manifest(Manifest.of(entries[:10_000]).to_bytes()).files) == 10_000
    assert len(Manifest.of(entries[:MAX_FILES]).files) == MAX_FILES
    assert time.monotonic() - started < 60


GOOD: dict[str, Any] = {
    "files": [{"path": "a", "sha256": HEX, "size": 1}, {"path": "b", "sha256": HEX, "size": 2}],
    "schema": "mcla.manifest/1",
}


@pytest.mark.parametrize(
    "value",
    [
        [], {}, None, "x", GOOD | {"schema": "mcla.manifest/2"}, GOOD | {"extra": 1}, {"files": []},
        GOOD | {"files": {}},
        GOOD | {"files": []}, GOOD | {"files": [3]}, GOOD | {"files": [{"path": "a"}]},
        GOOD | {"files": GOOD["files"][::-1]},
        GOOD | {"files": [{"path": "a", "sha256": HEX, "size": 1, "mode": 7}]},
        GOOD | {"files": [{"path": "../a", "sha256": HEX, "size": 1}]},
        GOOD | {"files": [{"path": "a", "sha256": HEX[:-1], "size": 1}]},
        GOOD | {"files": [{"path": "a", "sha256": HEX, "size": "1"}]},
        GOOD | {"files": [{"path": 1, "sha256": HEX, "size": 1}]},
        GOOD | {"files": [{"path": "a", "sha256": None, "size": 1}]},
        GOOD | {"files": [GOOD["files"][0]] * 2},
    ],
)  # fmt: skip
def test_a_file_that_is_no_manifest_is_refused(value: Any) -> None:
    with pytest.raises(MclaError):
        parse_manifest(rfc8785.dumps(value))


def test_a_manifest_in_another_spelling_is_refused() -> None:
    assert parse_manifest(rfc8785.dumps(GOOD)).total_bytes == 3
    for text in (json.dumps(GOOD), json.dumps(GOOD, indent=1), rfc8785.dumps(GOOD).decode() + "\n"):
        with pytest.raises(ManifestInvalid, match="canonical"):
            parse_manifest(text.encode())


@given(st.binary() | st.builds(lambda cut: rfc8785.dumps(GOOD)[:cut], st.integers(0, 200)))
def test_any_bytes_as_a_manifest_give_a_typed_answer(data: bytes) -> None:
    with suppress(MclaError):
        parse_manifest(data)


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{HEX}\nsize 1239748\n".encode()


def test_a_pointer_is_read_as_what_it_points_to() -> None:
    assert parse_pointer(POINTER) == LfsPointer(HEX, 1239748)


@pytest.mark.parametrize(
    "near_miss",
    [
        b"", POINTER[:-1], POINTER + b"\n", POINTER.replace(b"\n", b"\r\n"), POINTER.replace(b"sha256", b"sha1"),
        POINTER.replace(HEX.encode(), HEX.upper().encode()),
        POINTER.replace(b"1239748", b"01"), POINTER.replace(b"1239748", b"-1"),
        POINTER.replace(b"1239748", b"9007199254740992"), POINTER.replace(b"spec/v1", b"spec/v2"),
        b"\xef\xbb\xbf" + POINTER,
        POINTER.replace(b"size 1239748\n", b""), POINTER.replace(b"oid", b"ext-0-x sha256:1\noid"),
        POINTER + b" " * 1000,
        POINTER.replace(b"https", b"http"), b" " + POINTER, POINTER.replace(b"size ", b"size  "),
    ],
)  # fmt: skip
def test_a_near_miss_of_a_pointer_is_an_ordinary_file(near_miss: bytes) -> None:
    assert parse_pointer(near_miss) is None
