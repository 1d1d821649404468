# SPDX-License-Identifier: Apache-2.0
"""For tests of witnesses: a log's head, cosigners of both kinds, and notes that carry their lines."""

from functools import cache

import naive_tree
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from mcla.log.checkpoint import Checkpoint, format_checkpoint, sign_checkpoint
from mcla.log.cosignature import Cosigner
from mcla.log.vkey import VerifierKey
from mcla.log.witnessing import AddCheckpoint, format_request

ORIGIN = "log.example.org"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_VKEY = VerifierKey.of_log(ORIGIN, LOG_KEY.public_key())
HEAD = Checkpoint(ORIGIN, 7, bytes(range(32)))
NOW = 1_795_000_000


@cache
def cosigner(number: int, *, post_quantum: bool = False) -> Cosigner:
    """Witness `number`, the same whenever it is asked for."""
    seed = bytes([number]) * 32
    key = MLDSA44PrivateKey.from_seed_bytes(seed) if post_quantum else Ed25519PrivateKey.from_private_bytes(seed)
    return Cosigner(f"witness.example/w{number}", key)


def witnessed(*cosigners: Cosigner, head: Checkpoint = HEAD, at: int = NOW) -> str:
    """The log's signed head with a line of each cosigner."""
    text = format_checkpoint(head)
    return sign_checkpoint(head, LOG_KEY) + "".join(one.sign(text, at).line for one in cosigners)


def policy_text(*cosigners: Cosigner, quorum: str) -> str:
    """A policy of this log and these witnesses, named w1, w2, ...; `quorum` is its last lines."""
    lines = [f"witness w{number} {one.vkey.line}" for number, one in enumerate(cosigners, 1)]
    return "\n".join([f"log {LOG_VKEY.line}", *lines, quorum, ""])


def entries(size: int, history: str = "") -> list[bytes]:
    """The first entries of one history; another `history` shares none of them."""
    return [f"{history}entry {number}".encode() for number in range(size)]


@cache
def head(size: int, history: str = "") -> str:
    """The log's signed head over the first entries of a history."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, naive_tree.root(entries(size, history))), LOG_KEY)


@cache
def asked(old: int, size: int, history: str = "") -> bytes:
    """The body that asks a witness to go from `old` to `size` entries."""
    proof = naive_tree.consistency(old, entries(size, history)) if 0 < old <= size else []
    return format_request(AddCheckpoint(old, tuple(proof), head(size, history)))
