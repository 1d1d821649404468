# SPDX-License-Identifier: Apache-2.0
"""Two processes that append against each other: `log_rivals.py URL HOME ROUNDS`.

In each round the process that appended last is killed, and another started in its place once the survivor has
appended. Prints one JSON object: every acknowledgement, and the seconds that each survivor needed.
"""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from log_tools import append_one, log_over

import app.models  # noqa: F401  every table is known before the first fork
from app.platform.db import Database

WRITERS = 8
PATIENCE = 60.0


def main() -> None:
    url, home, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    reading, writing = os.pipe()
    running, told, seconds = {_start(url, home, writing) for _ in range(2)}, [], []
    with os.fdopen(reading) as lines:
        for _ in range(rounds):
            told += _until_both_have_appended(lines, running)
            victim = told[-1]["process"]
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            running.remove(victim)
            told += _until_another_has_appended(lines, victim, killed)
            seconds.append(told[-1]["at"] - killed)
            running.add(_start(url, home, writing))
        for process in running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(writing)
        told += [json.loads(line) for line in lines]
    print(json.dumps({"told": told, "seconds": seconds}))


def _start(url: str, home: Path, writing: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        log = log_over(Database(url), home)
        for name in range(WRITERS):
            threading.Thread(target=_append_for_ever, args=(log, writing, name)).start()
        signal.pause()
    finally:
        os._exit(1)


def _append_for_ever(log: Any, writing: int, name: int) -> None:
    process, number = os.getpid(), 0
    while True:
        # Every third body is the same in both processes: it must get one index.
        body = f"both {name} {number}" if number % 3 == 0 else f"{process} {name} {number}"
        answer = append_one(log, [body]) | {"process": process, "at": time.monotonic()}
        if "refused" not in answer:
            os.write(writing, json.dumps(answer).encode() + b"\n")
        number += 1


def _until_both_have_appended(lines: TextIO, running: set[int]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    seen: Counter[int] = Counter()
    end = time.monotonic() + PATIENCE
    while not all(seen[process] > WRITERS for process in running):
        told.append(json.loads(lines.readline()))
        seen[told[-1]["process"]] += 1
        assert time.monotonic() < end, f"only {set(seen)} of {running} appended"
    return told


def _until_another_has_appended(lines: TextIO, victim: int, killed: float) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    while not told or told[-1]["process"] == victim or told[-1]["at"] < killed:
        told.append(json.loads(lines.readline()))
    return told


if __name__ == "__main__":
    main()
