# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962 section 2.1 (= RFC 9162 section 2.1) over SHA-256: hashes, roots, proof checks.

Pure functions of bytes. Leaves and nodes are hashed under different prefixes, so that one can never pass for the
other. A check either returns or raises `ProofInvalid`; it never answers with a value that a caller could ignore.
"""

import hashlib
from collections.abc import Callable, Sequence

from mcla.errors import MclaError

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofInvalid(MclaError):
    """A Merkle proof does not show what it was given to show."""

    code = "proof-invalid"
    hint = "Fetch the entry, its proof and the checkpoint again from the log; if that fails too, keep both as evidence."


def leaf_hash(data: bytes) -> bytes:
    """The 32-byte hash of one entry's exact bytes: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


NodeHash = Callable[[bytes, bytes], bytes]


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over 32-byte leaf hashes; the empty tree's root is SHA-256 of nothing."""
    if not leaf_hashes:
        return EMPTY_ROOT
    # Pairing neighbours and carrying an odd last node upwards gives the same tree as the RFC's split at a power of two.
    level = list(leaf_hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes, node_hash: NodeHash = node_hash
) -> None:
    """Check that the leaf at `index` is in the tree of `size` leaves under `root` (RFC 9162 section 2.1.3.2).

    Who checks many proofs under one root may give a `node_hash` that remembers: they share most of their nodes.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofInvalid(f"the entry's index {index} is not inside a log of {size} entries")
    _check_hashes([leaf_hash, root, *proof])
    position, last, computed = index, size - 1, leaf_hash
    for step in proof:
        if last == 0:
            raise ProofInvalid(f"the inclusion proof has {len(proof)} hashes, too many for a log of {size} entries")
        if position & 1 or position == last:
            computed = node_hash(step, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, step)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofInvalid(f"the inclusion proof has {len(proof)} hashes, too few for a log of {size} entries")
    _expect(computed, root, f"the inclusion proof of entry {index}")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `size1` leaves is a prefix of the one of `size2` (RFC 9162 section 2.1.4.2).

    `size1` = 0 is an error: an empty log is a prefix of everything, so such a proof would show nothing.
    """
    if not 0 < size1 <= size2 <= MAX_SIZE:
        raise ProofInvalid(f"no consistency proof leads from {size1} to {size2} entries")
    if size1 == size2:
        if proof:
            raise ProofInvalid("the consistency proof between equal sizes must be empty")
        return _expect(root1, root2, "the root at the same size")
    _check_hashes([root1, root2, *proof])
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not path or not proof:
        raise ProofInvalid(f"the consistency proof from {size1} to {size2} entries is empty")
    first, second = _climb(size1 - 1, size2 - 1, path)
    _expect(first, root1, f"the consistency proof's older root at {size1} entries")
    return _expect(second, root2, f"the consistency proof's newer root at {size2} entries")


def _climb(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    while first & 1:
        first, second = first >> 1, second >> 1
    older = newer = path[0]
    for step in path[1:]:
        if second == 0:
            raise ProofInvalid("the consistency proof has too many hashes")
        if first & 1 or first == second:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            newer = node_hash(newer, step)
        first, second = first >> 1, second >> 1
    if second != 0:
        raise ProofInvalid("the consistency proof has too few hashes")
    return older, newer


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise ProofInvalid(f"a hash in the proof is {len(value)} bytes long, not {HASH_SIZE}")


def _expect(computed: bytes, root: bytes, what: str) -> None:
    if computed != root:
        raise ProofInvalid(f"{what} leads to {computed.hex()}, not to the root {root.hex()}")
