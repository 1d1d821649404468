# SPDX-License-Identifier: Apache-2.0
"""A manifest: the files of one contribution, each with path, digest and size, in one order and under one root.

The root is the RFC 6962 Merkle root over the RFC 8785 bytes of the entries, ordered by the UTF-8 bytes of their
paths. It binds names, digests and sizes, and a single file can be proven against it without the others.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mcla.artifacts.digest import check_sha256
from mcla.artifacts.jsontext import MAX_INT, canonical_json, parse_json
from mcla.artifacts.paths import check_path, collision_key
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash, tree_root

SCHEMA = "mcla.manifest/1"
MAX_FILES = 100_000
MAX_BYTES = 64 * 1024 * 1024
MAX_VALUES = 1_000_000  # a file brings four of what is counted


class ManifestInvalid(MclaError):
    """A list of files is no manifest: empty, too long, with doubles, or not in the one written form."""

    code = "manifest-invalid"
    hint = "Make it again with `mcla hash PATH`; each file may stand in it once, under one spelling."


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file: `path` (see `mcla.artifacts.paths`), `sha256` (64 hex), `size` in bytes."""

    path: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        check_path(self.path)
        check_sha256(self.sha256)
        if not isinstance(self.size, int) or isinstance(self.size, bool) or not 0 <= self.size <= MAX_INT:
            raise ManifestInvalid(f"expected a size of 0 to 2^53 - 1 bytes for {self.path}")

    def to_dict(self) -> dict[str, str | int]:
        return {"path": self.path, "sha256": self.sha256, "size": self.size}

    def to_bytes(self) -> bytes:
        """The Merkle leaf of this file: RFC 8785, spelled out because a manifest has up to 100,000 of them."""
        return f'{{"path":{_quoted(self.path)},"sha256":"{self.sha256}","size":{self.size}}}'.encode()


@dataclass(frozen=True)
class Manifest:
    """Sorted, free of doubles, 1 to 100,000 files. Make it with `Manifest.of`."""

    files: tuple[ManifestEntry, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.files) <= MAX_FILES:
            raise ManifestInvalid(f"expected 1 to {MAX_FILES} files, got {len(self.files)}")
        paths = [entry.path.encode() for entry in self.files]
        if any(one > two for one, two in itertools.pairwise(paths)):
            raise ManifestInvalid("expected files in the order of the UTF-8 bytes of their paths")
        _check_collisions(self.files)
        if self.total_bytes > MAX_INT:
            raise ManifestInvalid("expected at most 2^53 - 1 bytes in all files together")

    @classmethod
    def of(cls, entries: Iterable[ManifestEntry]) -> "Manifest":
        """Sort `entries` into a manifest; raises `ManifestInvalid` for none, too many, or two that collide."""
        return cls(tuple(sorted(entries, key=lambda entry: entry.path.encode())))

    @cached_property
    def root(self) -> str:
        """The Merkle root, 64 hex digits."""
        return tree_root([leaf_hash(entry.to_bytes()) for entry in self.files]).hex()

    @cached_property
    def total_bytes(self) -> int:
        return sum(entry.size for entry in self.files)

    def entry(self, path: str) -> ManifestEntry | None:
        return self._by_path.get(path)

    def having(self, sha256: str) -> tuple[ManifestEntry, ...]:
        """The files whose content has this digest."""
        return tuple(entry for entry in self.files if entry.sha256 == sha256)

    def to_dict(self) -> dict[str, Any]:
        return {"files": [entry.to_dict() for entry in self.files], "schema": SCHEMA}

    def to_bytes(self) -> bytes:
        """The RFC 8785 text of the manifest, as stored beside a statement."""
        return (
            b'{"files":['
            + b",".join(entry.to_bytes() for entry in self.files)
            + b'],"schema":"'
            + SCHEMA.encode()
            + b'"}'
        )

    @cached_property
    def _by_path(self) -> dict[str, ManifestEntry]:
        return {entry.path: entry for entry in self.files}


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises `ManifestInvalid`, `PathInvalid`, `DigestInvalid` or `JsonInvalid`."""
    value = parse_json(data, max_depth=4, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    if not isinstance(value, dict) or set(value) != {"files", "schema"} or value["schema"] != SCHEMA:
        raise ManifestInvalid(f"expected an object with 'files' and 'schema': '{SCHEMA}'")
    files = value["files"]
    if not isinstance(files, list) or len(files) > MAX_FILES:
        raise ManifestInvalid(f"expected a list of 1 to {MAX_FILES} files")
    manifest = Manifest(tuple(entry_from(item) for item in files))
    if manifest.to_bytes() != data:
        raise ManifestInvalid("expected the canonical form (RFC 8785), got the same content in another spelling")
    return manifest


def entry_from(item: object) -> ManifestEntry:
    """One `{"path","sha256","size"}` object as it comes from JSON; raises as `parse_manifest`."""
    if not isinstance(item, Mapping) or set(item) != {"path", "sha256", "size"}:
        raise ManifestInvalid("expected each file as an object of path, sha256 and size")
    return ManifestEntry(path=item["path"], sha256=item["sha256"], size=item["size"])


def _quoted(text: str) -> str:
    return canonical_json(text).decode()


def _check_collisions(files: tuple[ManifestEntry, ...]) -> None:
    seen: dict[str, str] = {}
    for entry in files:
        key = collision_key(entry.path)
        if (other := seen.get(key)) is not None:
            what = "a second time" if other == entry.path else f"beside {other}, the same file on some systems"
            raise ManifestInvalid(f"expected each path once: {entry.path} stands {what}")
        seen[key] = entry.path
    for entry in files:
        parts = entry.path.split("/")
        for depth in range(1, len(parts)):
            if (other := seen.get(collision_key("/".join(parts[:depth])))) is not None:
                raise ManifestInvalid(f"{other} cannot be a file and the folder of {entry.path} at once")
