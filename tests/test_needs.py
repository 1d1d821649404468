# SPDX-License-Identifier: Apache-2.0
"""What happens when a part is missing: a counted skip with its reason, named in the last line, and a failure in CI."""

import subprocess
import sys
from pathlib import Path

import pytest
from ending import pytest_sessionfinish
from needs import needs, needs_root, skip_or_fail

ROOT = Path(__file__).resolve().parents[1]
LACKING = "from needs import needs\n\n\ndef test_one():\n    needs('no-such-tool')\n\n\ndef test_two():\n    pass\n"


def run(folder: Path, ci: str) -> tuple[int, list[str]]:
    """Exit code and printed lines of a run of one test that lacks its tool and one that lacks nothing."""
    (folder / "test_lacking.py").write_text(LACKING)
    # Not the whole suite's: it imports the service, which takes seconds.
    (folder / "conftest.py").write_text("from ending import pytest_sessionfinish\n")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder / "test_lacking.py")],
        env={  # without the plugins of the whole suite, which take seconds to load
            "PATH": "/usr/bin:/bin",
            "CI": ci,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout.strip().splitlines()


def test_every_run_of_the_suite_ends_with_that_line(pytestconfig: pytest.Config) -> None:
    hooks = pytestconfig.hook.pytest_sessionfinish.get_hookimpls()
    assert pytest_sessionfinish in [each.function for each in hooks]


def test_the_last_line_says_how_many_tests_were_skipped_and_why(tmp_path: Path) -> None:
    code, lines = run(tmp_path, "")
    assert code == 0
    assert lines[-1] == "1 skipped for what this machine lacks: 1 × needs no-such-tool"


def test_in_ci_the_same_run_fails(tmp_path: Path) -> None:
    code, lines = run(tmp_path, "true")
    assert code == 1
    assert "with CI=true nothing may be skipped" in "\n".join(lines)
    assert lines[-1] == "0 skipped for what this machine lacks: nothing"


def test_a_missing_part_is_a_skip_on_a_desk_and_a_failure_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    lacking = (lambda: needs("no-such-tool"), needs_root, lambda: skip_or_fail("needs PostgreSQL"))
    for outcome, ci in ((pytest.skip.Exception, ""), (pytest.fail.Exception, "true")):
        monkeypatch.setenv("CI", ci)
        for ask in lacking:
            with pytest.raises(outcome):
                ask()
