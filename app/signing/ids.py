# SPDX-License-Identifier: Apache-2.0
"""Identifiers of what comes of a signing: made from the signing's own, so that finishing it twice makes one thing."""

from app.platform.clock import is_id

PREFIXES = {"acceptance": "sig", "contribution": "ctr", "withdrawal": "wdr", "company-change": "chg"}


def result_id(signing_id: str, what: str) -> str:
    """`sng_<x>` -> `sig_<x>`, `ctr_<x>`, `wdr_<x>` or `chg_<x>`; `what` is the kind of a signing.

    All are public. A record is private, so its id is drawn anew and follows from none of these.
    """
    return f"{PREFIXES[what]}_{signing_id.partition('_')[2]}"


def signing_of(identifier: str) -> tuple[str, str] | None:
    """`ctr_<x>` -> (`sng_<x>`, `contribution`): the signing that a result came of; None for what is no such id."""
    prefix, _, rest = identifier.partition("_")
    what = next((what for what, known in PREFIXES.items() if known == prefix), None)
    return (f"sng_{rest}", what) if what and is_id(identifier) else None
