# SPDX-License-Identifier: Apache-2.0
"""The question: one change of a repository, with its opener, its commits' people and its changed files.

Who somebody is says (provider, subject) alone: the forge's numeric or opaque id of an account. Login and name are
labels, and an address is what somebody typed into a commit. A value of these types is well formed; it may still lie.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from mcla.artifacts.digest import PREFIX, check_sha256, sha256_hex
from mcla.artifacts.jsontext import MAX_INT, parse_json
from mcla.artifacts.paths import check_path
from mcla.checks.reading import Faults, Members, Place, members, shown
from mcla.errors import MclaError
from mcla.licences.identify import Sure
from mcla.licences.licence_file import LicenceFile
from mcla.statements.parts import check_slug, format_time

Unread = Literal["symlink", "submodule", "unreadable", "pointer-without-filter"]
"""Why there is no digest: a link, a commit of another repository, bytes that could not be read, or the text of a Git
LFS pointer that no `filter=lfs` of `.gitattributes` turns into the file that it names."""

MAX_COMMITS = 10_000
MAX_LICENCE_FILES = 200
MAX_ARTIFACTS = 100_000
MAX_COAUTHORS = 100
"""Of one commit."""
MAX_PROVIDER, MAX_SUBJECT, MAX_TEXT = 32, 255, 1000
MAX_POLICY_BYTES = 64 * 1024
MAX_BYTES = 48 * 1024 * 1024
"""Of a question in JSON: 100,000 files with paths of 300 bytes and 10,000 commits fit."""
MAX_VALUES = 2_000_000
MAX_DEPTH = 6

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_ID = re.compile(r"[ -~]+", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ChangeInvalid(MclaError):
    """A question cannot be read; `extra["errors"]` has a JSON pointer and a sentence for each fault."""

    code = "change-invalid"
    status = 422
    hint = "Correct the members named in `errors`; the API reference at /docs/api shows their form."

    def __init__(self, faults: Faults) -> None:
        first = faults.told[0]
        many = f"{faults.count} faults" if faults.count > 1 else "a fault"
        super().__init__(f"The question has {many}; {first['pointer'] or 'the whole'}: {first['detail']}")
        self.extra = {"errors": faults.told}


class ChangeEmpty(MclaError):
    """A change has neither commits nor files: there is nothing to check, and nothing is answered yes by default."""

    code = "change-empty"
    status = 422
    hint = "Send at least one commit or one changed file; a job that finds neither may end without asking."


class TimeInvalid(MclaError):
    """A text is no moment that can be asked about."""

    code = "check-time-invalid"
    status = 422
    hint = "Write as_of with its zone, such as 2026-11-25T09:00:00Z; leave it out to ask about now."


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a forge or hub: `provider` is the service's name of it, `subject` its id there, `login` a label."""

    provider: str
    subject: str
    login: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it."""
        return self.provider, self.subject

    def to_dict(self) -> dict[str, Any]:
        return _present({"provider": self.provider, "subject": self.subject, "login": self.login})


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody whom a commit names. `web` says of a committer that it is the forge's own account for its web pages.

    A `subject` never stands without its `provider`.
    """

    provider: str | None = None
    subject: str | None = None
    login: str | None = None
    name: str | None = None
    email: str | None = None
    web: bool = False

    @property
    def account(self) -> Account | None:
        """The account that the forge names, None where it names none."""
        if self.provider is None or self.subject is None:
            return None
        return Account(self.provider, self.subject, self.login)

    def to_dict(self) -> dict[str, Any]:
        texts = {"provider": self.provider, "subject": self.subject, "login": self.login}
        texts |= {"name": self.name, "email": self.email}
        return _present(texts) | ({"web": True} if self.web else {})


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: `sha` (40 or 64 hex), whether it has two or more parents, and whom it names."""

    sha: str
    author: Author
    committer: Author | None = None
    coauthors: tuple[Author, ...] = ()
    merge: bool = False

    def to_dict(self) -> dict[str, Any]:
        parts: dict[str, Any] = {"sha": self.sha, "merge": self.merge, "author": self.author.to_dict()}
        if self.committer is not None:
            parts["committer"] = self.committer.to_dict()
        return parts | {"coauthors": [each.to_dict() for each in self.coauthors]}


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file as it is after the change: `path`, `sha256` (64 hex) and `size` in bytes of what a pointer stands for.

    `tensors` is the tensor root (64 hex) where it was computed, `previous` the path before a rename. Where there is no
    digest, `unread` says why, and `size` may be unknown too. `pointer`: digest and size are what a Git LFS pointer
    says, which anybody can type; nobody has looked at the bytes.
    """

    path: str
    sha256: str | None
    size: int | None
    tensors: str | None = None
    previous: str | None = None
    unread: Unread | None = None
    pointer: bool = False

    def to_dict(self) -> dict[str, Any]:
        parts = {"path": self.path, "sha256": self.sha256, "size": self.size, "tensors": self.tensors}
        return _present(parts | {"previous": self.previous, "unread": self.unread, "pointer": self.pointer or None})


@dataclass(frozen=True, slots=True)
class Change:
    """One change: to `project` (a slug), opened by `opener` (None: the asker could not tell).

    `policy` is the text of the repository's `.mcla.toml` as it is at the base: a change may not loosen its own check.
    `as_of` is the moment asked about (UTC), None for now. `signed` asks for an answer that is signed, about the commit
    `head`.
    """

    project: str
    opener: Account | None = None
    commits: tuple[Commit, ...] = ()
    artifacts: tuple[ChangedFile, ...] = ()
    policy: str | None = None
    as_of: datetime | None = None
    head: str | None = None
    signed: bool = False
    licence_files: tuple[LicenceFile, ...] = ()
    """As the asker read them, around the files; a policy that asks for signs holds them against what was declared."""

    @property
    def empty(self) -> bool:
        return not self.commits and not self.artifacts

    def to_dict(self) -> dict[str, Any]:
        """The question as it is sent."""
        parts: dict[str, Any] = {
            "project": self.project,
            "opener": self.opener.to_dict() if self.opener else None,
            "commits": [each.to_dict() for each in self.commits],
            "artifacts": [each.to_dict() for each in self.artifacts],
        }
        when = format_time(self.as_of) if self.as_of else None
        parts |= _present({"policy": self.policy, "as_of": when, "head": self.head})
        licences = {"licence_files": [each.to_dict() for each in self.licence_files]} if self.licence_files else {}
        return parts | licences | ({"signed": True} if self.signed else {})


def parse_change(data: bytes) -> Change:
    """Read a question; raises `JsonInvalid`, `ChangeInvalid` or `ChangeEmpty`."""
    return read_change(parse_json(data, max_depth=MAX_DEPTH, max_bytes=MAX_BYTES, max_values=MAX_VALUES))


def read_change(value: object) -> Change:
    """The same for JSON that was parsed strictly already."""
    faults = Faults()
    change = _change(value, faults)
    if faults.count or change is None:
        raise ChangeInvalid(faults)
    if change.empty:
        raise ChangeEmpty("The change has neither commits nor files.")
    return change


def parse_moment(text: object) -> datetime:
    """Read an RFC 3339 time with its zone, from 1970 on, as UTC; raises `TimeInvalid`."""
    try:
        moment = (
            datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) and _TIME.fullmatch(text) else None
        )
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment < _EPOCH:
        raise TimeInvalid(f"expected a time such as 2026-11-25T09:00:00Z, from 1970 on, got {shown(text)}")
    return moment


def read_digest(text: object) -> str:
    """The 64 hexadecimal digits of a digest with or without `sha256:`; raises `DigestInvalid`."""
    return check_sha256(text.removeprefix(PREFIX) if isinstance(text, str) else text)


def policy_digest(text: str) -> str:
    """The SHA-256 (64 hex) by which a policy's text is named."""
    return sha256_hex(text.encode())


def _change(value: object, faults: Faults) -> Change | None:
    read = members(value, (), faults, _MEMBERS)
    if read is None:
        return None
    opener = read.value.get("opener")
    change = Change(
        project=_project(read),
        opener=None if opener is None else _account(opener, ("opener",), faults),
        commits=read.each("commits", MAX_COMMITS, _commit),
        artifacts=read.each("artifacts", MAX_ARTIFACTS, _file),
        policy=_policy(read),
        as_of=read.checked("as_of", parse_moment),
        head=None if read.value.get("head") is None else _sha(read, "head"),
        signed=read.flag("signed"),
        licence_files=read.each("licence_files", MAX_LICENCE_FILES, _licence_file),
    )
    if change.signed and change.head is None:
        faults.add(("head",), "expected the commit that the signed answer is about, got nothing")
    _once("commits", [each.sha for each in change.commits], faults)
    _once("artifacts", [each.path for each in change.artifacts], faults)
    _once("licence_files", [each.path for each in change.licence_files], faults)
    return change


_MEMBERS = ("project", "opener", "commits", "artifacts", "policy", "as_of", "head", "signed", "licence_files")


def _sha(read: Members, name: str) -> str:
    """The id of a commit; empty where faulty."""
    sha = read.value.get(name)
    if isinstance(sha, str) and _COMMIT.fullmatch(sha):
        return sha
    read.faults.add((*read.place, name), f"expected 40 or 64 lower-case hexadecimal digits, got {shown(sha)}")
    return ""


def _project(read: Members) -> str:
    if read.value.get("project") is None:
        read.faults.add(("project",), "expected the project's slug, got nothing")
    return read.checked("project", lambda value: check_slug(value, "the project's slug")) or ""


def _policy(read: Members) -> str | None:
    text = read.value.get("policy")
    if not isinstance(text, str):
        if text is not None:
            read.faults.add(("policy",), f"expected the text of .mcla.toml, got {shown(text)}")
        return None
    if (size := len(text.encode())) > MAX_POLICY_BYTES:
        read.faults.add(("policy",), f"expected at most {MAX_POLICY_BYTES:,} bytes, got {size:,}")
    return text


def _account(value: object, place: Place, faults: Faults) -> Account | None:
    read = members(value, place, faults, ("provider", "subject", "login"))
    if read is None:
        return None
    provider, subject = read.needed("provider", MAX_PROVIDER), read.needed("subject", MAX_SUBJECT)
    _plain(read, provider, subject)
    return Account(provider, subject, read.text("login", MAX_SUBJECT))


def _author(value: object, place: Place, faults: Faults) -> Author | None:
    read = members(value, place, faults, ("provider", "subject", "login", "name", "email", "web"))
    if read is None:
        return None
    provider, subject = read.text("provider", MAX_PROVIDER), read.text("subject", MAX_SUBJECT)
    _plain(read, provider, subject)
    if subject is not None and provider is None:
        faults.add((*place, "provider"), "expected the provider whose id `subject` is, got nothing")
    return Author(
        provider,
        subject,
        read.text("login", MAX_SUBJECT),
        _free(read, "name"),
        _free(read, "email"),
        read.flag("web"),
    )


def _free(read: Members, name: str) -> str | None:
    """Commits name people by any text, also by an empty one."""
    return None if read.value.get(name) == "" else read.text(name, MAX_TEXT)


def _plain(read: Members, provider: str | None, subject: str | None) -> None:
    for name, text in (("provider", provider), ("subject", subject)):
        if text and not _ID.fullmatch(text):
            read.faults.add((*read.place, name), f"expected printable ASCII, got {shown(text)}")


def _commit(value: object, place: Place, faults: Faults) -> Commit | None:
    read = members(value, place, faults, ("sha", "merge", "author", "committer", "coauthors"))
    if read is None:
        return None
    committer = read.value.get("committer")
    return Commit(
        sha=_sha(read, "sha"),
        author=_author(read.value.get("author"), (*place, "author"), faults) or Author(),
        committer=None if committer is None else _author(committer, (*place, "committer"), faults),
        coauthors=read.each("coauthors", MAX_COAUTHORS, _author),
        merge=read.flag("merge"),
    )


def _file(value: object, place: Place, faults: Faults) -> ChangedFile | None:
    read = members(value, place, faults, ("path", "sha256", "size", "tensors", "previous", "unread", "pointer"))
    if read is None:
        return None
    if read.value.get("path") is None:
        faults.add((*place, "path"), "expected the file's path, got nothing")
    sha256, size, unread = read.checked("sha256", read_digest), read.whole("size", MAX_INT), read.value.get("unread")
    _check_content(read, unread)
    return ChangedFile(
        path=read.checked("path", check_path) or "",
        sha256=sha256,
        size=size,
        tensors=read.checked("tensors", read_digest),
        previous=read.checked("previous", check_path),
        unread=unread,
        pointer=read.flag("pointer"),
    )


def _licence_file(value: object, place: Place, faults: Faults) -> LicenceFile | None:
    read = members(value, place, faults, ("path", "sha256", "words_sha256", "sure", "licence"))
    if read is None:
        return None
    for name in ("path", "sha256", "words_sha256"):
        if read.value.get(name) is None:
            faults.add((*place, name), "expected it of a licence file, got nothing")
    sure: Any = read.value.get("sure")
    if sure not in get_args(Sure):
        faults.add((*place, "sure"), f"expected one of {', '.join(get_args(Sure))}, got {shown(sure)}")
    return LicenceFile(
        path=read.checked("path", check_path) or "",
        sha256=read.checked("sha256", read_digest) or "",
        words_sha256=read.checked("words_sha256", read_digest) or "",
        sure=sure if sure in get_args(Sure) else "unknown",
        licence=read.text("licence", MAX_TEXT),
    )


def _check_content(read: Members, unread: object) -> None:
    """A file has its digest and size, or says why it has no digest."""
    if unread is None:
        for name in ("sha256", "size"):
            if read.value.get(name) is None:
                read.faults.add((*read.place, name), "expected the file's digest and size, or why they are `unread`")
    elif unread not in get_args(Unread):
        read.faults.add((*read.place, "unread"), f"expected one of {', '.join(get_args(Unread))}, got {shown(unread)}")
    elif read.value.get("sha256") is not None:
        read.faults.add((*read.place, "unread"), "expected a digest or why there is none, got both")


def _once(name: str, texts: list[str], faults: Faults) -> None:
    if len(set(texts)) == len(texts):
        return
    seen: set[str] = set()
    for number, text in enumerate(texts):
        if text and text in seen:  # what was faulty is empty
            faults.add((name, number), f"{shown(text)} stands a second time")
        seen.add(text)


def _present(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}
