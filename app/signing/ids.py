# SPDX-License-Identifier: Apache-2.0
"""Identifiers of what comes of a signing: made from the signing's own, so that finishing it twice makes one thing."""

PREFIXES = {"acceptance": "sig", "contribution": "ctr"}


def result_id(signing_id: str, what: str) -> str:
    """`sng_<x>` -> `sig_<x>` or `ctr_<x>`; `what` is acceptance or contribution.

    Both are public. A record is private, so its id is drawn anew and follows from none of these.
    """
    return f"{PREFIXES[what]}_{signing_id.partition('_')[2]}"
