# SPDX-License-Identifier: Apache-2.0
"""How benchmarks measure and print: rounds that take turns with the peer, one line a figure or a count."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call costs at best: wall seconds, and CPU seconds of all its threads."""

    wall: float
    cpu: float


def best_in_turns(budget: float, *works: Callable[[], object]) -> list[Cost]:
    """The least cost of each, in turns for `budget` seconds after a warm-up: others on the machine only add to it."""
    times, end = [[cost(work) for work in works]], time.perf_counter() + budget
    while time.perf_counter() < end or len(times) < 5:
        times.append([cost(work) for work in works])
    return [
        Cost(min(each.wall for each in column), min(each.cpu for each in column))
        for column in zip(*times[1:], strict=True)
    ]


def cost(work: Callable[[], object]) -> Cost:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def speed_ratio(ours: Cost, peer: Cost, cores: int) -> float:
    """How fast ours is, the peer's speed being 1, where both keep all `cores` busy.

    Wall time says so if the peer had the cores to itself. If others had them (its wall time is a quarter above its
    CPU time on all cores), wall time tells of those others: CPU time is compared instead, and that is said.
    """
    if peer.wall <= 1.25 * peer.cpu / cores:
        return peer.wall / ours.wall
    print(f"# the machine is busy (wall {peer.wall:.3f} s, CPU {peer.cpu:.3f} s on {cores} cores): CPU time compared")
    return peer.cpu / ours.cpu


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
