# SPDX-License-Identifier: Apache-2.0
"""A scripted forge on loopback, and the variables of a CI job that runs there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripted_forges import TOKEN, ScriptedForge, commit_id, github_commit, user
from serving import serving
from werkzeug.wrappers import Request

from mcla.checks.change import Commit
from mcla.forges.asking import ask
from mcla.forges.job import Job, forge_of, job_of
from mcla.forges.told import Told


@dataclass
class Site:
    """One forge with its address; `slept` are the waits of those who asked it."""

    forge: ScriptedForge
    address: str
    folder: Path
    slept: list[float] = field(default_factory=list)

    def github(self, event: Any, name: str = "pull_request", **more: str) -> dict[str, str]:
        """The variables of a job at GitHub."""
        path = self.folder / "event.json"
        path.write_text(json.dumps(event), encoding="utf-8")
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_API_URL": f"{self.address}/api/v3",
            "GITHUB_GRAPHQL_URL": f"{self.address}/api/graphql",
            "GITHUB_REPOSITORY": "example/tiny",
            "GITHUB_TOKEN": TOKEN,
        } | more

    def gitea(self, event: Any, **more: str) -> dict[str, str]:
        """The same at Gitea, whose runner names itself beside GitHub's variables."""
        return self.github(event, GITEA_ACTIONS="true", GITHUB_API_URL=f"{self.address}/api/v1") | more

    def gitlab(self, **more: str) -> dict[str, str]:
        """The variables of a merge request's pipeline at GitLab."""
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.address}/api/v4",
            "CI_API_GRAPHQL_URL": f"{self.address}/api/graphql",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_PATH": "example/tiny",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.forge.base,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": self.forge.head,
            "CI_COMMIT_SHA": commit_id("a merge that nobody wrote"),
            "CI_JOB_TOKEN": "job-token-that-stays-here",
        } | more

    def pull(self, **changes: Any) -> dict[str, Any]:
        """The event of an open pull request."""
        head, base = {"sha": self.forge.head}, {"sha": self.forge.base}
        pull = {"number": 7, "user": self.forge.opener, "head": head, "base": base} | changes
        return {"action": "synchronize", "number": 7, "pull_request": pull}

    def group(self, number: int) -> dict[str, Any]:
        """The event of a merge group whose last pull request is `number`."""
        group = {
            "head_sha": self.forge.head,
            "base_sha": self.forge.base,
            "base_ref": "refs/heads/main",
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-{number}-{self.forge.base}",
        }
        return {"action": "checks_requested", "merge_group": group}

    def fill(self, count: int) -> list[str]:
        """Let the change have so many commits, by ten people in turn; the commits' ids."""
        ids = [commit_id(str(number)) for number in range(count)]
        self.forge.commits = [github_commit(each, user(1 + at % 10, "u")) for at, each in enumerate(ids)]
        return ids

    def told(self, environ: dict[str, str], provider: str | None = None, commits: Sequence[Commit] = ()) -> Told:
        """What is made of its word."""
        forge = forge_of(environ)
        job = job_of(environ, forge, provider) if forge else None
        assert isinstance(job, Job)
        return ask(job, environ, commits, sleep=self.slept.append, now=lambda: 1_000_000.0)


@dataclass(frozen=True)
class Forges:
    """One server for many tests, whose forge each test brings."""

    address: str
    brought: list[ScriptedForge]

    def site(self, folder: Path) -> Site:
        """A new forge at that address."""
        self.brought.append(ScriptedForge())
        return Site(self.brought[-1], self.address, folder)


@contextmanager
def serving_forges() -> Iterator[Forges]:
    """The server, until the block ends."""
    brought: list[ScriptedForge] = []

    @Request.application
    def answer(request: Request) -> Any:
        return brought[-1](request)

    with serving(answer) as address:
        yield Forges(address, brought)
