# SPDX-License-Identifier: Apache-2.0
"""Real witnesses on loopback ports, and ways to make one of them misbehave."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cosigning import LOG_VKEY
from serving import serving

from app.log.cosigning import Cosigners
from app.log.witness_client import WitnessClient
from app.platform.clock import Clock, FixedClock, SystemClock
from app.witness.home import WitnessHome
from app.witness.web import create_witness
from mcla.log.note import NoteSignature
from mcla.log.policy import Policy
from mcla.log.policyfile import parse_policy

Start = Callable[..., Any]
_ONE_AT_A_TIME = threading.Lock()
"""Routes are compiled by way of syntax trees, and Python 3.11 can fail to build two of them in two threads."""


@dataclass
class RunningWitness:
    """One witness: `fault` is what it does instead of its duty, empty for none; `asked` counts its requests."""

    home: WitnessHome
    clock: Clock
    fault: str = ""
    asked: int = 0
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        self.asked += 1
        clock = self.clock
        match self.fault:
            case "slow" | "silent":
                self.over.wait(10)
            case "late clock":
                clock = FixedClock(clock.now() + timedelta(days=1))
            case "endless":
                start("200 OK", [])
                return (b"x" * 4096 for _ in range(10_000))
            case fault if fault:
                return self._answer(start, fault)
        with _ONE_AT_A_TIME:
            witness = create_witness(self.home.path, clock)
        return witness(environ, start)

    def _answer(self, start: Start, fault: str) -> list[bytes]:
        key = self.home.cosigner().vkey
        status, body = {
            "garbage": ("200 OK", NoteSignature(key.name, key.id, bytes([0] * 7 + [1]) + bytes(64)).line),
            "nonsense": ("200 OK", "\x00" * 40),
            "another key": ("200 OK", NoteSignature(key.name, b"abcd", bytes(72)).line),
            "lies about the size": ("409 Conflict", "999999\n"),
            "changes its mind": ("409 Conflict", f"{self.asked % 3 + 1}\n"),
            "refuses": ("422 Unprocessable Entity", "no\n"),
            "redirects": ("307 Temporary Redirect", ""),
            "broken": ("500 Broken", "broken"),
        }[fault]
        start(status, [("Content-Length", str(len(body.encode()))), ("Location", "http://127.0.0.1:1/")])
        return [body.encode()]


@contextmanager
def witnesses(folder: Path, count: int, algorithm: str = "ed25519") -> Iterator[list[RunningWitness]]:
    """So many witnesses of the tests' one log, named w1, w2, ..."""
    with ExitStack() as stack:
        running = []
        for number in range(1, count + 1):
            home = WitnessHome(folder / f"w{number}")
            home.create(f"witness.example/w{number}", algorithm)
            home.add_log(LOG_VKEY.line)
            one = RunningWitness(home, SystemClock())
            one.url = stack.enter_context(serving(one))
            running.append(one)
        try:
            yield running
        finally:
            for one in running:
                one.over.set()


def policy_of(running: Iterable[RunningWitness], quorum: str) -> Policy:
    lines = [f"witness w{n} {one.home.cosigner().vkey.line} {one.url}" for n, one in enumerate(running, 1)]
    return parse_policy("\n".join([*lines, quorum, ""]).encode())


def cosigners(policy: Policy, seconds: float) -> Cosigners:
    clients = [WitnessClient(one, SystemClock(), seconds) for one in policy.witnesses]
    return Cosigners(policy, clients, seconds)


def seconds_since(began: float) -> float:
    return time.monotonic() - began
