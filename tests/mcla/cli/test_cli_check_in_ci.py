# SPDX-License-Identifier: Apache-2.0
"""`mcla check` in CI jobs of the forges, with nothing but their variables, a clone as they make it, and their word."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from deciding_service import Deciding
from forge_site import Site
from repositories import Repo
from scripted_forges import WEB_FLOW, ScriptedForge, github_commit, page, user
from serving import serving
from werkzeug.wrappers import Request

PLAIN = "Ada Li <ada@example.org>"
LOOSE = b"version = 1\n"


@pytest.fixture(scope="module")
def forges() -> Iterator[tuple[str, list[ScriptedForge]]]:
    current: list[ScriptedForge] = []

    @Request.application
    def answer(request: Request) -> Any:
        return current[-1](request)

    with serving(answer) as address:
        yield address, current


@pytest.fixture
def site(forges: tuple[str, list[ScriptedForge]], tmp_path: Path, repo: Repo) -> Site:
    """A forge that knows the change from main to topic, opened by account 1, and whose accounts wrote it."""
    address, current = forges
    current.append(ScriptedForge())
    site = Site(current[-1], address, tmp_path)
    repo.commit({"src/b.py": b"2"}, branch="topic", author=PLAIN, committer=PLAIN)
    site.forge.opener = user(1, "ada")
    tell(site, repo)
    return site


def tell(site: Site, repo: Repo, head: str = "topic") -> None:
    site.forge.base, site.forge.head = repo.git("rev-parse", "main"), repo.git("rev-parse", head)
    shas = repo.git("rev-list", "--reverse", "--parents", f"main..{head}").splitlines()
    site.forge.commits = [
        github_commit(sha, user(1, "ada"), WEB_FLOW, tuple(parents)) for sha, *parents in map(str.split, shas)
    ]


@pytest.fixture
def job(mcla_inside: Any, serving_decisions: tuple[Deciding, str], repo: Repo) -> Callable[..., Any]:
    """`job(variables, "--json", …)` is the step of a workflow, in a clone that has everything."""

    def run(variables: dict[str, str], *args: str, at: Path | None = None) -> Any:
        always = ["--service", serving_decisions[1], "--project", "tiny-llm", "--repository", str(at or repo.path)]
        return mcla_inside("check", *always, *args, **variables)

    return run


def test_a_pull_request_needs_no_option_and_its_accounts_come_from_the_forge(
    job: Any, decides: Deciding, site: Site
) -> None:
    done = job(site.github(site.pull()), "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["verdict"]) == (0, "covered"), done.out
    assert decides.asked[0]["opener"] == {"provider": "github", "subject": "1", "login": "ada"}
    assert [each["author"]["subject"] for each in decides.asked[0]["commits"]] == ["1", "1"]
    assert answer["changes"] == [{"base": site.forge.base, "head": site.forge.head, "number": 7}]


def test_where_the_forge_fails_there_is_no_yes(job: Any, decides: Deciding, site: Site) -> None:
    decides.signed |= {"9"}
    site.forge.faults = {1: lambda _: page(status=403)}
    done = job(site.github(site.pull()))
    assert done.code == 3
    assert done.out.startswith("Unknown: ")


def test_a_head_that_moved_on_is_said(job: Any, decides: Deciding, site: Site) -> None:
    variables = site.github(site.pull())
    site.forge.head = "f" * 40
    done = job(variables)
    assert (done.code, "has moved on to ffffffffffff" in done.out) == (0, True)


def test_a_merge_group_is_checked_change_by_change_by_the_policy_of_its_base(
    job: Any, decides: Deciding, site: Site, repo: Repo
) -> None:
    """The first change brings a policy that asks nothing, the second one, by somebody else, weights nobody gave."""
    repo.commit({".mcla.toml": LOOSE}, branch="topic", author=PLAIN, committer=PLAIN)
    repo.git("branch", "queue", "main")
    one = repo.commit({".mcla.toml": LOOSE, "weights/new.bin": None}, branch="queue", author=PLAIN, message="One (#6)")
    two = repo.commit({"weights/bad.bin": b"bad"}, branch="queue", author="B <b@example.org>", message="Two (#7)")
    tell(site, repo, "queue")
    site.forge.commits[1]["author"] = user(2, "bela")
    author = {"__typename": "User", "login": "ada", "databaseId": 1}
    site.forge.queue = ("SQUASH", [(one, 6, author), (two, 7, author | {"login": "bela", "databaseId": 2})])
    done = job(site.github(site.group(7), "merge_group"), "--json")
    answer = json.loads(done.out)
    assert done.code == 1, done.out
    assert [each["opener"]["subject"] for each in decides.asked] == ["1", "2"]
    assert {each["policy"] for each in decides.asked} == {
        'version = 1\n[[artifacts]]\npaths = ["weights/**"]\nkind = "weights"\n'
    }
    assert [(each["path"], each["verdict"]) for each in answer["artifacts"]] == [("weights/bad.bin", "not-covered")]
    assert [(each["label"], each["verdict"]) for each in answer["subjects"]] == [
        ("ada", "covered"),
        ("bela", "not-covered"),
    ]
    assert [each["number"] for each in answer["changes"]] == [6, 7]


def test_at_gitlab_the_policy_is_that_of_the_target_branch_and_not_of_where_the_author_left_it(
    job: Any, decides: Deciding, site: Site, repo: Repo, tmp_path: Path
) -> None:
    repo.commit({".mcla.toml": LOOSE, "src/old.py": b"1"}, branch="old", author=PLAIN)
    site.forge.base, site.forge.head = repo.git("rev-parse", "old"), repo.git("rev-parse", "topic")
    repo.git("clone", "-q", "--single-branch", "--branch", "topic", f"file://{repo.path}", str(tmp_path / "clone"))
    here = {"CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "5"}  # no pipeline of a fork
    variables = site.gitlab(CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main", **here)
    lacking = job(variables, at=tmp_path / "clone")
    assert lacking.code == 3
    fetch = lacking.out.partition("Fetch it:  ")[2].splitlines()[0]
    Repo(tmp_path / "clone").git(*shlex.split(fetch)[1:])
    assert job(variables, at=tmp_path / "clone").code == 1
    assert decides.asked[-1]["policy"].startswith("version = 1\n[[artifacts]]")
    assert decides.asked[-1]["opener"]["provider"] == "gitlab"


def test_the_clone_that_a_runner_makes_by_itself_is_unknown_with_what_to_change(
    job: Any, decides: Deciding, site: Site, repo: Repo, tmp_path: Path
) -> None:
    repo.git("clone", "-q", "--depth=1", "--branch", "topic", f"file://{repo.path}", str(tmp_path / "clone"))
    done = job(site.github(site.pull()), at=tmp_path / "clone")
    assert done.code == 3
    assert "fetch-depth: 0" in done.out
    assert decides.asked == []
    assert "::error title=MCLA::Unknown" in done.err


def test_a_job_that_must_not_come_near_a_strangers_change_is_refused(job: Any, decides: Deciding, site: Site) -> None:
    done = job(site.github(site.pull(), "pull_request_target"))
    assert (done.code, decides.asked) == (3, [])
    assert "pull_request" in done.out


def test_names_given_by_hand_are_taken_and_the_forge_is_not_asked(job: Any, decides: Deciding, site: Site) -> None:
    done = job(site.github(site.pull()), "--base", "main", "--head", "topic", "--opener", "github:1")
    assert (done.code, site.forge.asked) == (3, [])  # the plain address stays unknown: nobody said whose it is
