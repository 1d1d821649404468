# SPDX-License-Identifier: Apache-2.0
"""A saved tree listing of a model hub: names, sizes and digests of files whose bytes are elsewhere.

The hub's tree API answers a JSON list of {"type", "path", "size", "oid", "lfs"?: {"oid", "size", "pointerSize"},
"xetHash"?}; other members are its own business and ignored. `oid` is the Git blob id of what lies in the repository:
for a large file the LFS pointer, whose text follows from SHA-256 and size. So both names must agree, or one is wrong.
A file without `lfs` has a Git id only: it counts once its own bytes were read (`read_beside`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcla.artifacts.digest import DigestInvalid, check_sha256
from mcla.artifacts.gitblob import blob_id, blob_start, is_blob_id
from mcla.artifacts.jsontext import MAX_INT, parse_json
from mcla.artifacts.lfs import pointer_text
from mcla.artifacts.manifest import MAX_FILES
from mcla.artifacts.paths import check_path
from mcla.artifacts.reading import read_pieces
from mcla.errors import MclaError

MAX_BYTES = 64 * 1024 * 1024
MAX_VALUES = 2_000_000  # a file in LFS brings ten of what is counted, a folder five
SHOWN = 5


class ListingInvalid(MclaError):
    """A listing is not one that the hub's tree API gives, or contradicts itself."""

    code = "listing-invalid"
    hint = "Save the answer of the hub's tree API for one revision again, all pages in one list, unchanged."


class ListingUnnamed(MclaError):
    """Files of a listing have no SHA-256 there, and their bytes were not given."""

    code = "listing-without-digests"
    hint = "Give the folder that holds these files beside the listing: mcla hash --listing FILE FOLDER"


class ListingMismatch(MclaError):
    """A file beside the listing is not the one that is listed."""

    code = "listing-mismatch"
    hint = "Fetch that file again at the revision of the listing, or save the listing again."


@dataclass(frozen=True, slots=True)
class Listed:
    """One file: `path`, `size` in bytes, Git `blob` id in the repository, `sha256` (64 hex) if the listing has it."""

    path: str
    size: int
    blob: str
    sha256: str | None


def parse_listing(data: bytes) -> tuple[Listed, ...]:
    """The files of a listing; raises `ListingInvalid`, `PathInvalid` or `JsonInvalid`."""
    value = parse_json(data, max_depth=8, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    if not isinstance(value, list):
        raise ListingInvalid(f"expected a list of files, got {type(value).__name__}")
    files = [item for item in value if not _is_directory(item)]
    if not files:
        raise ListingInvalid(f"expected 1 to {MAX_FILES} files, got none")
    if len(files) > MAX_FILES:
        hint = "Save the listings of its folders one by one, and give each as a contribution of its own."
        raise ListingInvalid(f"expected 1 to {MAX_FILES} files, got {len(files)}", hint=hint)
    return tuple(_file(item) for item in files)


def unnamed(files: tuple[Listed, ...]) -> ListingUnnamed:
    """The refusal of files that have no SHA-256, by name."""
    paths = [file.path for file in files if file.sha256 is None]
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ListingUnnamed(f"expected a SHA-256 of each file, got only a Git id of {', '.join(paths[:SHOWN])}{more}")


def read_beside(file: Listed, source: Path) -> str:
    """The SHA-256 of the listed file as it lies at `source`; raises `FileUnreadable` or `ListingMismatch`."""
    digest, blob = hashlib.sha256(), blob_start(file.size)

    def take(piece: memoryview) -> None:
        digest.update(piece)
        blob.update(piece)

    state = read_pieces(source, take)
    if state.size != file.size or blob.hexdigest() != file.blob:
        got = f"{state.size} bytes" if state.size != file.size else "other bytes"
        raise ListingMismatch(
            f"expected {file.path} as listed, {file.size} bytes with the Git id {file.blob}, got {got}"
        )
    return digest.hexdigest()


def _is_directory(item: object) -> bool:
    if not isinstance(item, Mapping) or item.get("type") not in ("file", "directory"):
        raise ListingInvalid("expected each entry as an object of type file or directory")
    if item["type"] == "file":
        return False
    check_path(item.get("path"))
    return True


def _file(item: Mapping[str, Any]) -> Listed:
    path, size, blob = check_path(item.get("path")), item.get("size"), item.get("oid")
    if type(size) is not int or not 0 <= size <= MAX_INT:
        raise ListingInvalid(f"expected a size of 0 to 2^53 - 1 bytes for {path}")
    if not is_blob_id(blob):
        raise ListingInvalid(f"expected the Git id of {path} as 40 lower-case hexadecimal digits")
    if item.get("xetHash") is not None:
        _sha256(item["xetHash"], f"the xetHash of {path}")
    large = item.get("lfs")
    return Listed(path, size, str(blob), None if large is None else _large(large, path, size, str(blob)))


def _large(value: object, path: str, size: int, blob: str) -> str:
    if not isinstance(value, Mapping) or not {"oid", "size"} <= set(value) <= {"oid", "size", "pointerSize"}:
        raise ListingInvalid(f"expected lfs with oid, size and pointerSize for {path}")
    sha256 = _sha256(value["oid"], f"the lfs oid of {path}")
    if type(value["size"]) is not int or value["size"] != size:
        raise ListingInvalid(f"expected one size of {path}, got {size} and in lfs another")
    pointer = pointer_text(sha256, size)
    if value.get("pointerSize", len(pointer)) != len(pointer):
        raise ListingInvalid(f"expected a pointer of {len(pointer)} bytes for {path}, got another pointerSize")
    if blob_id(pointer) != blob:
        raise ListingInvalid(f"expected the Git id {blob_id(pointer)} of the pointer to {path}, got {blob}")
    return sha256


def _sha256(value: object, what: str) -> str:
    try:
        return check_sha256(value)
    except DigestInvalid as error:
        raise ListingInvalid(f"{what}: {error.message}") from error
