# SPDX-License-Identifier: Apache-2.0
"""The outbox: a job exists exactly if its transaction committed, runs at least once, and is never lost."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from counting import counted
from sqlalchemy import select

from app.platform import jobs
from app.platform.clock import FixedClock
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.platform.jobs import LEASE, LONGEST_DELAY, MAX_ATTEMPTS, Handler, Job, Worker, add_job, cut_short

KEPT = timedelta(days=30)


def _worker(db: Database, clock: FixedClock, handlers: Mapping[str, Handler]) -> Worker:
    return Worker(db, clock, handlers, ClockWatch(db, clock, (cut_short,)), KEPT)


def _jobs(db: Database) -> list[Job]:
    with db.read() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def _add(db: Database, clock: FixedClock, **payload: Any) -> None:
    with db.write() as session:
        add_job(session, clock, "count", payload)


def test_a_job_of_a_transaction_that_failed_does_not_exist(db: Database, clock: FixedClock) -> None:
    def fail() -> None:
        with db.write() as session:
            add_job(session, clock, "count", {})
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert _jobs(db) == []


def test_a_due_job_runs_once_and_is_done(db: Database, clock: FixedClock) -> None:
    ran: list[int] = []
    _add(db, clock, number=7)
    worker = _worker(db, clock, {"count": lambda payload: ran.append(payload["number"])})
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    assert ran == [7]
    assert [job.state for job in _jobs(db)] == ["done"]


def test_a_delayed_job_waits_for_its_time(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        add_job(session, clock, "count", {}, delay=timedelta(minutes=1))
    worker = _worker(db, clock, {"count": lambda _: None})
    assert worker.run_due() == 0
    clock.at += timedelta(minutes=1)
    assert worker.run_due() == 1


def test_a_job_of_an_unknown_kind_is_left_for_a_worker_that_knows_it(db: Database, clock: FixedClock) -> None:
    _add(db, clock)
    assert _worker(db, clock, {"other": lambda _: None}).run_due() == 0
    assert _worker(db, clock, {"count": lambda _: None}).run_due() == 1


def test_a_failing_job_is_tried_again_with_back_off_and_kept_as_dead_in_the_end(
    db: Database, clock: FixedClock
) -> None:
    def fail(_payload: dict[str, Any]) -> None:
        raise ValueError("no ink")

    _add(db, clock)
    worker = _worker(db, clock, {"count": fail})
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert worker.run_due() == 1, attempt
        assert worker.run_due() == 0, "back-off"
        clock.at += timedelta(hours=2)
    (job,) = _jobs(db)
    assert (job.state, job.failure) == ("dead", "ValueError: no ink")


def test_a_job_whose_worker_died_is_run_by_another_after_the_lease(db: Database, clock: FixedClock) -> None:
    _add(db, clock)

    def die(_payload: dict[str, Any]) -> None:
        raise SystemExit  # not an Exception: the worker's own handling never sees it, like a kill

    with pytest.raises(SystemExit):
        _worker(db, clock, {"count": die}).run_due()
    second = _worker(db, clock, {"count": lambda _: None})
    assert second.run_due() == 0
    clock.at += LEASE
    assert second.run_due() == 1


def test_many_workers_share_the_work_and_none_is_done_twice(db: Database, clock: FixedClock) -> None:
    ran: list[int] = []
    for number in range(40):
        _add(db, clock, number=number)
    workers = [_worker(db, clock, {"count": lambda payload: ran.append(payload["number"])}) for _ in range(4)]
    threads = [threading.Thread(target=worker.run_due) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ran) == list(range(40))


def test_a_job_put_off_by_a_clock_that_ran_ahead_does_not_wait_for_it(db: Database, clock: FixedClock) -> None:
    clock.at += timedelta(days=1)
    _add(db, clock)
    worker = _worker(db, clock, {"other": lambda _: None, "count": lambda _: None})
    _worker(db, clock, {"other": lambda _: None}).run_due()
    clock.at -= timedelta(days=1)
    assert worker.run_due() == 0
    clock.at += LONGEST_DELAY
    assert worker.run_due() == 1


def test_what_was_done_long_ago_is_deleted_bit_by_bit_and_nothing_else_is(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "TIDY_MOST", 2)
    at = {"run_after": clock.at, "finished_at": clock.at}
    long_ago = {**at, "state": "done"}
    kept: list[dict[str, Any]] = [{**at, "state": "dead"}, {**at, "state": "waiting"}, {**at, "state": "running"}]
    later = clock.at + timedelta(seconds=1)
    kept += [{**long_ago, "finished_at": later, "run_after": later}, {**long_ago, "finished_at": later}]
    with db.write() as session:
        for number, values in enumerate([*kept, *[long_ago] * 5]):
            told = {"id": f"job_{number}", "kind": "other", "payload": {}, "attempts": 1, "created_at": clock.at}
            session.add(Job(**told | values))
    clock.at += KEPT + timedelta(microseconds=1)
    worker, left = _worker(db, clock, {"count": lambda _: None}), []
    for _ in range(4):
        worker.run_due()
        left.append(len(_jobs(db)))
    assert left == [8, 6, 5, 5]
    assert [job.id for job in _jobs(db)] == [f"job_{number}" for number in range(5)]


def test_finished_jobs_are_looked_for_once_an_hour(db: Database, clock: FixedClock) -> None:
    worker = _worker(db, clock, {"count": lambda _: None})
    with counted(db) as said:
        for minutes in (0, 30, 29, 1):
            clock.at += timedelta(minutes=minutes)
            worker.run_due()
    assert len([each for each in said if "DELETE FROM job" in each]) == 2
