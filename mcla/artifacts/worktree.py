# SPDX-License-Identifier: Apache-2.0
"""What a Git repository keeps for itself inside a checkout: a clone's own business, other in each clone of one commit.

By gitrepository-layout(5) it is the entry `.git`: a folder with a HEAD, or in worktrees and submodules a file that
begins with `gitdir: `. Any other `.git` is an ordinary name. The pages have the same rule (js/measure.js).
"""

from pathlib import Path

NAME = ".git"
_ELSEWHERE = b"gitdir: "


def is_repository(entry: Path) -> bool:
    """Whether `entry` of a folder is the repository of that folder's checkout; what cannot be read is none."""
    if entry.name != NAME:
        return False
    try:
        return (entry / "HEAD").is_file() if entry.is_dir() else entry.is_file() and _leads_elsewhere(entry)
    except OSError:
        return False


def _leads_elsewhere(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_ELSEWHERE)) == _ELSEWHERE
