# SPDX-License-Identifier: Apache-2.0
"""A real log of any size on SQLite, made in bulk: rows, full tiles, bundles, upper tiles, and a signed head over them.

What `LogService` would have written entry by entry, without the waiting for the disk.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from app.log.models import LogHead
from app.log.second_home import SecondHome, Staged
from app.log.tree import LogTiles, stored_name
from app.platform.db import Database
from app.platform.storage import DirectoryStorage
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.log.merkle import leaf_hash, tree_root
from mcla.log.tiles import WIDTH, encode_bundle, tree_root_from_tiles

ADD = "INSERT INTO log_entry (entry_index, body, leaf_hash, body_sha256, appended_at) VALUES (?, ?, ?, ?, ?)"
AT = "2026-01-01 00:00:00.000000"


def fill(db: Database, folder: Path, size: int, key: Ed25519PrivateKey, origin: str) -> None:
    """Put `size` entries into the empty, migrated `db` and the storage `folder`, under a head signed by `key`."""
    level_1: list[bytes] = []
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        # The rows are in the order of their index, their digests are not: that index has to fit into memory.
        for statement in ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-3000000", "BEGIN"):
            driver.execute(statement)
        for tile in range(-(-size // WIDTH)):
            bodies = [b"entry %d" % index for index in range(tile * WIDTH, min((tile + 1) * WIDTH, size))]
            leaves = [leaf_hash(body) for body in bodies]
            digests = [sha256(body).hexdigest() for body in bodies]
            indices, times = range(tile * WIDTH, tile * WIDTH + len(bodies)), [AT] * len(bodies)
            driver.executemany(ADD, zip(indices, bodies, leaves, digests, times, strict=True))
            if len(bodies) == WIDTH:
                _put(folder / stored_name(0, tile, WIDTH), b"".join(leaves))
                _put(folder / stored_name(None, tile, WIDTH), encode_bundle(bodies))
                level_1.append(tree_root(leaves))
        driver.execute("COMMIT")
        driver.execute("PRAGMA synchronous=FULL")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    _upper_tiles(folder, 1, level_1)
    _sign(db, folder, size, key, origin)


def _upper_tiles(folder: Path, level: int, hashes: Sequence[bytes]) -> None:
    above = []
    for tile in range(-(-len(hashes) // WIDTH)):
        part = hashes[tile * WIDTH : (tile + 1) * WIDTH]
        _put(folder / stored_name(level, tile, len(part)), b"".join(part))
        if len(part) == WIDTH:
            above.append(tree_root(part))
    if above:
        _upper_tiles(folder, level + 1, above)


def _sign(db: Database, folder: Path, size: int, key: Ed25519PrivateKey, origin: str) -> None:
    with db.transaction() as connection:
        root = tree_root_from_tiles(LogTiles(DirectoryStorage(folder), connection), size)
        note = sign_checkpoint(Checkpoint(origin, size, root), key)
        connection.execute(update(LogHead).values(size=size, tiled_size=size, checkpoint=note))
    home = SecondHome(folder / "log")
    for _ in range(2):  # both places: what a real log of that size would have
        with home.alone():
            home.stage(Staged(note, size, (), size))


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
