# SPDX-License-Identifier: Apache-2.0
"""How the command speaks: streams, colour, help, exit codes, start-up, and numbers for people."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mcla import __version__
from mcla.cli.failure import Exit, ServiceRefused, error_to_dict, exit_code_of, lines_of
from mcla.cli.main import COMMANDS, cli
from mcla.cli.output import Output, plain
from mcla.cli.progress import Meter, Stopped, size_text


def on_a_terminal(mcla: Any, *args: str, **env: str) -> str:
    """What a run prints when stdout and stderr are a terminal."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "mcla.cli", *args]
    process = subprocess.Popen(
        command, env=mcla.env(TERM="xterm", **env), stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    said = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        said += piece
    process.wait(timeout=30)
    os.close(leader)
    return said.decode()


def test_without_a_command_the_help_is_shown_and_the_usage_is_wrong(mcla: Any) -> None:
    ran = mcla()
    assert ran.code == 2
    assert all(name in ran.out + ran.err for name in COMMANDS)


def test_an_unknown_command_is_wrong_usage(mcla: Any) -> None:
    assert mcla("frobnicate").code == 2


def test_the_version_is_that_of_the_package(mcla: Any) -> None:
    ran = mcla("--version")
    assert (ran.code, ran.out) == (0, f"mcla {__version__}\n")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself_both_ways(name: str) -> None:
    runner = CliRunner()
    short = runner.invoke(cli, [name, "--help"], prog_name="mcla")
    assert short.exit_code == 0
    assert short.output == runner.invoke(cli, ["help", name], prog_name="mcla").output


def test_the_line_in_the_list_of_commands_is_the_first_line_of_the_commands_own_help() -> None:
    for name, line in COMMANDS.items():
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.get_short_help_str(limit=200) == line.rstrip(".") + "." or line in (command.help or "")


def test_the_exit_codes_page_names_every_code(mcla: Any) -> None:
    ran = mcla("help", "exit-codes")
    assert ran.code == 0
    assert all(f"  {int(code)} " in ran.out for code in Exit)


def test_help_on_nothing_known_is_wrong_usage_and_names_what_there_is(mcla: Any) -> None:
    ran = mcla("help", "quantum")
    assert ran.code == 2
    assert "exit-codes" in ran.err


def test_commands_that_are_not_built_are_not_there(mcla: Any) -> None:
    assert all(mcla(name).code == 2 for name in ("check", "terms"))


def test_nothing_that_is_piped_is_coloured(mcla: Any, weights: Path) -> None:
    for args in (("doctor",), ("hash", str(weights)), ("verify", str(weights)), ("hash", "nowhere")):
        ran = mcla(*args, TERM="xterm-256color")
        assert "\x1b" not in ran.out + ran.err


def test_a_terminal_gets_colour(mcla: Any) -> None:
    assert "\x1b[" in on_a_terminal(mcla, "doctor")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_a_terminal_that_does_not_want_colour_gets_none(mcla: Any, env: dict[str, str]) -> None:
    term = {"TERM": "xterm"} | env
    leader_env = mcla.env(**term)
    leader, follower = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "mcla.cli", "doctor"], env=leader_env, stdin=follower, stdout=follower, timeout=30
    )
    os.close(follower)
    said = os.read(leader, 65536)
    os.close(leader)
    assert ran.returncode == 0
    assert b"\x1b" not in said


def test_the_flag_against_colour_works_on_a_terminal(mcla: Any) -> None:
    assert "\x1b[" not in on_a_terminal(mcla, "doctor", "--no-color")


def test_colour_can_be_forced_into_a_pipe(mcla: Any) -> None:
    assert "\x1b[" in mcla("doctor", FORCE_COLOR="1").out
    assert "\x1b[" not in mcla("doctor", FORCE_COLOR="0").out


def test_importing_the_command_loads_neither_http_nor_tables_nor_cryptography(mcla: Any) -> None:
    heavy = "('httpx2', 'rich', 'rfc8785', 'cryptography')"
    code = f"import sys, mcla.cli.main; print([n for n in {heavy} if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], env=mcla.env(), capture_output=True, text=True, timeout=30)
    assert ran.stdout == "[]\n"


def test_verify_needs_no_more_than_click_and_cryptography(mcla: Any, weights: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('httpx2', 'rich', 'rfc8785', 'flask', 'sqlalchemy'): sys.modules[name] = None\n"
        "import mcla.verify.verifier, mcla.verify.trust, mcla.envelope.bundle, mcla.statements.statement\n"
        "from mcla.cli.main import cli\n"
        "cli(['verify', sys.argv[1], '--trust', sys.argv[1], '--bundle', sys.argv[1]])\n"
    )
    command = [sys.executable, "-c", code, str(weights)]
    ran = subprocess.run(command, env=mcla.env(), capture_output=True, text=True, timeout=30)
    assert "ModuleNotFoundError" not in ran.stderr
    assert "trust" in ran.stderr
    assert ran.returncode == 3


def test_control_and_direction_characters_are_shown_as_escapes() -> None:
    assert plain("a\x1b[2Jb\u202ec\nd") == "a\\x1b[2Jb\\u202ec\nd"
    assert plain("größe 模型") == "größe 模型"
    assert plain("a\nb", keep="") == "a\\nb"
    assert plain("\udcff") == "\\udcff"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_239_748, "1.2 MB"),
        (5 * 1024**3, "5.4 GB"),
        (10**17, "100000.0 TB"),
    ],
)
def test_sizes_read_as_hubs_show_them(count: int, text: str) -> None:
    assert size_text(count) == text


def test_progress_is_silent_for_a_second_and_then_tells_each_tenth_once(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    meter = Meter("Hashing", 1000, Output(), monotonic=lambda: now[0])
    for _ in range(90):
        now[0] += 0.01
        meter.advance(1)
    assert capsys.readouterr().err == ""
    for _ in range(910):
        now[0] += 0.01
        meter.advance(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Hashing: 10 %")
    assert lines[-1].startswith("Hashing: 100 %")
    assert len(lines) == 10


def test_progress_of_nothing_divides_by_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    meter = Meter("Hashing", 0, Output(), monotonic=lambda: now[0])
    now[0] = 5.0
    meter.advance(0)
    assert "100 %" in capsys.readouterr().err


def test_a_stopped_meter_ends_the_working_thread() -> None:
    meter = Meter("Hashing", 10, Output())
    meter.stopped = True
    with pytest.raises(Stopped):
        meter.advance(1)


def test_a_bar_is_drawn_on_a_terminal_for_long_work(terminal: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(20 * 1024**3)
    hashing = terminal("hash", str(large))
    assert "Hashing" in hashing.wait_for("/s")
    assert hashing.interrupt() == 130


@pytest.mark.parametrize(
    ("status", "code"), [(400, 1), (401, 3), (403, 1), (409, 1), (422, 1), (429, 3), (500, 3), (503, 3)]
)
def test_a_refusal_of_the_service_is_no_and_a_failing_service_is_unknown(status: int, code: int) -> None:
    assert exit_code_of(ServiceRefused(status, {})) == code


def test_a_problem_is_told_with_its_hint_its_faults_and_its_request() -> None:
    problem = {
        "code": "declarations-invalid",
        "detail": "Some answers are missing.",
        "hint": "Answer them.",
        "request_id": "r1",
        "errors": [{"pointer": "/base", "detail": "is missing"}, "nonsense"],
        "sign_url": "https://m.example/sign/x",
    }
    lines = dict(lines_of(ServiceRefused(422, problem)))
    assert lines["Error"] == "Some answers are missing."
    assert lines["Why"] == "/base: is missing"
    assert lines["Next"] == "Answer them. https://m.example/sign/x"
    assert lines["Code"] == "declarations-invalid  request r1"
    assert error_to_dict(ServiceRefused(422, problem))["error"]["code"] == "declarations-invalid"  # type: ignore[index]


def test_a_problem_with_nothing_in_it_is_still_a_sentence() -> None:
    assert dict(lines_of(ServiceRefused(418, {})))["Error"] == "status 418"
