# SPDX-License-Identifier: Apache-2.0
"""Digests of single tensors, and a root over a model's tensors that outlives metadata edits and resharding.

With frame(x) = u64 length of x, then x, and every u64 big-endian:

    content = SHA-256("mcla/tensor/v1" 0x00 || frame(dtype) || frame(shape) || u64 bytes || the tensor's bytes)
    leaf    = SHA-256(0x00 || frame(name) || frame(content))

`dtype` is the format's word for it, `shape` one u64 for each dimension. The root is the RFC 6962 root over the leaves
in the order of the UTF-8 bytes of the names. A content names no tensor, so renamed and tied tensors are found by it;
the root binds names. It says nothing about casts, quantising, transposing or merging: any other bit is other content.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mcla.artifacts.safetensors import (
    LENGTH_BYTES,
    SafetensorsInvalid,
    TensorEntry,
    check_start,
    header_length,
    parse_header,
)
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash, tree_root

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_SET = 1_000_000
_DOMAIN = b"mcla/tensor/v1\0"


class TensorsInvalid(MclaError):
    """Files hold no set of tensors: none at all, too many, or one name twice."""

    code = "tensors-invalid"
    hint = "Give the shards of one model only, all of them, each once."


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its name, dtype, shape, bytes, and the digest of its content (64 hex)."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size: int
    sha256: str

    @property
    def leaf(self) -> bytes:
        """The Merkle leaf hash of this tensor."""
        return leaf_hash(_frame(self.name.encode()) + _frame(bytes.fromhex(self.sha256)))

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "shape": list(self.shape),
            "size": self.size,
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class TensorSet:
    """The tensors of one model, in the order of their names, each once. Make it with `TensorSet.of`."""

    tensors: tuple[Tensor, ...]

    @classmethod
    def of(cls, shards: Iterable[tuple[str, Iterable[Tensor]]]) -> "TensorSet":
        """The tensors of (file, tensors) pairs; raises `TensorsInvalid` naming the files of a double."""
        found: dict[str, tuple[str, Tensor]] = {}
        for file, tensors in shards:
            for tensor in tensors:
                if (other := found.get(tensor.name)) is not None:
                    where = f"in {other[0]} and in {file}"
                    raise TensorsInvalid(f"expected each tensor once, got {tensor.name[:80]!a} {where}")
                found[tensor.name] = (file, tensor)
        if not 1 <= len(found) <= MAX_SET:
            raise TensorsInvalid(f"expected 1 to {MAX_SET} tensors, got {len(found)}")
        return cls(tuple(found[name][1] for name in sorted(found, key=str.encode)))

    @cached_property
    def root(self) -> str:
        """The Merkle root over names and contents, 64 hex digits."""
        return tree_root([tensor.leaf for tensor in self.tensors]).hex()

    @cached_property
    def total_bytes(self) -> int:
        return sum(tensor.size for tensor in self.tensors)


class TensorReader:
    """Takes a safetensors file of `file_size` bytes piece by piece and gives its tensors at the end.

    A file that is none is remembered as such: whoever reads the pieces for another reason goes on undisturbed.
    """

    def __init__(self, file_size: int) -> None:
        self._file_size = file_size
        self._head, self._wanted = bytearray(), LENGTH_BYTES
        self._in_head = True
        self._waiting: list[TensorEntry] = []
        self._current: tuple[TensorEntry, _Hash, int] | None = None
        self._tensors: list[Tensor] = []
        self._fault: SafetensorsInvalid | None = None

    def update(self, piece: memoryview) -> None:
        """The next bytes of the file."""
        if self._fault is not None:
            return
        try:
            if self._in_head:
                piece = self._take_head(piece)
            self._take_buffer(piece)
        except SafetensorsInvalid as error:
            self._fault = error
            self._head.clear()

    def finish(self) -> tuple[Tensor, ...]:
        """The tensors in the order of the buffer; raises `SafetensorsInvalid`."""
        if self._fault is not None:
            raise self._fault
        if len(self._head) < self._wanted == LENGTH_BYTES:
            header_length(bytes(self._head), self._file_size)
        if self._in_head or self._current is not None:
            raise SafetensorsInvalid(f"expected {self._file_size} bytes, got a file that ends before")
        return tuple(self._tensors)

    def outcome(self) -> tuple[Tensor, ...] | SafetensorsInvalid:
        """The tensors, or why there are none."""
        try:
            return self.finish()
        except SafetensorsInvalid as error:
            return error

    def _take_head(self, piece: memoryview) -> memoryview:
        """Gather length and header; returns what belongs to the buffer."""
        while len(piece):
            part = piece[: self._wanted - len(self._head)]
            self._head += part
            piece = piece[len(part) :]
            if len(self._head) > LENGTH_BYTES:
                check_start(self._head[LENGTH_BYTES : LENGTH_BYTES + 1])
            if len(self._head) == self._wanted == LENGTH_BYTES:
                self._wanted += header_length(bytes(self._head), self._file_size)
            elif len(self._head) == self._wanted:
                self._begin()
                break
        return piece

    def _begin(self) -> None:
        header = parse_header(bytes(self._head[LENGTH_BYTES:]), self._file_size - self._wanted)
        self._head.clear()
        self._in_head = False
        self._waiting = list(reversed(header.tensors))
        self._next()

    def _take_buffer(self, piece: memoryview) -> None:
        while self._current is not None and len(piece):
            entry, state, left = self._current
            part = piece[:left]
            state.update(part)
            self._current = (entry, state, left - len(part))
            piece = piece[len(part) :]
            if left == len(part):
                self._next()
        if len(piece) and not self._in_head:
            raise SafetensorsInvalid(f"expected {self._file_size} bytes, got a file that goes on")

    def _next(self) -> None:
        """Close the current tensor and open the next one that has bytes."""
        while True:
            if self._current is not None:
                entry, state, _ = self._current
                self._tensors.append(Tensor(entry.name, entry.dtype, entry.shape, entry.size, state.hexdigest()))
            if not self._waiting:
                self._current = None
                return
            entry = self._waiting.pop()
            self._current = (entry, _opened(entry), entry.size)
            if entry.size:
                return


def _opened(entry: TensorEntry) -> "_Hash":
    shape = struct.pack(f">{len(entry.shape)}Q", *entry.shape)
    head = _DOMAIN + _frame(entry.dtype.encode()) + _frame(shape) + struct.pack(">Q", entry.size)
    return hashlib.sha256(head)


def _frame(data: bytes) -> bytes:
    return struct.pack(">Q", len(data)) + data
