# SPDX-License-Identifier: Apache-2.0
"""Which change a CI job is about, from the variables that its forge sets and the event file that it wrote.

GitHub, Gitea and Forgejo share names of variables; GitLab has its own. A job that is about no change (a timer, a
button) is told as None: then the change must be named by hand.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mcla.checks.change import Account
from mcla.forges.errors import ForgeAnswerInvalid, JobUnreadable
from mcla.forges.reading import commit_id, commit_or_none, login_of, member, seen
from mcla.forges.told import Seen

Forge = Literal["github", "gitlab", "gitea"]
Kind = Literal["pull-request", "merge-group", "push"]
MAX_EVENT = 32 * 1024 * 1024
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", re.ASCII)
_PROJECT = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+", re.ASCII)
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}", re.ASCII)

Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """A job about one change: from `base` (None where the branch is new) to `head`, commit ids.

    `number` is the pull or merge request, or the last one of a merge group; `opener` whose account the forge
    authenticated for it. `provider` is the name by which the service knows this forge.
    """

    forge: Forge
    kind: Kind
    api: str
    """The address of its REST interface."""
    repository: str
    provider: str
    head: str
    base: str | None = None
    number: int | None = None
    opener: Seen | None = None
    branch: str | None = None
    """The one that a merge group goes to."""
    graphql: str | None = None
    """The address of its GraphQL interface."""


def forge_of(environ: Environ) -> Forge | None:
    """Which forge runs this job; None outside of those that are known."""
    if environ.get("GITLAB_CI") == "true":
        return "gitlab"
    if environ.get("GITEA_ACTIONS") == "true" or environ.get("FORGEJO_ACTIONS") == "true":
        return "gitea"
    return "github" if environ.get("GITHUB_ACTIONS") == "true" else None


def job_of(environ: Environ, forge: Forge, provider: str | None = None) -> Job | None:
    """The change that this job is about; raises `JobUnreadable` where the variables do not say what they promise."""
    try:
        if forge == "gitlab":
            return _gitlab(environ, provider or "gitlab")
        return _actions(environ, forge, provider or forge)
    except ForgeAnswerInvalid as error:
        raise JobUnreadable(error.message) from error


def token_of(environ: Environ, forge: Forge) -> str | None:
    """The token to ask with: one that was set for this, or the job's own where that can read.

    GitLab's job token cannot read merge requests, so it is never sent.
    """
    own = {
        "github": ("GITHUB_TOKEN",),
        "gitea": ("FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"),
        "gitlab": ("GITLAB_TOKEN",),
    }
    names = ("MCLA_FORGE_TOKEN", *own[forge])
    return next((token for name in names if (token := environ.get(name, "").strip())), None)


def _actions(environ: Environ, forge: Forge, provider: str) -> Job | None:
    kind = environ.get("GITHUB_EVENT_NAME", "")
    if kind == "pull_request_target":
        raise JobUnreadable(
            "This job runs on pull_request_target, with rights that a stranger's change must not come near.",
            hint="Let the workflow run on pull_request; the check needs no secret and no right to write.",
        )
    readers = {"pull_request": _pull_request, "merge_group": _merge_group, "push": _push}
    if kind not in readers:
        return None
    api, repository = _needed(environ, "GITHUB_API_URL"), _needed(environ, "GITHUB_REPOSITORY")
    if not _REPOSITORY.fullmatch(repository):
        raise JobUnreadable(f"expected OWNER/NAME in GITHUB_REPOSITORY, got {repository[:80]!a}")
    event = _event(_needed(environ, "GITHUB_EVENT_PATH"))
    start: dict[str, Any] = {"forge": forge, "api": api, "repository": repository, "provider": provider}
    if forge == "github":
        # On an enterprise server the one is at /api/v3, the other at /api/graphql.
        start["graphql"] = environ.get("GITHUB_GRAPHQL_URL") or f"{api.removesuffix('/v3')}/graphql"
    return readers[kind](event, start)


def _pull_request(event: Any, start: dict[str, Any]) -> Job:
    pull = member(event, "pull_request")
    return Job(
        **start,
        kind="pull-request",
        head=commit_id(member(pull, "head", "sha"), "the pull request's head"),
        base=commit_id(member(pull, "base", "sha"), "the pull request's base"),
        number=_number(member(pull, "number")),
        opener=seen(start["provider"], member(pull, "user")),
    )


def _merge_group(event: Any, start: dict[str, Any]) -> Job:
    group = member(event, "merge_group")
    branch, queued = member(group, "base_ref"), _QUEUED.fullmatch(str(member(group, "head_ref")))
    return Job(
        **start,
        kind="merge-group",
        head=commit_id(member(group, "head_sha"), "the merge group's head"),
        base=commit_id(member(group, "base_sha"), "the merge group's base"),
        number=int(queued[1]) if queued else None,
        branch=branch.removeprefix("refs/heads/") if isinstance(branch, str) else None,
    )


def _push(event: Any, start: dict[str, Any]) -> Job | None:
    if member(event, "deleted") is True:
        return None
    return Job(
        **start,
        kind="push",
        head=commit_id(member(event, "after"), "the push"),
        base=commit_or_none(member(event, "before")),
        opener=seen(start["provider"], member(event, "sender")),
    )


def _gitlab(environ: Environ, provider: str) -> Job | None:
    api = _needed(environ, "CI_API_V4_URL").rstrip("/")
    graphql = environ.get("CI_API_GRAPHQL_URL") or f"{api.removesuffix('/v4')}/graphql"
    start: dict[str, Any] = {"forge": "gitlab", "api": api, "graphql": graphql, "provider": provider}
    if environ.get("CI_MERGE_REQUEST_IID"):
        # In a pipeline for the merged result or a merge train, CI_COMMIT_SHA is a merge that nobody wrote.
        head = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or _needed(environ, "CI_COMMIT_SHA")
        # The other one is the point that the author branched off at: with it the policy may be an older one.
        base = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") or _needed(environ, "CI_MERGE_REQUEST_DIFF_BASE_SHA")
        return Job(
            **start,
            repository=_project(_needed(environ, "CI_MERGE_REQUEST_PROJECT_PATH")),
            kind="pull-request",
            head=commit_id(head, "the merge request's head"),
            base=commit_id(base, "the merge request's base"),
            number=_number(environ["CI_MERGE_REQUEST_IID"]),
        )
    if environ.get("CI_PIPELINE_SOURCE") != "push" or environ.get("CI_COMMIT_TAG"):
        return None
    return Job(
        **start,
        repository=_project(_needed(environ, "CI_PROJECT_PATH")),
        kind="push",
        head=commit_id(_needed(environ, "CI_COMMIT_SHA"), "the push"),
        base=commit_or_none(environ.get("CI_COMMIT_BEFORE_SHA")),
        opener=_pusher(environ, provider),
    )


def _pusher(environ: Environ, provider: str) -> Seen | None:
    subject = environ.get("GITLAB_USER_ID", "")
    if not subject.isdecimal() or int(subject) == 0:
        return None
    return Seen(Account(provider, subject, login_of(environ.get("GITLAB_USER_LOGIN"))))


def _event(path: str) -> Any:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_EVENT + 1)
        if len(data) > MAX_EVENT:
            raise JobUnreadable(f"expected an event file of at most {MAX_EVENT} bytes, got more")
        return json.loads(data)
    except OSError as error:
        raise JobUnreadable(f"The event file of this job cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise JobUnreadable("expected JSON in the event file of this job, got something else") from error


def _needed(environ: Environ, name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise JobUnreadable(f"expected {name} in the job's variables, got nothing")
    return value


def _project(path: str) -> str:
    if not _PROJECT.fullmatch(path):
        raise JobUnreadable(f"expected GROUP/PROJECT as the project's path, got {path[:80]!a}")
    return path


def _number(value: object) -> int:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**31:
        raise JobUnreadable(f"expected the number of a pull or merge request, got {text[:40]!a}")
    return int(text)
