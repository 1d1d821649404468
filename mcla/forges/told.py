# SPDX-License-Identifier: Apache-2.0
"""What a forge told of a change, as values; and how that joins the commits that Git showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mcla.checks.change import Account, Author, Commit
from mcla.forges.errors import ForgeError


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as the forge shows it. `web` is the forge's own account that commits for its web pages."""

    account: Account
    bot: bool = False
    web: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Whose accounts the forge names for one commit; None where it links none."""

    author: Seen | None = None
    committer: Seen | None = None
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change that somebody proposed: `base` and `head` (commit ids), who opened it, its number.

    `base` is None for a branch that is new, `opener` where the forge did not say.
    """

    head: str
    base: str | None = None
    opener: Seen | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that the forge said. With a `problem` it is not whole, and no verdict may be better than `unknown`."""

    proposals: tuple[Proposal, ...]
    people: Mapping[str, Named] = field(default_factory=dict)
    """By commit id."""
    coauthors: Mapping[str, Seen] = field(default_factory=dict)
    """By the address that a trailer names, in lower case; only those that the forge links to an account."""
    problem: ForgeError | None = None
    moved_to: str | None = None
    """The newest head, where it is no longer the one that was asked about."""
    note: str | None = None
    """What this forge never tells, in a sentence."""
    requests: int = 0

    def bots(self) -> frozenset[tuple[str, str]]:
        """(provider, subject) of the accounts that the forge says are no persons."""
        named = [seen for each in self.people.values() for seen in (each.author, each.committer)]
        others = [*(each.opener for each in self.proposals), *self.coauthors.values()]
        return frozenset(seen.account.key for seen in (*named, *others) if seen is not None and seen.bot)


def with_accounts(commits: Sequence[Commit], told: Told) -> tuple[Commit, ...]:
    """The commits with the accounts that the forge named; who was not named stays as Git showed it."""
    return tuple(_with(commit, told.people.get(commit.sha, Named()), told.coauthors) for commit in commits)


def _with(commit: Commit, named: Named, linked: Mapping[str, Seen]) -> Commit:
    committer = commit.committer
    if committer is not None or named.committer is not None:
        committer = _as(committer or Author(), named.committer)
    coauthors = tuple(_as(each, linked.get((each.email or "").lower())) for each in commit.coauthors)
    return replace(commit, author=_as(commit.author, named.author), committer=committer, coauthors=coauthors)


def _as(author: Author, seen: Seen | None) -> Author:
    if seen is None:
        return author
    account = seen.account
    return replace(author, provider=account.provider, subject=account.subject, login=account.login, web=seen.web)
