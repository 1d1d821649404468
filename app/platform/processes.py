# SPDX-License-Identifier: Apache-2.0
"""Work in several processes, one item at a time each; what an item is and how it is done, the caller says.

The pipe to a process is the only thing that holds it: when the caller ends, however it ends, every process reads the
end of its pipe after the item that it is at, and ends as well. The standard library's pools leave theirs waiting.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Start = Callable[[], Callable[[Item], Answer]]
"""Makes what does an item, once in each process. A function of a module: a new process imports it by its name."""
PATIENCE = 30
"""Seconds for a process to end after its last item."""


@dataclass(frozen=True, slots=True)
class Died:
    """In place of an answer: the process that was at the item ended, with this exit code (negative: by a signal)."""

    code: int | None


@dataclass(slots=True)
class _Hand(Generic[Item]):
    """A process, the pipe to it, and the item that it is at."""

    process: SpawnProcess
    pipe: "Connection[Any, Any]"
    item: Item | None = None


def each(
    start: Start[Item, Answer], items: Iterator[Item], processes: int, stopped: Callable[[], bool]
) -> Iterator[tuple[Item, Answer | Died]]:
    """Every item with its answer, as they come, until `stopped`; what was begun then is still finished.

    One process is this one. Where every other one died, what is left stays undone.
    """
    if processes > 1:
        yield from _in_others(start, items, processes, stopped)
        return
    work = start()
    for item in items:
        if stopped():
            return
        yield item, work(item)


def _in_others(
    start: Start[Item, Answer], items: Iterator[Item], processes: int, stopped: Callable[[], bool]
) -> Iterator[tuple[Item, Answer | Died]]:
    hands: list[_Hand[Item]] = [_begin(start) for _ in range(processes)]
    try:
        for hand in hands:
            _give(hand, items, stopped)
        while busy := {hand.pipe: hand for hand in hands if hand.item is not None}:
            for pipe in wait(list(busy)):
                hand = busy[pipe]  # type: ignore[index]  # typeshed: also sockets and numbers, if any were given
                item, answer = hand.item, _answer(hand)
                assert item is not None  # noqa: S101  (narrows the type: the hand is busy)
                if isinstance(answer, Died):
                    hands.remove(hand)
                    hand.item = None
                else:
                    _give(hand, items, stopped)
                yield item, answer
    finally:
        _end(hands)


def _begin(start: Start[Any, Any]) -> _Hand[Any]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(start, theirs), daemon=True)
    with _deaf():
        process.start()
    theirs.close()  # now the process alone has it, so that its end is heard here
    return _Hand(process, ours)


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started in this block never hears Ctrl-C, which reaches all of a terminal: the caller decides."""
    if threading.current_thread() is not threading.main_thread():  # then there is no terminal to be asked at
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _give(hand: _Hand[Item], items: Iterator[Item], stopped: Callable[[], bool]) -> None:
    hand.item = None if stopped() else next(items, None)
    if hand.item is not None:
        with suppress(OSError):  # it died; reading from it says so
            hand.pipe.send(hand.item)


def _answer(hand: _Hand[Any]) -> Any:
    try:
        return hand.pipe.recv()
    except (EOFError, OSError):
        hand.process.join(PATIENCE)
        return Died(hand.process.exitcode)


def _end(hands: list[_Hand[Any]]) -> None:
    for hand in hands:
        hand.pipe.close()
    for hand in hands:
        hand.process.join(PATIENCE)


def _serve(start: Start[Any, Any], pipe: "Connection[Any, Any]") -> None:
    """The life of a process: items in, answers out, to the end of the pipe."""
    work = start()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(work(pipe.recv()))


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM has asked for the end, in place of what they do; begun work can be finished."""
    asked = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: asked.set()) for number in numbers]
    try:
        yield asked.is_set
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
