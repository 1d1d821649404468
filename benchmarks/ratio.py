# SPDX-License-Identifier: Apache-2.0
"""How benchmarks measure and print: rounds that take turns with the peer, one line a figure or a count."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable


def quick() -> bool:
    """Whether `--quick` was given: under a minute in all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="take under a minute")
    return bool(parser.parse_args().quick)


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(rounds: int, ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each after one warm-up, measured in turns so that both meet the same machine."""
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def best_in_turns(budget: float, *works: Callable[[], object]) -> list[float]:
    """The least seconds of each, in turns for `budget` seconds after a warm-up: others on the machine only add time."""
    times, end = [[seconds(work) for work in works]], time.perf_counter() + budget
    while time.perf_counter() < end or len(times) < 5:
        times.append([seconds(work) for work in works])
    return [min(column) for column in zip(*times[1:], strict=True)]


class Report:
    """Prints `RATIO|COUNT <name> <value> <budget> ok|short` lines and ends with exit code 1 if one is short."""

    def __init__(self) -> None:
        self._short = False

    def at_least(self, name: str, value: float, budget: float) -> None:
        self._line(f"RATIO {name} {value:.3f}", f">={budget:g}", value >= budget)

    def at_most(self, name: str, value: float, budget: float) -> None:
        self._line(f"RATIO {name} {value:.3f}", f"<={budget:g}", value <= budget)

    def count_at_least(self, name: str, value: float, limit: int) -> None:
        self._line(f"COUNT {name} {value:g}", f">={limit}", value >= limit)

    def count_at_most(self, name: str, value: float, limit: int) -> None:
        self._line(f"COUNT {name} {value:g}", f"<={limit}", value <= limit)

    def end(self) -> None:
        sys.exit(1 if self._short else 0)

    def _line(self, what: str, budget: str, ok: bool) -> None:
        print(f"{what} {budget} {'ok' if ok else 'short'}", flush=True)
        self._short |= not ok
