# SPDX-License-Identifier: Apache-2.0
"""A pseudo-terminal with a command in it, for tests of what a person at a terminal sees and types."""

import os
import pty
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


def readable(descriptor: int, seconds: float) -> bool:
    """Whether something can be read within that time; `select` itself knows the first 1,024 descriptors only."""
    ready = select.poll()
    ready.register(descriptor, select.POLLIN | select.POLLHUP)
    return bool(ready.poll(seconds * 1000))


def hear_interrupts() -> None:
    """Undo that a shell lets what it starts in the background ignore Ctrl-C: a terminal's command never does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Terminal:
    """A command on a terminal, answered line by line."""

    process: subprocess.Popen[bytes]
    leader: int
    said: str = ""

    @classmethod
    def start(cls, command: list[str], cwd: Path, env: dict[str, str]) -> "Terminal":
        leader, follower = pty.openpty()
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=follower, stdout=follower, stderr=follower, preexec_fn=hear_interrupts
            )
        finally:
            os.close(follower)
        return cls(process, leader)

    def close(self) -> None:
        """End the command if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)
        os.close(self.leader)

    def wait_for(self, words: str, seconds: float = 30) -> str:
        """Read until `words` appear after what was read before; returns the new text."""
        start, end = len(self.said), time.monotonic() + seconds
        while words not in self.said[start:]:
            if not readable(self.leader, max(0, end - time.monotonic())) or not self.read():
                raise AssertionError(f"never said {words!r}, only: {self.said[start:]}")
        return self.said[start:]

    def type(self, line: str) -> None:
        os.write(self.leader, f"{line}\n".encode())

    def end(self, seconds: float = 60) -> int:
        """Read to the end; returns the exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None or self._waiting(0):
            if time.monotonic() > end:
                raise AssertionError(f"did not end, only said: {self.said}")
            if self._waiting(0.1) and not self.read():
                break
        return self.process.wait(timeout=seconds)

    def interrupt(self) -> int:
        """Press Ctrl-C, again if it fell between two steps as a person would; returns the exit code."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            try:
                return self.end(3)
            except AssertionError:
                continue
        return self.end()

    def _waiting(self, seconds: float) -> bool:
        return readable(self.leader, seconds)

    def read(self) -> bool:
        """Take what was said since; False at the end."""
        try:
            piece = os.read(self.leader, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.said += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)
