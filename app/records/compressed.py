# SPDX-License-Identifier: Apache-2.0
"""The form that a record's file has in the storage: a head that names a dictionary, then one frame of zstd (RFC 8878).

The head has 49 bytes: the magic with the form's number, the size of the sealed PDF (8 bytes, the high one first), and
the dictionary's SHA-256. A file without this head is a sealed PDF as it is; that is how they were kept before.
"""

import hashlib
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass

from app.records.errors import RecordContentInvalid
from mcla.records.frame import MAX_PDF_BYTES

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAGIC = b"\x93MCLAzst\x01"
_HEAD = struct.Struct(f">{len(MAGIC)}sQ32s")
LEVEL = 15
"""As small as the highest level; a fortieth less than what a fifth of its time gives."""

_BOUNDS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_PDF_BYTES.bit_length() - 1}
"""A frame may ask for so much memory and no more."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Bytes that files have in common with a made-up record, and their SHA-256 (32 bytes)."""

    digest: bytes
    ready: zstd.ZstdDict

    @classmethod
    def of(cls, content: bytes) -> "Dictionary":
        return cls(hashlib.sha256(content).digest(), zstd.ZstdDict(content, is_raw=True))

    def packed(self, pdf: bytes) -> bytes:
        """`pdf` as it is stored."""
        head = _HEAD.pack(MAGIC, len(pdf), self.digest)
        return head + zstd.compress(pdf, LEVEL, zstd_dict=self.ready)


def unpacked(stored: bytes, dictionary_of: Callable[[bytes], Dictionary]) -> bytes:
    """The PDF in a stored file; `dictionary_of` finds a dictionary by its digest.

    Raises `RecordContentInvalid` for what no writer of this form left. No more is unpacked than the head says.
    """
    if not stored.startswith(MAGIC):
        return stored
    if len(stored) < _HEAD.size:
        raise RecordContentInvalid(f"a stored record ends after {len(stored)} bytes, within its head")
    _, size, digest = _HEAD.unpack_from(stored)
    if size > MAX_PDF_BYTES:
        raise RecordContentInvalid(f"a record has at most {MAX_PDF_BYTES:,} bytes, a stored one says {size:,}")
    pdf = _inflated(stored[_HEAD.size :], size, dictionary_of(digest))
    if len(pdf) != size:
        raise RecordContentInvalid(f"expected a stored record of {size:,} bytes, got other content")
    return pdf


def _inflated(frame: bytes, size: int, dictionary: Dictionary) -> bytes:
    """At most one byte more than `size`: then it is another file, whatever follows."""
    unpacking = zstd.ZstdDecompressor(zstd_dict=dictionary.ready, options=_BOUNDS)
    try:
        pdf = unpacking.decompress(frame, size + 1)
    except zstd.ZstdError as error:
        raise RecordContentInvalid(f"a stored record cannot be unpacked: {error}") from error
    if not unpacking.eof or unpacking.unused_data:
        raise RecordContentInvalid(f"expected a stored record of {size:,} bytes, got another frame")
    return bytes(pdf)
