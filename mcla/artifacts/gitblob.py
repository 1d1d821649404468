# SPDX-License-Identifier: Apache-2.0
"""Git's own name for a file: SHA-1 over `blob <size>` NUL and the bytes.

Only ever compared with what a listing or a tree says. Nothing is signed by it: SHA-1 is Git's choice, not ours.
"""

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_ID = re.compile(r"[0-9a-f]{40}", re.ASCII)


def blob_start(size: int) -> "_Hash":
    """The state to feed with the `size` bytes of a file; its `hexdigest()` is then the blob id."""
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def blob_id(data: bytes) -> str:
    """The blob id (40 hex) of these bytes, as `git hash-object` prints it."""
    state = blob_start(len(data))
    state.update(data)
    return state.hexdigest()


def is_blob_id(value: object) -> bool:
    """Whether `value` is 40 lower-case hexadecimal digits."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
