# SPDX-License-Identifier: Apache-2.0
"""Which names Git hands to Git LFS: a pointer stands for other bytes only where `.gitattributes` say `filter=lfs`.

The tree at head decides, because it is what a checkout of the change gets: without that line the checkout holds the
pointer's few bytes of text, whatever they name. Both sides count for what a change of `.gitattributes` alone does: it
turns text into models, or models into text, and no pointer differs. Git itself reads the attributes, of the tree alone.
"""

from collections.abc import Iterable
from functools import partial

from mcla.artifacts.lfs import MAX_LOOKED_AT, MAX_POINTER_BYTES, is_near_pointer, parse_pointer
from mcla.checks.git.files import TreeFile, files_of
from mcla.checks.git.objects import Objects
from mcla.checks.git.program import GitFailed, ObjectsMissing, Repository

ATTRIBUTES = ":(glob)**/.gitattributes"
MAX_LACKING = 100
"""Ids that a hint tells at once."""


def handed_to_lfs(repository: Repository, tree: str, paths: Iterable[str]) -> frozenset[str]:
    """Those of some names that have `filter=lfs` in a tree (gitattributes(5)); raises `ObjectsMissing` or `GitFailed`.

    The index of the repository that is our own takes the tree in, so no working tree is looked at.
    """
    named = b"".join(_bytes(each) + b"\0" for each in paths)
    if not named:
        return frozenset()
    repository.objects("read-tree", tree)
    _check_here(repository)
    told = repository.objects("check-attr", "--cached", "-z", "--stdin", "filter", given=named).split(b"\0")[:-1]
    if len(told) != 3 * named.count(b"\0"):
        raise GitFailed("expected one attribute of each name, got something else")
    return frozenset(_text(path) for path, value in zip(told[::3], told[2::3], strict=True) if value == b"lfs")


def turned_pointers(repository: Repository, start: str, head: str, changed: Iterable[TreeFile]) -> tuple[TreeFile, ...]:
    """The pointers that stay as they are, and that a change of `.gitattributes` hands to Git LFS, or no more."""
    if not repository.objects("diff-tree", "-r", "-z", "--name-only", start, head, "--", ATTRIBUTES):
        return ()
    kept = {each.path: each for each in files_of(repository, head) if each.kind == "file"}
    for each in changed:
        kept.pop(each.path, None)
    turned = handed_to_lfs(repository, start, kept) ^ handed_to_lfs(repository, head, kept)
    with Objects(repository) as objects:
        return tuple(kept[path] for path in sorted(turned) if _may_be_pointer(objects, kept[path].oid))


def _may_be_pointer(objects: Objects, oid: str) -> bool:
    size = objects.size(oid, "blob")
    if size is None:
        return True  # not in this clone: whoever reads it says so
    start = bytearray()
    objects.feed(size, partial(keep_start, start))
    whole = parse_pointer(bytes(start)) if size <= MAX_POINTER_BYTES else None
    return whole is not None or is_near_pointer(bytes(start))


def keep_start(start: bytearray, piece: memoryview) -> None:
    """Keep as much of a blob as git-lfs tells a pointer by."""
    start += piece[: MAX_LOOKED_AT - len(start)]


def _check_here(repository: Repository) -> None:
    """Git takes a file of attributes that a partial clone lacks for an empty one."""
    entries = repository.objects("ls-files", "-z", "--stage", "--", ATTRIBUTES).split(b"\0")[:-1]
    with Objects(repository) as objects:
        lacking = [oid for each in entries if not _is_here(objects, oid := each.split(b" ", 2)[1].decode("ascii"))]
    if lacking:
        step = f"Fetch them:  git show {' '.join(lacking[:MAX_LACKING])} > /dev/null"
        raise ObjectsMissing(f"This clone lacks {len(lacking):,} of the change's .gitattributes.", hint=step)


def _is_here(objects: Objects, oid: str) -> bool:
    size = objects.size(oid, "blob")
    if size is not None:
        objects.feed(size)
    return size is not None


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
