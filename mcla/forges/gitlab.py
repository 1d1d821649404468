# SPDX-License-Identifier: Apache-2.0
"""GitLab: who opened a merge request and whose account each commit's author is, a hundred a request, over GraphQL.

Its REST interface knows addresses of commits only, and its job token may read neither. A public project tells anybody;
for another one the job needs a token with the scope `read_api`. Committers have no account in either interface.
"""

import re
from collections.abc import Sequence
from typing import Any

from mcla.checks.change import MAX_COMMITS, Account, Commit
from mcla.forges.errors import ForgeAnswerInvalid, ForgeError, ForgeRefused
from mcla.forges.http import Api
from mcla.forges.job import Job
from mcla.forges.reading import commit_id, items, login_of, member
from mcla.forges.told import Named, Proposal, Seen, Told

NOTE = "GitLab does not tell whose account a committer is, so committers are known by their addresses only."
PUSH_NOTE = "GitLab tells the accounts of commits for merge requests only; for a push their addresses have to do."
PAGE = 100
_USER = re.compile(r"gid://gitlab/User/([1-9][0-9]{0,18})", re.ASCII)
_QUERY = """
query($project: ID!, $number: String!, $after: String) {
  project(fullPath: $project) {
    mergeRequest(iid: $number) {
      diffHeadSha
      author { id username bot }
      commits(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { sha author { id username bot } }
      }
    }
  }
}"""

_ENDS = """
query($project: ID!, $number: String!) {
  project(fullPath: $project) {
    mergeRequest(iid: $number) { author { id username bot } diffRefs { baseSha headSha } }
  }
}"""


def ask(job: Job, api: Api, commits: Sequence[Commit] = ()) -> Told:  # noqa: ARG001  # names no co-authors
    """Everything that GitLab says about the change of `job`."""
    if job.kind != "pull-request":
        return Told((Proposal(job.head, job.base, job.opener),), note=PUSH_NOTE)
    people: dict[str, Named] = {}
    opener, moved, problem = None, None, None
    try:
        for request in _pages(job, api):
            opener, head = _seen(job.provider, request.get("author")), request.get("diffHeadSha")
            moved = None if head == job.head else commit_id(head, "the merge request's head")
            nodes = items(member(request, "commits", "nodes"), "the commits")
            people |= dict(_named(job.provider, each) for each in nodes)
    except ForgeError as error:
        problem = error
    proposal = Proposal(job.head, job.base, opener, job.number)
    return Told((proposal,), people, problem=problem, moved_to=moved, note=NOTE, requests=api.requests)


def ends(job: Job, api: Api) -> tuple[str, str, Seen | None]:
    """Head, base and opener of the merge request, as it is now."""
    request = _request(api, _ENDS, {"project": job.repository, "number": str(job.number)})
    head = commit_id(member(request, "diffRefs", "headSha"), "the merge request's head")
    base = commit_id(member(request, "diffRefs", "baseSha"), "the merge request's base")
    return head, base, _seen(job.provider, member(request, "author"))


def _pages(job: Job, api: Api) -> Any:
    after: str | None = None
    for _ in range(MAX_COMMITS // PAGE + 1):
        request = _request(api, _QUERY, {"project": job.repository, "number": str(job.number), "after": after})
        yield request
        info = member(request, "commits", "pageInfo")
        if member(info, "hasNextPage") is not True:
            return
        after = str(member(info, "endCursor"))
    raise ForgeAnswerInvalid(f"The forge tells of more than the {MAX_COMMITS:,} commits that a check takes.")


def _request(api: Api, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    request = member(api.graphql(query, variables), "project", "mergeRequest")
    if not isinstance(request, dict):
        hint = "Set MCLA_FORGE_TOKEN to a token with the scope read_api: the project is not public."
        raise ForgeRefused(f"{api.host} shows no such merge request.", hint=None if api.with_token else hint)
    return request


def _named(provider: str, told: Any) -> tuple[str, Named]:
    return commit_id(member(told, "sha"), "a commit"), Named(_seen(provider, member(told, "author")))


def _seen(provider: str, told: object) -> Seen | None:
    match = _USER.fullmatch(str(member(told, "id")))
    if match is None:
        return None
    return Seen(Account(provider, match[1], login_of(member(told, "username"))), bot=member(told, "bot") is True)
