# SPDX-License-Identifier: Apache-2.0
"""For tests that inject faults into system calls: strace attaches to children of a warm process before they start."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needs import needs, skip_or_fail

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Ended:
    """How a child ended: its wait status (0: ran to its end) and what it was told before."""

    status: int
    told: list[dict[str, Any]]

    @property
    def killed(self) -> bool:
        return os.WIFSIGNALED(self.status)


class Nursery:
    """A process that forks children on demand (see log_children.py)."""

    def __init__(self, folder: Path) -> None:
        needs("strace")
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("go", "told"):
            os.mkfifo(folder / name)
        script = Path(__file__).parent / "app/log/log_children.py"
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
        self._process = subprocess.Popen(
            [sys.executable, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
        )

    def run(
        self,
        url: str,
        home: Path,
        batches: Sequence[Sequence[str]],
        fault: str,
        *,
        at_once: bool = False,
        only: Sequence[Path] = (),
    ) -> Ended:
        """Fork a child that appends `batches`, with `fault` (strace's `inject=` expression) waiting for it.

        Calls are counted for each thread; with `only`, those alone that name one of these files.
        """
        options = ["-o", os.devnull, "-e", f"trace={fault.partition(':')[0]}", "-e", f"inject={fault}"]
        for path in only:
            options += ["-P", str(path)]
        return self._run(url, home, batches, options, at_once=at_once)

    def trace(self, url: str, home: Path, batches: Sequence[Sequence[str]], calls: str, output: Path) -> Ended:
        """Fork a child that appends `batches` and write its system calls, with the paths of its files, to `output`."""
        options = ["-y", "-s", "0", "-o", str(output), "-e", f"trace={calls}"]
        return self._run(url, home, batches, options, at_once=False)

    def _run(
        self, url: str, home: Path, batches: Sequence[Sequence[str]], options: list[str], *, at_once: bool
    ) -> Ended:
        work = {"url": url, "home": str(home), "batches": batches, "at_once": at_once, "pipes": str(self._folder)}
        assert self._process.stdin
        self._process.stdin.write(json.dumps(work) + "\n")
        self._process.stdin.flush()
        child = int(self._line())
        with (
            self._attached(child, options),
            (self._folder / "go").open("wb", buffering=0) as go,
            (self._folder / "told").open("rb") as told,
        ):
            go.write(b"!")
            lines = told.read().splitlines()
        return Ended(int(self._line()), [json.loads(line) for line in lines])

    @contextmanager
    def _attached(self, child: int, options: list[str]) -> Iterator[None]:
        try:
            strace = _attach(["-f", *options], child)
        except CannotAttach as error:
            os.kill(child, signal.SIGKILL)
            self._line()
            skip_or_fail(str(error))
            raise
        try:
            yield
        finally:
            _end(strace)

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def fault_in(processes: Sequence[int], fault: str) -> Iterator[None]:
    """Let `fault` wait for processes that run already, each counting its own calls, until the block ends."""
    needs("strace")
    options = ["-o", os.devnull, "-e", f"trace={fault.partition(':')[0]}", "-e", f"inject={fault}"]
    try:
        running = [_attach(options, process) for process in processes]
    except CannotAttach as error:
        skip_or_fail(str(error))
        raise
    try:
        yield
    finally:
        for strace in running:
            strace.terminate()  # a process that goes on is let go
            _end(strace)


class CannotAttach(Exception):
    """strace may not look at a process here."""


def _attach(options: Sequence[str], process: int) -> "subprocess.Popen[str]":
    strace = subprocess.Popen(["strace", *options, "-p", str(process)], stderr=subprocess.PIPE, text=True)
    assert strace.stderr
    said = strace.stderr.readline()
    if "attached" not in said:
        _end(strace)
        raise CannotAttach(f"needs strace that may attach to a process ({said.strip()})")
    return strace


def _end(strace: "subprocess.Popen[str]") -> None:
    strace.communicate(timeout=10)
