# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-proof (`.tlog-proof`): one small text that proves an entry's place in a log without asking anybody."""

import re
from dataclasses import dataclass

from mcla.errors import MclaError
from mcla.log.merkle import HASH_SIZE, MAX_SIZE, verify_inclusion
from mcla.log.note import MAX_NOTE, NoteInvalid, decode_exactly, encode_exactly
from mcla.log.policy import Accepted, Policy

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_PROOF = 2 * MAX_NOTE
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


class LogProofInvalid(MclaError):
    """A text is not a tlog-proof."""

    code = "log-proof-invalid"
    hint = "Get the proof again from whoever gave it to you; it may have been cut or rewritten."


@dataclass(frozen=True, slots=True)
class LogProof:
    """The entry at `index` with its audit path (32-byte hashes, lowest first) and the signed checkpoint it leads to.

    `extra` is unauthenticated and is for the reader's convenience alone; None if there is none.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def check(self, leaf_hash: bytes, policy: Policy) -> Accepted:
        """Show that the entry of this leaf hash is in a log that meets `policy`; raises what `Policy.check` raises,
        or `ProofInvalid`."""
        accepted = policy.check(self.checkpoint)
        head = accepted.checkpoint
        verify_inclusion(self.index, head.size, leaf_hash, self.path, head.root)
        return accepted


def format_proof(proof: LogProof) -> str:
    """The file's text."""
    extra = [] if proof.extra is None else [f"extra {encode_exactly(proof.extra)}"]
    lines = [HEADER, *extra, f"index {proof.index}", *map(encode_exactly, proof.path)]
    return "\n".join(lines) + f"\n\n{proof.checkpoint}"


def parse_proof(text: str) -> LogProof:
    """Read a `.tlog-proof`; raises `LogProofInvalid`. The checkpoint in it is kept verbatim and not yet believed."""
    if len(text) > MAX_PROOF:
        raise LogProofInvalid(f"the proof is longer than {MAX_PROOF} characters")
    top, separator, checkpoint = text.partition("\n\n")
    header, *lines = top.split("\n")
    if not separator or header != HEADER:
        raise LogProofInvalid(f"expected the line {HEADER}, proof lines, an empty line and a checkpoint")
    try:
        extra = decode_exactly(lines.pop(0)[6:], "the extra data") if lines and lines[0].startswith("extra ") else None
        path = tuple(decode_exactly(line, "a hash of the proof") for line in lines[1:])
    except NoteInvalid as error:
        raise LogProofInvalid(error.message) from error
    if len(path) > MAX_HASHES or any(len(step) != HASH_SIZE for step in path):
        raise LogProofInvalid(f"expected at most {MAX_HASHES} hashes of {HASH_SIZE} bytes in the proof, got others")
    return LogProof(_index(lines[0] if lines else ""), path, checkpoint, extra)


def _index(line: str) -> int:
    found = _INDEX.fullmatch(line)
    if not found or int(found[1]) > MAX_SIZE:
        raise LogProofInvalid(f"expected the line index N with a plain decimal number, got {line[:60]!a}")
    return int(found[1])
