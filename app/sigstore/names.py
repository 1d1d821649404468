# SPDX-License-Identifier: Apache-2.0
"""The name in a certificate for a stock client: the signer's own, and a segment that says who asked for it.

A statement of ours names its signer without that segment, so no verifier of ours, old or new, takes such a
certificate for a statement that this service has not written.
"""

from mcla.statements.parts import STOCK_SEGMENT


def stock_uri(origin: str, signer_id: str) -> str:
    """`<origin>/signers/<id>/stock`."""
    return f"{origin}/signers/{signer_id}{STOCK_SEGMENT}"


def signer_of(uri: str, origin: str) -> str:
    """The signer's id in such a name."""
    return uri.removeprefix(f"{origin}/signers/").removesuffix(STOCK_SEGMENT)


def is_stock(uri: str, origin: str) -> bool:
    """Whether a certificate with this name was made for a stock client of this service."""
    return uri.startswith(f"{origin}/signers/") and uri.endswith(STOCK_SEGMENT)
