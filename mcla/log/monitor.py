# SPDX-License-Identifier: Apache-2.0
"""What a monitor shows: that the head a log presents now extends the one it presented before, under the same key."""

from typing import ClassVar

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid, parse_checkpoint
from mcla.log.cosignature import CosignatureInvalid, is_signed_by
from mcla.log.merkle import ProofInvalid, verify_consistency
from mcla.log.note import NoteInvalid, parse_note
from mcla.log.tiles import TileInvalid, TileReader, consistency_proof
from mcla.log.vkey import VerifierKey


class LogMisbehaves(MclaError):
    """The log contradicts what it said before, or is not the one that was watched."""

    code: ClassVar[str] = "log-misbehaves"
    hint = "Keep the evidence, do not trust newer proofs of this log, and show both heads to others who watch it."


class OtherLog(LogMisbehaves):
    """The head is of another log, or signed by another key."""

    code = "log-other"
    hint = (
        "If the operator has announced a new key, give it with --key, or a trust file that lists it with --trust; the "
        "log must still extend what it had. "
        "Otherwise this is not the log that you watched: keep the evidence."
    )


class LogShorter(LogMisbehaves):
    """The log has fewer entries than it had."""

    code = "log-shorter"


class LogForked(LogMisbehaves):
    """Two signed heads that no log can both have."""

    code = "watched-log-forked"


class HeadsDiffer(LogForked):
    """A fork that two heads of one size prove by themselves, whatever tiles the log serves."""


class HeadUnreadable(MclaError):
    """What was presented is no head at all: nothing is known."""

    code = "head-unreadable"
    hint = "Is this the address of a log? Its head is at URL/checkpoint. Try again later."


def open_head(note: str, key: VerifierKey) -> Checkpoint:
    """The head in `note`, signed by `key` for the log of the key's name; raises `HeadUnreadable` or `OtherLog`."""
    try:
        parsed = parse_note(note)
        head = parse_checkpoint(parsed.text)
    except (NoteInvalid, CheckpointInvalid) as error:
        raise HeadUnreadable(f"what the log presents as its head cannot be read: {error.message}") from error
    if head.origin != key.name:
        raise OtherLog(f"expected the log {key.name}, got a head of {head.origin[:100]!a}")
    try:
        signed = is_signed_by(parsed, key)
    except (NoteInvalid, CosignatureInvalid) as error:
        raise OtherLog(f"expected a head signed by the key {key.id.hex()}: {error.message}") from error
    if not signed:
        raise OtherLog(f"expected a head of {key.name} signed by the key {key.id.hex()}, got one by other keys")
    return head


def check_follows(before: Checkpoint, now: Checkpoint, reader: TileReader) -> None:
    """Show from the log's tiles that `now` extends `before`; raises `LogShorter`, `LogForked` or what the reader
    raises."""
    if now.size < before.size:
        raise LogShorter(f"the log has shown a head over {before.size} entries, and now shows one over {now.size}")
    if now.size == before.size:
        if now.root != before.root:
            raise HeadsDiffer(f"the log has signed two heads over {now.size} entries: {_roots(before, now)}")
        return
    if not before.size:
        return  # every log begins with nothing
    try:
        proof = consistency_proof(reader, before.size, now.size)
        verify_consistency(before.size, now.size, before.root, now.root, proof)
    except (ProofInvalid, TileInvalid) as error:
        raise LogForked(
            f"the log cannot show that its {now.size} entries begin with the {before.size} that it had: "
            f"{_roots(before, now)}: {error.message}"
        ) from error


def _roots(before: Checkpoint, now: Checkpoint) -> str:
    return f"root {before.root.hex()} then, {now.root.hex()} now"
