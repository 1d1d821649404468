# SPDX-License-Identifier: Apache-2.0
"""Gitea and Forgejo: one comparison names the accounts of every commit, in one answer without pages.

Accounts have a number and no type, so bots cannot be told from persons; and there is no account for what people commit
on its web pages: those commits name the person, or an address of the instance.
"""

from collections.abc import Sequence
from typing import Any

from mcla.checks.change import Commit
from mcla.forges.errors import ForgeError, ForgeSilent
from mcla.forges.github import moved_to
from mcla.forges.http import Api
from mcla.forges.job import Job
from mcla.forges.reading import commit_id, items, member, seen
from mcla.forges.told import Named, Proposal, Told


def ask(job: Job, api: Api, commits: Sequence[Commit] = ()) -> Told:  # noqa: ARG001  # names no co-authors
    """Everything that Gitea or Forgejo says about the change of `job`."""
    people: dict[str, Named] = {}
    problem, moved = None, None
    try:
        people = _compared(job, api)
        moved = moved_to(job, api) if job.kind == "pull-request" else None
    except ForgeError as error:
        problem = error
    proposal = Proposal(job.head, job.base, job.opener, job.number)
    return Told((proposal,), people, problem=problem, moved_to=moved, requests=api.requests)


def _compared(job: Job, api: Api) -> dict[str, Named]:
    if job.base is None:
        return {}
    told = api.get(f"/repos/{job.repository}/compare/{job.base}...{job.head}")
    people = dict(_named(job.provider, each) for each in items(member(told, "commits"), "the commits"))
    if len(people) != member(told, "total_commits"):
        raise ForgeSilent(f"{api.host} names {len(people):,} of {member(told, 'total_commits')} commits.")
    return people


def _named(provider: str, told: Any) -> tuple[str, Named]:
    author, committer = seen(provider, member(told, "author")), seen(provider, member(told, "committer"))
    return commit_id(member(told, "sha"), "a commit"), Named(author, committer)
