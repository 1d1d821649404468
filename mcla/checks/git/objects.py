# SPDX-License-Identifier: Apache-2.0
"""One `git cat-file --batch` for many objects: each answer has its length before it, so no content can imitate another.

An object is named by its full id only. Bytes are streamed; none are kept beyond what the caller keeps.
"""

import threading
from collections.abc import Callable
from typing import IO

from mcla.artifacts.reading import CHUNK
from mcla.checks.git.program import GitFailed, ObjectsMissing, Repository, refusal

MAX_WHOLE = 16 * 1024 * 1024
"""Bytes of an object that is read at once: commits and policies are text."""


class Objects:
    """A running Git that gives objects by id. Use it as a context."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._errors = bytearray()

    def __enter__(self) -> "Objects":
        self._git = self._repository.ask("cat-file", "--batch")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._git.kill()  # an answer may have been left half read
        self._git.wait()
        self._listener.join()
        for pipe in (self._git.stdin, self._git.stdout, self._git.stderr):
            if pipe is not None:
                _close(pipe)

    def size(self, oid: str, kind: str) -> int | None:
        """Ask for an object: its size, or None if it is not here. Its bytes must be taken next, by `feed`."""
        assert self._git.stdin is not None  # noqa: S101  # for the type checker: they are pipes
        assert self._git.stdout is not None  # noqa: S101
        try:
            self._git.stdin.write(f"{oid}\n".encode("ascii"))
            self._git.stdin.flush()
        except OSError as error:
            raise self._ended() from error
        words = self._git.stdout.readline().decode("ascii", "replace").split()
        if words == [oid, "missing"]:
            return None
        if len(words) != 3 or words[0] != oid:
            raise self._ended()
        if words[1] != kind:
            raise GitFailed(f"expected a {kind} of the id {oid}, got a {words[1]}")
        return int(words[2])

    def feed(self, size: int, *take: Callable[[memoryview], None]) -> None:
        """Give the `size` bytes of the object that was asked for to each of `take`, piece by piece."""
        assert self._git.stdout is not None  # noqa: S101
        left = size
        while left:
            piece = self._git.stdout.read(min(CHUNK, left))
            if not piece:
                raise self._ended()
            left -= len(piece)
            for each in take:
                each(memoryview(piece))
        if self._git.stdout.read(1) != b"\n":
            raise self._ended()

    def whole(self, oid: str, kind: str) -> bytes:
        """All bytes of one object; raises `ObjectsMissing` or `GitFailed`."""
        size = self.size(oid, kind)
        if size is None:
            raise ObjectsMissing(f"expected the {kind} {oid}, got nothing: this clone was made without it")
        if size > MAX_WHOLE:
            step = f"Only commits and policies are read whole: look at it (git cat-file -p {oid}) and shorten it."
            raise GitFailed(f"expected a {kind} of at most {MAX_WHOLE:,} bytes, got {size:,} in {oid}", hint=step)
        data = bytearray()
        self.feed(size, data.extend)
        return bytes(data)

    def _listen(self) -> None:
        # Warnings may be many: nobody reading them would stop Git at a full pipe.
        assert self._git.stderr is not None  # noqa: S101
        while line := self._git.stderr.readline(65536):
            if len(self._errors) < 4096:
                self._errors += line

    def _ended(self) -> Exception:
        self._git.kill()
        self._listener.join()
        return refusal(bytes(self._errors) or b"it stopped in the middle of an object")


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return  # what was still to be written has no reader any more
