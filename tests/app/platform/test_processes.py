# SPDX-License-Identifier: Apache-2.0
"""Work in several processes: every item is answered once, and no process outlives its caller or its fault."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from squaring import squares

from app.platform.processes import Died, asked_to_stop, each

ROOT = Path(__file__).resolve().parents[3]


def forever() -> Iterator[int]:
    while True:
        yield 1


@pytest.mark.parametrize("processes", [1, 2])
def test_every_item_is_answered_once_and_after_a_stop_only_what_was_begun(processes: int) -> None:
    found = dict(each(squares, iter(range(20)), processes, lambda: False))
    assert {item: answer[1] for item, answer in found.items()} == {item: item * item for item in range(20)}
    assert (os.getpid() in {answer[0] for answer in found.values()}) is (processes == 1)
    answered: list[int] = []
    for item, _ in each(squares, forever(), processes, lambda: len(answered) >= 3):
        answered.append(item)
    assert 3 <= len(answered) <= 3 + processes


def test_a_process_that_dies_costs_its_item_and_the_others_go_on() -> None:
    found = dict(each(squares, iter([-signal.SIGKILL, *range(10)]), 2, lambda: False))
    assert found.pop(-signal.SIGKILL) == Died(-signal.SIGKILL)
    assert sorted(found) == list(range(10))


def test_where_all_died_the_rest_stays_undone() -> None:
    items = iter([-signal.SIGKILL, -signal.SIGTERM, 1, 2])
    assert dict(each(squares, items, 2, lambda: False)) == {
        -signal.SIGKILL: Died(-signal.SIGKILL),
        -signal.SIGTERM: Died(-signal.SIGTERM),
    }
    assert list(items) == [1, 2]


@pytest.fixture
def ending() -> Iterator[None]:
    """Ctrl-C ends the process, whatever commands that ran in it have made of that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ending")
def test_ctrl_c_is_a_question_while_work_goes_on_and_again_an_end_afterwards() -> None:
    with asked_to_stop() as stopped:
        answered = []
        for item, _ in each(squares, forever(), 1, stopped):
            answered.append(item)
            os.kill(os.getpid(), signal.SIGINT)
    assert answered == [1]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


STOPPED = """
import itertools
from squaring import squares
from app.platform.processes import Died, asked_to_stop, each
def items():
    print("begun", flush=True)
    yield from itertools.count()
if __name__ == "__main__":
    with asked_to_stop() as stopped:
        print([isinstance(answer, Died) for _, answer in each(squares, items(), 2, stopped)])
"""


def test_ctrl_c_reaches_no_process_but_the_callers_also_while_they_begin(tmp_path: Path) -> None:
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    env = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, str(script)], env=env, start_new_session=True, **pipes) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "begun\n"
        os.killpg(caller.pid, signal.SIGINT)  # as a terminal does: its group is the caller's own
        said, wrong = caller.communicate(timeout=60)
    assert (caller.returncode, wrong) == (0, "")
    assert "False" in said, "what was begun is finished"
    assert "True" not in said, "a process died of it"


CALLER = """
import itertools
from squaring import squares
from app.platform.processes import each
if __name__ == "__main__":
    for _, answer in each(squares, itertools.count(), 2, lambda: False):
        print(answer[0], flush=True)
"""


def test_the_processes_of_a_caller_that_was_killed_end_by_themselves(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(CALLER)
    env = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen([sys.executable, str(script)], env=env, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        pids: set[int] = set()
        for line in caller.stdout:
            pids.add(int(line))
            if len(pids) == 2:
                break
        caller.kill()
    end = time.monotonic() + 30
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < end, "they still run"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
