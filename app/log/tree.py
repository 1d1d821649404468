# SPDX-License-Identifier: Apache-2.0
"""The log's tree: full tiles and bundles from the storage, the growing right edge from the database.

Written once and stored are: full tiles, full entry bundles and, once in 256 entries, partial tiles above level 0.
Partial tiles of level 0 and partial bundles are prefixes of what the database holds and are made when asked for:
storing one for each append would cost 170 kB an entry. A stored tile that is missing is derived again, so that a
storage restored from a backup heals; one with other bytes is never overwritten.
"""

from sqlalchemy import Connection

from app.log import rows
from app.log.errors import LogDamaged
from app.platform.storage import Storage
from mcla.log.merkle import HASH_SIZE, tree_root
from mcla.log.tiles import (
    WIDTH,
    TileInvalid,
    TileName,
    encode_bundle,
    split_tile,
    tile_path,
    tiles_between,
    width_at,
)


class LogTiles:
    """A `TileReader` over one storage and one database connection; remembers what it read.

    Where a tile is not stored yet, it is made from what a tree of `tiled` entries had of it: not from nothing. None
    takes the head row's word for how many those are.
    """

    def __init__(self, storage: Storage, connection: Connection, tiled: int | None = 0) -> None:
        self._storage = storage
        self._connection = connection
        self._tiled = tiled
        self._seen: dict[tuple[int, int, int], bytes] = {}

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile that the database's entries give rise to."""
        key = (level, index, width)
        if key not in self._seen:
            self._seen[key] = self._find(*key)
        return self._seen[key]

    def read_bundle(self, index: int, width: int) -> bytes:
        """The entry bundle of `width` entries."""
        stored = self._storage.read(stored_name(None, index, WIDTH)) if width == WIDTH else None
        if stored is not None:
            return stored
        return encode_bundle([entry.body for entry in rows.entries(self._connection, index * WIDTH, width)])

    def _find(self, level: int, index: int, width: int) -> bytes:
        if level == 0 and width < WIDTH:
            return b"".join(rows.leaf_hashes(self._connection, index * WIDTH, width))
        stored = self._storage.read(stored_name(level, index, width))
        if stored is None:
            if self._tiled is None:
                self._tiled = rows.tiled_size(self._connection)
            known = width_at(level, index, self._tiled)
            return self._grow(TileName(level, index, width), known if known < width else 0)
        if len(stored) != width * HASH_SIZE:
            raise LogDamaged(f"{tile_path(level, index, width)} in the storage has {len(stored)} bytes.")
        return stored

    def _derive(self, level: int, index: int, known: int, width: int) -> bytes:
        """The tile's hashes from `known` to `width`, from the level below."""
        if level == 0:
            return b"".join(rows.leaf_hashes(self._connection, index * WIDTH + known, width - known))
        children = range(index * WIDTH + known, index * WIDTH + width)
        # Not remembered: a whole log passes through here when it is audited.
        return b"".join(tree_root(split_tile(self._find(level - 1, child, WIDTH))) for child in children)

    def extend(self, old: int, new: int) -> None:
        """Store what a tree of `new` entries has and one of `old` had not, from entries that are hashed anew.

        Entries of the last, partly filled tile of `old` are checked again too. Raises `LogDamaged`,
        `StorageConflict` (other bytes are stored already) or OSError.
        """
        for index in range(old // WIDTH, -(-new // WIDTH)):
            found = rows.entries(self._connection, index * WIDTH, width_at(0, index, new))
            if len(found) == WIDTH:
                self._store(TileName(0, index), b"".join(entry.leaf for entry in found))
                self._store(TileName(None, index), encode_bundle([entry.body for entry in found]))
        for name in tiles_between(old, new):
            if name.level:
                self._store(name, self._grow(name, width_at(name.level, name.index, old)))

    def check_edge(self, size: int) -> None:
        """Hash the entries of the last, partly filled tile anew; raises `LogDamaged` naming one that does not fit."""
        rows.entries(self._connection, size - size % WIDTH, size % WIDTH)

    def _grow(self, name: TileName, known: int) -> bytes:
        level = name.level or 0
        start = self.read_tile(level, name.index, known) if known else b""
        return start + self._derive(level, name.index, known, name.width)

    def _store(self, name: TileName, data: bytes) -> None:
        self._storage.create(stored_name(name.level, name.index, name.width), data)

    def check(self, index: int, size: int) -> None:
        """Check tile `index` of level 0, its entries and its bundle, in a log of `size` entries, against each other.

        Raises `LogDamaged` naming what does not fit; a stored file that is missing is written again.
        """
        width = width_at(0, index, size)
        found = rows.entries(self._connection, index * WIDTH, width)
        if width < WIDTH:
            return
        tile, bundle = b"".join(entry.leaf for entry in found), encode_bundle([entry.body for entry in found])
        stored = self._storage.read(stored_name(0, index, WIDTH))
        if stored is not None and stored != tile:
            raise LogDamaged(_first_fault(stored, tile, index))
        if self._storage.read(stored_name(None, index, WIDTH)) not in (None, bundle):
            raise LogDamaged(f"{tile_path(None, index)} in the storage does not hold the entries of the database.")
        self._store(TileName(0, index), tile)
        self._store(TileName(None, index), bundle)

    def check_upper(self, size: int) -> None:
        """Check every tile above level 0 against the level below; a missing file is written again."""
        for name in tiles_between(0, size):
            if name.level and self.read_tile(name.level, name.index, name.width) != (derived := self._all_of(name)):
                raise LogDamaged(_first_fault(self.read_tile(name.level, name.index, name.width), derived, name.index))
            if name.level:
                self._store(name, derived)

    def _all_of(self, name: TileName) -> bytes:
        return self._derive(name.level or 0, name.index, 0, name.width)


def stored_name(level: int | None, index: int, width: int) -> str:
    """The storage name of a tile or bundle."""
    return "log/" + tile_path(level, index, width)


def _first_fault(stored: bytes, expected: bytes, index: int) -> str:
    try:
        hashes = split_tile(stored)
    except TileInvalid as error:
        return f"A stored tile is damaged: {error.message}."
    good = split_tile(expected)
    at = next((n for n, value in enumerate(good) if n >= len(hashes) or hashes[n] != value), len(good))
    return f"Hash {index * WIDTH + at} of a stored tile (tile {index}) is not that of the entries below it."
