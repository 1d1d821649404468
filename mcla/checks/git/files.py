# SPDX-License-Identifier: Apache-2.0
"""The files that differ between two trees, by the trees alone: no attributes, no filters, no working tree.

A name is bytes to Git. What is not UTF-8 is kept with surrogate escapes, so that it can be told and matches no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcla.checks.git.program import GitFailed, Repository

Kind = Literal["file", "symlink", "submodule"]
KINDS: dict[str, Kind] = {"100644": "file", "100755": "file", "120000": "symlink", "160000": "submodule"}
GONE = "000000"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One name after the change: what it is, the id of its blob (of a submodule: of a commit elsewhere), and the name
    that the very same bytes had before."""

    path: str
    kind: Kind
    oid: str
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """One name in a tree, as it stands there."""

    path: str
    mode: str
    oid: str


def changed_files(repository: Repository, start: str, head: str) -> tuple[TreeFile, ...]:
    """The names that are new, other or of another kind in `head`; a changed permission is no change.

    Removed ones are left out. A rename is one only where the bytes are the same; raises `GitFailed`.
    """
    how = ("-r", "-z", "--raw", "--no-abbrev", "--find-renames=100%", "--no-ext-diff", "--no-textconv")
    told = repository.objects("diff-tree", *how, "--ignore-submodules=none", start, head)
    return tuple(_parsed(told))


def file_at(repository: Repository, commit: str, path: str) -> tuple[str, str] | None:
    """The mode and the id of one name in a commit's tree; None where there is none. `path` is taken to the letter."""
    told = repository.objects("--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", path)
    for entry in told.split(b"\0")[:-1]:
        words, _, name = entry.partition(b"\t")
        if name.decode("utf-8", "surrogateescape") == path:
            mode, _, oid = words.decode("ascii").split(" ")
            return mode, oid
    return None


def files_of(repository: Repository, commit: str) -> Iterator[TreeFile]:
    """Everything in a commit's tree; raises `GitFailed` for a mode that Git does not know."""
    for each in names_of(repository, commit):
        yield TreeFile(each.path, _kind(each.mode), each.oid)


def names_of(repository: Repository, commit: str) -> Iterator[Name]:
    """Every name in a commit's tree, of whatever mode."""
    for entry in repository.objects("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        words, _, name = entry.partition(b"\t")
        mode, _, oid = words.decode("ascii").split(" ")
        yield Name(name.decode("utf-8", "surrogateescape"), mode, oid)


def _kind(mode: str) -> Kind:
    if mode not in KINDS:
        raise GitFailed(f"expected a file, a symbolic link or a submodule, got the mode {mode}")
    return KINDS[mode]


def _parsed(told: bytes) -> Iterator[TreeFile]:
    parts = iter(told.split(b"\0")[:-1])
    for record in parts:
        try:
            before, mode, old, oid, status = record.decode("ascii").removeprefix(":").split(" ")
            first = next(parts).decode("utf-8", "surrogateescape")
            path = next(parts).decode("utf-8", "surrogateescape") if status[0] in "RC" else first
        except (ValueError, StopIteration) as error:
            raise GitFailed("expected Git's list of changed files, got something else") from error
        if mode == GONE or (old == oid and path == first and KINDS.get(before) == KINDS.get(mode)):
            continue
        yield TreeFile(path, _kind(mode), oid, first if path != first else None)
