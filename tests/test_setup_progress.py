# SPDX-License-Identifier: Apache-2.0
"""Set-up shows one line that moves on a terminal, and nothing where nobody watches; on lines that the tools printed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import needs
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
APT = """\
Hit:1 http://deb.example.org/debian bookworm InRelease
Reading package lists...
Building dependency tree...
The following NEW packages will be installed:
  libzbar0 zbar-tools
1 upgraded, 2 newly installed, 0 to remove and 136 not upgraded.
Need to get 136 kB of archives.
Get:1 http://deb.example.org/debian bookworm/main amd64 libzbar0 amd64 0.23.92-7 [100 kB]
Get:2 http://deb.example.org/debian bookworm/main amd64 zbar-tools amd64 0.23.92-7 [36.1 kB]
Fetched 136 kB in 0s (103 kB/s)
Preparing to unpack .../zbar-tools_0.23.92-7_amd64.deb ...
Unpacking libzbar0:amd64 (0.23.92-7) ...
Unpacking zbar-tools (0.23.92-7) over (0.23.92-6) ...
Setting up libzbar0:amd64 (0.23.92-7) ...
Setting up zbar-tools (0.23.92-7) ...
Processing triggers for man-db (2.11.2-2) ...
"""
PIP = """\
Collecting alembic==1.18.0
  Downloading alembic-1.18.0-py3-none-any.whl (1.2 MB)
Collecting apiflask==3.1.0
Installing collected packages: alembic, apiflask
Successfully installed alembic-1.18.0 apiflask-3.1.0
"""
FUNCTIONS = {"system_progress": APT, "package_progress": PIP}
STRANGE = (
    "",
    "\n\n",
    "Get:",
    "Setting up\nUnpacking\n",
    "x newly installed, \n",
    "Collecting \n",
    "\\ $(exit 7) `exit 7` *\n",
)


def command(function: str) -> list[str]:
    return [needs("bash"), "-c", f'source "{ROOT / "scripts" / "setup"}"; {function}']


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[object]:
    """`shown(function, lines)`: what a terminal gets while the function reads those lines from a slow pipe."""
    started: list[Terminal] = []

    def run(function: str, lines: str) -> str:
        (tmp_path / "lines").write_text(lines)
        slowly = "import sys, time\nfor line in open(sys.argv[1]):\n print(line, end='', flush=True); time.sleep(0.02)"
        told = f'{sys.executable} -c "$SLOWLY" {tmp_path / "lines"} | {function}'
        full = [needs("bash"), "-c", f'source "{ROOT / "scripts" / "setup"}"; {told}']
        started.append(Terminal.start(full, ROOT, {**os.environ, "SLOWLY": slowly, "TERM": "xterm"}))
        assert started[-1].end() == 0
        return started[-1].said

    yield run
    for each in started:
        each.close()


def states(said: str) -> list[str]:
    """What stood in the line, one state after another; the last is an empty line."""
    return [part.strip() for part in said.split("\r") if part]


def test_the_line_of_system_packages_counts_them_up_to_the_total(shown) -> None:  # type: ignore[no-untyped-def]
    said = shown("system_progress", APT)
    assert "\n" not in said
    found = states(said)
    assert re.fullmatch(r"reading package lists, \d+ s", found[0])
    counts = [
        match.groups() for match in (re.match(r"(\d) of (\d) packages ready, \d+ s; ", text) for text in found) if match
    ]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (("0", "3"), ("2", "3"))
    assert any(text.endswith("unpacking libzbar0:amd64") for text in found)
    assert found[-1] == ""


def test_the_line_of_python_packages_tells_speed_and_time_left(shown) -> None:  # type: ignore[no-untyped-def]
    found = states(shown("package_progress", PIP))
    assert re.fullmatch(r"1 of \d+ packages, \d+\.\d a second, about \d+ s left", found[0])
    assert found[1].startswith("2 of ")
    assert found[2] == "unpacking 2 packages"
    assert found[-1] == ""


def test_a_line_moves_before_its_tool_has_ended(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = f'source "{ROOT / "scripts" / "setup"}"; system_progress < "{pipe}"'
    terminal = Terminal.start([needs("bash"), "-c", told], ROOT, {**os.environ, "TERM": "xterm"})
    try:
        with pipe.open("w", buffering=1) as tool:
            tool.write("0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.\n")
            terminal.wait_for("0 of 2 packages ready", 10)
            tool.write("Setting up libzbar0:amd64 (0.23.92-7) ...\n")
            terminal.wait_for("1 of 2 packages ready", 10)
        assert terminal.end(10) == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_nothing_is_shown_where_nobody_watches(function: str) -> None:
    ran = subprocess.run(command(function), input=FUNCTIONS[function], capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("lines", STRANGE)
@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_lines_that_no_tool_should_print_stop_nothing(function: str, lines: str) -> None:
    ran = subprocess.run(command(function), input=lines, capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_tool_that_fails_is_still_a_failure() -> None:
    told = f'source "{ROOT / "scripts" / "setup"}"; (echo Setting up; exit 100) | system_progress; echo "went on"'
    ran = subprocess.run([needs("bash"), "-c", told], capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (100, "")
