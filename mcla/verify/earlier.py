# SPDX-License-Identifier: Apache-2.0
"""Signatures that a contribution names as made before with a tool of others, against the bundles of those.

The statement names a log entry by its digest and place. That this entry is by the same signer, over files of the
contribution, and of which time, only its own bundle shows; without it the name is repeated and nothing more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import Bundle, MessageSignature, parse_bundle
from mcla.log.checkpoint import Checkpoint
from mcla.statements.parts import STOCK_SEGMENT, EarlierRef
from mcla.statements.statement import AnyStatement, Contribution
from mcla.verify.artifact import check_artifact
from mcla.verify.checks import Refused
from mcla.verify.oms import read_oms
from mcla.verify.verdict import Reason, Verdict

_SHOWN = 5
_TO_CHECK = "To check it too, give the bundle that the other tool wrote: mcla verify TARGET --earlier BUNDLE."


class EarlierUnproven(Refused):
    """The bundle of an earlier signature does not hold by itself."""

    code = "earlier-unproven"
    hint = "Check that bundle alone to see each step: mcla verify BUNDLE."


class EarlierOther(Refused):
    """The bundle that was given is not that of a signature which the statement names."""

    code = "earlier-other"
    hint = "Give with --earlier the bundle that the signer's other tool wrote; mcla verify BUNDLE says its log entry."


@dataclass(frozen=True, slots=True)
class Proven:
    """An earlier signature whose own bundle holds: which, and when it was stamped (RFC 3339)."""

    ref: EarlierRef
    time: str


def check_earlier(
    statement: AnyStatement,
    bundle: Bundle,
    head: Checkpoint,
    manifest: Manifest | None,
    given: Sequence[bytes],
    verify: Callable[[bytes], Verdict],
) -> tuple[Proven, ...]:
    """What the bundles in `given` prove of the entries that `statement` names, which `bundle` proves under `head`.

    Raises `EarlierUnproven`, `EarlierOther`, and `ManifestNeeded` where only the manifest can tell.
    """
    if not isinstance(statement, Contribution):
        raise EarlierOther("expected a contribution, which may name earlier signatures, got another statement")
    return tuple(_check(statement, bundle, head, manifest, data, verify(data)) for data in given)


def _check(
    statement: Contribution, own: Bundle, head: Checkpoint, manifest: Manifest | None, data: bytes, verdict: Verdict
) -> Proven:
    if not verdict.verified or verdict.statement is None or verdict.checkpoint is None:
        raise EarlierUnproven(f"expected an earlier signature whose bundle holds, got: {verdict.reasons[0].message}")
    bundle = parse_bundle(data)
    ref = EarlierRef(sha256_hex(bundle.entry.body), bundle.entry.log_index)
    if ref not in statement.earlier or verdict.checkpoint.origin != head.origin:
        named = _listed(str(each.log_index) for each in statement.earlier) or "none"
        raise EarlierOther(
            f"expected the bundle of a log entry that the statement names ({named}), "
            f"got entry {ref.log_index} of {verdict.checkpoint.origin}, SHA-256 {ref.entry}"
        )
    if ref.log_index >= own.entry.log_index:
        raise EarlierOther(f"expected an entry before {own.entry.log_index}, got entry {ref.log_index}")
    expected = statement.signer + STOCK_SEGMENT, statement.service
    if (got := (verdict.statement["signer"], verdict.statement["service"])) != expected:
        raise EarlierOther(f"expected a signature by {' of '.join(expected)}, got one by {' of '.join(got)}")
    for digest in _signed(bundle):
        check_artifact(digest, statement, manifest)
    return Proven(ref, verdict.statement["time"])


def _signed(bundle: Bundle) -> list[str]:
    """The SHA-256 of each file that was signed."""
    if isinstance(bundle.content, MessageSignature):
        return [bundle.content.sha256]
    listed = read_oms(bundle.content.payload)
    if listed is None:
        raise EarlierOther("expected an earlier signature over a file or over a list of files (OMS), got another")
    return [file.sha256 for file in listed.files]


def told(proven: Sequence[Proven]) -> str:
    """What was seen, in a step's words."""
    return _listed(f"entry {one.ref.log_index}, signed on {one.time}" for one in proven)


def reasons_of(statement: AnyStatement, proven: Sequence[Proven]) -> tuple[Reason, ...]:
    """What a verdict says of earlier signatures, if the statement names any."""
    if not isinstance(statement, Contribution) or not statement.earlier:
        return ()
    entries = _listed(str(each.log_index) for each in statement.earlier)
    if proven:
        seen, hint = f"checked here by its own bundle: {told(proven)}", ""
    else:
        seen, hint = "the bundle of that one proves its time, and was not looked at here", _TO_CHECK
    named = f"The statement names as made before, with another tool, the signature in log entry {entries}; {seen}."
    return (Reason("names-earlier-signature", named, hint),)


def said_of(statement: Contribution, proven: Sequence[Proven]) -> list[dict[str, Any]]:
    """The earlier signatures in a verdict; `time` is None for those whose bundle was not given or does not hold."""
    times = {one.ref: one.time for one in proven}
    return [each.to_dict() | {"time": times.get(each)} for each in statement.earlier]


def _listed(items: Iterable[str]) -> str:
    every = list(items)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
