# SPDX-License-Identifier: Apache-2.0
"""A change may bring proofs, but nothing that it is measured by: trust file, list of withdrawals, policy."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mcla.artifacts.digest import shown_path
from mcla.checks.git.files import TreeFile, changed_files
from mcla.checks.git.program import Repository
from mcla.checks.policy import folded
from mcla.cli.failure import Undecided

MAX_LINKS = 40
"""As many as the system follows itself."""


class OwnEvidence(Undecided):
    """A change brings what it is to be measured by."""

    code = "own-evidence"


def check_not_brought(repository: Repository, base: str, head: str, places: Iterable[Path | None]) -> None:
    """What a change is measured by must not be the change's own; raises `OwnEvidence`."""
    root = (repository.there("rev-parse", "--show-toplevel") or b"").decode("utf-8", "surrogateescape").strip()
    ways = [way for place in places if place and root for way in _ways(place.absolute())]
    within = {folded(str(way.relative_to(root))) for way in ways if way.is_relative_to(root)}
    # Folded: where the checkout makes no difference between two names, one stands in the other's place.
    brought = (each for each in changed_files(repository, base, head) if folded(each.path) in within)
    for each in brought if within else ():
        raise _own(each, base)


def _ways(place: Path) -> Iterator[Path]:
    """Every name on the way to a file: its folders, each link among them and where that leads. A change may point a
    link elsewhere, or put a submodule in a folder's place, and touch no byte of the file."""
    yield Path(os.path.normpath(place))
    at, left, links = Path(place.anchor), list(place.parts[:0:-1]), 0
    while left:
        at = at.parent if (part := left.pop()) == ".." else at / part
        yield at
        if at.is_symlink() and links < MAX_LINKS:
            links, target = links + 1, at.readlink()
            left += target.parts[::-1] if not target.is_absolute() else target.parts[:0:-1]
            at = Path(target.anchor) if target.is_absolute() else at.parent


def _own(file: TreeFile, base: str) -> OwnEvidence:
    hint = f"Take the one of the base:  git show {base[:12]}:{shown_path(file.path)} > FILE"
    if file.kind != "file":
        hint = "Name a file that no link and no submodule of the change leads to."
    why = "expected it as it is at the base: a change may not bring what it is measured by"
    return OwnEvidence(f"The change brings its own {shown_path(file.path)}.", why=why, hint=hint)
