# SPDX-License-Identifier: Apache-2.0
"""Who is asked about: the opener, every author, every co-author, and a committer who is nobody else.

Nobody is ever covered by somebody else: an author without an account stays one, whoever committed for them. Merge
commits are skipped, because what they bring in has commits of its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mcla.artifacts.paths import unreadable_character
from mcla.checks.answer import ROLES, IdentifiedBy, Role
from mcla.checks.change import Author, Change, Commit

MAX_LABEL = 80
_NOREPLY = re.compile(r"(?:([1-9][0-9]{0,18})([+-]))?([^@\s]{1,255})@(users\.noreply\.[a-z0-9.-]+)", re.ASCII)
_ADDRESS = re.compile(r"([^\s@<>]?)[^\s@<>]*@([^\s@<>]+)")
_JOINS = {"github": "+", "gitlab": "-"}
"""What stands between number and login in an address that hides the real one, by the kind of forge."""


@dataclass(frozen=True, slots=True)
class Forge:
    """A provider of accounts: the service's `name` of it, its `kind`, and the `host` of its pages."""

    name: str
    kind: str
    host: str

    @property
    def noreply(self) -> str:
        """The domain of the addresses that it gives to those who hide theirs."""
        return f"users.noreply.{self.host}"


@dataclass(frozen=True, slots=True)
class ByAccount:
    """Known by an account: the forge said so, or a noreply address of the forge holds its number."""

    provider: str
    subject: str

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.subject


@dataclass(frozen=True, slots=True)
class ByAddress:
    """Named by a bare address, in lower case; anybody can write it into a commit."""

    email: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known: `code` says why, `label` whom it concerns."""

    code: str
    label: str


Identity = ByAccount | ByAddress | Unknown


@dataclass(frozen=True, slots=True)
class Person:
    """One subject of a check, with every role and commit in which it appears."""

    identity: Identity
    roles: tuple[Role, ...]
    label: str
    identified_by: IdentifiedBy
    commits: tuple[str, ...]


def people_of(change: Change, forges: Sequence[Forge]) -> tuple[Person, ...]:
    """Everybody who is asked about, each once, the opener first and then in the order of the commits."""
    finding = _Finding(forges)
    found: dict[Identity, _Seen] = {}
    for role, sha, author in _named(change, finding):
        identity, how = finding.identity(author)
        found.setdefault(identity, _Seen(label_of(author))).add(role, sha, author, how)
    if change.opener is None:
        opener = Unknown("opener-missing", "the opener")
        found = {opener: _Seen("the opener", roles={"opener": None})} | found
    return tuple(seen.person(identity) for identity, seen in found.items())


def merges_in(change: Change) -> int:
    """How many of its commits are skipped."""
    return sum(commit.merge for commit in change.commits)


def label_of(author: Author) -> str:
    """How a person is called in an answer that everybody may read: login, name or masked address."""
    text = author.login or author.name or author.email or author.subject or "somebody without a name"
    shown = "".join("�" if unreadable_character(char) else char for char in masked(text))
    return shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…"


def masked(text: str) -> str:
    """A text without the names in its e-mail addresses: `a…@example.org`."""
    return _ADDRESS.sub(lambda match: f"{match[1]}…@{match[2]}", text)


def provider_named(name: str, forges: Iterable[Forge]) -> str | None:
    """The service's name of a provider that is named so, or is the only one of this kind."""
    known = tuple(forges)
    if any(each.name == name for each in known):
        return name
    of_kind = [each.name for each in known if each.kind == name]
    return of_kind[0] if len(of_kind) == 1 else None


@dataclass(slots=True)
class _Seen:
    """A person while commits are read; dictionaries keep order and are free of doubles."""

    label: str
    how: IdentifiedBy = "nothing"
    roles: dict[Role, None] = field(default_factory=dict)
    commits: dict[str, None] = field(default_factory=dict)

    def add(self, role: Role, sha: str | None, author: Author, how: IdentifiedBy) -> None:
        self.roles[role] = None
        if sha is not None:
            self.commits[sha] = None
        if self.how != "account":
            self.how = how
        if self.label.isdecimal():  # the forge told a mere number before
            self.label = label_of(author)

    def person(self, identity: Identity) -> Person:
        roles = tuple(role for role in ROLES if role in self.roles)
        return Person(identity, roles, self.label, self.how, tuple(self.commits))


@dataclass(frozen=True, slots=True)
class _Finding:
    """Tells who somebody is, as far as a commit and the forge can tell."""

    forges: Sequence[Forge]

    def identity(self, author: Author) -> tuple[Identity, IdentifiedBy]:
        """The forge's word of the account first; then a number in a noreply address; a bare address last."""
        told, noreply = self._told(author), self._noreply(author.email)
        if isinstance(told, Unknown):
            return told, "nothing"
        if told and isinstance(noreply, ByAccount) and noreply.provider == told.provider and noreply != told:
            return Unknown("identity-contradictory", label_of(author)), "nothing"
        if told:
            return told, "account"
        if isinstance(noreply, ByAccount):
            return noreply, "noreply"
        if noreply:
            return noreply, "nothing"
        if author.email and "@" in author.email:
            return ByAddress(author.email.strip().lower()), "nothing"
        return Unknown("login-only" if author.login else "unidentified", label_of(author)), "nothing"

    def _told(self, author: Author) -> ByAccount | Unknown | None:
        account = author.account
        if account is None:
            return None
        provider = provider_named(account.provider, self.forges)
        return ByAccount(provider, account.subject) if provider else Unknown("provider-unknown", label_of(author))

    def _noreply(self, email: str | None) -> ByAccount | Unknown | None:
        match = _NOREPLY.fullmatch(email.strip().lower()) if email else None
        for forge in self.forges if match else ():
            if match and forge.noreply == match[4]:
                if match[1] and match[2] == _JOINS.get(forge.kind):
                    return ByAccount(forge.name, match[1])
                return Unknown("login-only", match[3])
        return None


def _named(change: Change, finding: _Finding) -> Iterable[tuple[Role, str | None, Author]]:
    if (opener := change.opener) is not None:
        yield "opener", None, Author(opener.provider, opener.subject, opener.login)
    for commit in change.commits:
        if commit.merge:
            continue
        yield "author", commit.sha, commit.author
        for each in commit.coauthors:
            yield "co-author", commit.sha, each
        if commit.committer is not None and _counts(commit, commit.committer, finding):
            yield "committer", commit.sha, commit.committer


def _counts(commit: Commit, committer: Author, finding: _Finding) -> bool:
    """Whether the committer is somebody else than the forge's web account and the commit's authors."""
    if committer.web:
        return False
    own, _ = finding.identity(committer)
    return not any(_same(committer, own, each, finding) for each in (commit.author, *commit.coauthors))


def _same(committer: Author, own: Identity, author: Author, finding: _Finding) -> bool:
    """Equal accounts, or equal addresses where the forge did not tell two accounts apart."""
    other, _ = finding.identity(author)
    if own == other:
        return True
    if isinstance(own, ByAccount) and isinstance(other, ByAccount):
        return False
    return bool(committer.email) and (committer.email or "").lower() == (author.email or "").lower()
