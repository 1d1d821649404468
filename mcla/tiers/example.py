# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers to begin with: whole, readable by `read_terms`, and made to be changed."""

from importlib.resources import files


def example() -> bytes:
    return (files("mcla.tiers") / "data" / "example.toml").read_bytes()
