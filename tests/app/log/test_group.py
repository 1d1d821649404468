# SPDX-License-Identifier: Apache-2.0
"""Group commit: who waits together is answered together, and nobody waits for ever, whatever becomes of the leader."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from app.log.errors import LogBusy
from app.log.group import GroupCommit

WAIT = 30


class Committing:
    """A commit that stops at a gate the first time, so that others gather behind it; keeps what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.gate = threading.Event(), threading.Event()

    def __call__(self, wishes: Sequence[str]) -> list[str]:
        self.batches.append(list(wishes))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.gate.wait(WAIT)
        if "fail" in wishes:
            raise LogBusy("as wished")
        if "interrupt" in wishes:
            raise KeyboardInterrupt
        return [wish.upper() for wish in wishes]


def gathered(group: GroupCommit[str, str], commit: Committing, wishes: Sequence[str]) -> list[Future[str]]:
    """What becomes of each wish, when the first leads alone and all others have gathered behind it."""
    with ThreadPoolExecutor(len(wishes)) as pool:
        futures = [pool.submit(group.submit, wishes[0])]
        assert commit.begun.wait(WAIT)
        for number, wish in enumerate(wishes[1:], 1):
            futures.append(pool.submit(group.submit, wish))
            while len(group._waiting) < number:
                threading.Event().wait(0.001)
        commit.gate.set()
        for future in futures:
            future.exception(WAIT)
    return futures


def test_who_comes_while_a_batch_is_under_way_is_done_in_the_next_one_together() -> None:
    commit = Committing()
    futures = gathered(GroupCommit(commit, 100), commit, ["a", *"bcdefgh"])
    assert [future.result() for future in futures] == [*"ABCDEFGH"]
    assert commit.batches == [["a"], [*"bcdefgh"]]


def test_a_batch_takes_no_more_than_its_weight_but_always_one() -> None:
    commit = Committing()
    group = GroupCommit(commit, 2)
    futures = gathered(group, commit, ["a", "b", "c", "d"])
    assert [future.result() for future in futures] == [*"ABCD"]
    assert commit.batches == [["a"], ["b", "c"], ["d"]]
    assert group.submit("heavy", 1000) == "HEAVY"


@pytest.mark.parametrize("leader", ["fail", "interrupt"])
def test_a_leader_that_fails_leaves_its_followers_an_error_and_the_next_a_turn(leader: str) -> None:
    commit = Committing()
    group = GroupCommit(commit, 3)
    futures = gathered(group, commit, ["first", leader, "b", "c", "late", "later"])
    assert futures[0].result() == "FIRST"
    for future in futures[2:4]:
        assert isinstance(future.exception(), LogBusy)
    assert isinstance(futures[1].exception(), LogBusy if leader == "fail" else KeyboardInterrupt)
    assert [future.result() for future in futures[4:]] == ["LATE", "LATER"]
    assert group.submit("after") == "AFTER"


def test_a_commit_that_forgets_an_answer_is_an_error_for_all() -> None:
    group: GroupCommit[str, str] = GroupCommit(lambda _wishes: [], 10)
    for _ in range(2):
        with pytest.raises(ValueError, match="shorter"):
            group.submit("a")
