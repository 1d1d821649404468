# SPDX-License-Identifier: Apache-2.0
"""A whole log derived again: 200 flipped bits are found 200 times, each named by the entry that it concerns."""

import random

import naive_tree
import pytest
from cosigning import ORIGIN

from mcla.log.audit import LogDamaged, audit
from mcla.log.checkpoint import Checkpoint
from mcla.log.tiles import TileName, encode_bundle, tiles_between

SIZE = 66_000  # three levels: a full tile above full tiles, and partial ones at every edge
ENTRIES = [b"entry %d" % number for number in range(SIZE)]


class Copy:
    """Every file of a log, as somebody has copied it."""

    def __init__(self, size: int) -> None:
        tree = naive_tree.Tiles(ENTRIES[:size])
        self.files: dict[TileName, bytes] = {}
        for name in tiles_between(0, size):
            self.files[name] = tree.read_tile(name.level or 0, name.index, name.width)[: name.width * 32]
            if name.level == 0:
                bundle = ENTRIES[name.index * 256 : name.index * 256 + name.width]
                self.files[TileName(None, name.index, name.width)] = encode_bundle(bundle)
        self.head = Checkpoint(ORIGIN, size, naive_tree.root(ENTRIES[:size]))

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        return self.files[TileName(level, index, width)]

    def read_bundle(self, index: int, width: int) -> bytes:
        return self.files[TileName(None, index, width)]


@pytest.fixture(scope="module")
def copy() -> Copy:
    return Copy(SIZE)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 700])
def test_a_whole_log_of_any_size_is_found_whole(size: int) -> None:
    seen: list[int] = []
    whole = Copy(size)
    audit(whole, whole.head, seen.append)
    assert sum(seen) == size


def test_200_flipped_bits_are_all_found_and_named(copy: Copy) -> None:
    audit(copy, copy.head)
    dice = random.Random(200)  # noqa: S311  damage needs no secrets
    # Audits of a whole log cost a second each: so each damaged file is read in a log that ends behind it.
    copies = [Copy(size) for size in (300, 600, 1000)]
    for _ in range(200):
        small = dice.choice(copies)
        name = dice.choice(sorted(small.files, key=str))
        good = small.files[name]
        data, at = bytearray(good), dice.randrange(len(good))
        data[at] ^= 1 << dice.randrange(8)
        small.files[name] = bytes(data)
        with pytest.raises(LogDamaged) as caught:
            audit(small, small.head)
        small.files[name] = good
        span = 256 ** (name.level or 0)
        first = name.index * 256 * span
        assert first <= caught.value.index < first + name.width * span
        assert caught.value.message


@pytest.mark.parametrize("name", [TileName(2, 0, 1), TileName(1, 0), TileName(1, 1, 1), TileName(0, 257, 208)])
def test_damage_above_the_leaves_of_a_tall_tree_is_found(copy: Copy, name: TileName) -> None:
    whole = copy.files[name]
    copy.files[name] = whole[:-1] + bytes([whole[-1] ^ 1])
    try:
        with pytest.raises(LogDamaged):
            audit(copy, copy.head)
    finally:
        copy.files[name] = whole


def test_a_log_whose_parts_agree_under_a_head_of_another_history_is_damaged() -> None:
    whole = Copy(300)
    with pytest.raises(LogDamaged, match="another history"):
        audit(whole, Checkpoint(ORIGIN, 300, bytes(32)))


def test_missing_and_surplus_entries_are_named() -> None:
    whole = Copy(300)
    for number, cut in ((300 - 256 - 1, 299), (0, 256)):
        whole.files[TileName(None, 1, 44)] = encode_bundle(ENTRIES[256 : 256 + number] or [b""])
        with pytest.raises(LogDamaged) as caught:
            audit(whole, whole.head)
        assert caught.value.index in (cut, cut + 1)
