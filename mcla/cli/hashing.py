# SPDX-License-Identifier: Apache-2.0
"""Hash what the user named, showing progress; shared by `hash`, `sign` and `verify`."""

from collections.abc import Sequence
from pathlib import Path

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.scan import Found, find_files, hash_found
from mcla.cli.output import Output, plain
from mcla.cli.progress import shown

NAMED_POINTERS = 5


def hashed(paths: Sequence[Path], output: Output) -> Manifest:
    """The manifest of files and folders; Git LFS pointers count as what they point to, which is said on stderr."""
    found = find_files(paths)
    with shown("Hashing", sum(item.size for item in found), output) as advance:
        manifest = hash_found(found, advance)
    _tell_pointers(found, manifest, output)
    return manifest


def _tell_pointers(found: Sequence[Found], manifest: Manifest, output: Output) -> None:
    sizes = {item.path: item.size for item in found}
    pointers = [entry.path for entry in manifest.files if entry.size != sizes[entry.path]]
    if not pointers:
        return
    names = ", ".join(plain(path, keep="") for path in pointers[:NAMED_POINTERS])
    more = f" and {len(pointers) - NAMED_POINTERS} more" if len(pointers) > NAMED_POINTERS else ""
    verb = (
        "is a Git LFS pointer and counts as the file it stands for"
        if len(pointers) == 1
        else "are Git LFS pointers and count as the files they stand for"
    )
    output.say(f"{names}{more} {verb}; those bytes were not read.")
