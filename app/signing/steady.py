# SPDX-License-Identifier: Apache-2.0
"""Refuses to certify or timestamp while the machine's clock cannot be believed (reliability-security 4.2, case 23).

Three signs of a wrong clock: it stands before something already signed or logged, it ran differently from the
kernel's own count of seconds since this process started, or a certificate of ours is not valid yet.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.log.models import LogEntry
from app.platform.clock import APART, Clock, SystemClock
from app.signing.errors import ClockUnsteady
from app.signing.models import Signing
from mcla.wording import Worded

DRIFT = timedelta(minutes=5)
"""How far the wall clock may run from the count of elapsed seconds before it counts as a jump."""


def elapsed_seconds() -> float:
    """Seconds that pass whether the machine sleeps or not; a set clock does not move them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """The clock of everything that is signed: `now` answers only when the time can be believed."""

    def __init__(self, clock: Clock, elapsed: Callable[[], float] | None = None) -> None:
        self._clock = clock
        # A clock that tests move by hand has no second count to be held against.
        self._elapsed = elapsed or (elapsed_seconds if isinstance(clock, SystemClock) else None)
        self._start = clock.now()
        self._start_elapsed = self._elapsed() if self._elapsed else 0.0
        self._latest = self._start

    def now(self, session: Session) -> datetime:
        """The present time; raises `ClockUnsteady`. `session` tells what was signed last, by any process."""
        now = self._clock.now()
        latest = max([self._latest, *_seen(session)])
        if now + APART < latest:
            raise ClockUnsteady(
                Worded("The clock stands at %(now)s UTC, before what was already signed.", now=f"{now:%H:%M:%S}")
            )
        self._check_jump(now)
        self._latest = max(self._latest, now)
        return now

    def _check_jump(self, now: datetime) -> None:
        if self._elapsed is None:
            return
        ran = timedelta(seconds=self._elapsed() - self._start_elapsed)
        if abs((now - self._start) - ran) > DRIFT:
            raise ClockUnsteady("The clock was set to another time while the service ran.")


def check_valid_now(certificates: Sequence[x509.Certificate], now: datetime) -> None:
    """Refuse when a certificate of ours is from the future: the clock went back since it was made."""
    for certificate in certificates:
        if certificate.not_valid_before_utc > now:
            raise ClockUnsteady("The clock stands before the beginning of the service's own certificates.")


def _seen(session: Session) -> list[datetime]:
    logged = select(LogEntry.appended_at).order_by(LogEntry.index.desc()).limit(1)
    signed = select(func.max(Signing.signed_at)).where(Signing.state == "signed")
    return [at for at in (session.scalar(logged), session.scalar(signed)) if at is not None]
