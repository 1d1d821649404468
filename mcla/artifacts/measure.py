# SPDX-License-Identifier: Apache-2.0
"""What one file holds, from one read: its digest, what a Git LFS pointer stands for, the tensors of safetensors."""

import hashlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import sha256_hex, shown_path
from mcla.artifacts.lfs import MAX_POINTER_BYTES, is_near_pointer, parse_pointer
from mcla.artifacts.reading import FileState, FileUnreadable, read_pieces
from mcla.artifacts.safetensors import SafetensorsInvalid
from mcla.artifacts.tensors import Tensor, TensorReader

Take = Callable[[memoryview], None]
AHEAD = 8
"""Pieces that one of two threads over the same bytes may be ahead of the other."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: `sha256` (64 hex) and `size`, those of the file it stands for if it is a `pointer`.

    `tensors` are there if they were asked for, or the reason why there are none. `near_pointer`: it reads like a
    pointer, and is an ordinary file.
    """

    sha256: str
    size: int
    pointer: bool = False
    tensors: tuple[Tensor, ...] | SafetensorsInvalid | None = None
    near_pointer: bool = False


def measure(
    path: Path,
    size: int,
    on_bytes: Callable[[int], None] | None = None,
    *,
    tensors: bool = False,
    spare_core: bool = False,
) -> tuple[Content, FileState]:
    """Read the file of `size` bytes once; `tensors` takes it for safetensors. Raises `FileUnreadable`.

    Tensors are a second digest over every byte: it gets a thread of its own if there is a `spare_core`.
    """
    if size <= MAX_POINTER_BYTES:
        return _measure_small(path, on_bytes, tensors=tensors)
    digest = hashlib.sha256()
    if not tensors:
        state = read_pieces(path, digest.update, on_bytes)
        return Content(digest.hexdigest(), state.size), state
    reader = TensorReader(size)
    feed = _feed_in_two_threads if spare_core else _feed_in_turns
    state = feed(path, digest.update, reader.update, on_bytes)
    return Content(digest.hexdigest(), state.size, tensors=reader.outcome()), state


def content_of(data: bytes, *, tensors: bool = False) -> Content:
    """What a file of at most `MAX_POINTER_BYTES` bytes holds, or stands for; `tensors` takes it for safetensors."""
    if (pointer := parse_pointer(data)) is not None:
        return Content(pointer.sha256, pointer.size, pointer=True)
    reader = TensorReader(len(data))
    reader.update(memoryview(data))
    outcome = reader.outcome() if tensors else None
    return Content(sha256_hex(data), len(data), tensors=outcome, near_pointer=is_near_pointer(data))


def _measure_small(path: Path, on_bytes: Callable[[int], None] | None, *, tensors: bool) -> tuple[Content, FileState]:
    data = bytearray()

    def take(piece: memoryview) -> None:
        data.extend(piece)
        if len(data) > MAX_POINTER_BYTES:
            raise FileUnreadable(f"the file changed while it was read: {shown_path(path)}")

    state = read_pieces(path, take, on_bytes, chunk=MAX_POINTER_BYTES + 1)
    return content_of(bytes(data), tensors=tensors), state


def _feed_in_turns(path: Path, one: Take, other: Take, on_bytes: Callable[[int], None] | None) -> FileState:
    def take(piece: memoryview) -> None:
        one(piece)
        other(piece)

    return read_pieces(path, take, on_bytes)


def _feed_in_two_threads(path: Path, one: Take, other: Take, on_bytes: Callable[[int], None] | None) -> FileState:
    behind: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as beside:

        def take(piece: memoryview) -> None:
            behind.append(beside.submit(other, piece))
            one(piece)
            if len(behind) == AHEAD:
                behind.popleft().result()

        state = read_pieces(path, take, on_bytes, buffers=AHEAD)
        for rest in behind:
            rest.result()
    return state
