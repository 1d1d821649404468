# SPDX-License-Identifier: Apache-2.0
"""An id of somebody else against one that never was, on every private route: the time of the 404 tells nothing.

CPU seconds of whole requests, in process, on SQLite, in turns. A pair's figure is the median of its rounds; one that
looks too far apart is looked at longer, because a busy machine shakes single rounds by a third. The worst of all
routes, ids and ways to be signed in is what is printed.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
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
Pair = tuple[Callable[[], int], Callable[[], int]]


def main() -> None:
    rounds, looks = (8, 5) if quick() else (48, 5)
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        services = service(Path(folder))
        app = create_app(services)
        limiter.enabled = False
        ada = with_two_accounts(services, sign_in(app.test_client(), services))
        gc.disable()
        answered = [pair for pair in pairs(app, services, ada, everything_of(services, ada)) if reads_the_id(pair)]
        assert len(answered) > 2 * len(PRIVATE)
        report.at_most("foreign_vs_unknown_id_time", max(apart(pair, rounds, looks) for pair in answered), BUDGET)
        services.db.dispose()
    report.end()


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


def pairs(app: APIFlask, services: Services, ada: Actor, ids: Ids) -> Iterator[Pair]:
    """The same request for an id of Ada's and for one of nobody's, for each private route and way to be signed in."""
    known = {each: services.signing.signing(ada, each).statement_sha256 for each in ids["signing"]}
    for send in strangers_of(app, services).values():
        for rule, method in sorted({(each.rule, method_of(each.methods)) for each in private_rules(app)}):
            kind = PRIVATE[rule]
            for identifier in ids[kind]:
                digest = known.get(identifier, "0" * 64)
                yield tuple(ask(send, method, rule, each, digest) for each in (identifier, new_id(PREFIX[kind])))


def method_of(methods: set[str] | None) -> str:
    return next(iter((methods or set()) - {"HEAD", "OPTIONS"}))


def ask(send: Send, method: str, rule: str, identifier: str, digest: str) -> Callable[[], int]:
    body, path = body_for(rule, method, identifier, digest), filled(rule, identifier)

    def call() -> int:
        return int(send(method, path, dict(body)).status_code)

    return call


def reads_the_id(pair: Pair) -> bool:
    """Whether the request gets as far as the id: some are refused before, for both alike."""
    theirs, nobodys = (ask() for ask in pair)
    # 303 is of the route that forgets: it answers so for what is not there either (`strangers.FORGETS`).
    assert theirs == nobodys
    assert theirs in (303, 403, 404)
    return theirs != 403


def apart(pair: Pair, rounds: int, looks: int) -> float:
    """How many times the one takes what the other takes, whichever is more; each further look doubles the rounds."""
    ratios: list[float] = []
    for look in range(looks):
        gc.collect()
        ratios += [ratio(pair) for _ in range(rounds << max(0, look - 1))]
        found = statistics.median(ratios)
        if max(found, 1 / found) < CLEAR:
            break
    return max(found, 1 / found)


def ratio(pair: Pair) -> float:
    """One round, there and back, so that a machine that slows down meanwhile slows both."""
    theirs, nobodys = pair
    first, second, third, fourth = (cpu_seconds(each) for each in (theirs, nobodys, nobodys, theirs))
    return (first + fourth) / (second + third)


def cpu_seconds(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


if __name__ == "__main__":
    main()
