# SPDX-License-Identifier: Apache-2.0
"""JSON of checks, for the API document. Field names are a contract with outside scripts.

Questions are read by `mcla.checks.change`, the one reader that the command line uses too; the models say their form.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from app.coverage.schemas import CoverageAsOfOut, KindOut
from app.platform.bodies import Answer, Body
from mcla.checks import change as limits
from mcla.checks.answer import Found, IdentifiedBy, PolicySource, Role, Word
from mcla.checks.change import Unread, read_change
from mcla.licences.identify import Sure
from mcla.licences.signals import Code
from mcla.terms import Kind

Provider = Annotated[str, Field(min_length=1, max_length=limits.MAX_PROVIDER, pattern=r"^[ -~]+$")]
Subject = Annotated[str, Field(min_length=1, max_length=limits.MAX_SUBJECT, pattern=r"^[ -~]+$")]
Login = Annotated[str, Field(min_length=1, max_length=limits.MAX_SUBJECT)]
Text = Annotated[str, Field(max_length=limits.MAX_TEXT)]
Digest = Annotated[str, Field(pattern=r"^(sha256:)?[0-9a-f]{64}$")]
Path = Annotated[str, Field(min_length=1, max_length=1024)]

EXAMPLE: dict[str, Any] = {
    "project": "aurora",
    "opener": {"provider": "github", "subject": "583231", "login": "ada"},
    "commits": [
        {
            "sha": "f" * 40,
            "author": {
                "provider": "github",
                "subject": "583231",
                "name": "Ada",
                "email": "583231+ada@users.noreply.github.com",
            },
            "coauthors": [{"name": "Bo", "email": "41898282+bo@users.noreply.github.com"}],
        }
    ],
    "artifacts": [{"path": "weights/model.safetensors", "sha256": "a" * 64, "size": 4_294_967_296}],
}


class AccountIn(Body):
    """An account: the provider as this service names it (or its kind, where only one is of it), and the id there."""

    provider: Provider
    subject: Subject = Field(description="Numeric or opaque id, never a login.")
    login: Login | None = Field(default=None, description="A label in the answer, never evidence.")


class AuthorIn(Body):
    """Whom a commit names, as far as the forge and the commit tell."""

    provider: Provider | None = None
    subject: Subject | None = Field(default=None, description="Only with `provider`.")
    login: Login | None = None
    name: Text | None = None
    email: Text | None = Field(default=None, description="Told in answers only masked.")
    web: bool = Field(default=False, description="Of a committer: it is the forge's own account for its web pages.")


class CommitIn(Body):
    """One commit."""

    sha: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")
    merge: bool = Field(default=False, description="It merges what its parents hold, nothing else: skipped, counted.")
    author: AuthorIn
    committer: AuthorIn | None = None
    coauthors: list[AuthorIn] = Field(default=[], max_length=limits.MAX_COAUTHORS)


class ChangedFileIn(Body):
    """A file as it is after the change: with digest and size of what a Git LFS pointer stands for, or `unread`."""

    path: Path
    sha256: Digest | None = None
    size: int | None = Field(default=None, ge=0, le=2**53 - 1)
    tensors: Digest | None = Field(default=None, description="The tensor root of a safetensors file, where computed.")
    previous: Path | None = Field(default=None, description="The path before a rename.")
    unread: Unread | None = Field(default=None, description="Why there is no digest; then `sha256` is left out.")
    pointer: bool = Field(default=False, description="Digest and size are a Git LFS pointer's word: never too small.")


class LicenceFileIn(Body):
    """A licence file in the repository, as the asker read it: `mcla licences identify --json` tells its words."""

    path: Path
    sha256: Digest = Field(description="Of its bytes.")
    words_sha256: Digest = Field(description="Of its words; known ones are looked up here again.")
    sure: Sure
    licence: Text | None = Field(default=None, description="The id of the text that it is, or of the nearest.")


class QuestionIn(Body):
    """One change to check."""

    max_bytes: ClassVar[int] = limits.MAX_BYTES
    max_depth: ClassVar[int] = limits.MAX_DEPTH
    max_values: ClassVar[int] = limits.MAX_VALUES

    project: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    opener: AccountIn | None = Field(default=None, description="Who opened it, as the forge authenticated them.")
    commits: list[CommitIn] = Field(default=[], max_length=limits.MAX_COMMITS)
    artifacts: list[ChangedFileIn] = Field(default=[], max_length=limits.MAX_ARTIFACTS)
    licence_files: list[LicenceFileIn] = Field(
        default=[],
        max_length=limits.MAX_LICENCE_FILES,
        description="Around the files: held against what was declared, where the policy asks for signs.",
    )
    policy: str | None = Field(default=None, description="The text of `.mcla.toml` at the base, at most 64 KiB.")


class CheckIn(QuestionIn):
    """One change to check, now or as of a time."""

    as_of: datetime | None = Field(default=None, description="RFC 3339 with zone, from 1970 on; left out, now.")
    head: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$", description="The commit that a signed answer names."
    )
    signed: bool = Field(default=False, description="Adds `envelope`, a signature over the answer; needs `head`.")

    @classmethod
    def read(cls, value: object) -> Any:
        """A `Change`; raises `ChangeInvalid` or `ChangeEmpty`."""
        return read_change(value)


class AccountOut(Answer):
    """An account."""

    provider: str
    subject: str


class SaidOut(Answer):
    """A word with its stable code, a sentence, and what to do next."""

    verdict: Word
    code: str
    reason: str
    next: str | None
    sign_url: str | None = Field(description="Where to sign, or to give the file, if that would help.")


class SubjectOut(SaidOut):
    """The answer on one person, bot or agent."""

    roles: list[Role]
    account: AccountOut | None
    label: str = Field(description="A login, name or masked address: a label.")
    commits: list[str] = Field(description="The first five.")
    commits_total: int = Field(ge=0)
    identified_by: IdentifiedBy
    required: bool = Field(description="False for co-authors whom the policy only has reported.")
    kinds: dict[Kind, KindOut]


class CheckedFileOut(SaidOut):
    """The answer on one file that the policy asks about."""

    path: str
    sha256: str | None
    size: int | None
    kind: Kind | None
    rule: int | None = Field(description="The number of the policy's rule, from 0.")
    contribution: str | None
    found_as: Found | None = Field(alias="as", description="How it was found among what was given.")


class PolicyOut(Answer):
    """The policy that was used. Only the repository's copy at the base counts, and the service's before it."""

    source: PolicySource
    sha256: str | None
    problem: str | None


class WordsOut(Answer):
    """How many of each word."""

    covered: int = Field(ge=0)
    not_covered: int = Field(ge=0, alias="not-covered")
    unknown: int = Field(ge=0)


class CountsOut(Answer):
    """How much was looked at."""

    subjects: WordsOut
    artifacts: WordsOut
    commits: int = Field(ge=0)
    merges_skipped: int = Field(ge=0)
    files_free: int = Field(ge=0, description="Changed files that no rule of the policy asks about.")


class SignOut(Answer):
    """A sign that a licence was lost on the way: seen, with evidence; never an accusation."""

    code: Code
    sentence: str
    evidence: dict[str, str | int]
    contribution: str
    paths: list[str] = Field(description="The first five that come with it.")
    paths_total: int = Field(ge=0)
    weighs: bool = Field(description="Whether the policy lets a person look before these files count.")


class CheckOut(Answer):
    """The answer: `not-covered` if anything is, else `unknown` if anything is, else `covered`."""

    project: str
    verdict: Literal["covered", "not-covered", "unknown"]
    code: str
    reason: str
    next: str | None
    as_of: CoverageAsOfOut
    policy: PolicyOut
    counts: CountsOut
    subjects: list[SubjectOut]
    artifacts: list[CheckedFileOut]
    signals: list[SignOut] = Field(description="Where the policy has a table `[licences]`.")
    envelope: dict[str, Any] | None = Field(
        default=None,
        description="With `signed`: a Sigstore bundle without log entry, an in-toto Simple Verification Result v0.2.",
    )
