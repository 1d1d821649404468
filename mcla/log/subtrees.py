# SPDX-License-Identifier: Apache-2.0
"""Roots and proofs from the roots of complete subtrees, wherever those come from: tiles, or a tree that just grew.

A complete subtree is named by its height and by its number among those of that height: (0, 5) is the leaf 5,
(3, 0) the root over the leaves 0 to 7. Any range that a proof asks for is a handful of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mcla.log.merkle import EMPTY_ROOT, node_hash

Subtree = Callable[[int, int], bytes]


def complete(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees (height, number) that make up low..high, left to right."""
    while low < high:
        height = (high - low).bit_length() - 1
        yield height, low >> height
        low += 1 << height


def range_root(subtree: Subtree, low: int, high: int) -> bytes:
    """The root over leaves low..high; low is a multiple of a power of two not below high - low."""
    root = b""
    for height, number in reversed(list(complete(low, high))):
        root = node_hash(subtree(height, number), root) if root else subtree(height, number)
    return root


def inclusion_path(root: Callable[[int, int], bytes], index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in the tree of `size` leaves, lowest hash first (RFC 9162 section 2.1.3).

    `root` answers with the root over a range of leaves, low..high, as `range_root` makes it.
    """
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(middle, high))
            high = middle
        else:
            path.append(root(low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_path(subtree: Subtree, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the first `old` of `new` leaves are unchanged, lowest hash first (RFC 9162 section 2.1.4)."""
    low, high, path = 0, new, []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(range_root(subtree, middle, high))
            high = middle
        else:
            path.append(range_root(subtree, low, middle))
            low = middle
    # The older tree's own root is known to the verifier when it is the leftmost subtree.
    return tuple(reversed([*path, *([range_root(subtree, low, high)] if low else [])]))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that a tree needs to grow: its size and the roots of `complete(0, size)`, at most 63 hashes."""

    size: int
    peaks: tuple[bytes, ...]

    def root(self) -> bytes:
        """The tree's root."""
        root = b""
        for peak in reversed(self.peaks):
            root = node_hash(peak, root) if root else peak
        return root or EMPTY_ROOT


class Growth:
    """A tree that grew from a frontier by some leaves: its new frontier, and a proof for each of those leaves.

    Costs two hashes a leaf, however large the tree is.
    """

    def __init__(self, old: Frontier, leaves: Sequence[bytes]) -> None:
        self._nodes = dict(zip(complete(0, old.size), old.peaks, strict=True))
        self._first, self._size = old.size, old.size + len(leaves)
        for index, leaf in enumerate(leaves, old.size):
            self._add(index, leaf)
        self.frontier = Frontier(self._size, tuple(self._nodes[key] for key in complete(0, self._size)))
        self.root = self._close() if leaves else self.frontier.root()

    def _add(self, number: int, node: bytes) -> None:
        height = 0
        self._nodes[height, number] = node
        while number & 1:
            node = node_hash(self._nodes[height, number - 1], node)
            height, number = height + 1, number >> 1
            self._nodes[height, number] = node

    def _close(self) -> bytes:
        """Add the subtrees above the last leaf that are not complete, up to the root, which is answered.

        One without a right half is its left half.
        """
        height, last = 0, self._size - 1
        while last:
            above = height + 1, last >> 1
            if above not in self._nodes:
                node = self._nodes[height, last]
                self._nodes[above] = node_hash(self._nodes[height, last - 1], node) if last & 1 else node
            height, last = above
        return self._nodes[height, last]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """The audit path of a leaf that was added; raises ValueError for an older one."""
        if not self._first <= index < self._size:
            raise ValueError(f"leaf {index} is not among those added, {self._first} to {self._size}")
        # What lies left of an added leaf is a peak of the old tree or was made while growing, as is all on its right.
        height, number, last, path = 0, index, self._size - 1, []
        while last:
            if number ^ 1 <= last:
                path.append(self._nodes[height, number ^ 1])
            height, number, last = height + 1, number >> 1, last >> 1
        return tuple(path)
