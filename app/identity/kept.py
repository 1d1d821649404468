# SPDX-License-Identifier: Apache-2.0
"""A document of a provider, kept for a while: one fetch at a time, and nobody waits long for one that hangs.

The fetch has a thread of its own. Whoever needs the document waits for it for a few seconds at most, all callers
together and not each; one that may be older is taken at once. So a provider that hangs costs its own sign-ins alone.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from app.identity.errors import IdentityError, ProviderUnreachable
from app.platform.clock import Clock

T = TypeVar("T")
WAIT = 3.0
"""Seconds from the beginning of a fetch in which callers wait for it; a provider that works needs one at most."""
PAUSE = 10.0
"""Seconds after a fetch that failed and took longer than `WAIT`, until the next one begins."""
NEVER = timedelta(0)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    at: datetime


@dataclass(slots=True)
class _Fetch(Generic[T]):
    """One fetch under way, or the last one that ended; times as of `time.monotonic`."""

    begun: float = field(default_factory=time.monotonic)
    ended: float | None = None
    outcome: "Future[T]" = field(default_factory=Future)

    def is_over(self) -> bool:
        """Whether another may begin."""
        if self.ended is None:
            return False
        slow = self.outcome.exception() is not None and self.ended - self.begun > WAIT
        return not slow or time.monotonic() - self.ended > PAUSE


class KeptDocument(Generic[T]):
    """What `fetch` returns, once for everybody who asks; `label` names the provider in errors."""

    def __init__(self, fetch: Callable[[], T], clock: Clock, label: str) -> None:
        self._call, self._clock, self._label = fetch, clock, label
        self._lock = threading.Lock()  # never held while anything is fetched
        self._kept: _Kept[T] | None = None
        self._fetch: _Fetch[T] | None = None

    def get(self, life: timedelta, at_worst: timedelta = NEVER) -> T:
        """The document, fetched again when it is older than `life`; meanwhile one not older than `at_worst` does.

        Raises `ProviderUnreachable`, or what the fetch raised.
        """
        with self._lock:
            kept = self._kept
            if kept is not None and self._is_younger(kept, life):
                return kept.value
            fetch = self._begin_or_join()
        if kept is not None and self._is_younger(kept, at_worst):
            return kept.value
        return self._wait(fetch)

    def _is_younger(self, kept: _Kept[T], life: timedelta) -> bool:
        return timedelta(0) <= self._clock.now() - kept.at <= life  # not from the future: the clock was set back

    def _begin_or_join(self) -> _Fetch[T]:
        if self._fetch is None or self._fetch.is_over():
            self._fetch = _Fetch()
            threading.Thread(target=self._run, args=(self._fetch,), name="provider", daemon=True).start()
        return self._fetch

    def _run(self, fetch: _Fetch[T]) -> None:
        at = self._clock.now()
        try:
            value = self._call()
        except Exception as error:  # noqa: BLE001  # whoever waits raises it
            log.warning("provider.failed", provider=self._label, reason=getattr(error, "code", type(error).__name__))
            fetch.outcome.set_exception(error)
        else:
            with self._lock:
                self._kept = _Kept(value, at)
            fetch.outcome.set_result(value)
        fetch.ended = time.monotonic()

    def _wait(self, fetch: _Fetch[T]) -> T:
        try:
            return fetch.outcome.result(max(0.0, fetch.begun + WAIT - time.monotonic()))
        except TimeoutError:
            raise ProviderUnreachable(f"{self._label} has not answered for {WAIT:.0f} seconds.") from None
        except IdentityError as error:
            raise copy(error) from error  # each caller's own: it is told the page that its person came from
