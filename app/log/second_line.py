# SPDX-License-Identifier: Apache-2.0
"""The line of the log's second key under a signed head: ML-DSA-44, as C2SP tlog-checkpoint asks of logs.

It is for readers: it stands in what is served and in every bundle, not in what is stored, so that no append waits for
it. A head gets it when it is first given out, once for each process; every head can be given one at any time.
"""

from collections.abc import Callable
from functools import lru_cache

from app.platform.clock import Clock
from app.platform.keys import LogKeys
from mcla.log.cosignature import Cosigner, cosigned_at
from mcla.log.note import parse_note


class SecondLine:
    """Adds the line, where there is a second key."""

    def __init__(self, keys_now: Callable[[], LogKeys], origin: str, clock: Clock) -> None:
        self._keys_now, self._origin, self._clock = keys_now, origin, clock
        self._known = lru_cache(64)(self._make)

    def under(self, note: str) -> str:
        """The signed head `note` with the line of the key that is second now."""
        second = self._keys_now().second
        return note if second is None else self._known(note, Cosigner(self._origin, second))

    def _make(self, note: str, cosigner: Cosigner) -> str:
        full = note + cosigner.sign(parse_note(note).text, int(self._clock.now().timestamp())).line
        cosigned_at(parse_note(full), cosigner.vkey)  # a fault while signing must not reach anybody
        return full
