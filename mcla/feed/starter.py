# SPDX-License-Identifier: Apache-2.0
"""The entries that come with the software: a beginning, in own words, for an issuer to check, change and sign."""

from importlib.resources import files

from mcla.feed.document import Draft
from mcla.feed.parts import shaped
from mcla.statements.strict import parse_json

NOBODY = "Nobody yet"
"""How the issuer of entries begins that no person has answered for."""


def starter_entries() -> bytes:
    """A draft (`mcla.feed-entries/1`) as `mcla-server feed publish` takes it."""
    return files("mcla.feed").joinpath("data/starter.json").read_bytes()


def starter_issuer() -> str:
    """Who answers for these entries where a service signed them by itself: nobody, which followers are told."""
    sources = shaped(Draft, parse_json(starter_entries())).sources_as_of
    return f"{NOBODY} (entries that come with the software, sources as of {sources})"


def unanswered(issuer: str) -> bool:
    """Whether an issuer is the one of entries that no person has answered for."""
    return issuer.startswith(NOBODY)
