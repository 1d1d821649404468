# SPDX-License-Identifier: Apache-2.0
"""The question as a checkout tells it: commits with their people, and the policy as it is at the base."""

from collections.abc import Iterable

from mcla.checks.change import MAX_POLICY_BYTES, Author, Commit
from mcla.checks.git.commits import GitCommit, Person
from mcla.checks.git.files import KINDS, file_at
from mcla.checks.git.objects import Objects
from mcla.checks.git.program import Repository
from mcla.errors import MclaError

POLICY_NAME = ".mcla.toml"
WEB_ADDRESSES = frozenset({"noreply@github.com"})
"""Committers that are a forge itself. Anybody may type it, and gains nothing by it: it hides a name typed as freely."""


class PolicyUnreadable(MclaError):
    """There is something in the policy's place that no policy can be read from."""

    code = "policy-unreadable"
    hint = f"Put a file of plain text there: {POLICY_NAME}, UTF-8, at most 64 KiB."


def asked_commits(commits: Iterable[GitCommit]) -> tuple[Commit, ...]:
    """The commits as the question names them."""
    return tuple(_commit(each) for each in commits)


def policy_at(repository: Repository, commit: str) -> str | None:
    """The text of the policy in a commit's tree, None where it has none; raises `PolicyUnreadable`."""
    found = file_at(repository, commit, POLICY_NAME)
    if found is None:
        return None
    mode, oid = found
    if KINDS.get(mode) != "file":
        raise PolicyUnreadable(f"expected a file as {POLICY_NAME}, got something of the mode {mode}")
    with Objects(repository) as objects:
        return policy_text(objects.whole(oid, "blob"))


def policy_text(data: bytes) -> str:
    """The text of a policy's bytes; raises `PolicyUnreadable`."""
    if len(data) > MAX_POLICY_BYTES:
        raise PolicyUnreadable(f"expected a policy of at most {MAX_POLICY_BYTES:,} bytes, got {len(data):,}")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise PolicyUnreadable(f"expected a policy in UTF-8, got other bytes at {error.start}") from error


def _commit(commit: GitCommit) -> Commit:
    committer = commit.committer
    web = (committer.email or "").lower() in WEB_ADDRESSES
    return Commit(
        sha=commit.sha,
        author=_author(commit.author),
        committer=Author(name=committer.name, email=committer.email, web=web),
        coauthors=tuple(map(_author, commit.coauthors)),
        merge=commit.brings_only,
    )


def _author(person: Person) -> Author:
    return Author(name=person.name, email=person.email)
