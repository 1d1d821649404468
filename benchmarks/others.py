# SPDX-License-Identifier: Apache-2.0
"""An id of somebody else against one that never was, on every private route: the time of the 404 tells nothing.

CPU seconds of whole requests, in process, on SQLite, in turns. A pair's figure is the median of its rounds, and a busy
machine shakes single rounds by a third: so whichever pair looks farthest apart is looked at again, for as long as it
was before, until it is near or was looked at long enough. The worst of all routes, ids and ways to be signed in is
what is printed.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from signin import sign_in
from strangers import (
    PREFIX,
    PRIVATE,
    Ids,
    Send,
    body_for,
    everything_of,
    filled,
    private_rules,
    strangers_of,
    with_two_accounts,
)

from app.agreements.service import AgreementService
from app.demo.seed import seed
from app.factory import create_app
from app.identity.ports import Actor
from app.platform.clock import SystemClock, new_id
from app.platform.db import Database
from app.platform.keys import create_keys
from app.platform.migrate import upgrade
from app.platform.security import limiter
from app.platform.settings import Settings
from app.projects.service import ProjectService
from app.wiring import Services, build_services
from benchmarks.ratio import Report, quick

BUDGET = 1.1
CLEAR = 1.05
"""Nearer to each other than this, no further look is needed."""
LONG = 32
"""So many times the rounds of its first look tell of a pair as well as can be told."""
QUICK, FULL = (4, 40.0), (24, 600.0)
"""Rounds of each pair's first look, and the CPU seconds after which none is looked at again."""


def main() -> None:
    rounds, limit = QUICK if quick() else FULL
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        services = service(Path(folder))
        app = create_app(services)
        limiter.enabled = False
        ada = with_two_accounts(services, sign_in(app.test_client(), services))
        answered = [pair for pair in pairs(app, services, ada, everything_of(services, ada)) if pair.reads_the_id()]
        assert len(answered) > 2 * len(PRIVATE)
        report.at_most("foreign_vs_unknown_id_time", look_at(answered, rounds, limit).apart(), BUDGET)
        services.db.dispose()
    report.end()


def look_at(every: list["Pair"], rounds: int, limit: float) -> "Pair":
    """The pair that is farthest apart, after looking at that one again and again."""
    gc.disable()
    gc.collect()
    gc.freeze()  # else each collection between two pairs costs what ten of their rounds do
    print(f"# {len(every)} pairs, {rounds} rounds of each", flush=True)
    for pair in every:
        pair.look(rounds)
    worst, again = max(every, key=Pair.apart), 0
    while worst.apart() >= CLEAR and len(worst.ratios) < LONG * rounds and time.process_time() < limit:
        if again % 20 == 0:
            print(f"# {again} further looks, the farthest apart: {worst.apart():.3f} {worst.name}", flush=True)
        worst.look(len(worst.ratios))
        worst, again = max(every, key=Pair.apart), again + 1
    print(f"# {again} further looks, the farthest apart: {worst.apart():.3f} {worst.name}", flush=True)
    return worst


def service(home: Path) -> Services:
    """A wired service with the demo's content in `home`."""
    settings, clock = Settings(home=home, demo=True), SystemClock()
    create_keys(home, settings.host, clock.now())
    db = Database(settings.database)
    upgrade(db)
    seed(ProjectService(db, clock), AgreementService(db, clock))
    services = build_services(settings, db, clock)
    services.log.recover()
    return services


@dataclass
class Pair:
    """The same request for an id of Ada's and for one of nobody's, and how their times compared so far."""

    name: str
    theirs: Callable[[], int]
    nobodys: Callable[[], int]
    ratios: list[float] = field(default_factory=list)

    def reads_the_id(self) -> bool:
        """Whether the request gets as far as the id: some are refused before, for both alike."""
        theirs, nobodys = self.theirs(), self.nobodys()
        # 303 is of the route that forgets: it answers so for what is not there either (`strangers.FORGETS`).
        assert theirs == nobodys
        assert theirs in (303, 403, 404)
        return theirs != 403

    def look(self, rounds: int) -> None:
        gc.collect()
        self.ratios += [self._ratio() for _ in range(rounds)]

    def apart(self) -> float:
        """How many times the one takes what the other takes, whichever is more."""
        found = statistics.median(self.ratios)
        return max(found, 1 / found)

    def _ratio(self) -> float:
        """One round, there and back, so that a machine that slows down meanwhile slows both."""
        order = (self.theirs, self.nobodys, self.nobodys, self.theirs)
        first, second, third, fourth = (cpu_seconds(each) for each in order)
        return (first + fourth) / (second + third)


def pairs(app: APIFlask, services: Services, ada: Actor, ids: Ids) -> Iterator[Pair]:
    """One for each private route, id that it may be asked for, and way to be signed in."""
    known = {each: services.signing.signing(ada, each).statement_sha256 for each in ids["signing"]}
    routes = sorted({(each.rule, method_of(each.methods)) for each in private_rules(app)})
    for (way, send), (rule, method) in product(strangers_of(app, services).items(), routes):
        kind = PRIVATE[rule]
        for identifier in ids[kind]:
            digest = known.get(identifier, "0" * 64)
            both = (ask(send, method, rule, each, digest) for each in (identifier, new_id(PREFIX[kind])))
            yield Pair(f"{method} {rule} with a {way}", *both)


def method_of(methods: set[str] | None) -> str:
    return next(iter((methods or set()) - {"HEAD", "OPTIONS"}))


def ask(send: Send, method: str, rule: str, identifier: str, digest: str) -> Callable[[], int]:
    body, path = body_for(rule, method, identifier, digest), filled(rule, identifier)

    def call() -> int:
        return int(send(method, path, dict(body)).status_code)

    return call


def cpu_seconds(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


if __name__ == "__main__":
    main()
