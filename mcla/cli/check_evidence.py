# SPDX-License-Identifier: Apache-2.0
"""A change may bring proofs, but nothing that it is measured by: trust file, list of withdrawals, policy."""

import os
from collections.abc import Iterable
from pathlib import Path

from mcla.artifacts.digest import shown_path
from mcla.checks.git.files import file_at
from mcla.checks.git.program import Repository
from mcla.cli.failure import Undecided


class OwnEvidence(Undecided):
    """A change brings what it is to be measured by."""

    code = "own-evidence"


def check_not_brought(repository: Repository, base: str, head: str, places: Iterable[Path | None]) -> None:
    """What a change is measured by must not be the change's own; raises `OwnEvidence`."""
    root = (repository.there("rev-parse", "--show-toplevel") or b"").decode("utf-8", "surrogateescape").strip()
    for place in places:
        # As it is named and where it leads: a link in the checkout may have been pointed elsewhere.
        for path in {Path(os.path.normpath(place.absolute())), place.resolve()} if place and root else ():
            if path.is_relative_to(root):
                _check_same(repository, base, head, str(path.relative_to(root)))


def _check_same(repository: Repository, base: str, head: str, path: str) -> None:
    now, before = file_at(repository, head, path), file_at(repository, base, path)
    if now is not None and now != before:
        hint = f"Take the one of the base:  git show {base[:12]}:{shown_path(path)} > FILE"
        why = "expected it as it is at the base: a change may not bring what it is measured by"
        raise OwnEvidence(f"The change brings its own {shown_path(path)}.", why=why, hint=hint)
