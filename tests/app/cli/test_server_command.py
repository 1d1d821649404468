# SPDX-License-Identifier: Apache-2.0
"""`mcla-server`: long work shows itself on a terminal and nowhere else, secrets stay masked, faults say what to do."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from running import free_port, wait_for
from sqlalchemy import delete
from terminal import Terminal

from app.cli.main import main
from app.cli.progress import told_pace
from app.log.models import LogEntry
from app.platform.settings import load_settings
from app.wiring import build_services

ROOT = Path(__file__).resolve().parents[3]
LONG = """
import time
from app.cli.progress import progress
with progress("Publishing", "documents") as tick:
    for number in range(4):
        time.sleep(0.5)
        tick(number + 1, 4)
"""
QUICK = LONG.replace("0.5", "0")
ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "100"}


def said_on_a_terminal(script: str, folder: Path) -> str:
    terminal = Terminal.start([sys.executable, "-c", script], folder, ENV)
    try:
        while terminal.read():
            pass
        assert terminal.process.wait(30) == 0, terminal.said
    finally:
        terminal.close()
    return terminal.said


def test_long_work_shows_a_bar_with_speed_and_time_left(tmp_path: Path) -> None:
    said = said_on_a_terminal(LONG, tmp_path)
    for part in ("Publishing", "4/4 documents", "a second", "━", "0:00:0"):
        assert part in said, said


def test_the_speed_of_slow_work_is_no_nought() -> None:
    told = [told_pace(done, seconds) for done, seconds in ((1, 4000), (1, 45), (1, 1), (5000, 2), (3, 0))]
    assert told == ["0.9 an hour", "1.3 a minute", "1.0 a second", "2,500.0 a second", "3,000.0 a second"]


def test_quick_work_shows_no_bar(tmp_path: Path) -> None:
    assert "Publishing" not in said_on_a_terminal(QUICK, tmp_path)


def test_long_work_is_quiet_when_not_on_a_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LONG], cwd=tmp_path, env=ENV, capture_output=True, check=True, timeout=30
    )
    assert (done.stdout, done.stderr.strip()) == (b"", b"")


def test_setting_up_twice_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCLA_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("MCLA_DEMO", "true")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "var" / "keys").iterdir()}
    again = CliRunner().invoke(main, ["init"])
    assert again.exit_code == 0
    assert before == {path: path.read_bytes() for path in (tmp_path / "var" / "keys").iterdir()}


def test_the_printed_settings_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    known = '[{"name":"github","kind":"github","client_id":"c","client_secret":"very-secret"}]'
    monkeypatch.setenv("MCLA_PROVIDERS", known)
    for options in ([], ["--json"]):
        told = CliRunner().invoke(main, ["config", *options])
        assert told.exit_code == 0
        assert "github" in told.output
        assert "very-secret" not in told.output


@pytest.mark.parametrize("taken", ["BIND", "DEMO_BIND"])
def test_the_service_does_not_start_where_somebody_else_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        free = {each: f"127.0.0.1:{free_port()}" for each in ("BIND", "DEMO_BIND")}
        for name, value in ({"HOME": str(tmp_path), "DEMO": "true"} | free | {taken: where}).items():
            monkeypatch.setenv(f"MCLA_{name}", value)
        told = CliRunner().invoke(main, ["run"])
    assert told.exit_code == 1
    assert f"Nothing can listen at {where}" in told.output
    assert f"set MCLA_{taken}" in told.output
    assert "MCLA at" not in told.output


@pytest.mark.parametrize("way", ["its input ends", "it is told to"])
def test_the_demo_provider_ends_with_the_service_however_that_ends(tmp_path: Path, way: str) -> None:
    bind = f"127.0.0.1:{free_port()}"
    env = ENV | {"MCLA_HOME": str(tmp_path), "MCLA_DEMO": "true", "MCLA_DEMO_BIND": bind}
    command = [sys.executable, "-m", "app.cli", "demo-provider", "--child"]
    log = tmp_path / "said"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stderr=said) as child,
    ):
        try:
            wait_for(f"http://{bind}/.well-known/openid-configuration", child, log)
            assert child.stdin is not None
            # The kernel closes it when the service is killed; Ctrl-C reaches both.
            child.stdin.close() if way == "its input ends" else child.send_signal(signal.SIGINT)
            assert child.wait(20) == 0
            assert log.read_bytes() == b""
        finally:
            child.kill()


def test_a_fault_names_what_to_do_and_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCLA_HOME", str(tmp_path / "nothing"))
    told = CliRunner().invoke(main, ["agreements", "publish", str(tmp_path), "--foundation", "example"])
    assert told.exit_code == 1
    assert "What to do: " in told.output
    assert "Code: key-missing" in told.output


def test_the_audit_of_the_log_counts_what_fits_and_names_what_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCLA_HOME", str(tmp_path))
    monkeypatch.setenv("MCLA_DEMO", "true")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    settings = load_settings()
    services = build_services(settings)
    services.log.append([b"%d" % number for number in range(300)])
    services.log.wait_for_tiles()
    good = CliRunner().invoke(main, ["log", "audit"])  # with the one entry of the demo's terms
    assert (good.exit_code, good.output) == (0, "301 entries, every tile and the signed head agree\n")
    with services.db.write() as session:
        session.execute(delete(LogEntry).where(LogEntry.index == 7))
    bad = CliRunner().invoke(main, ["log", "audit"])
    assert bad.exit_code == 1
    assert "Entry 7 is missing" in bad.output
    assert "What to do: " in bad.output
