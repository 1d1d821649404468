# SPDX-License-Identifier: Apache-2.0
"""A forge, a service and a change for the CI files to run in."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ci_runner import GIVEN, OWNED, POLICY, ROOT, Runner, put_client
from deciding_service import Deciding, deciding
from forge_site import Forges, serving_forges
from repositories import Repo, new_repo
from scripted_forges import user


@pytest.fixture(scope="session")
def forges() -> Iterator[Forges]:
    with serving_forges() as served:
        yield served


@pytest.fixture(scope="session")
def decisions() -> Iterator[tuple[Deciding, str]]:
    with deciding() as both:
        yield both


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with a policy on main, where topic begins."""
    made = new_repo(tmp_path_factory.mktemp("ci") / "first")
    made.commit({".mcla.toml": POLICY})
    made.branch("topic")
    return made


@pytest.fixture
def runner(first: Repo, forges: Forges, decisions: tuple[Deciding, str], tmp_path: Path) -> Runner:
    """The change of Ada (account 1, who has signed): one file that was given. Its folder is full of traps."""
    repo = Repo(Path(shutil.copytree(first.path, tmp_path / "checkout")))
    service, address = decisions
    sha = hashlib.sha256(GIVEN).hexdigest()
    service.__init__(signed={"1"}, given={sha: "weights"})  # type: ignore[misc]
    site = forges.site(tmp_path)
    site.forge.opener, site.forge.base = user(1, "ada"), repo.git("rev-parse", "main")
    runner = Runner(tmp_path, repo, site, service, address)
    runner.add({"weights/new.bin": GIVEN})
    (repo.path / "mcla").mkdir()
    for name in ("mcla/__init__", "click", "hashlib", "json", "sitecustomize", "usercustomize", "venv", "pip"):
        (repo.path / f"{name}.py").write_text(OWNED, encoding="utf-8")
    put_client(tmp_path)
    return runner


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> str:
    """This project as a Git host serves it, with the tag VERSION; the address."""
    made = new_repo(tmp_path_factory.mktemp("host") / "mcla.git")
    for name in ("ci", "mcla"):
        shutil.copytree(ROOT / name, made.path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements-client.lock", made.path)
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "As it is")
    made.git("tag", "VERSION")
    return f"file://{made.path}"
