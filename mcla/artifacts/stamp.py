# SPDX-License-Identifier: Apache-2.0
"""A stamp in a safetensors file: where its proof is, written into the metadata so that it can be taken off again.

The stamp is put as text right after the brace that opens `__metadata__`, and nothing else of the header moves but the
spaces at its end. Without the stamp the header is the one before to the byte, so a stamped file is still known by the
digest that was signed. No byte of a tensor changes.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import check_sha256
from mcla.artifacts.reading import FileUnreadable, read_pieces
from mcla.artifacts.safetensors import (
    LENGTH_BYTES,
    MAX_HEADER,
    METADATA,
    Header,
    header_length,
    parse_header,
)
from mcla.errors import MclaError

URL, BUNDLE, UNSTAMPED = "mcla.bundle_url", "mcla.bundle_sha256", "mcla.unstamped_header"
PREFIX = "mcla."
ALIGNMENT = 8
_URL = re.compile(r"https?://[!#-\[\]-~]{1,2000}")
_UNSTAMPED = re.compile(r"([1-9][0-9]{0,8})(,added)?")


class StampUnfit(MclaError):
    """A file cannot be stamped, or is stamped with something else already."""

    code = "stamp-unfit"
    hint = "Look at its metadata; --replace takes off a stamp that was made by this command."


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where the bundle is, and its SHA-256 in hex."""

    url: str
    bundle: str

    def __post_init__(self) -> None:
        check_sha256(self.bundle)
        if not _URL.fullmatch(self.url):
            raise StampUnfit(f"expected the address of a bundle, got {self.url[:80]!a}", hint="Give --url https://…")


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamp as it was found. `before` is the header that was there before it, its 8 bytes of length included; None
    where it was written otherwise than here, so that it cannot be taken off."""

    stamp: Stamp
    before: bytes | None


@dataclass(frozen=True, slots=True)
class Front:
    """The beginning of a file: its length and header as bytes, and what they say."""

    data: bytes
    header: Header

    @property
    def text(self) -> str:
        return self.data[LENGTH_BYTES:].decode()


def read_front(path: Path) -> Front:
    """The beginning of a safetensors file; raises `SafetensorsInvalid` or `FileUnreadable`."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            first = file.read(LENGTH_BYTES)
            length = header_length(first, size)
            data = file.read(length)
    except OSError as error:
        raise FileUnreadable(f"cannot read {path.name}: {error.strerror or error}") from error
    return Front(first + data, parse_header(data, size - LENGTH_BYTES - length))


def find_stamp(front: Front) -> Stamped | None:
    """The stamp of a file, None if it has none; raises `StampUnfit` for one that says nothing definite."""
    told = front.header.metadata
    if URL not in told and BUNDLE not in told:
        return None
    try:
        stamp = Stamp(told[URL], told[BUNDLE])
    except (KeyError, MclaError) as error:
        raise StampUnfit("expected the address and the digest of a bundle in the stamp, got something else") from error
    return Stamped(stamp, _without(front, stamp))


def stamped(front: Front, stamp: Stamp) -> bytes:
    """The beginning of the file with the stamp; raises `StampUnfit` where other members of `mcla.` are there."""
    foreign = sorted(name for name in front.header.metadata if name.startswith(PREFIX))
    if foreign:
        raise StampUnfit(f"expected no {foreign[0]} in the metadata, got one")
    text, at, length = front.text, front.header.metadata_at, len(front.data) - LENGTH_BYTES
    if at is None:
        inner = _members(stamp, f"{length},added")
        put, at = f'"{METADATA}":{{{inner}}}', text.index("{") + 1
    else:
        put = _members(stamp, str(length))
    comma = "" if text[at:].lstrip(" \t\r\n").startswith("}") else ","
    return _framed(text[:at] + put + comma + text[at:])


def hash_unstamped(path: Path, before: bytes, front: Front, on_bytes: Callable[[int], None] | None = None) -> str:
    """The SHA-256 (hex) of the file as it was before its stamp, every tensor byte read; raises `FileUnreadable`."""
    digest, skip = hashlib.sha256(before), len(front.data)
    seen = bytearray()

    def take(piece: memoryview) -> None:
        nonlocal skip
        if skip:
            left = piece[:skip]
            seen.extend(left)
            skip -= len(left)
            piece = piece[len(left) :]
        digest.update(piece)

    read_pieces(path, take, on_bytes)
    if bytes(seen) != front.data:
        raise FileUnreadable(f"the file changed while it was read: {path.name}")
    return digest.hexdigest()


def _without(front: Front, stamp: Stamp) -> bytes | None:
    """The beginning before the stamp, if the stamp stands there exactly as it is written here."""
    found = _UNSTAMPED.fullmatch(front.header.metadata.get(UNSTAMPED, ""))
    at, text = front.header.metadata_at, front.text
    if found is None or at is None:
        return None
    length, added = int(found[1]), found[2] is not None
    put, start = _members(stamp, found[0]), at
    if added:
        put, start = f'"{METADATA}":{{{put}}}', text.index("{") + 1
    if not text.startswith(put, start):
        return None
    rest = text[start + len(put) :]
    bare = (text[:start] + rest.removeprefix(",")).rstrip(" ").encode()
    if len(bare) > length:
        return None
    before = length.to_bytes(LENGTH_BYTES, "little") + bare.ljust(length)
    return before if _makes(before, stamp, front) else None


def _makes(before: bytes, stamp: Stamp, front: Front) -> bool:
    """Whether stamping `before` gives this very beginning: only then was it there before."""
    try:
        header = parse_header(before[LENGTH_BYTES:], sum(each.size for each in front.header.tensors))
        return stamped(Front(before, header), stamp) == front.data
    except MclaError:
        return False


def _members(stamp: Stamp, unstamped: str) -> str:
    values = {URL: stamp.url, BUNDLE: stamp.bundle, UNSTAMPED: unstamped}
    return ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in values.items())


def _framed(text: str) -> bytes:
    data = text.rstrip(" ").encode()
    padded = data.ljust(-(-len(data) // ALIGNMENT) * ALIGNMENT)
    if len(padded) > MAX_HEADER:
        raise StampUnfit(f"expected a header of at most {MAX_HEADER} bytes with the stamp, got {len(padded)}")
    return len(padded).to_bytes(LENGTH_BYTES, "little") + padded
