# SPDX-License-Identifier: Apache-2.0
"""The entries that come with the software: a beginning, in own words, for an issuer to check, change and sign."""

from importlib.resources import files


def starter_entries() -> bytes:
    """A draft (`mcla.feed-entries/1`) as `mcla-server feed publish` takes it."""
    return files("mcla.feed").joinpath("data/starter.json").read_bytes()
