# SPDX-License-Identifier: Apache-2.0
"""From which commit to which: what was asked for by name, or what this clone takes for its default branch.

The policy is read at the base, which is the newest state of the branch that the change goes to, never a point that the
change's author could choose. Files are compared from the merge base, which only says what the change adds to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mcla.artifacts.digest import shown_path
from mcla.checks.git.commits import listed
from mcla.checks.git.program import Repository, RevisionUnknown
from mcla.errors import MclaError

REMOTES = ("upstream", "origin")
BRANCHES = ("HEAD", "main", "master")


class BaseMissing(MclaError):
    """Nobody said what the change goes to, and the clone does not tell."""

    code = "base-missing"
    hint = "Name it: mcla check … --base origin/main"


class HistoryCut(MclaError):
    """A shallow clone ends before the change begins, so part of the change cannot be seen."""

    code = "history-shallow"
    hint = "Fetch the whole history:  git fetch --no-tags --unshallow  (GitHub: fetch-depth: 0, GitLab: GIT_DEPTH: 0)"


class GroupApart(MclaError):
    """A merge group does not stand on the base that it was said to stand on."""

    code = "group-apart"
    hint = "A group holds its base; without --group, what was added since both parted is checked."


class HeadUnborn(MclaError):
    """The checkout has no commit yet."""

    code = "head-unborn"
    hint = "Commit something first, or name a commit: mcla check … --head REV"


@dataclass(frozen=True, slots=True)
class Names:
    """What was asked for: names of commits, None for what this clone has by default. `group`: several changes that
    are merged at once, all of them together on `base`."""

    base: str | None = None
    head: str | None = None
    group: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """The commits that `head` has and `base` has not, oldest first. `start` is the tree-ish that files are compared
    with (`_start`); `related` is false where both have no common past, so that every file counts."""

    base: str
    head: str
    start: str
    commits: tuple[str, ...]
    related: bool = True


def range_of(repository: Repository, names: Names) -> Range:
    """Find the commits; raises `RevisionUnknown`, `BaseMissing`, `HeadUnborn`, `HistoryCut` or `GroupApart`."""
    head = _head(repository, names.head)
    base = _base(repository, names.base)
    shared = _merge_bases(repository, base, head)
    if not shared and repository.shallow:
        raise _cut(repository, base, head)
    if names.group and shared != [base]:
        raise GroupApart(f"expected a group on {base[:12]}, got {head[:12]}, which does not hold it")
    commits = tuple(listed(repository, base, head))
    if not repository.cut.isdisjoint(commits):
        raise _cut(repository, base, head)
    return Range(base, head, _start(repository, base, shared), commits, related=bool(shared))


def _head(repository: Repository, name: str | None) -> str:
    if found := repository.commit(name or "HEAD"):
        return found
    if name:
        raise _unknown(repository, name)
    raise HeadUnborn("expected a commit to check, got a branch without any")


def _base(repository: Repository, name: str | None) -> str:
    if name:
        if found := repository.commit(name):
            return found
        raise _unknown(repository, name)
    # Never the branch's own upstream: what was pushed to it already would go unasked.
    for guess in (f"refs/remotes/{remote}/{branch}" for remote in REMOTES for branch in BRANCHES):
        if found := repository.commit(guess):
            return found
    raise BaseMissing("expected a default branch of a remote (origin/HEAD, origin/main), got none")


def _merge_bases(repository: Repository, base: str, head: str) -> list[str]:
    return repository.objects("merge-base", "--all", base, head, none=True).decode().split()


def _start(repository: Repository, base: str, shared: Sequence[str]) -> str:
    """Where both parted; where they parted at several commits, `base` itself. One of several may hold a file that the
    base took out since, and the change would bring it back unasked."""
    if not shared:
        return repository.empty_tree
    return shared[0] if len(shared) == 1 else base


def _unknown(repository: Repository, name: str) -> MclaError:
    shown = shown_path(name)
    if len(name) in (40, 64) and repository.shallow:
        message = f"expected the commit {shown}, got a shallow clone that ends before it"
        return HistoryCut(message, hint=_mend(repository, [name]))
    if len(name) in (40, 64):
        fetch = f"git fetch --no-tags {_remote(repository)} {shown}"
        return RevisionUnknown(f"expected the commit {shown}, which this clone lacks", hint=f"Fetch it:  {fetch}")
    remote, _, branch = name.removeprefix("refs/remotes/").partition("/")
    if branch and remote == _remote(repository):
        fetch = f"git fetch --no-tags {remote} '+refs/heads/{branch}:refs/remotes/{remote}/{branch}'"
        return RevisionUnknown(f"expected the branch {shown}, which this clone lacks", hint=f"Fetch it:  {fetch}")
    return RevisionUnknown(f"expected the name of a commit, got {shown!r}, which is none here")


def _cut(repository: Repository, base: str, head: str) -> HistoryCut:
    message = f"expected the history from {base[:12]} to {head[:12]}, got a shallow clone that ends within it"
    return HistoryCut(message, hint=_mend(repository, []))


def _mend(repository: Repository, wanted: Sequence[str]) -> str:
    command = " ".join(["git fetch --no-tags --unshallow", _remote(repository), *map(shown_path, wanted)])
    return f"Fetch the whole history:  {command}  (GitHub: fetch-depth: 0, GitLab: GIT_DEPTH: 0)"


def _remote(repository: Repository) -> str:
    names = (repository.there("remote") or b"").decode("utf-8", "replace").split()
    return "origin" if "origin" in names or not names else names[0]
