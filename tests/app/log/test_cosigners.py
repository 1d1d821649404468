# SPDX-License-Identifier: Apache-2.0
"""Collecting cosignatures from real witnesses over HTTP, some of which are slow, silent, wrong or lying."""

import time
from collections.abc import Iterator
from pathlib import Path

import naive_tree
import pytest
from cosigning import LOG_KEY, ORIGIN, asked, entries, head
from witness_servers import RunningWitness, cosigners, policy_of, seconds_since, witnesses

from app.log import cosigning
from app.log.errors import LogForked
from app.platform.clock import SystemClock
from app.witness.service import Witness
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, open_checkpoint
from mcla.log.note import parse_note
from mcla.log.policy import Policy

TWO_OF_THREE = "group g 2 w1 w2 w3\nquorum g"
WAIT = 1.5
"""Seconds for a faulty witness to be given up: in that time the others answer, on a busy machine too."""


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[RunningWitness]]:
    with witnesses(tmp_path, 3) as running:
        yield running


def opened(note: str) -> Checkpoint:
    try:
        return open_checkpoint(note, ORIGIN, LOG_KEY.public_key())
    except MclaError as error:
        raise LogForked(error.message) from error


class Collected:
    """One process's cosigners, and what they got for the head over so many entries."""

    def __init__(self, policy: Policy, seconds: float = WAIT) -> None:
        self.policy, self.cosigners = policy, cosigners(policy, seconds)

    def __call__(self, size: int, history: str = "") -> list[str]:
        note = head(size, history)
        cosigned = self.cosigners.collect(note, opened(note), naive_tree.Tiles(entries(size, history)), opened)
        assert cosigned.startswith(note)
        return [one.witness.name for one in self.policy.cosigned(parse_note(cosigned))]


def test_a_growing_log_is_cosigned_head_by_head_from_whatever_the_witness_knows(three: list[RunningWitness]) -> None:
    collected = Collected(policy_of(three, "quorum none"), 5)
    for size in (1, 2, 257, 257, 300):
        assert collected(size) == ["w1", "w2", "w3"]
    before = three[0].asked
    assert Collected(policy_of(three, "quorum none"), 5)(301) == ["w1", "w2", "w3"]
    assert three[0].asked == before + 2  # a new process knows no size: it asks once more with the one that it is told
    assert collected(302) == ["w1", "w2", "w3"]
    assert three[0].asked == before + 4  # and what the first one remembered is old


def test_waiting_ends_with_the_quorum(three: list[RunningWitness]) -> None:
    three[2].fault = "silent"
    collected, began = Collected(policy_of(three, TWO_OF_THREE), 10), time.monotonic()
    assert collected(5) == ["w1", "w2"]
    assert seconds_since(began) < 5


FAULTS = ["slow", "silent", "late clock", "garbage", "nonsense", "another key", "endless", "lies about the size",
          "changes its mind", "refuses", "redirects", "broken"]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_witness_is_never_shown_as_good_and_the_others_are_enough(
    three: list[RunningWitness], fault: str
) -> None:
    three[0].fault = fault
    wait = WAIT if fault in ("slow", "silent") else 5
    collected = Collected(policy_of(three, TWO_OF_THREE), wait)
    assert collected(5) == ["w2", "w3"]
    collected = Collected(policy_of(three, "quorum none"), wait)
    began = time.monotonic()
    assert collected(9) == ["w2", "w3"]
    assert seconds_since(began) < 5
    # It is left alone for a while: one bad witness delays one head, not every one.
    before = three[0].asked
    assert collected(12) == ["w2", "w3"]
    assert three[0].asked == before


def test_a_witness_is_asked_again_after_its_pause(three: list[RunningWitness], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosigning, "PAUSE_SECONDS", 0.0)
    three[0].fault = "broken"
    collected = Collected(policy_of(three, "quorum none"), 5)
    assert collected(5) == ["w2", "w3"]
    three[0].fault = ""
    assert collected(6) == ["w1", "w2", "w3"]


def test_no_witness_at_all_is_told_in_bounded_time(three: list[RunningWitness]) -> None:
    for one in three:
        one.fault = "silent"
    collected, began = Collected(policy_of(three, TWO_OF_THREE)), time.monotonic()
    assert collected(5) == []
    assert collected(6) == []
    assert seconds_since(began) < 10 * WAIT


@pytest.mark.parametrize(("seen", "history"), [(9, ""), (5, "other "), (3, "other "), (9, "other ")])
def test_a_witness_that_has_seen_another_history_by_our_key_proves_a_fork(
    three: list[RunningWitness], seen: int, history: str
) -> None:
    Witness(three[0].home, SystemClock()).add_checkpoint(asked(0, seen, history))
    with pytest.raises(LogForked, match=f"'w1' has seen a head signed by this log over {seen} entries"):
        Collected(policy_of(three, "quorum none"), 5)(5)


def test_a_witness_may_be_behind(three: list[RunningWitness]) -> None:
    Witness(three[0].home, SystemClock()).add_checkpoint(asked(0, 3))
    assert Collected(policy_of(three, "quorum none"), 5)(5) == ["w1", "w2", "w3"]
