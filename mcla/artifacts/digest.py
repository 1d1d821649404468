# SPDX-License-Identifier: Apache-2.0
"""SHA-256 digests: the identity of an artifact, as Git LFS, model hubs and OCI registries use it (FIPS 180-4).

One written form: 64 lower-case hexadecimal digits, `sha256:` before it where the algorithm is not said by the
field's name. Upper case is refused, so that two texts are equal exactly when the digests are.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from mcla.errors import MclaError

PREFIX = "sha256:"
CHUNK = 1024 * 1024
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class DigestInvalid(MclaError):
    """A text is not a SHA-256 digest in the one form."""

    code = "digest-invalid"
    hint = "Write it as sha256: and 64 lower-case hexadecimal digits, as `mcla hash FILE` prints it."


class FileUnreadable(MclaError):
    """A file cannot be hashed: it is missing, forbidden, no regular file, or changed meanwhile."""

    code = "file-unreadable"
    hint = "Check that the file exists, that you may read it, and that nothing writes to it; then try again."


def check_sha256(text: object) -> str:
    """Return `text` if it is 64 lower-case hexadecimal digits; raises `DigestInvalid`."""
    if isinstance(text, str) and _HEX.fullmatch(text):
        return text
    raise DigestInvalid(f"expected 64 lower-case hexadecimal digits, got {_shown(text)}")


def parse_digest(text: str) -> str:
    """Return the 64 hexadecimal digits of `sha256:<hex>`; raises `DigestInvalid` for any other text."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise DigestInvalid(f"expected sha256: and 64 hexadecimal digits, got {_shown(text)}")
    return check_sha256(text.removeprefix(PREFIX))


def format_digest(sha256: str) -> str:
    """Return the text form `sha256:<hex>`."""
    return PREFIX + check_sha256(sha256)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: str | Path, on_bytes: Callable[[int], None] | None = None) -> tuple[str, int]:
    """Hash one regular file in constant memory; returns (sha256 hex, size in bytes).

    `on_bytes(n)` is called after each piece of n bytes. Raises `FileUnreadable`, also when the file changed
    while it was read: a digest of half-old bytes names nothing.
    """
    try:
        # O_NONBLOCK: a pipe put in the file's place must be refused, not waited for.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb", buffering=0) as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise FileUnreadable(f"expected a regular file, got something else: {shown_path(path)}")
            state = hashlib.sha256()
            buffer = bytearray(CHUNK)
            view = memoryview(buffer)
            size = 0
            while count := file.readinto(buffer):
                state.update(view[:count])
                size += count
                if on_bytes is not None:
                    on_bytes(count)
            after = os.fstat(handle)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileUnreadable(f"cannot read {shown_path(path)}: {reason}") from error
    if size != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise FileUnreadable(f"the file changed while it was read: {shown_path(path)}")
    return state.hexdigest(), size


def shown_path(path: str | Path) -> str:
    """A path as it may be printed: bytes that are not UTF-8 and control characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(path))


def _shown(text: object) -> str:
    if not isinstance(text, str):
        return f"a value of type {type(text).__name__}"
    return ascii(text) if len(text) <= 80 and text.isascii() else f"{text[:20]!a} ({len(text)} characters)"
