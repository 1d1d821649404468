# SPDX-License-Identifier: Apache-2.0
"""Long work of `mcla-server` as a bar on a terminal; where nobody watches, nothing, or a plain line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SPANS = ((1, "a second"), (60, "a minute"), (3600, "an hour"))


@contextmanager
def progress(what: str, unit: str, lines_every: float | None = None) -> Iterator[Callable[[int, int], None]]:
    """A bar with speed and time left on a terminal, after a second.

    Elsewhere nothing; or, for work of hours, a line on the standard error every so many seconds and one at the end.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    text = TextColumn(what + " {task.completed}/{task.total} " + unit + ", {task.fields[pace]}")
    columns = (text, BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1, visible=False, pace="")
        began = said = time.monotonic()

        def tick(done: int, total: int) -> None:
            nonlocal said
            now = time.monotonic()
            pace = told_pace(done, now - began)
            bar.update(task, completed=done, total=total, pace=pace, visible=now - began > 1)
            if bar.disable and lines_every is not None and (done == total or now - said >= lines_every):
                said = now
                print(f"{what} {done:,}/{total:,} {unit}, {pace}", file=sys.stderr, flush=True)  # noqa: T201

        yield tick


def told_pace(done: int, seconds: float) -> str:
    """How fast it goes, by the smallest span of time in which at least one is done: of slow work, too, a number."""
    rate = done / max(seconds, 0.001)
    span, word = next(((span, word) for span, word in _SPANS if rate * span >= 1), _SPANS[-1])
    return f"{rate * span:,.1f} {word}"
