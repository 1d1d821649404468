# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, apart from what they do, so that `--help` imports nothing heavy."""

from pathlib import Path

import click

listing = click.option(
    "--listing",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="A saved tree listing of a model hub (JSON): its files are named without reading them. PATH is then the "
    "folder with the small files that the listing does not name by SHA-256.",
)
with_git = click.option(
    "--with-git", is_flag=True, help="Count the repository of a Git checkout (.git) too, which is left out by default."
)
no_cache = click.option(
    "--no-cache", is_flag=True, help="Read every file, also those that did not change since they were last read."
)
