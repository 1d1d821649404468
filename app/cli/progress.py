# SPDX-License-Identifier: Apache-2.0
"""Long work of `mcla-server` as a bar on a terminal; nothing where nobody watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with speed and time left on a terminal, after a second; nothing when nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    text = TextColumn(what + " {task.completed}/{task.total} " + unit + ", {task.fields[rate]:.1f} a second")
    columns = (text, BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1, visible=False, rate=0.0)
        began = time.monotonic()

        def tick(done: int, total: int) -> None:
            spent = time.monotonic() - began
            bar.update(task, completed=done, total=total, rate=done / max(spent, 0.001), visible=spent > 1)

        yield tick
