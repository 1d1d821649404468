# SPDX-License-Identifier: Apache-2.0
"""The stretches into which xdist itself cuts the list begin with the folders that share what is dear to start."""

from itertools import chain
from types import SimpleNamespace

import pytest
from dealing import FIRST, dealt
from xdist.scheduler.worksteal import WorkStealingScheduling

NAMES = [
    f"{folder}test_{n}.py::test" for n in range(10) for folder in ("tests/app/log/", *sum(FIRST, ()), "tests/fuzz/")
]


class Worker(SimpleNamespace):
    """Notes what xdist gives it."""

    shutting_down = False
    gateway = SimpleNamespace(id="gw")

    def __hash__(self) -> int:
        return id(self)

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given = indices


def given_by_xdist(tests: list[str]) -> list[list[str]]:
    config = SimpleNamespace(getvalue=lambda name: ["popen"] * len(FIRST) if name == "tx" else None)
    scheduler = WorkStealingScheduling(config)  # type: ignore[arg-type]
    workers = [Worker() for _ in FIRST]
    for worker in workers:
        scheduler.add_node(worker)  # type: ignore[arg-type]
        scheduler.add_node_collection(worker, tests)  # type: ignore[arg-type]
    scheduler.schedule()
    return [[tests[index] for index in worker.given] for worker in workers]


@pytest.mark.parametrize("count", [len(NAMES), len(NAMES) - 1, len(NAMES) - 2])
def test_each_worker_begins_with_folders_of_its_own(count: int) -> None:
    given = given_by_xdist(dealt(NAMES[:count], len(FIRST), str))
    for stretch, folders in zip(given, FIRST, strict=True):
        own = [name for name in NAMES[:count] if name.startswith(folders)]
        assert stretch[: len(own)] == own
    assert sorted(chain(*given)) == sorted(NAMES[:count])


def test_a_choice_of_one_folder_loses_nothing() -> None:
    only = [name for name in NAMES if name.startswith(FIRST[0])]
    assert sorted(dealt(only, len(FIRST), str)) == sorted(only)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_other_numbers_of_workers_leave_the_order_alone(workers: int) -> None:
    assert dealt(NAMES, workers, str) == NAMES
