# SPDX-License-Identifier: Apache-2.0
"""The one comment of a check: found again by a hidden mark and by being the token's own, edited in place, or none.

An edit notifies nobody, so people hear of a check once. Somebody else's comment with our mark is never touched.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol
from urllib.parse import quote

from mcla.forges.errors import ForgeAnswerInvalid, ForgeRefused
from mcla.forges.http import Api
from mcla.forges.job import Forge, Job
from mcla.forges.reading import items, member

Done = Literal["none", "made", "edited", "same"]
MOST_PAGES = 30
MAX_BODY = 60_000
"""Characters; GitHub takes 65,536."""
_COMMENTS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id body viewerDidAuthor }
      }
    }
  }
}"""
_EDIT = """
mutation($id: ID!, $body: String!) {
  updateIssueComment(input: {id: $id, body: $body}) { issueComment { id } }
}"""


class Thread(Protocol):
    """The comments of one pull or merge request."""

    def mine(self) -> Iterator[tuple[str, str]]:
        """(id, text) of those that this token's account wrote, oldest first."""

    def write(self, body: str) -> None:
        """Add one."""

    def edit(self, comment: str, body: str) -> None:
        """Change one."""


def keep_one(thread: Thread, project: str, body: str, *, wanted: bool) -> Done:
    """Make or edit the comment about `project` (a slug); where it is not `wanted`, only one that is there is edited.

    Raises `ForgeError`; whoever has only read rights gets `ForgeRefused`, and the check's answer stays what it is.
    """
    mark = f"<!-- mcla-check {project} -->"
    text = f"{mark}\n{body}"
    if len(text) > MAX_BODY:
        text = text[: MAX_BODY - 20].rpartition("\n")[0] + "\n\n…"
    found = next(((known, told) for known, told in thread.mine() if told.startswith(mark)), None)
    if found is None:
        if wanted:
            thread.write(text)
        return "made" if wanted else "none"
    # Forges store other line ends than they were given.
    if found[1].replace("\r\n", "\n").rstrip() == text.rstrip():
        return "same"
    thread.edit(found[0], text)
    return "edited"


def thread_of(job: Job, api: Api) -> Thread:
    """The comments of the job's pull or merge request; raises `ForgeRefused` where there is none to write to."""
    if job.kind != "pull-request" or job.number is None:
        raise ForgeRefused("This job is about no pull request.", hint="Ask for comments on pull requests only.")
    threads: dict[Forge, Callable[[Job, Api], Thread]] = {
        "github": GitHubThread,
        "gitea": GiteaThread,
        "gitlab": GitLabThread,
    }
    return threads[job.forge](job, api)


class GitHubThread:
    """GraphQL says which comments are the token's own; the token of a job cannot ask who it is in another way."""

    def __init__(self, job: Job, api: Api) -> None:
        self._job, self._api = job, api

    def mine(self) -> Iterator[tuple[str, str]]:
        owner, _, name = self._job.repository.partition("/")
        asked: dict[str, Any] = {"owner": owner, "name": name, "number": self._job.number, "after": None}
        for _ in range(MOST_PAGES):
            told = member(self._api.graphql(_COMMENTS, asked), "repository", "pullRequest", "comments")
            for each in items(member(told, "nodes"), "the comments"):
                if member(each, "viewerDidAuthor") is True:
                    yield str(member(each, "id")), str(member(each, "body"))
            if member(told, "pageInfo", "hasNextPage") is not True:
                return
            asked["after"] = str(member(told, "pageInfo", "endCursor"))
        raise _too_many()

    def write(self, body: str) -> None:
        self._api.send("POST", f"/repos/{self._job.repository}/issues/{self._job.number}/comments", {"body": body})

    def edit(self, comment: str, body: str) -> None:
        self._api.graphql(_EDIT, {"id": comment, "body": body})


class GiteaThread:
    """One list without pages; the account is compared by its number."""

    def __init__(self, job: Job, api: Api) -> None:
        self._api, self._at = api, f"/repos/{job.repository}/issues"
        self._here = f"{self._at}/{job.number}/comments"

    def mine(self) -> Iterator[tuple[str, str]]:
        me = _number_of(self._api.get("/user"))
        for each in items(self._api.get(self._here), "the comments"):
            if member(each, "user", "id") == me:
                yield str(member(each, "id")), str(member(each, "body"))

    def write(self, body: str) -> None:
        self._api.send("POST", self._here, {"body": body})

    def edit(self, comment: str, body: str) -> None:
        self._api.send("PATCH", f"{self._at}/comments/{comment}", {"body": body})


class GitLabThread:
    """The notes of a merge request, a hundred a page."""

    def __init__(self, job: Job, api: Api) -> None:
        self._api = api
        self._here = f"/projects/{quote(job.repository, safe='')}/merge_requests/{job.number}/notes"

    def mine(self) -> Iterator[tuple[str, str]]:
        me = _number_of(self._api.get("/user"))
        for page in range(1, MOST_PAGES + 1):
            told = items(self._api.get(self._here, per_page=100, page=page, sort="asc"), "the notes")
            for each in told:
                if member(each, "author", "id") == me:
                    yield str(member(each, "id")), str(member(each, "body"))
            if len(told) < 100:
                return
        raise _too_many()

    def write(self, body: str) -> None:
        self._api.send("POST", self._here, {"body": body})

    def edit(self, comment: str, body: str) -> None:
        self._api.send("PUT", f"{self._here}/{comment}", {"body": body})


def _number_of(user: object) -> int:
    number = member(user, "id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise ForgeAnswerInvalid("The forge does not say whose token this is.")
    return number


def _too_many() -> ForgeRefused:
    # Written anyway, it might be the second one.
    return ForgeRefused("There are too many comments to look through.", hint="Read the job's own summary instead.")
