# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-checkpoint: the signed head of the log: origin, size and root, each on a line of a signed note.

Parsing is strict, because two readings of one head would be two heads: no leading zeros, no signs, no CRLF, only
canonical base64. Extension lines are legal in the format but are not part of what a witness signs; heads that
carry them are refused.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mcla.errors import MclaError
from mcla.log.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from mcla.log.note import open_note, sign_note
from mcla.signer import Ed25519Signer

_ORIGIN = re.compile(r"[^\x00-\x1f\x7f]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class CheckpointInvalid(MclaError):
    """A checkpoint's text breaks a rule of its format, or speaks for another log."""

    code = "checkpoint-invalid"
    hint = "Fetch the checkpoint again from the log's own address, and check which origin you expect."


class EmptyRootWrong(CheckpointInvalid):
    """A head over no entries carries another root than the empty tree's; witnesses tell this from other faults."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head: `origin` names the log, `size` counts its entries, `root` is the 32-byte Merkle root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin):
            raise CheckpointInvalid("the checkpoint's origin is empty or holds a control character")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointInvalid(f"the checkpoint's size {self.size} is outside 0..{MAX_SIZE}")
        if len(self.root) != HASH_SIZE:
            raise CheckpointInvalid(f"the checkpoint's root is {len(self.root)} bytes long, not {HASH_SIZE}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise EmptyRootWrong("the checkpoint of an empty log does not carry the empty tree's root")


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The note text: three lines, each ended by a newline."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text (without signature lines); raises `CheckpointInvalid`."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise CheckpointInvalid(f"the checkpoint must be exactly three lines ended by newlines, not {len(lines)} parts")
    origin, size, root, _ = lines
    if not _SIZE.fullmatch(size):
        raise CheckpointInvalid(f"the checkpoint's size {size[:40]!r} is not a plain decimal number")
    try:
        raw = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointInvalid("the checkpoint's root is not base64") from None
    if base64.b64encode(raw).decode() != root:
        raise CheckpointInvalid("the checkpoint's root is not canonical base64")
    return Checkpoint(origin, int(size), raw)


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519Signer) -> str:
    """The signed note of `checkpoint`; the key's name is the origin."""
    return sign_note(format_checkpoint(checkpoint), checkpoint.origin, key)


def open_checkpoint(note: str, origin: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint in `note`, signed by `public_key` for the log `origin`.

    Raises `NoteInvalid` (signature, framing) or `CheckpointInvalid` (contents, other origin).
    """
    checkpoint = parse_checkpoint(open_note(note, origin, public_key))
    if checkpoint.origin != origin:
        raise CheckpointInvalid(f"the checkpoint speaks for the log {checkpoint.origin!r}, not for {origin!r}")
    return checkpoint
