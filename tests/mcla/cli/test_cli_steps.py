# SPDX-License-Identifier: Apache-2.0
"""A slow service: the person at the terminal sees what is being waited for; pipes and quick services see nothing."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import allow_command_line
from misbehaving import Misbehaving
from running import Running
from terminal import Terminal

from mcla.artifacts.scan import scan
from mcla.cli.ceremony import Asked, open_draft, sign_draft
from mcla.cli.oauth import sign_in
from mcla.cli.output import Output
from mcla.cli.service import Service
from mcla.cli.steps import Steps

TOKEN = {"access_token": "t", "token_type": "Bearer"}
SLOW = 2.2


def arguments(origin: str, note: Path, *more: str) -> tuple[Any, ...]:
    return ("sign", note, "--service", origin, "--project", "tiny-llm", "--kind", "code", *more)


def slow_to_sign_in_and_to_draft(bad: Misbehaving) -> None:
    bad.will(200, TOKEN)
    bad.will(200, {})
    bad.delays = {"/oauth/token": SLOW, "/api/v1/signings": SLOW}


def test_a_terminal_shows_each_step_of_a_slow_service_with_the_time_that_has_passed(
    terminal: Callable[..., Terminal], bad: Misbehaving, note: Path
) -> None:
    slow_to_sign_in_and_to_draft(bad)
    run = terminal(*arguments(bad.origin, note, "--yes", "--no-input"), MCLA_IDENTITY_TOKEN="a.b.c")
    assert run.end() == 1
    for title in ("Signing in…", "Asking for the statement…"):
        seconds = re.findall(rf"{title}\S* \S*0:00:0(\d)", run.said)
        assert seconds, run.said
        assert set(seconds) <= set("123456")  # from the first on, and no more than a busy machine takes
    assert "cannot be read" in run.said.rpartition("Asking for the statement…")[2]


def test_without_a_terminal_a_slow_service_is_waited_for_in_silence(mcla: Any, bad: Misbehaving, note: Path) -> None:
    slow_to_sign_in_and_to_draft(bad)
    ran = mcla(*arguments(bad.origin, note, "--yes", "--json"), MCLA_IDENTITY_TOKEN="a.b.c")
    assert ran.code == 1
    assert ran.err.startswith("Error: ")
    assert "…" not in ran.err
    assert "\x1b" not in ran.err + ran.out


def test_a_quick_service_leaves_no_trace_on_the_terminal(
    terminal: Callable[..., Terminal], bad: Misbehaving, note: Path
) -> None:
    bad.will(200, TOKEN)
    bad.will(200, {})
    run = terminal(*arguments(bad.origin, note, "--yes", "--no-input"), MCLA_IDENTITY_TOKEN="a.b.c")
    assert run.end() == 1
    assert "…" not in run.said


def test_a_wait_that_the_service_asks_for_is_told_with_its_seconds(
    terminal: Callable[..., Terminal], bad: Misbehaving, note: Path
) -> None:
    bad.will(503, b"", Retry_After="3")
    bad.will(200, {})
    run = terminal(*arguments(bad.origin, note))
    run.wait_for("Asking for the questions… The service asks to wait: once more in 3 s")
    assert run.end() == 3
    assert len(bad.asked) == 2


def test_ctrl_c_ends_a_step_and_leaves_the_terminal_as_it_was(
    terminal: Callable[..., Terminal], bad: Misbehaving, note: Path
) -> None:
    bad.will(200, TOKEN)
    bad.delays = {"/oauth/token": 8}
    run = terminal(*arguments(bad.origin, note, "--yes", "--no-input"), MCLA_IDENTITY_TOKEN="a.b.c")
    run.wait_for("Signing in…")
    assert run.interrupt() == 130
    assert run.said.count("\x1b[?25l") == run.said.count("\x1b[?25h")  # the cursor is back


def test_the_last_two_steps_are_certifying_and_recording(service: Running, note: Path) -> None:
    titles: list[str] = []

    @contextmanager
    def step(title: str) -> Iterator[None]:
        titles.append(title)
        yield

    with Service(service.origin) as there:
        there.token = sign_in(there, lambda url: allow_command_line(url, "Ada Li") and None)
        sign_draft(there, open_draft(there, Asked("tiny-llm", "code", scan([note]), {})), step)
    assert titles == ["Certifying a key for this signature…", "Recording…"]


def test_a_real_service_whose_database_is_busy_is_waited_for_in_sight(
    terminal: Callable[..., Terminal], service: Running, browser: Any, note: Path
) -> None:
    run = terminal(*arguments(service.origin, note), **browser("Ada Li"))
    run.wait_for("[y/N]")
    with held(service.home):
        run.type("y")
        run.wait_for("Certifying a key for this signature…", 10)
    assert run.end() == 0
    assert " and verified here" in run.said


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Keep every other writer of the service's database waiting."""
    (path,) = home.glob("*.sqlite")
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def test_a_wait_outside_a_terminal_only_waits(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(Output())
    with steps.step("Recording…"):
        steps.sleep(0)
    assert capsys.readouterr() == ("", "")
