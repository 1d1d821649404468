# SPDX-License-Identifier: Apache-2.0
"""What `mcla check` looks at before it asks anybody: the checkout, the CI job, and what the forge knows of both.

A merge group is several changes at once, each with an opener of its own; the policy of all is that of their base.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcla.artifacts.digest import shown_path
from mcla.checks.change import MAX_ARTIFACTS, Account, Commit
from mcla.checks.git.attributes import turned_pointers
from mcla.checks.git.commits import ChangeTooLarge, GitCommit, commits_of
from mcla.checks.git.files import TreeFile, changed_files, file_at
from mcla.checks.git.program import Repository
from mcla.checks.git.question import POLICY_NAME, PolicyUnreadable, asked_commits, policy_at, policy_text
from mcla.checks.git.ranges import Names, Range, range_of
from mcla.checks.people import masked
from mcla.checks.policy import Policy, PolicyInvalid, parse_policy
from mcla.cli.check_formats.report import Notice
from mcla.forges.address import job_at
from mcla.forges.asking import ask
from mcla.forges.job import Job, forge_of, job_of
from mcla.forges.told import Proposal, Told, with_accounts

Only = Literal["people", "artifacts"]
AskedForge = Literal["auto", "none", "github", "gitlab", "gitea"]
MAX_ODD = 10
"""Lines that look like a trailer and are told one by one."""
NO_POLICY = ""
"""What is sent for something in the policy's place that is no text: a policy that nobody can use, as that is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    names: Names
    opener: Account | None = None
    only: Only | None = None
    policy: Path | None = None
    forge: AskedForge = "auto"
    provider: str | None = None
    change: str | None = None
    """The address of the pull or merge request's page."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One change as checkout and forge show it, without what was not asked about; `policy` is the text at the base."""

    range: Range
    commits: tuple[Commit, ...]
    files: tuple[TreeFile, ...]
    policy: str | None
    opener: Account | None = None
    number: int | None = None

    @property
    def empty(self) -> bool:
        return not self.commits and not self.files

    @property
    def ruled(self) -> tuple[TreeFile, ...]:
        """The files that the policy asks about; one that cannot be used chooses none, and the answer says so."""
        own = _own(self.policy)
        return tuple(each for each in self.files if own and _asks(own, each))


@dataclass(frozen=True, slots=True)
class Seen:
    """All changes that are asked about, and what was noticed. With a `problem` the forge's word is not whole, and no
    verdict may be better than unknown."""

    changes: tuple[Looked, ...]
    notices: tuple[Notice, ...] = ()
    problem: Notice | None = None
    job: Job | None = None
    bots: frozenset[str] = frozenset()
    """Ids of the accounts that the forge says are no persons."""


def look(repository: Repository, wanted: Wanted, environment: Mapping[str, str]) -> Seen:
    """Look at everything once; raises what Git, the forge's variables or the policy cannot tell."""
    job = _job(wanted, environment)
    names = _names(wanted, job, environment)
    whole = range_of(repository, names)
    policy, notices = _policy(repository, wanted, whole)
    found = commits_of(repository, whole.commits) if wanted.only != "artifacts" else ()
    notices += _odd(found)
    if not whole.related:
        notices.append(Notice("no-common-past", "Base and head have no common past, so every file counts as new."))
    told = _told(job, wanted, environment, asked_commits(found), whole)
    commits = {each.sha: each for each in with_accounts(asked_commits(found), told)}
    changes = tuple(
        _looked(repository, wanted, each, commits, policy, whole if len(told.proposals) == 1 else None)
        for each in told.proposals
    )
    notices += _new_policy(repository, changes)
    bots = frozenset(subject for _, subject in told.bots())
    return Seen(changes, (*notices, *_said(told)), _problem(told), job, bots)


def _job(wanted: Wanted, environment: Mapping[str, str]) -> Job | None:
    """The change that was named by its address, else the CI job's own, unless another one is named."""
    if wanted.change:
        return job_at(wanted.change, environment, wanted.provider)
    forge = forge_of(environment) if wanted.forge == "auto" else wanted.forge
    if forge is None or forge == "none" or wanted.names.base or wanted.names.head:
        return None
    return job_of(environment, forge, wanted.provider)


def _names(wanted: Wanted, job: Job | None, environment: Mapping[str, str]) -> Names:
    if job is None:
        return _pushed(wanted.names, environment)
    group = wanted.names.group or job.kind == "merge-group"
    return Names(_target(job, environment) or job.base, job.head, group)


def _pushed(names: Names, environment: Mapping[str, str]) -> Names:
    """Within a hook of pre-commit, what is about to be pushed."""
    known, new = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    return Names(known, new) if known and new and names == Names() else names


def _target(job: Job, environment: Mapping[str, str]) -> str | None:
    """GitLab tells where both parted, which the author chooses; the policy is that of the branch that it goes to."""
    if job.forge != "gitlab" or job.kind != "pull-request":
        return None
    branch = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    # A pipeline of a fork has the fork as its origin, whose branches are whatever the author wants.
    here = environment.get("CI_MERGE_REQUEST_PROJECT_ID") == environment.get("CI_PROJECT_ID", "none")
    newest = f"refs/remotes/origin/{branch}" if branch and here else None
    return environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") or newest


def _told(
    job: Job | None, wanted: Wanted, environment: Mapping[str, str], commits: Sequence[Commit], whole: Range
) -> Told:
    if job is None:
        return Told((Proposal(whole.head, whole.base),))
    if wanted.only == "artifacts":  # whose accounts they are is not asked
        return Told((Proposal(whole.head, whole.base, job.opener, job.number),))
    return ask(job, environment, commits)


def _looked(
    repository: Repository,
    wanted: Wanted,
    proposal: Proposal,
    commits: Mapping[str, Commit],
    policy: str | None,
    whole: Range | None,
) -> Looked:
    part = whole or range_of(repository, Names(proposal.base, proposal.head, group=True))
    files = changed_files(repository, part.start, part.head) if wanted.only != "people" else ()
    files += turned_pointers(repository, part.start, part.head, files) if wanted.only != "people" else ()
    if len(files) > MAX_ARTIFACTS:
        raise ChangeTooLarge(f"expected at most {MAX_ARTIFACTS:,} changed files, got {len(files):,}")
    opener = wanted.opener or (proposal.opener.account if proposal.opener else None)
    named = tuple(commits[sha] for sha in part.commits) if wanted.only != "artifacts" else ()
    return Looked(part, named, files, policy, opener, proposal.number)


def _policy(repository: Repository, wanted: Wanted, whole: Range) -> tuple[str | None, list[Notice]]:
    try:
        if wanted.policy is not None:
            return policy_text(wanted.policy.read_bytes()), []
        return policy_at(repository, whole.base), []
    except PolicyUnreadable as error:
        return NO_POLICY, [Notice(error.code, error.message, error.hint)]


def _new_policy(repository: Repository, changes: Sequence[Looked]) -> list[Notice]:
    """A word on a change of the policy itself: a broken one would stop every change that comes after it, and without
    any no file is asked about."""
    before, after = changes[0].range.start, changes[-1].range.head
    if file_at(repository, before, POLICY_NAME) == (new := file_at(repository, after, POLICY_NAME)):
        return []
    step = "It is the base's that counts until this is merged."
    if new is None:
        gone = f"This change removes {POLICY_NAME}: merged, no file is asked about, unless the service keeps a copy."
        return [Notice("policy-removed", gone, step)]
    try:
        parse_policy(policy_at(repository, changes[-1].range.head) or NO_POLICY)
    except (PolicyUnreadable, PolicyInvalid) as error:
        message = (
            f"The {POLICY_NAME} of this change is broken; merged, it would leave every check unknown: {error.message}"
        )
        return [Notice("policy-new-broken", message, error.hint)]
    return [Notice("policy-changes", f"This change edits {POLICY_NAME}.", step)]


def _own(text: str | None) -> Policy | None:
    try:
        return None if text is None else parse_policy(text)
    except PolicyInvalid:
        return None


def _asks(policy: Policy, file: TreeFile) -> bool:
    """Whether a policy may ask about a file, whatever its size."""
    return any(each.rule.kind != "none" for each in policy.rules_of(file.path, link=file.kind != "file"))


def _odd(commits: Sequence[GitCommit]) -> list[Notice]:
    """Lines that look like a co-author and are none to Git; merges are skipped as the check skips them."""
    found = [(commit.sha[:12], line) for commit in commits if not commit.brings_only for line in commit.odd]
    step = (
        "If a co-author was meant, amend the message: Co-authored-by: NAME <ADDRESS>, with plain hyphens and a colon, "
        "in the last paragraph, which holds nothing but trailers."
    )
    notices = [
        Notice(
            "trailer-odd",
            f"{masked(shown_path(line))!r} in {sha} is no trailer to Git, so it names no co-author.",
            step,
        )
        for sha, line in found[:MAX_ODD]
    ]
    if len(found) > MAX_ODD:
        notices.append(Notice("trailer-odd", f"{len(found) - MAX_ODD:,} more such lines are no trailers either.", step))
    return notices


def _said(told: Told) -> list[Notice]:
    notices = [Notice("forge-note", told.note)] if told.note else []
    if told.moved_to:
        message = (
            f"The change has moved on to {told.moved_to[:12]}; this answer is about the commit that was asked about."
        )
        notices.append(Notice("head-moved", message, "The run for the newest commit gives the answer that counts."))
    return notices


def _problem(told: Told) -> Notice | None:
    error = told.problem
    return Notice(error.code, error.message, error.hint) if error else None
