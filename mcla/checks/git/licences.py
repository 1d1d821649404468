# SPDX-License-Identifier: Apache-2.0
"""The licence files of a checkout that speak for changed files, told by their words."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from mcla.artifacts.paths import PathInvalid, check_path
from mcla.checks.change import MAX_LICENCE_FILES
from mcla.checks.git.files import KINDS, Name, TreeFile, names_of
from mcla.checks.git.objects import Objects
from mcla.checks.git.program import Repository
from mcla.licences.licence_file import LicenceFile, is_licence_file, read_licence_file
from mcla.licences.licence_files import nearest
from mcla.licences.words import MAX_BYTES


def licence_files(repository: Repository, head: str, files: Sequence[TreeFile]) -> tuple[LicenceFile, ...]:
    """Those of the nearest folder for each of these files; what is no text, or too large to be one, is left out."""
    by_folder: dict[PurePosixPath, list[Name]] = {}
    for each in names_of(repository, head) if files else ():
        if KINDS.get(each.mode) == "file" and is_licence_file(each.path) and _is_sendable(each.path):
            by_folder.setdefault(PurePosixPath(each.path).parent, []).append(each)
    wanted = {folder for file in files if (folder := nearest(file.path, by_folder)) is not None}
    chosen = [each for folder in sorted(wanted) for each in by_folder[folder]][:MAX_LICENCE_FILES]
    with Objects(repository) as objects:
        read = [(each.path, _read(objects, each.oid)) for each in chosen]
    found = (read_licence_file(path, data) for path, data in read if data is not None)
    return tuple(each for each in found if each is not None)


def _is_sendable(path: str) -> bool:
    try:
        check_path(path)
    except PathInvalid:
        return False
    return True


def _read(objects: Objects, oid: str) -> bytes | None:
    """The bytes of a file; None where they are not in this clone, or too many."""
    size = objects.size(oid, "blob")
    if size is None:
        return None
    kept = bytearray()
    objects.feed(size, *([kept.extend] if size <= MAX_BYTES else []))
    return bytes(kept) if size <= MAX_BYTES else None
