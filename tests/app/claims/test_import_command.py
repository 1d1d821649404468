# SPDX-License-Identifier: Apache-2.0
"""`mcla-server import`: one report for the dry run and the real one, exit codes, and no row without a word."""

import json
from collections.abc import Callable
from pathlib import Path

import claim_files as files
import pytest
from click.testing import CliRunner, Result
from signing_walk import PROJECT

from app.cli.main import main
from app.platform.settings import Settings
from app.wiring import Services

Run = Callable[..., Result]
MIXED = files.lite(files.entry(), files.entry(), files.entry(number="1"), files.entry("bnovak", files.BELA), x="=1")


@pytest.fixture
def run(services: Services, settings: Settings, database_url: str, tmp_path: Path) -> Run:
    """Runs the command on a file with this content."""
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}

    def command(system: str, data: bytes, *options: str) -> Result:
        (tmp_path / "file").write_bytes(data)
        base = ("import", system, str(tmp_path / "file"), "--project", PROJECT, "--provider", "demo")
        return CliRunner().invoke(main, [*base, *options], env=env)

    return command


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_dry_run_prints_the_very_report_of_the_real_run_and_every_row_is_in_it(run: Run) -> None:
    dry, real, again = (run("cla-lite", MIXED, *more) for more in (("--dry-run",), (), ()))
    assert (dry.exit_code, real.exit_code, again.exit_code) == (1, 1, 1)
    assert dry.stdout == real.stdout
    assert "nothing was written" in dry.stderr
    assert real.stdout.splitlines()[2:] == [
        "2 imported, 0 ended there, 1 already there, 1 refused",
        "        2  recorded-by-id",
        "Nothing is kept of: 'x'",
        "Row 3 refused: expected a whole number in id",
    ]
    assert "0 imported, 0 ended there, 3 already there, 1 refused" in again.stdout
    told = json.loads(run("cla-lite", MIXED, "--json").stdout)
    assert [each["row"] for each in told["rows"]] == [1, 2, 3, 4]
    assert told["counts"] == {"imported": 0, "updated": 0, "already": 3, "refused": 1}
    assert (told["agreements"], told["provider"]) == (["mcla-individual"], "demo")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_exit_codes_tell_all_taken_from_some_refused_from_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("clabot", files.clabot("adali")).exit_code == 0
    assert run("clabot", files.clabot("adali")).exit_code == 0, "what is there was taken"
    whole = run("easycla", files.clabot("adali"))
    assert whole.exit_code == 1
    assert "What to do" in whole.stderr
    assert run("clahub", b"").exit_code == 2
    assert run("clabot", files.clabot("adali"), "--project").exit_code == 2
    missing = CliRunner().invoke(main, ["import", "clabot", str(tmp_path / "none"), "--project", PROJECT])
    assert missing.exit_code == 2
