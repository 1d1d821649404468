# SPDX-License-Identifier: Apache-2.0
"""Git LFS pointer files (specification v1): 130 bytes in a checkout that stand for gigabytes elsewhere.

Only the exact form that git-lfs writes counts. A near miss is an ordinary small file: guessing what it points to
would let two programs name different bytes by one manifest.
"""

import re
from dataclasses import dataclass

from mcla.artifacts.digest import check_sha256
from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.jsontext import MAX_INT

MAX_POINTER_BYTES = 1023  # the specification: "less than 1024 bytes"
MAX_LOOKED_AT = 1024
"""Bytes from which git-lfs itself tells a pointer, of a file of any length: what follows them it does not look at."""
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9][0-9]{0,15})\n"
)
# Where a person would expect a pointer: extensions, other line ends, the addresses of the format before version 1. And
# where git-lfs finds one: after whatever is white space to Unicode.
_SPACE = rb"(?:\s|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"  # UTF-8
_MEANT = re.compile(
    _SPACE + rb"version https?://(git-lfs\.github\.com/spec|hawser\.github\.com/spec|git-media\.io)/\S*\s[^\0]*\boid ",
    re.I,
)


@dataclass(frozen=True, slots=True)
class LfsPointer:
    """What a pointer stands for: `sha256` (64 hex) and `size` in bytes."""

    sha256: str
    size: int


def parse_pointer(data: bytes) -> LfsPointer | None:
    """Return what `data` points to, or None if it is not exactly a pointer."""
    match = _POINTER.fullmatch(data) if len(data) <= MAX_POINTER_BYTES else None
    if match is None or int(match[2]) > MAX_INT:
        return None
    return LfsPointer(sha256=match[1].decode(), size=int(match[2]))


def is_near_pointer(data: bytes) -> bool:
    """Whether `data`, a file or its first `MAX_LOOKED_AT` bytes, reads like a pointer but is not one in the form that
    counts."""
    return _MEANT.match(data[:MAX_LOOKED_AT]) is not None and parse_pointer(data) is None


def pointer_text(sha256: str, size: int) -> bytes:
    """The pointer's exact text, as git-lfs commits it."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{check_sha256(sha256)}\nsize {size}\n".encode()


def pointer_blob_id(sha256: str, size: int) -> str:
    """The Git blob id (40 hex) of the pointer to these bytes.

    Compared with `git ls-tree` or a hub's `oid`, it shows that a commit binds this digest without any byte of the file.
    """
    return blob_id(pointer_text(sha256, size))
