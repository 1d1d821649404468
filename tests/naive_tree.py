# SPDX-License-Identifier: Apache-2.0
"""A second, naive Merkle tree written straight from RFC 9162 section 2.1: slow, recursive, and sharing no code."""

import hashlib


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def root(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = _split(len(entries))
    return hashlib.sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = _split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), root(entries[k:])]
    return [*path(m - k, entries[k:]), root(entries[:k])]


def consistency(m: int, entries: list[bytes]) -> list[bytes]:
    return _subproof(m, entries, known=True)


def _subproof(m: int, entries: list[bytes], *, known: bool) -> list[bytes]:
    if m == len(entries):
        return [] if known else [root(entries)]
    k = _split(len(entries))
    if m <= k:
        return [*_subproof(m, entries[:k], known=known), root(entries[k:])]
    return [*_subproof(m - k, entries[k:], known=False), root(entries[:k])]


def _split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


class Tiles:
    """Tiles of a list of entries, made naively; counts what is read."""

    def __init__(self, entries: list[bytes]) -> None:
        self.levels = [[leaf(entry) for entry in entries]]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            self.levels.append([_fold(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])
        self.reads: list[tuple[int, int, int]] = []

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        self.reads.append((level, index, width))
        return b"".join(self.levels[level][index * 256 : index * 256 + width])


def _fold(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [hashlib.sha256(b"\x01" + hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes), 2)]
    return hashes[0]
