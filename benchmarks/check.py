# SPDX-License-Identifier: Apache-2.0
"""The check of a change: against its own time with few signatures, and against one query for each author's address.

Both databases hold every table that a check of people reads, with real rows. Half of the authors signed themselves,
half are on lists of companies that have 1,000 entries. Each question names other people, whose rows lie in pages that
a large database has not in memory; two changes asked for again and again show what is left once they are there. Calls
take turns, and what is compared with the peer is wall time: it waits for the same database on the same machine.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from counting import counted
from postgres import Postgres, start_postgres

from app.demo.seed import PROJECTS, seed
from app.platform.clock import FixedClock, SystemClock
from app.platform.db import Database
from app.platform.keys import create_keys
from app.platform.migrate import upgrade
from app.platform.settings import Settings
from app.wiring import Services, build_services
from benchmarks.peer_check import add_index, add_peer, peer_check
from benchmarks.ratio import Report, quick, seconds
from benchmarks.signed_rows import AT, PROVIDER, STAFFED, Ground, Somebody, add_rows, employee, signer
from mcla.checks.change import Change, read_change

SMALL, ASKED_AGAIN = 1_000, 2
FULL = {SMALL: 10, 100_000: 1_000, 1_000_000: 10_000}
QUICK = {SMALL: 10, 30_000: 30}
"""Signatures -> companies with 1,000 entries each."""
CHOSEN = random.Random(5)  # noqa: S311  who is asked for is no secret


def main() -> None:
    is_quick, report = quick(), Report()
    sizes = QUICK if is_quick else FULL
    if is_quick:
        print("# scaled down: at most 30,000 signatures and 30 companies with 1,000 entries each", flush=True)
    with tempfile.TemporaryDirectory(prefix="mcla-bench-") as name, start_postgres() as server:
        for engine in ("sqlite", "postgresql"):
            with ExitStack() as stack:
                homes = [Path(name) / f"{engine}-{size}" for size in sizes]
                grounds = zip(sizes.items(), homes, strict=True)
                filled = [stack.enter_context(place(engine, server, home, *size)) for size, home in grounds]
                measure(report, engine, filled, 40 if is_quick else 200)
    report.end()


@dataclass(frozen=True, slots=True)
class Place:
    """A service over a database of a known size."""

    services: Services
    signatures: int
    companies: int

    def change(self, authors: int) -> Change:
        """A change by so many people, all of whom are covered: the first and every second one by a list."""
        people = [self._somebody(listed=number % 2 == 0) for number in range(authors)]
        commits = [{"sha": f"{CHOSEN.getrandbits(160):040x}", "author": _account(each)} for each in people]
        return read_change({"project": PROJECTS[0][0], "opener": _account(people[0]), "commits": commits})

    def ask(self, change: Change) -> None:
        answer = self.services.checks.ask(change)
        assert answer.verdict == "covered", answer.said

    def emails(self, authors: int) -> list[str]:
        return [f" Person{CHOSEN.randrange(self.signatures)}@Example.org" for _ in range(authors)]

    def _somebody(self, *, listed: bool) -> Somebody:
        if listed:
            return employee(CHOSEN.randrange(self.companies), CHOSEN.randrange(STAFFED))
        return signer(CHOSEN.randrange(self.signatures))


def _account(each: Somebody) -> dict[str, str]:
    return {"provider": PROVIDER, "subject": each.subject}


@contextmanager
def place(engine: str, server: Postgres, home: Path, signatures: int, companies: int) -> Iterator[Place]:
    """A service over a database with so many signatures and companies; says how long that took."""
    home.mkdir()
    with ExitStack() as stack:
        url = f"sqlite:///{home / 'mcla.sqlite'}" if engine == "sqlite" else stack.enter_context(server.database())
        began, db = time.perf_counter(), Database(url)
        stack.callback(db.dispose)
        services = seeded(db, home)
        add_rows(db, ground(services), signatures, companies)
        add_peer(db)
        took = time.perf_counter() - began
        print(f"# {engine}: {signatures:,} signatures, {companies:,} companies: filled in {took:.0f} s", flush=True)
        yield Place(services, signatures, companies)


def seeded(db: Database, home: Path) -> Services:
    """The demo's foundation and agreements in a new database, and services that look at it a month later."""
    upgrade(db)
    create_keys(home, "127.0.0.1", SystemClock().now())
    settings = Settings(home=home, database_url=db.url, demo=True)
    clock = FixedClock(AT - timedelta(days=1))
    services = build_services(settings, db, clock)
    seed(services.projects, services.agreements)
    clock.at = AT + timedelta(days=30)
    return services


def ground(services: Services) -> Ground:
    persons, companies = (services.agreements.version(slug) for slug in ("mcla-individual", "mcla-corporate"))
    return Ground(persons.foundation_id, persons.id, companies.id)


def measure(report: Report, engine: str, places: Sequence[Place], rounds: int) -> None:
    small, large, what = places[0], places[-1], told(places[-1].signatures)
    for each in places[1:-1]:
        print(f"# {engine}, 10 authors at {each.signatures:,}: {ms(timed(rounds, asking(each, 10))[0])}", flush=True)
    once, ten, at_small = timed(rounds, asking(large, 1), asking(large, 10), asking(small, 10))
    print(f"# {engine} at {what}: 1 author {ms(once)}, 10 authors {ms(ten)}; 10 authors at 1k {ms(at_small)}")
    (untuned,) = timed(3 if what == "1m" else 10, peer(large, 10))
    add_index(large.services.db)
    ten_beside, tuned, one_tuned = timed(rounds, asking(large, 10), peer(large, 10), peer(large, 1))
    print(
        f"# {engine} at {what}: the peer, 10 authors {ms(untuned)}; with an index {ms(tuned)}, 1 author {ms(one_tuned)}"
    )
    middle = statistics.median
    report.at_most(f"check_10_authors_{engine}_at_{what}_vs_1k", middle(ten) / middle(at_small), 1.2)
    print(f"# {engine} at {what}: {middle(untuned) / middle(ten):.1f} x as fast as the peer without the index")
    report.at_least(f"check_10_authors_{engine}_at_{what}_vs_peer_with_index", middle(tuned) / middle(ten_beside), 10)
    again, again_small = timed(rounds, asking(large, 10, ASKED_AGAIN), asking(small, 10, ASKED_AGAIN))
    print(f"# {engine} at {what}: 10 authors asked for again {ms(again)}; at 1k {ms(again_small)}")
    report.at_most(f"check_10_authors_again_{engine}_at_{what}_vs_1k", middle(again) / middle(again_small), 1.2)
    few, many = (statements(large, authors) for authors in (1, 200))
    print(f"# {engine}: {few} statements for 1 author, {many} for 200")
    report.at_most(f"check_statements_200_authors_vs_1_{engine}", many / few, 1)


Call = Callable[[], object]


def asking(place: Place, authors: int, changes: int = 500) -> Call:
    """Asks about another change at each call, and about the first of so many again after the last."""
    turns = cycle([place.change(authors) for _ in range(changes)])
    return lambda: place.ask(next(turns))


def peer(place: Place, authors: int) -> Call:
    def call() -> None:
        assert peer_check(place.services.db, place.emails(authors))

    return call


def timed(rounds: int, *works: Call) -> list[list[float]]:
    """Wall seconds of each call, after two for warming, in turns."""
    for work in works:
        work(), work()
    return [list(column) for column in zip(*([seconds(work) for work in works] for _ in range(rounds)), strict=True)]


def statements(place: Place, authors: int) -> int:
    change = place.change(authors)
    with counted(place.services.db) as seen:
        place.ask(change)
    return sum(1 for each in seen if not each.startswith("BEGIN"))


def ms(times: Sequence[float]) -> str:
    """Median and p99, in milliseconds."""
    worst = sorted(times)[-max(1, len(times) // 100)]
    return f"{1000 * statistics.median(times):.1f} ms (p99 {1000 * worst:.1f})"


def told(size: int) -> str:
    return {1_000_000: "1m"}.get(size, f"{size // 1000}k")


if __name__ == "__main__":
    main()
