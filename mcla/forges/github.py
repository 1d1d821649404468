# SPDX-License-Identifier: Apache-2.0
"""GitHub: the accounts of all commits between two, a hundred a request; the pull requests of a merge group.

The list of a pull request's commits stops at 250 there, so the comparison of base and head is read instead: it has
pages, and says how many commits there are. A group's pull requests come from the merge queue itself, never from the
text of a commit, which anybody may write.
"""

from collections.abc import Sequence
from typing import Any

from mcla.checks.change import MAX_COMMITS, Commit
from mcla.forges.errors import ForgeAnswerInvalid, ForgeError, ForgeSilent
from mcla.forges.http import Api
from mcla.forges.job import Job
from mcla.forges.reading import commit_id, items, member, seen
from mcla.forges.told import Named, Proposal, Seen, Told

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
WEB_FLOW = "19864447"
"""The account that commits what people do on github.com; an enterprise server has the account, with another number."""
PAGE = 100
_ACTOR = "__typename login ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId }"
_QUEUE = f"""
query($owner: String!, $name: String!, $branch: String!) {{
  repository(owner: $owner, name: $name) {{
    mergeQueue(branch: $branch) {{
      configuration {{ mergeMethod }}
      entries(first: 100) {{
        nodes {{ headCommit {{ oid }} pullRequest {{ number author {{ {_ACTOR} }} }} }}
      }}
    }}
  }}
}}"""
_AUTHORS = """
query($owner: String!, $name: String!) {{
  repository(owner: $owner, name: $name) {{ {each} }}
}}"""
_ONE = '{at}: object(oid: "{sha}") {{ ... on Commit {{ authors(first: 100) {{ nodes {{ email {user} }} }} }} }}'
MOST_COAUTHORS = 100
"""Different addresses asked about; those beyond stay addresses."""

People = dict[str, Named]


def ask(job: Job, api: Api, commits: Sequence[Commit] = ()) -> Told:
    """Everything that GitHub says about the change of `job`; `commits` as Git shows them, for their co-authors."""
    proposals: tuple[Proposal, ...] = (Proposal(job.head, job.base, job.opener, job.number),)
    people: People = {}
    linked: dict[str, Seen] = {}
    problem, moved = None, None
    try:
        people = compared(job, api)
        linked = _coauthors(job, api, commits)
        if job.kind == "merge-group":
            proposals = _group(job, api, people)
        if job.kind == "pull-request":
            moved = moved_to(job, api)
    except ForgeError as error:
        problem = error
    return Told(proposals, people, linked, problem, moved, requests=api.requests)


def compared(job: Job, api: Api) -> People:
    """Whom GitHub names for every commit that the head has and the base has not."""
    if job.base is None:
        return {}
    people: People = {}
    page, total = 1, 1
    while page == 1 or (page - 1) * PAGE < total:
        path = f"/repos/{job.repository}/compare/{job.base}...{job.head}"
        told = api.get(path, per_page=PAGE, page=page)
        total = _total(told)
        people |= dict(_named(job.provider, each) for each in items(member(told, "commits"), "the commits"))
        page += 1
    if len(people) != total:
        raise ForgeSilent(f"{api.host} names {len(people):,} of {total:,} commits.")
    return people


def moved_to(job: Job, api: Api) -> str | None:
    """The pull request's newest head, if it is another than the job's."""
    told = api.get(f"/repos/{job.repository}/pulls/{job.number}")
    head = commit_id(member(told, "head", "sha"), "the pull request")
    return None if head == job.head else head


def _total(told: object) -> int:
    total = member(told, "total_commits")
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise ForgeAnswerInvalid("The forge sent a comparison without the number of its commits.")
    if total > MAX_COMMITS:
        raise ForgeAnswerInvalid(f"The forge tells of {total:,} commits; a check takes {MAX_COMMITS:,}.")
    return total


def _named(provider: str, told: Any) -> tuple[str, Named]:
    parents = items(member(told, "parents"), "the parents")
    return commit_id(member(told, "sha"), "a commit"), Named(
        seen(provider, member(told, "author")),
        _committer(provider, member(told, "committer")),
        tuple(commit_id(member(each, "sha"), "a parent") for each in parents),
    )


def _committer(provider: str, user: object) -> Seen | None:
    return seen(provider, user, WEB_FLOW)


def _coauthors(job: Job, api: Api, commits: Sequence[Commit]) -> dict[str, Seen]:
    """Whose accounts the addresses in trailers are linked to: one commit for each address, all in one request."""
    where = {each.email.lower(): commit.sha for commit in commits for each in commit.coauthors if each.email}
    chosen = sorted(set(list(where.values())[:MOST_COAUTHORS]))
    if not chosen or not api.with_token:  # GraphQL answers nobody without a token
        return {}
    each = " ".join(
        _ONE.format(at=f"c{at}", sha=commit_id(sha, "a commit"), user="user { databaseId login }")
        for at, sha in enumerate(chosen)
    )
    told = member(api.graphql(_AUTHORS.format(each=each), _names(job)), "repository")
    linked: dict[str, Seen] = {}
    for at in range(len(chosen)):
        for node in items(member(told, f"c{at}", "authors", "nodes"), "the authors"):
            account = _actor(job.provider, member(node, "user"))
            if account is not None and isinstance(email := member(node, "email"), str):
                linked[email.lower()] = account
    return {address: linked[address] for address in where if address in linked}


def _names(job: Job) -> dict[str, str]:
    owner, _, name = job.repository.partition("/")
    return {"owner": owner, "name": name}


def _group(job: Job, api: Api, people: People) -> tuple[Proposal, ...]:
    """The pull requests of a merge group, each from the head of the one before it to its own."""
    line = _main_line(job, people)
    method, entries = _one(job, api) if len(line) == 1 and job.number else _queue(job, api)
    cuts = [sha for sha in line if sha in entries]
    # Merged and squashed, each pull request adds one commit to the line; rebased, as many as it has.
    whole = cuts == line if method in ("MERGE", "SQUASH") else len(cuts) == 1
    if not whole or cuts[-1] != job.head:
        raise ForgeSilent(
            "The merge queue no longer tells which pull requests this group has.",
            hint="Run the check again. A queue that rebases is told apart only with one pull request a group.",
        )
    bases = [job.base, *cuts[:-1]]
    return tuple(
        Proposal(head, base, entries[head][1], entries[head][0]) for base, head in zip(bases, cuts, strict=True)
    )


def _main_line(job: Job, people: People) -> list[str]:
    """The commits from base to head along first parents, oldest first."""
    line, at = [], job.head
    while at in people and at not in line:
        line.append(at)
        at = people[at].parents[0] if people[at].parents else ""
    if at != job.base:
        raise ForgeAnswerInvalid("The merge group's commits do not lead from its head to its base.")
    return line[::-1]


Entries = dict[str, tuple[int, Seen | None]]


def _one(job: Job, api: Api) -> tuple[str, Entries]:
    told = api.get(f"/repos/{job.repository}/pulls/{job.number}")
    return "MERGE", {job.head: (job.number or 0, seen(job.provider, member(told, "user")))}


def _queue(job: Job, api: Api) -> tuple[str, Entries]:
    told = api.graphql(_QUEUE, _names(job) | {"branch": job.branch or ""})
    queue = member(told, "repository", "mergeQueue")
    nodes = items(member(queue, "entries", "nodes"), "the merge queue")
    entries = {
        str(member(each, "headCommit", "oid")): (
            int(member(each, "pullRequest", "number") or 0),
            _actor(job.provider, member(each, "pullRequest", "author")),
        )
        for each in nodes
    }
    return str(member(queue, "configuration", "mergeMethod")), entries


def _actor(provider: str, told: object) -> Seen | None:
    user = {"id": member(told, "databaseId"), "login": member(told, "login"), "type": member(told, "__typename")}
    return seen(provider, user)
