# SPDX-License-Identifier: Apache-2.0
"""Files that a saved hub listing names, as if they had been read here; small ones are read from a folder beside it."""

from collections.abc import Sequence
from pathlib import Path

from mcla.artifacts.listing import Listed, parse_listing, read_beside, unnamed
from mcla.artifacts.measure import Content
from mcla.artifacts.scan import Measured, resolved_inside
from mcla.cli.counts import count_files
from mcla.cli.failure import WrongUsage
from mcla.cli.output import Output
from mcla.cli.target import read_file


def listed(listing: Path, paths: Sequence[Path], output: Output) -> list[Measured]:
    """What the listing's files hold; `paths` is empty or the one folder with those that it does not name by SHA-256."""
    if len(paths) > 1 or not all(path.is_dir() for path in paths):
        why = "expected no path, or the folder that holds the files which the listing does not name by SHA-256"
        raise WrongUsage(
            "A listing stands alone or beside one folder.", why=why, hint="mcla hash --listing FILE FOLDER"
        )
    files = parse_listing(read_file(listing, "listing"))
    if not paths and any(file.sha256 is None for file in files):
        raise unnamed(files)
    named = sum(file.sha256 is not None for file in files)
    output.say(f"{count_files(named)} as the listing names them; those bytes were not read.")
    return [Measured(file.path, _content(file, paths)) for file in files]


def _content(file: Listed, paths: Sequence[Path]) -> Content:
    if file.sha256 is not None:
        return Content(file.sha256, file.size, pointer=True)
    root = paths[0].resolve()
    return Content(read_beside(file, resolved_inside(root, root / file.path)), file.size)
