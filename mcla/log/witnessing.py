# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-witness: what a log asks of a witness and what it hears, as bytes on the wire; both sides use these."""

import re
from dataclasses import dataclass

from mcla.errors import MclaError
from mcla.log.merkle import HASH_SIZE, MAX_SIZE
from mcla.log.note import MAX_SIGNATURES, NoteInvalid, NoteSignature, decode_exactly, encode_exactly, parse_line

MAX_PROOF = 63
MAX_REQUEST = 256 * 1024
MAX_ANSWER = 64 * 1024
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n", re.ASCII)


class WitnessMessageInvalid(MclaError):
    """A request to a witness, or a witness's answer, breaks the protocol."""

    code = "witness-message-invalid"
    hint = "The body is: old SIZE, proof lines, an empty line, the signed checkpoint; see c2sp.org/tlog-witness."


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A new head (a signed note) and the proof (32-byte hashes) that it extends the tree of `old` entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str


def format_request(request: AddCheckpoint) -> bytes:
    """The body of `POST add-checkpoint`."""
    lines = [f"old {request.old}", *map(encode_exactly, request.proof)]
    return ("\n".join(lines) + f"\n\n{request.checkpoint}").encode()


def parse_request(data: bytes) -> AddCheckpoint:
    """Read the body of `POST add-checkpoint`; the checkpoint in it is not looked into yet."""
    top, separator, checkpoint = _text(data, MAX_REQUEST).partition("\n\n")
    first, *hashes = top.split("\n")
    old = _OLD.fullmatch(first)
    if not separator or not old or int(old[1]) > MAX_SIZE:
        raise WitnessMessageInvalid("expected the line old SIZE, proof lines, an empty line and a checkpoint")
    try:
        proof = tuple(decode_exactly(line, "a hash of the proof") for line in hashes)
    except NoteInvalid as error:
        raise WitnessMessageInvalid(error.message) from error
    if len(proof) > MAX_PROOF or any(len(step) != HASH_SIZE for step in proof):
        raise WitnessMessageInvalid(f"expected at most {MAX_PROOF} hashes of {HASH_SIZE} bytes, got others")
    return AddCheckpoint(int(old[1]), proof, checkpoint)


def parse_cosignatures(data: bytes) -> tuple[NoteSignature, ...]:
    """The signature lines of a witness's answer, none of them believed yet."""
    text = _text(data, MAX_ANSWER)
    lines = text[:-1].split("\n")
    if not text.endswith("\n") or len(lines) > MAX_SIGNATURES:
        raise WitnessMessageInvalid(f"expected 1 to {MAX_SIGNATURES} signature lines from the witness")
    try:
        return tuple(parse_line(line) for line in lines)
    except NoteInvalid as error:
        raise WitnessMessageInvalid(error.message) from error


def parse_known_size(data: bytes) -> int:
    """The size in a witness's answer 409."""
    found = _SIZE.fullmatch(_text(data, MAX_ANSWER))
    if not found or int(found[1]) > MAX_SIZE:
        raise WitnessMessageInvalid("expected the size that the witness knows, as a plain decimal number")
    return int(found[1])


def _text(data: bytes, most: int) -> str:
    if len(data) > most:
        raise WitnessMessageInvalid(f"expected at most {most} bytes, got {len(data)}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise WitnessMessageInvalid("expected UTF-8 text, got other bytes") from None
