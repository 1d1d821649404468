# SPDX-License-Identifier: Apache-2.0
"""Deriving a whole log again from its entries: every leaf, every tile, the root; the first fault is named by index."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Protocol

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint
from mcla.log.merkle import EMPTY_ROOT, leaf_hash, tree_root
from mcla.log.tiles import WIDTH, TileInvalid, TileReader, decode_bundle, split_tile, tile_path, width_at


class EntryReader(TileReader, Protocol):
    """Where tiles and entry bundles come from."""

    def read_bundle(self, index: int, width: int) -> bytes:
        """At least the first `width` entries of a bundle; an `MclaError` if there is none."""
        ...


class LogDamaged(MclaError):
    """A served entry or tile is not what the log's other parts say; `index` is the first entry concerned."""

    code = "watched-log-damaged"
    hint = "Tell the log's operator the index; entries before it were found whole."

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


def audit(reader: EntryReader, head: Checkpoint, done: Callable[[int], None] = lambda _count: None) -> None:
    """Read every entry and tile that `head` covers and derive its root from the entries alone.

    Raises `LogDamaged`, or what the reader raises. `done` hears of each number of entries that was found whole.
    """
    edges = _Edges(reader)
    for index in range(-(-head.size // WIDTH)):
        width = width_at(0, index, head.size)
        hashes = [leaf_hash(entry) for entry in _entries(reader, index, width)]
        _compare(reader, 0, index, hashes)
        edges.add(hashes)
        done(width)
    edges.finish()
    if edges.root() != head.root:
        raise LogDamaged(
            f"The log's entries and tiles agree with each other, but lead to the root {edges.root().hex()}; "
            f"its signed head says {head.root.hex()}: the head is of another history",
            0,
        )


def _entries(reader: EntryReader, index: int, width: int) -> list[bytes]:
    try:
        entries = decode_bundle(reader.read_bundle(index, width))
    except TileInvalid as error:
        raise LogDamaged(f"{tile_path(None, index, width)} cannot be read: {error.message}", index * WIDTH) from error
    if len(entries) < width:
        missing = index * WIDTH + len(entries)
        raise LogDamaged(f"{tile_path(None, index, width)} lacks the entry {missing}", missing)
    return entries[:width]


def _compare(reader: EntryReader, level: int, index: int, derived: list[bytes]) -> None:
    """Raise `LogDamaged` unless the served tile holds exactly these hashes."""
    width, span = len(derived), WIDTH**level
    path = tile_path(level, index, width)
    try:
        served = split_tile(reader.read_tile(level, index, width))[:width]
    except TileInvalid as error:
        raise LogDamaged(f"{path} cannot be read: {error.message}", index * WIDTH * span) from error
    for number, (got, expected) in enumerate(zip_longest(served, derived)):
        if got != expected:
            first = (index * WIDTH + number) * span
            what = f"entry {first}" if level == 0 else f"the {span} entries from {first}"
            raise LogDamaged(f"Hash {number} of {path} is not that of {what}: one of the two is damaged", first)


class _Edges:
    """The unfinished tile of each level, and how many of that level are finished."""

    def __init__(self, reader: EntryReader) -> None:
        self._reader = reader
        self._tiles: list[list[bytes]] = [[]]
        self._finished = [0]

    def add(self, hashes: list[bytes]) -> None:
        """The next leaf hashes; a full tile of them, or the last."""
        if len(hashes) == WIDTH:
            self._push(1, tree_root(hashes))
        else:
            self._tiles[0] = hashes

    def _push(self, level: int, subtree: bytes) -> None:
        if level == len(self._tiles):
            self._tiles.append([])
            self._finished.append(0)
        tile = self._tiles[level]
        tile.append(subtree)
        if len(tile) == WIDTH:
            _compare(self._reader, level, self._finished[level], tile)
            self._finished[level] += 1
            self._tiles[level] = []
            self._push(level + 1, tree_root(tile))

    def finish(self) -> None:
        """Compare the partial tiles above the leaves."""
        for level, tile in enumerate(self._tiles):
            if level and tile:
                _compare(self._reader, level, self._finished[level], tile)

    def root(self) -> bytes:
        # What is left over below stands, as one shorter subtree, after the finished ones of the level above.
        below: list[bytes] = []
        for tile in self._tiles:
            if tile or below:
                below = [tree_root([*tile, *below])]
        return below[0] if below else EMPTY_ROOT
