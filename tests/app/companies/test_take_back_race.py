# SPDX-License-Identifier: Apache-2.0
"""Taking back for a company while its people change: decided upon what was signed before, and never left hanging.

Each test holds one of two threads at the place where the other could slip in, in transactions of the real databases.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Event
from types import ModuleType
from typing import Any

import pytest
from company_walk import Firm, account, change, confirm, draft_gift
from signing_walk import certified, draft_end, file, finish, sign

from app.companies import book
from app.companies.changes import ManagerRemoved
from app.identity.ports import Actor
from app.signing import complete
from app.signing.errors import AlreadyEnded, NotYoursToEnd, SigningError

SOON = 1.5
"""Seconds in which whoever need not wait is done."""


class Held:
    """The first call of a function, held until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
        self.reached, self._go_on = Event(), Event()
        original: Callable[..., Any] = getattr(module, name)

        def wait(*given: Any, **more: Any) -> Any:
            if not self.reached.is_set():
                self.reached.set()
                assert self._go_on.wait(timeout=60)
            return original(*given, **more)

        monkeypatch.setattr(module, name, wait)

    def go_on(self) -> None:
        self._go_on.set()


def outcome(firm: Firm, actor: Actor, drafted: tuple[Any, Any]) -> str:
    """The type of what was recorded, or the code of what was refused."""
    try:
        return str(sign(firm.services, actor, *drafted).type)
    except SigningError as refusal:
        return refusal.code


def ending(firm: Firm, actor: Actor, given: Any) -> tuple[Any, Any]:
    return certified(firm.services, actor, lambda services, who: draft_end(services, who, given))


def removing(firm: Firm, by: Actor, manager: str) -> tuple[Any, Any]:
    wanted = ManagerRemoved(firm.managers[manager])
    return certified(
        firm.services, by, lambda services, who: services.companies.draft_change(who, firm.id, wanted, "Left", "cli")
    )


@pytest.fixture
def given(services: Any, firm: Firm) -> Any:
    """What Emil gave for the company."""
    firm.with_emil()
    return finish(services, firm.emil, draft_gift(services, firm.emil, firm.id))


def test_who_is_being_removed_takes_nothing_back_for_the_company(
    firm: Firm, given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal, end = removing(firm, firm.max, "mia"), ending(firm, firm.mia, given)
    with ThreadPoolExecutor(2) as pool:
        held = Held(monkeypatch, book, "_index")  # the removal is decided and not committed
        removed = pool.submit(outcome, firm, firm.max, removal)
        assert held.reached.wait(timeout=60)
        ended: Future[str] = pool.submit(outcome, firm, firm.mia, end)
        with pytest.raises(StillWaiting):
            ended.result(timeout=SOON)
        held.go_on()
        assert removed.result(timeout=60) == "company-change"
        assert ended.result(timeout=60) == NotYoursToEnd.code
    assert outcome(firm, firm.max, ending(firm, firm.max, given)) == "withdrawal"


def test_who_was_removed_since_the_time_was_taken_takes_nothing_back(
    firm: Firm, given: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = ending(firm, firm.mia, given)
    with ThreadPoolExecutor(1) as pool:
        held = Held(monkeypatch, complete, "issue_timestamp")  # the time is taken, no lock is
        ended = pool.submit(outcome, firm, firm.mia, end)
        assert held.reached.wait(timeout=60)
        clock.at += timedelta(milliseconds=1)
        change(firm.services, firm.max, firm.id, ManagerRemoved(firm.managers["mia"]))
        held.go_on()
        assert ended.result(timeout=60) == NotYoursToEnd.code


def test_a_removal_waits_for_what_the_removed_takes_back(
    firm: Firm, given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal, end = removing(firm, firm.max, "mia"), ending(firm, firm.mia, given)
    with ThreadPoolExecutor(2) as pool:
        held = Held(monkeypatch, complete, "withdrawal_row")  # the withdrawal is decided and not committed
        ended = pool.submit(outcome, firm, firm.mia, end)
        assert held.reached.wait(timeout=60)
        removed = pool.submit(outcome, firm, firm.max, removal)
        with pytest.raises(StillWaiting):
            removed.result(timeout=SOON)
        held.go_on()
        assert ended.result(timeout=60) == "withdrawal"
        assert removed.result(timeout=60) == "company-change"


def test_two_managers_who_each_end_what_the_other_gave_do_not_wait_for_each_other(
    firm: Firm, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, gifts = {"max": firm.max, "mia": firm.mia}, {}
    for name, other in (("max", firm.mia), ("mia", firm.max)):
        entry = firm.add(account(people[name]), other)
        confirm(services, people[name], firm.id, entry)
        files = file(name, name.encode())
        gifts[name] = finish(services, people[name], draft_gift(services, people[name], firm.id, files))
    ends = {"max": ending(firm, firm.max, gifts["mia"]), "mia": ending(firm, firm.mia, gifts["max"])}
    both, kept = Barrier(2), complete._is_kept

    def with_own_lock(*given: Any) -> bool:
        """Each has locked whom it locks first, where that is not the same."""
        with suppress(BrokenBarrierError):  # the other waits for a lock of ours: nobody can meet here any more
            both.wait(timeout=SOON)
        return kept(*given)

    monkeypatch.setattr(complete, "_is_kept", with_own_lock)
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(outcome, firm, people[name], drafted) for name, drafted in ends.items()]
        assert [each.result(timeout=60) for each in done] == ["withdrawal", "withdrawal"]


def test_of_giver_manager_and_signatory_at_once_one_ends_it(firm: Firm, given: Any) -> None:
    people = (firm.emil, firm.max, firm.mia, firm.sig)
    ends = [(who, ending(firm, who, given)) for who in people]
    start = Barrier(len(people))

    def run(who: Actor, drafted: tuple[Any, Any]) -> str:
        start.wait(timeout=60)
        return outcome(firm, who, drafted)

    with ThreadPoolExecutor(len(people)) as pool:
        done = [pool.submit(run, *each) for each in ends]
        told = sorted(each.result(timeout=60) for each in done)
    assert told == sorted(["withdrawal", *[AlreadyEnded.code] * 3])
