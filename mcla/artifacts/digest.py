# SPDX-License-Identifier: Apache-2.0
"""SHA-256 digests: the identity of an artifact, as Git LFS, model hubs and OCI registries use it (FIPS 180-4).

One written form: 64 lower-case hexadecimal digits, `sha256:` before it where the algorithm is not said by the
field's name: `digest` and `root` of an answer have it, `sha256` and `text_sha256` have not. Upper case is refused, so
that two texts are equal exactly when the digests are.
"""

import hashlib
import re
from pathlib import Path

from mcla.errors import MclaError
from mcla.wording import Worded

PREFIX = "sha256:"
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class DigestInvalid(MclaError):
    """A text is not a SHA-256 digest in the one form."""

    code = "digest-invalid"
    hint = "Write it as sha256: and 64 lower-case hexadecimal digits, as `mcla hash FILE` prints it."


def check_sha256(text: object) -> str:
    """Return `text` if it is 64 lower-case hexadecimal digits; raises `DigestInvalid`."""
    if isinstance(text, str) and _HEX.fullmatch(text):
        return text
    raise DigestInvalid(Worded("expected 64 lower-case hexadecimal digits, got %(got)s", got=_shown(text)))


def parse_digest(text: str) -> str:
    """Return the 64 hexadecimal digits of `sha256:<hex>`; raises `DigestInvalid` for any other text."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise DigestInvalid(Worded("expected sha256: and 64 hexadecimal digits, got %(got)s", got=_shown(text)))
    return check_sha256(text.removeprefix(PREFIX))


def read_digest(text: str) -> str:
    """The same for what somebody asks about, with or without `sha256:` before the digits; raises `DigestInvalid`."""
    return parse_digest(text if not isinstance(text, str) or ":" in text else PREFIX + text)


def format_digest(sha256: str) -> str:
    """Return the text form `sha256:<hex>`."""
    return PREFIX + check_sha256(sha256)


def sha256_hex(data: bytes | bytearray) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def shown_path(path: str | Path) -> str:
    """A path as it may be printed: bytes that are not UTF-8 and control characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(path))


def _shown(text: object) -> str:
    if not isinstance(text, str):
        return f"a value of type {type(text).__name__}"
    return ascii(text) if len(text) <= 80 and text.isascii() else f"{text[:20]!a} ({len(text)} characters)"
