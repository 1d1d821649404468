# SPDX-License-Identifier: Apache-2.0
"""Tile names, entry bundles, and proofs from tiles, against a real log's tiles and a naive reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_tree import Tiles, consistency, leaf, path, root
from needs import shared

from mcla.log.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from mcla.log.tiles import (
    TileInvalid,
    TileName,
    consistency_proof,
    decode_bundle,
    encode_bundle,
    inclusion_proof,
    parse_tile_path,
    split_tile,
    tile_path,
    tiles_between,
    tree_root_from_tiles,
    width_at,
)

NAMES = st.builds(TileName, st.none() | st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 0, 1), "tile/0/000.p/1"),
        (TileName(1, 999, 255), "tile/1/999.p/255"),
        (TileName(0, 1000), "tile/0/x001/000"),
        (TileName(0, 1_234_067), "tile/0/x001/x234/067"),
        (TileName(63, 1_000_000), "tile/63/x001/x000/000"),
        (TileName(None, 1_234_067, 8), "tile/entries/x001/x234/067.p/8"),
        (TileName(0, 2**63 - 1), "tile/0/x009/x223/x372/x036/x854/x775/807"),
    ],
)
def test_tiles_are_named_as_go_names_them(name: TileName, spelled: str) -> None:
    assert name.path == spelled
    assert parse_tile_path(spelled) == name


@given(NAMES)
def test_every_name_reads_back_from_its_spelling(name: TileName) -> None:
    assert parse_tile_path(name.path) == name


BENT_PATHS = """
tile tile/0 tile/0/ /tile/0/000 tile/0/000/ tile/00/000 tile/01/000 tile/64/000 tile/-1/000 tile/x/000 tile/Entries/000
tile/0/0 tile/0/00 tile/0/0000 tile/0/1234067 tile/0/x000/000 tile/0/x000/x001/000 tile/0/001/234 tile/0/x001 tile/0/+01
tile/0/X001/000 tile/0/000.p tile/0/000.p/ tile/0/000.p/0 tile/0/000.p/01 tile/0/000.p/256 tile/0/000.p/999 tile/0/0_0
tile/0/000.p/-1 tile/0/000.P/1 tile/0/000.p/1/ tile/0/٠٠٠ tile/0/../0/000 tile/0/..%2f000 tile//0/000 tile/0//000
tile/0/x009/x223/x372/x036/x854/x775/808 checkpoint
"""


@pytest.mark.parametrize(
    "path",
    [*BENT_PATHS.split(), "", " tile/0/000", "tile/0/000\n", "tile/0/000.p/1 ", "tile/0/" + "x001/" * 50 + "000"],
)
def test_any_other_spelling_is_refused(path: str) -> None:
    with pytest.raises(TileInvalid):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257), (0, 2**63, 1)]
)
def test_a_tile_that_cannot_be_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(TileInvalid):
        tile_path(level, index, width)


def test_a_tree_of_70000_has_the_tiles_that_the_specification_lists() -> None:
    names = list(tiles_between(0, 70_000))
    assert sum(name.level == 0 and name.width == 256 for name in names) == 273
    partial = [name for name in names if name.width < 256]
    assert partial == [TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1)]
    assert len(names) == 273 + 1 + 3
    assert list(tiles_between(0, 256)) == [TileName(0, 0, 256), TileName(1, 0, 1)]


@given(st.integers(0, 300_000), st.integers(0, 2000))
def test_tiles_written_step_by_step_are_those_written_at_once(old: int, more: int) -> None:
    new = old + more
    for name in tiles_between(old, new):
        assert name.level is not None
        assert width_at(name.level, name.index, new) == name.width > width_at(name.level, name.index, old)
    full = {n for n in tiles_between(0, new) if n.width == 256}
    assert {n for n in tiles_between(0, old) if n.width == 256} | {
        n for n in tiles_between(old, new) if n.width == 256
    } == full


def test_a_real_logs_tiles_and_bundles_read_as_its_checkpoints_say() -> None:
    folder = shared("vectors", "tlog-tiles")

    class Folder:
        def read_tile(self, level: int, index: int, width: int) -> bytes:
            return (folder / tile_path(level, index, width)).read_bytes()

    for size in range(1, 16):
        lines = (folder / f"checkpoint.{size}").read_text().split("\n")
        top = tree_root_from_tiles(Folder(), size)
        entries = decode_bundle((folder / tile_path(None, 0, size)).read_bytes())
        assert [leaf_hash(entry) for entry in entries] == split_tile((folder / tile_path(0, 0, size)).read_bytes())
        assert root(entries).hex() == top.hex()
        assert encode_bundle(entries) == (folder / tile_path(None, 0, size)).read_bytes()
        assert int(lines[1]) == size
        for index in range(size):
            verify_inclusion(index, size, leaf_hash(entries[index]), inclusion_proof(Folder(), index, size), top)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 255, 256, 257, 511, 512, 513, 700])
def test_proofs_from_tiles_are_those_of_the_recursion(size: int) -> None:
    entries = [b"entry %d" % number for number in range(size)]
    tiles, top = Tiles(entries), root(entries)
    assert tree_root_from_tiles(tiles, size) == top
    for index in sorted({0, 1, size // 2, size - 2, size - 1, 255, 256} & set(range(size))):
        assert list(inclusion_proof(tiles, index, size)) == path(index, entries)
    for old in sorted({1, 2, size // 2, size - 1, size, 255, 256, 257} & set(range(1, size + 1))):
        assert list(consistency_proof(tiles, old, size)) == consistency(old, entries)


@pytest.fixture(scope="module")
def big() -> Tiles:
    return Tiles([b"%d" % number for number in range(70_000)])


@given(st.integers(1, 70_000), st.data())
@settings(max_examples=60, deadline=None)
def test_any_proof_in_a_log_of_three_tile_levels_verifies(big: Tiles, size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    top = tree_root_from_tiles(big, size)
    verify_inclusion(index, size, leaf(b"%d" % index), inclusion_proof(big, index, size), top)
    verify_consistency(old, size, tree_root_from_tiles(big, old), top, consistency_proof(big, old, size))


@pytest.mark.parametrize(("size", "most"), [(200, 1), (256, 2), (10_000, 4), (70_000, 6)])
def test_a_proof_reads_at_most_two_tiles_a_level_wherever_the_entry_lies(big: Tiles, size: int, most: int) -> None:
    for index in range(0, size, max(1, size // 97)):
        big.reads.clear()
        inclusion_proof(big, index, size)
        assert len(big.reads) <= most


def test_the_empty_tree_needs_no_tile() -> None:
    assert tree_root_from_tiles(Tiles([]), 0) == EMPTY_ROOT


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, 2**63)])
def test_no_inclusion_proof_is_made_for_an_entry_outside(index: int, size: int) -> None:
    with pytest.raises(TileInvalid):
        inclusion_proof(Tiles([b"a"] * 5), index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_no_consistency_proof_is_made_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(TileInvalid):
        consistency_proof(Tiles([b"a"] * 5), old, new)


@pytest.mark.parametrize("data", [b"", b"a" * 31, b"a" * 33, b"a" * 32 * 257])
def test_a_tile_that_is_not_whole_hashes_is_refused(data: bytes) -> None:
    with pytest.raises(TileInvalid):
        split_tile(data)


def test_a_reader_that_answers_a_shorter_tile_is_caught() -> None:
    class Short(Tiles):
        def read_tile(self, level: int, index: int, width: int) -> bytes:
            return super().read_tile(level, index, width)[:-32]

    with pytest.raises(TileInvalid, match="are needed"):
        tree_root_from_tiles(Short([b"a"] * 5), 5)


pieces = st.sampled_from(["tile", "/", "0", "63", "64", "x001", "000", ".p", "256", "1", "entries", "..", "%00", "٣"])


@given(st.one_of(st.text(max_size=80), st.lists(pieces, max_size=9).map("".join)))
def test_any_text_is_the_one_spelling_of_a_tile_or_refused_with_our_own_error(text: str) -> None:
    try:
        name = parse_tile_path(text)
    except TileInvalid:
        return
    assert name.path == text


@given(st.binary(max_size=400))
def test_any_bytes_are_a_bundle_or_a_tile_or_refused_with_our_own_error(data: bytes) -> None:
    for read, written in ((decode_bundle, encode_bundle), (split_tile, b"".join)):
        try:
            assert written(read(data)) == data
        except TileInvalid:
            continue


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


def test_the_longest_entry_fits_a_bundle_and_one_byte_more_does_not() -> None:
    assert decode_bundle(encode_bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(TileInvalid, match="65536"):
        encode_bundle([b"x" * 65_536])


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\xff\xff", b"\x00\x00" * 257])
def test_a_cut_empty_or_overlong_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(TileInvalid):
        decode_bundle(data)


def test_a_bundle_of_none_or_of_257_entries_is_not_made() -> None:
    for count in (0, 257):
        with pytest.raises(TileInvalid):
            encode_bundle([b""] * count)
