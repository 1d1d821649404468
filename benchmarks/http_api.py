# SPDX-License-Identifier: Apache-2.0
"""The API over HTTP, as it is served, against a bare Flask route under the same server in the same run.

Beside that budget stands what no answer of this service can be below: the bare steps, which are such a route behind
the service's front, and one statement by the driver alone. Compared is the CPU time of the process that answers, all
its threads: others on the machine hardly change that. The big check is one change with 1,000 commits by 200 people and
2,000 files, all of them covered, and is given as times. With `--quick` it has a tenth of the people, who all have to
sign first.

Not called http.py: beside it no other script could import the standard library's `http`.
"""

import hashlib
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from running import ROOT, Running, free_port, running_service, stop, wait_for
from signing_walk import PROJECT, accept, file, give
from sqlalchemy import delete

from app.demo.seed import seed
from app.identity.ports import Actor, VerifiedClaims
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.jobs import Job
from app.platform.keys import create_keys
from app.platform.migrate import upgrade
from app.platform.settings import Settings
from app.wiring import Services, build_services
from benchmarks.ratio import Report, quick, seconds

PEOPLE, QUICK, COMMITS, FILES, BATCH = 200, 20, 1_000, 2_000, 100
SINGLE, EACH = 20, 50
"""Contributions of one file each, and how often they are asked for at a turn. The files of the big check are one
contribution more."""
POLICY = "version = 1\n[[artifacts]]\npaths = ['**']\nkind = 'code'\n"
Call = Callable[[], None]


def main() -> None:
    people, rounds, checks = (QUICK, 8, 5) if quick() else (PEOPLE, 50, 100)
    report, port = Report(), free_port()
    with tempfile.TemporaryDirectory(prefix="mcla-bench-") as name:
        home = Path(name) / "home"
        signed = fill(home, f"http://127.0.0.1:{port}", people)
        with (
            running_service(home, port=port) as service,
            bare_server(home, "wsgi", "application") as (bare_origin, bare_pid),
            bare_server(home, "rsgi", "front") as (steps_origin, steps_pid),
        ):
            (pid,) = answering(service)
            found = cpu_each(
                rounds,
                (bare_pid, getting(bare_origin, "/bare/"), EACH),
                (steps_pid, getting(steps_origin, "/found/"), EACH),
                (steps_pid, batch(steps_origin, "/found", "found"), BATCH),
                (pid, getting(service.origin, "/api/v1/artifacts/"), EACH),
                (pid, batch(service.origin, "/api/v1/verify", "results"), BATCH),
            )
            tell(report, *found)
            big_check(service.origin, pid, signed, checks)
    report.end()


def tell(report: Report, bare: float, steps: float, batch_steps: float, one: float, each: float) -> None:
    print(f"# CPU ms: bare route {1000 * bare:.3f}, one digest {1000 * one:.3f}, in a batch of 100 {1000 * each:.3f}")
    print(f"# bare steps: one digest {1000 * steps:.3f}, in a batch of 100 {1000 * batch_steps:.3f}")
    report.at_most("http_one_digest_cpu_vs_bare_route", one / bare, 1.5)
    report.at_most("http_one_digest_cpu_vs_bare_steps", one / steps, 2.75)
    report.at_most("http_digest_in_a_batch_of_100_cpu_vs_one_digest", each / one, 0.1)
    report.at_most("http_digest_in_a_batch_of_100_cpu_vs_bare_route", each / bare, 0.15)
    report.at_most("http_digest_in_a_batch_of_100_cpu_vs_bare_steps", each / batch_steps, 5)


def fill(home: Path, origin: str, number_of_people: int) -> list[Actor]:
    """A service's data directory in which people have signed, and files were given; the people."""
    home.mkdir()
    create_keys(home, "127.0.0.1", SystemClock().now())
    settings = Settings(home=home, origin=origin, demo=True)
    db = Database(settings.database)
    upgrade(db)
    services = build_services(settings, db)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    services.log.recover()
    seed(services.projects, services.agreements)
    people = [somebody(services, number) for number in range(number_of_people)]
    for each in people:
        accept(services, each)
    for number in range(SINGLE):
        give(services, people[0], file("one.bin", b"single %d" % number))
    give(services, people[0], *(file(path(number), content(number)) for number in range(FILES)))
    services.log.wait_for_tiles()
    with db.write() as session:
        session.execute(delete(Job))  # issuing so many records would share the process that is measured
    db.dispose()
    return people


def somebody(services: Services, number: int) -> Actor:
    claims = VerifiedClaims("demo", f"{10**9 + number}", f"Person {number}", f"p{number}", f"p{number}@example.org")
    actor = services.identity.actor_of_session(services.identity.start_session(claims, "Benchmark"))
    assert actor is not None
    return actor


def path(number: int) -> str:
    return f"weights/shard-{number:05d}.bin"


def content(number: int) -> bytes:
    return b"shard %d" % number


@contextmanager
def bare_server(home: Path, interface: str, what: str) -> Iterator[tuple[str, int]]:
    """Flask alone under granian, `what` of the bare module; its origin, and the id of the process that answers."""
    port, log = free_port(), home / f"bare-{interface}.log"
    options = ["--interface", interface, "--port", f"{port}", "--workers", "1", "--no-ws", "--log-level", "error"]
    command = [sys.executable, "-m", "granian", *options, f"benchmarks.bare_route:{what}"]
    environment = os.environ | {"MCLA_BENCH_DATABASE": str(home / "mcla.sqlite")}
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/bare/x", server, log)
        (pid,) = children(server.pid)
        yield f"http://127.0.0.1:{port}", pid
    finally:
        stop(server)


def answering(service: Running) -> list[int]:
    """The workers that have threads of their own: not the helpers of multiprocessing."""
    return [pid for pid in service.workers() if len(list(Path(f"/proc/{pid}/task").iterdir())) > 1]


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed if len(list(Path(f"/proc/{each}/task").iterdir())) > 1]


def cpu(pid: int) -> float:
    """CPU seconds of all threads of a process so far, as the scheduler counts them (proc(5), schedstat)."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def cpu_each(rounds: int, *works: tuple[int, Call, int]) -> list[float]:
    """Median CPU seconds a piece of each work (process, call, pieces a call), in turns after one call for warming."""
    for _, call, _ in works:
        call()
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for column, (pid, call, pieces) in zip(taken, works, strict=True):
            before = cpu(pid)
            call()
            column.append((cpu(pid) - before) / pieces)
    return [statistics.median(column) for column in taken]


def getting(origin: str, at: str) -> Call:
    """Asks for the single files in turn, so many at a call, over one connection."""
    connection = HTTPConnection(urlsplit(origin).netloc)
    digests = cycle(f"sha256:{hashlib.sha256(b'single %d' % number).hexdigest()}" for number in range(SINGLE))

    def call() -> None:
        for _ in range(EACH):
            connection.request("GET", at + next(digests))
            answer = read(connection)
            assert at in ("/bare/", "/found/") or answer["verdict"] == "verified", answer

    return call


def batch(origin: str, at: str, results: str) -> Call:
    connection = HTTPConnection(urlsplit(origin).netloc)
    digests = [f"sha256:{hashlib.sha256(content(number)).hexdigest()}" for number in range(BATCH)]

    def call() -> None:
        answer = post(connection, at, {"digests": digests})[results]
        assert len(answer) == BATCH
        assert results == "found" or {each["verdict"] for each in answer} == {"verified"}

    return call


def big_check(origin: str, pid: int, people: list[Actor], times: int) -> None:
    """One request for everything of a large change, another one each time."""
    connection, numbers = HTTPConnection(urlsplit(origin).netloc), count()
    accounts = [{"provider": each.provider, "subject": each.subject} for each in people]
    files = [file(path(number), content(number)).to_dict() for number in range(FILES)]
    asked: dict[str, Any] = {"project": PROJECT, "opener": accounts[0], "artifacts": files, "policy": POLICY}

    def call() -> None:
        commits = [{"sha": f"{next(numbers):040x}", "author": accounts[each % len(people)]} for each in range(COMMITS)]
        answer = post(connection, "/api/v1/checks", asked | {"commits": commits})
        assert (answer["verdict"], len(answer["subjects"])) == ("covered", len(people)), answer["reason"]

    call(), call()
    before, taken = cpu(pid), sorted(seconds(call) for _ in range(times))
    each = (cpu(pid) - before) / times
    told = f"median {1000 * statistics.median(taken):.0f} ms, p99 {1000 * taken[-max(1, times // 100)]:.0f} ms"
    print(
        f"# check of 1,000 commits, {len(people)} people, 2,000 files in one request: {told}, CPU {1000 * each:.0f} ms"
    )


def post(connection: HTTPConnection, at: str, body: dict[str, Any]) -> Any:
    connection.request("POST", at, json.dumps(body), {"Content-Type": "application/json"})
    return read(connection)


def read(connection: HTTPConnection) -> Any:
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, content[:300]
    return json.loads(content)


if __name__ == "__main__":
    main()
