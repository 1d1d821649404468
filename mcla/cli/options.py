# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, apart from what they do, so that `--help` imports nothing heavy."""

import click

no_cache = click.option(
    "--no-cache", is_flag=True, help="Read every file, also those that did not change since they were last read."
)
