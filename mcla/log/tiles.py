# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-tiles: names of tiles, entry bundles, and roots and proofs computed from tiles.

A tile at level L holds up to 256 consecutive Merkle hashes of height 8*L; partial tiles stand only at the right edge.
Roots and proofs are computed from complete subtrees, each found inside one tile, so that a proof reads a number of
tiles that depends on the tree's height alone. What a reader returns is not trusted: proofs are to be verified.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

from mcla.errors import MclaError
from mcla.log.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, node_hash, tree_root
from mcla.log.subtrees import Frontier, complete, consistency_path, inclusion_path, range_root

HEIGHT = 8
WIDTH = 256
MAX_ENTRY = 65_535  # the length prefix is 16 bits
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(x[0-9]{3}/)*[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?", re.ASCII
)


class TileInvalid(MclaError):
    """A tile path, a tile or an entry bundle breaks a rule of the format."""

    code = "tile-invalid"
    hint = "Paths look like tile/0/x001/x234/067 or tile/entries/000.p/17; see c2sp.org/tlog-tiles."


class TileReader(Protocol):
    """Where tiles come from: storage, a folder, an HTTP log."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """At least the first `width` hashes of the tile, 32 bytes each; an `MclaError` if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class TileName:
    """The name of a tile, or of an entry bundle if `level` is None; `width` is 1..256, 256 meaning full."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int | None, index: int, width: int = WIDTH) -> str:
    """`tile/<level>/<index>[.p/<width>]`; level None gives `tile/entries/…`."""
    if not (level is None or 0 <= level <= 63) or not 0 <= index <= MAX_SIZE or not 1 <= width <= WIDTH:
        raise TileInvalid(f"there is no tile of level {level}, index {index} and width {width}")
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> TileName:
    """The name that `path` spells; every name has exactly one spelling, any other raises `TileInvalid`."""
    found = _PATH.fullmatch(path)
    if not found or len(path) > 80:
        raise TileInvalid(f"{path[:80]!r} is not a tile path")
    level = None if found["level"] == "entries" else int(found["level"])
    name = TileName(level, int(found["index"].replace("x", "").replace("/", "")), int(found["width"] or WIDTH))
    if (found["width"] and name.width == WIDTH) or name.path != path:
        raise TileInvalid(f"{path!r} is not the one spelling of its tile's path")
    return name


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` entries: 0 (no such tile) to 256."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def tiles_between(old: int, new: int) -> Iterator[TileName]:
    """The tiles of a tree of `new` entries that a tree of `old` did not have in that width, lowest level first."""
    level = 0
    while new >> (HEIGHT * level):
        for index in range((old >> (HEIGHT * level)) // WIDTH, -(-(new >> (HEIGHT * level)) // WIDTH)):
            width = width_at(level, index, new)
            if width > width_at(level, index, old):
                yield TileName(level, index, width)
        level += 1


def split_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile; raises `TileInvalid` unless there are 1 to 256 whole ones."""
    if not data or len(data) % HASH_SIZE or len(data) > WIDTH * HASH_SIZE:
        raise TileInvalid(f"a tile of {len(data)} bytes is not 1 to {WIDTH} hashes of {HASH_SIZE} bytes")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """1 to 256 entries, each after its 16-bit big-endian length."""
    if not 1 <= len(entries) <= WIDTH:
        raise TileInvalid(f"an entry bundle holds 1 to {WIDTH} entries, not {len(entries)}")
    if too_long := [len(entry) for entry in entries if len(entry) > MAX_ENTRY]:
        raise TileInvalid(f"an entry of {too_long[0]} bytes is longer than {MAX_ENTRY}")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; raises `TileInvalid` if it is cut, empty or too long."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        if at + 2 > len(data) or end > len(data):
            raise TileInvalid(f"the entry bundle is cut inside its entry {len(entries)}")
        entries.append(data[at + 2 : end])
        at = end
    if not 1 <= len(entries) <= WIDTH:
        raise TileInvalid(f"an entry bundle holds 1 to {WIDTH} entries, not {len(entries)}")
    return entries


def tree_root_from_tiles(reader: TileReader, size: int) -> bytes:
    """The root of the first `size` entries."""
    return range_root(_Tiles(reader, size).subtree, 0, size) if size else EMPTY_ROOT


def frontier_from_tiles(reader: TileReader, size: int) -> Frontier:
    """The frontier of the tree of `size` entries."""
    subtree = _Tiles(reader, size).subtree
    return Frontier(size, tuple(subtree(height, number) for height, number in complete(0, size)))


def inclusion_proof(reader: TileReader, index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of entry `index` in the tree of `size` entries, lowest hash first (RFC 9162 section 2.1.3)."""
    if not 0 <= index < size <= MAX_SIZE:
        raise TileInvalid(f"entry {index} is not inside a log of {size} entries")
    return inclusion_path(partial(range_root, _Tiles(reader, size).subtree), index, size)


def consistency_proof(reader: TileReader, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the first `old` of `new` entries are unchanged, lowest hash first (RFC 9162 section 2.1.4)."""
    if not 0 < old <= new <= MAX_SIZE:
        raise TileInvalid(f"no consistency proof leads from {old} to {new} entries")
    return consistency_path(_Tiles(reader, new).subtree, old, new)


class _Tiles:
    """The subtrees of one tree, found in tiles; each tile is read at most once."""

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def subtree(self, height: int, number: int) -> bytes:
        """The root of the complete subtree (see `mcla.log.subtrees`)."""
        level, within = divmod(height, HEIGHT)
        tile, first = divmod(number << within, WIDTH)
        hashes = self._tile(level, tile)
        if level or len(hashes) < WIDTH * HASH_SIZE:
            return _by_height(hashes)[within][first >> within]
        return tree_root(split_tile(hashes[first * HASH_SIZE : (first + (1 << within)) * HASH_SIZE]))

    def _tile(self, level: int, index: int) -> bytes:
        key = (level, index)
        if key not in self._tiles:
            width = width_at(level, index, self._size)
            hashes = self._reader.read_tile(level, index, width)
            there, rest = divmod(len(hashes), HASH_SIZE)
            if rest or not width <= there <= WIDTH:
                raise TileInvalid(f"{tile_path(level, index)} has {there} hashes where {width} are needed")
            self._tiles[key] = hashes[: width * HASH_SIZE]
        return self._tiles[key]


@lru_cache(256)
def _by_height(tile: bytes) -> list[list[bytes]]:
    """The roots of all complete subtrees inside a tile, by height.

    Remembered for tiles that proofs of entries far apart share: those above level 0, and the right edge.
    """
    heights = [split_tile(tile)]
    while len(below := heights[-1]) > 1:
        heights.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return heights
