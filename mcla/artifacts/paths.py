# SPDX-License-Identifier: Apache-2.0
"""Paths in a manifest: relative, `/`-separated, the same on every file system, and readable as they are.

A path is kept as given, never repaired: what the signer saw is what is signed. Refused is what another system
would read as another file (drive letters, backslashes, `..`) and what a reader would see wrongly (direction controls).
"""

import re
import unicodedata
from typing import NoReturn

from mcla.artifacts.digest import shown_path
from mcla.errors import MclaError

MANIFEST_NAME = "mcla:manifest"
MAX_PATH_BYTES = 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class PathInvalid(MclaError):
    """A path cannot stand in a manifest."""

    code = "path-invalid"
    hint = "Rename the file, or give the folder that holds it: a path is relative, without '..', in plain UTF-8."


def check_path(path: object) -> str:
    """Return `path` unchanged if it may stand in a manifest; raises `PathInvalid` saying what is wrong."""
    if not isinstance(path, str):
        _refuse("expected text", path)
    try:
        length = len(path.encode("utf-8"))
    except UnicodeEncodeError:
        _refuse("expected UTF-8, got other bytes in", path)
    if not 1 <= length <= MAX_PATH_BYTES:
        raise PathInvalid(f"expected a path of 1 to {MAX_PATH_BYTES} bytes, got {length}")
    if path == MANIFEST_NAME:
        _refuse("this name is reserved:", path)
    _check_characters(path)
    if path.startswith("/") or _DRIVE.match(path):
        _refuse("expected a relative path, got", path)
    if any(segment in ("", ".", "..") for segment in path.split("/")):
        _refuse("expected no empty, '.' or '..' segment, got", path)
    return path


def collision_key(path: str) -> str:
    """Two paths with equal keys are one file on a system that ignores case or Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def unreadable_character(text: str) -> str | None:
    """The first character that a reader would not see or see wrongly: controls, line breaks, direction marks."""
    if text.isascii() and text.isprintable():
        return None
    unseen = (char for char in text if unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _DIRECTION)
    return next(unseen, None)


def _check_characters(path: str) -> None:
    if "\\" in path:
        _refuse("expected '/' between segments, got a backslash in", path)
    if (char := unreadable_character(path)) is not None:
        _refuse(f"expected no control characters, got U+{ord(char):04X} in", path)


def _refuse(reason: str, path: object) -> NoReturn:
    text = shown_path(path) if isinstance(path, str) else f"a value of type {type(path).__name__}"
    raise PathInvalid(f"{reason} {text if len(text) <= 120 else text[:120] + '...'}")
