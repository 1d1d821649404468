# SPDX-License-Identifier: Apache-2.0
"""Long work shows itself: a bar with speed and time left on a terminal, else one line each 10 %, both on stderr.

Nothing is shown during the first second, so quick work stays quiet. `advance` may be called from several threads.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from mcla.cli.output import Output, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds of silence before anything is shown."""


class Stopped(Exception):
    """The person pressed Ctrl-C: working threads end at their next piece instead of at the end of their file."""


class Meter:
    """Counts bytes, or things of another `unit`, done out of `total`; shows them once the work proves to be long."""

    def __init__(
        self,
        title: str,
        total: int,
        output: Output,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        unit: str = "bytes",
    ) -> None:
        self.title, self.total, self.output, self.unit = title, total, output, unit
        self._monotonic, self._started = monotonic, monotonic()
        self._done, self._told = 0, 0
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self.stopped = False

    def advance(self, count: int) -> None:
        """`count` more bytes are done; raises `Stopped` in a working thread after Ctrl-C."""
        if self.stopped:
            raise Stopped
        with self._lock:
            self._done += count
            seconds = self._monotonic() - self._started
            if seconds < PATIENCE:
                return
            if sys.stderr.isatty():
                self._draw()
            else:
                self._tell(seconds)

    def close(self) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.stop()

    def _draw(self) -> None:
        if self._bar is None:
            self._bar = _new_bar(self.unit, no_color=not wants_colour(sys.stderr, no_color=self.output.no_color))
            self._bar.add_task(self.title, total=self.total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._done)

    def _tell(self, seconds: float) -> None:
        tenth = self._done * 10 // self.total if self.total else 10
        if tenth <= self._told:
            return
        self._told = tenth
        speed = self._done / seconds
        left = max(0, self.total - self._done) / speed if speed else 0
        rate = size_text(int(speed)) if self.unit == "bytes" else f"{speed:.0f} {self.unit}"
        self.output.say(f"{self.title}: {tenth * 10} %, {rate}/s, {left:.0f} s left")


@contextmanager
def shown(title: str, total: int, output: Output, unit: str = "bytes") -> Iterator[Callable[[int], None]]:
    """Yield the function to call with each count of bytes, or of things of another `unit`, done."""
    meter = Meter(title, total, output, unit=unit)
    try:
        with _stopping(meter):
            yield meter.advance
    finally:
        meter.close()


@contextmanager
def _stopping(meter: Meter) -> Iterator[None]:
    # An executor waits for its running threads on the way out: they must learn of Ctrl-C themselves.
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the shape of a signal handler
        meter.stopped = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def size_text(count: int) -> str:
    """`1239748` -> `1.2 MB`; decimal units, as file managers and hubs show them."""
    amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, _ = amount / 1000, units.pop(0)
    return f"{count} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def _new_bar(unit: str, *, no_color: bool) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    bytes_done = (DownloadColumn(), TransferSpeedColumn())
    things_done = (TextColumn(f"{{task.completed}}/{{task.total}} {unit}"), TextColumn("{task.speed:.0f}/s"))
    done = bytes_done if unit == "bytes" else things_done
    columns = (TextColumn("{task.description}"), BarColumn(), *done, TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True, no_color=no_color), transient=True)
