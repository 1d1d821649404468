# SPDX-License-Identifier: Apache-2.0
"""Identifiers of what comes of a signing: made from the signing's own, so that finishing it twice makes one thing."""

import re

_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}", re.ASCII)
PREFIXES = {"acceptance": "sig", "contribution": "ctr", "record": "rec"}


def result_id(signing_id: str, what: str) -> str:
    """`sng_<x>` -> `sig_<x>`, `ctr_<x>` or `rec_<x>`; `what` is acceptance, contribution or record."""
    return f"{PREFIXES[what]}_{signing_id.partition('_')[2]}"


def is_id(text: str) -> bool:
    """Whether a text from outside is worth looking for; PostgreSQL has no text with a NUL in it, for one."""
    return _ID.fullmatch(text) is not None
