# SPDX-License-Identifier: Apache-2.0
"""Group commit: what many threads want at once is done as one, by whichever of them came first.

The first to come leads: it takes everything that waits, its own wish included, does it and wakes the others with
their answers; then it names the first of those that came meanwhile as the next leader. Nobody waits for a timer: a
leader lets other threads run before it takes its batch, but only as long as that brings more of them. A leader that
fails leaves each of its followers an error.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from app.log.errors import LogBusy

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class _Waiting(Generic[Wish, Answer]):
    """A wish, and the place where its answer or its error is left."""

    __slots__ = ("answer", "asleep", "error", "weight", "wish")

    def __init__(self, wish: Wish, weight: int) -> None:
        self.wish, self.weight = wish, weight
        # A lock that is freed once wakes a thread for a tenth of what an Event costs.
        self.asleep = threading.Lock()
        self.asleep.acquire()
        self.answer: Answer | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.answer is not None or self.error is not None


class GroupCommit(Generic[Wish, Answer]):
    """Calls `commit` with a list of wishes, from one thread at a time; it returns one answer each, never None."""

    def __init__(self, commit: Callable[[Sequence[Wish]], Sequence[Answer]], most: int) -> None:
        """`most` is the weight of wishes to take at once; a single heavier one is taken alone."""
        self._commit, self._most = commit, most
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting[Wish, Answer]] = deque()
        self._led = False
        self._last = 0

    def submit(self, wish: Wish, weight: int = 1) -> Answer:
        """The answer to `wish`; raises what `commit` raised for the wishes that it was done with."""
        mine: _Waiting[Wish, Answer] = _Waiting(wish, weight)
        with self._lock:
            self._waiting.append(mine)
            lead, self._led = not self._led, True
        if not lead:
            mine.asleep.acquire()
        if not mine.done:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.answer is not None  # noqa: S101  the leader leaves one or the other
        return mine.answer

    def _lead(self) -> None:
        batch = self._take()
        try:
            for waiting, answer in zip(batch, self._commit([waiting.wish for waiting in batch]), strict=True):
                waiting.answer = answer
        except Exception as error:  # noqa: BLE001  every follower raises it
            _leave(batch, error)
        except BaseException:
            _leave(batch, LogBusy("The thread that appended for others was interrupted."))
            raise
        finally:
            self._hand_over(batch)

    def _take(self) -> list[_Waiting[Wish, Answer]]:
        self._gather()
        with self._lock:
            batch = [self._waiting.popleft()]
            room = self._most - batch[0].weight
            while self._waiting and (room := room - self._waiting[0].weight) >= 0:
                batch.append(self._waiting.popleft())
        self._last = len(batch)
        return batch

    def _gather(self) -> None:
        """Let those come back who were answered last, as long as each look finds more of them."""
        seen = 0
        while seen < len(self._waiting) < self._last:
            seen = len(self._waiting)
            time.sleep(0)

    def _hand_over(self, batch: Sequence[_Waiting[Wish, Answer]]) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].asleep.release()
        for waiting in batch:
            waiting.asleep.release()


def _leave(batch: Sequence[_Waiting[Wish, Answer]], error: Exception) -> None:
    for waiting in batch:
        waiting.answer, waiting.error = None, error
