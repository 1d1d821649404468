# SPDX-License-Identifier: Apache-2.0
"""Real repositories, made once where tests only look at them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from repositories import Repo, new_repo

from mcla.checks.git.program import Repository, opened


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with one commit on main, and a branch topic there."""
    made = new_repo(tmp_path_factory.mktemp("git") / "first")
    made.commit({"README.md": b"# Here\n"})
    made.branch("topic")
    return made


@pytest.fixture
def repo(first: Repo, tmp_path: Path) -> Repo:
    """A copy of it that a test may change."""
    return Repo(Path(shutil.copytree(first.path, tmp_path / "repo")))


@pytest.fixture
def seen(repo: Repo) -> Iterator[Repository]:
    """That repository as the check opens it."""
    with opened(repo.path) as repository:
        yield repository


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of every program that is started while the test runs."""
    started: list[str] = []
    real = subprocess.Popen

    class Counted(real):  # type: ignore[misc, valid-type]
        def __init__(self, args: Any, *rest: Any, **more: Any) -> None:
            started.append(" ".join(map(str, args)))
            super().__init__(args, *rest, **more)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    return started
