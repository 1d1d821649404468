# SPDX-License-Identifier: Apache-2.0
"""Waiting for a service shows itself: what is being done and for how long, on a terminal and after one second only.

A service that answers at once leaves no trace, and a pipe or a log gets nothing. A wait that the service asked for
(Retry-After) is told with its seconds, so that nobody takes it for a hang.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from mcla.cli.output import Output, wants_colour
from mcla.cli.progress import PATIENCE

if TYPE_CHECKING:
    from rich.progress import Progress

Step = Callable[[str], AbstractContextManager[None]]


def silent(title: str) -> AbstractContextManager[None]:  # noqa: ARG001  # the shape of a `Step`
    """The step of a caller who shows nothing."""
    return nullcontext()


class Steps:
    """Shows one step at a time; `sleep` is for waits between two requests of a step."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._title = ""
        self._line: Progress | None = None

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """While the block runs for longer than a second, a terminal shows `title` and the time that has passed."""
        if not sys.stderr.isatty():
            yield
            return
        self._title, begun = title, time.monotonic()
        late = threading.Timer(PATIENCE, self._show, (begun,))
        late.daemon = True
        late.start()
        try:
            yield
        finally:
            late.cancel()
            self._hide()

    def sleep(self, seconds: float) -> None:
        """Wait, and say for how long."""
        title = self._title
        self._tell(f"{title} The service asks to wait: once more in {seconds:.0f} s")
        try:
            time.sleep(seconds)
        finally:
            self._tell(title)

    def _show(self, begun: float) -> None:
        with self._lock:
            if not self._title:
                return
            self._line = _spinner(no_color=not wants_colour(sys.stderr, no_color=self._output.no_color))
            task = self._line.add_task(self._title, total=None)
            # The clock of the line starts with the step, not with the line.
            self._line.tasks[task].start_time = self._line.get_time() - (time.monotonic() - begun)
            self._line.start()

    def _tell(self, title: str) -> None:
        with self._lock:
            self._title = title
            if self._line is not None:
                self._line.update(self._line.task_ids[0], description=title)

    def _hide(self) -> None:
        with self._lock:
            self._title = ""
            if self._line is not None:
                self._line.stop()
                self._line = None


def _spinner(*, no_color: bool) -> "Progress":
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True, no_color=no_color), transient=True)
