# SPDX-License-Identifier: Apache-2.0
"""`mcla hash`: the manifest of files and folders, exactly as it would be signed.

Text: one line a file in the form of `sha256sum`, then the root. Where a name would break that form (control or
backslash characters cannot stand in a manifest) the scan has already refused it.
"""

from pathlib import Path

import click

from mcla.cli.counts import count_files
from mcla.cli.options import listing, no_cache, with_git
from mcla.cli.output import current, speaks


@click.command("hash")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(exists=True, readable=False, path_type=Path))
@listing
@no_cache
@with_git
@speaks
def command(paths: tuple[Path, ...], listing: Path | None, no_cache: bool, with_git: bool) -> None:
    """Print the SHA-256 of files and the root over all of them.

    One folder alone: names are relative to it. Git LFS pointers count as the files they stand for.
    """
    from mcla.artifacts.scan import manifest_of
    from mcla.cli.claims import given_files

    output = current()
    manifest = manifest_of(given_files(paths, listing, output, cache=not no_cache, git=with_git))
    if output.json:
        output.document({"root": manifest.root, "files": [entry.to_dict() for entry in manifest.files]})
        return
    lines = [f"{entry.sha256}  {entry.path}" for entry in manifest.files]
    output.data("\n".join([*lines, f"{manifest.root}  root of {count_files(len(lines))}"]))
