# SPDX-License-Identifier: Apache-2.0
"""Growing from a frontier gives the roots and proofs of the naive reference, from every size to every later one."""

import pytest
from naive_tree import Tiles, leaf, path, root

from mcla.log.subtrees import Frontier, Growth
from mcla.log.tiles import frontier_from_tiles

ENTRIES = [b"%d" % number for number in range(70)]
LEAVES = [leaf(entry) for entry in ENTRIES]


def test_a_tree_that_grows_has_the_root_and_the_proofs_of_the_same_tree_made_at_once() -> None:
    for old in range(len(ENTRIES)):
        start = Growth(Frontier(0, ()), LEAVES[:old]).frontier
        assert start.root() == root(ENTRIES[:old])
        for new in range(old, len(ENTRIES) + 1, 9):
            grown = Growth(start, LEAVES[old:new])
            assert grown.root == grown.frontier.root() == root(ENTRIES[:new])
            for index in range(old, new):
                assert list(grown.proof(index)) == path(index, ENTRIES[:new])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_frontier_read_from_tiles_is_the_one_that_grew(size: int) -> None:
    entries = [b"%d" % number for number in range(size)]
    grown = Growth(Frontier(0, ()), [leaf(entry) for entry in entries]).frontier
    assert frontier_from_tiles(Tiles(entries), size) == grown


@pytest.mark.parametrize("index", [-1, 4, 7])
def test_a_growth_proves_only_what_was_added(index: int) -> None:
    grown = Growth(Growth(Frontier(0, ()), LEAVES[:5]).frontier, LEAVES[5:7])
    with pytest.raises(ValueError, match="not among those added"):
        grown.proof(index)


def test_a_frontier_with_a_peak_too_few_cannot_grow() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Growth(Frontier(3, (LEAVES[0],)), LEAVES[3:4])
