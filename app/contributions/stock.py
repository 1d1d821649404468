# SPDX-License-Identifier: Apache-2.0
"""What a tool of others wrote, as the beginning of the list of files: names where it has them, never a size."""

from collections.abc import Iterable

from app.contributions.filelist import UNSIZED
from app.contributions.schemas.bundle import BundleIn
from app.signing.earlier import Earlier
from mcla.envelope.bundle import BundleTooLarge, MessageSignature, parse_bundle
from mcla.statements.oms import parse_oms

BY_HAND = "Give so long a list with `mcla sign --from-bundle FILE PATH…`."


def earlier_in(data: bytes) -> Earlier:
    """The earlier signature in a bundle; raises `BundleTooLarge`, or what `parse_bundle` and `parse_oms` raise."""
    if len(data) > BundleIn.max_bytes:
        raise BundleTooLarge(f"expected a signature file of at most {BundleIn.max_bytes // 1024**2} MiB", hint=BY_HAND)
    bundle = parse_bundle(data)
    if isinstance(bundle.content, MessageSignature):
        return Earlier(bundle.entry.log_index)
    parse_oms(bundle.envelope.payload)
    return Earlier(bundle.entry.log_index, bundle.envelope.payload)


def lines_of(signed: Iterable[tuple[str, bytes | None]]) -> str:
    """One line for each file of (digest that was signed, list that it is over if it is shown)."""
    return "\n".join(line for sha256, statement in signed for line in _lines(sha256, statement))


def _lines(sha256: str, statement: bytes | None) -> list[str]:
    if statement is None:
        return [f"{sha256} {UNSIZED}"]
    return [f"{file.sha256}  {file.path}" for file in parse_oms(statement).files]
