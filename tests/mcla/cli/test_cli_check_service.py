# SPDX-License-Identifier: Apache-2.0
"""`mcla check` from a checkout to the real service and back: people who signed there, files that were given there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repositories import new_repo
from running import ROOT, Running

POLICY = b'version = 1\n[[artifacts]]\npaths = ["src/**"]\nkind = "code"\nfrom_size = 1\n'
ADA, BELA = "demo:104729", "demo:224737"


@pytest.fixture(scope="module")
def token(service: Running) -> str:
    """What a CI job may ask addresses with."""
    command = [sys.executable, "-m", "app.cli", "token", "create", "--project", "tiny-llm", "--scope", "checks:read"]
    env = os.environ | {"MCLA_HOME": str(service.home), "MCLA_DEMO": "true", "PYTHONPATH": str(ROOT)}
    return (
        subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, timeout=60).stdout.decode().strip()
    )


@pytest.fixture
def check(mcla_inside: Any, service: Running, tmp_path: Path, note: Path) -> Callable[..., Any]:
    """`check(opener, …)` asks the service about a branch in which Ada added the note."""
    repo = new_repo(tmp_path / "repo")
    repo.commit({".mcla.toml": POLICY})
    repo.branch("topic")
    ada = "Ada Li <ada.li@example.org>"
    repo.commit({"src/train.py": note.read_bytes(), "README.md": b"x"}, branch="topic", author=ada, committer=ada)

    def run(opener: str, *args: str, **env: str) -> Any:
        always = ["--service", service.origin, "--project", "tiny-llm", "--repository", str(repo.path)]
        return mcla_inside("check", *always, "--base", "main", "--head", "topic", "--opener", opener, *args, **env)

    return run


def test_a_change_goes_from_not_covered_to_covered_by_signing_and_by_nothing_else(
    check: Any, sign: Any, note: Path, token: str
) -> None:
    before = check(ADA, MCLA_TOKEN=token)
    assert before.code == 1, before.out
    assert "src/train.py: Nobody has given this file to tiny-llm as code." in before.out
    assert "Next: " in before.out
    assert sign(note, "--kind", "code").code == 0
    after = check(ADA, MCLA_TOKEN=token)
    assert after.code == 0, after.out
    assert after.out.startswith("Covered: ")
    assert "Ada Li, 1 file" in after.out
    assert check(ADA, "--as-of", "2026-01-01T00:00:00Z", MCLA_TOKEN=token).code != 0
    assert check(ADA, "--only", "artifacts").code == 0


def test_a_signed_answer_is_kept_and_proves_what_was_answered(
    check: Any, mcla_inside: Any, token: str, kept_trust: Path, tmp_path: Path
) -> None:
    place = tmp_path / "answer.json"
    done = check(ADA, "--answer", str(place), MCLA_TOKEN=token)
    assert done.code == 1
    kept = json.loads(place.read_text())
    assert (kept["verdict"], [each["path"] for each in kept["artifacts"]]) == ("not-covered", ["src/train.py"])
    verified = mcla_inside("verify", place, "--trust", kept_trust, "--json")
    assert (verified.code, json.loads(verified.out)["check"]["verdict"]) == (1, "not-covered"), verified.out
    place.write_text(json.dumps(kept | {"verdict": "covered"}))
    assert mcla_inside("verify", place, "--trust", kept_trust).code != 0
    nowhere = check(ADA, "--answer", str(tmp_path / "no" / "answer.json"), MCLA_TOKEN=token)
    assert (nowhere.code, "could not be kept" in nowhere.out) == (3, True)


def test_who_has_not_signed_vouches_for_nobody(check: Any, sign: Any, note: Path, token: str) -> None:
    assert sign(note, "--kind", "code").code == 0
    done = check(BELA, "--json", MCLA_TOKEN=token)
    answer = json.loads(done.out)
    assert (done.code, answer["verdict"]) == (1, "not-covered")
    opener, author = answer["subjects"]
    assert opener["sign_url"].startswith("http")
    assert (author["verdict"], author["label"]) == ("unknown", "Ada Li")
    assert [each["verdict"] for each in answer["artifacts"]] == ["covered"]


def test_without_a_token_an_address_says_nothing_and_a_project_that_is_none_is_wrong_usage(check: Any) -> None:
    done = check(ADA, "--only", "people")
    assert (done.code, "only for callers with a token" in done.out) == (3, True), done.out
    assert check(ADA, "--project", "no-such-project").code == 2
    wrong = check(ADA, MCLA_TOKEN="mcla_pat_" + "0" * 43)
    assert (wrong.code, wrong.out[:9]) == (3, "Unknown: ")
