# SPDX-License-Identifier: Apache-2.0
"""What is told of contributions and artifacts, as plain values. Nothing here names a person: all of it is public.

What a value says of a statement was read from the verified bundle, never from a column that could have been edited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.signing.values import Ended
from mcla.terms.secrecy import Audience
from mcla.verify.offers import in_time
from mcla.verify.standing import AsOf, Standing, State
from mcla.verify.verdict import Reason, Word

__all__ = ["ArtifactAnswer", "AsOf", "ContributionInfo", "Covering", "FileInfo", "Kept", "MyContribution", "best"]


@dataclass(frozen=True, slots=True)
class Covering:
    """One contribution that lists a digest; `path` is the file's name there, or `mcla:manifest` for the whole.

    Of a contribution that is not public the name is `mcla:hidden`, whoever asks: who has a file may know that it is
    covered, and no more.
    """

    id: str
    agreement: Mapping[str, str]
    kind: str
    schedule: str | None
    project: str
    signer: str
    time: str
    log_index: int
    key_holder: str
    standing: Standing
    path: str
    size: int | None
    """Bytes of the file; None for the whole."""
    files: int
    """How many files were given together."""
    shown_to: Audience
    embargo_until: date | None
    bundle_url: str
    offer: Mapping[str, Any] | None
    """Of an offer: days, to, until, and how the foundation answered it (`mcla.verify.offers`)."""
    verdict: Word
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ArtifactAnswer:
    """What is known of one digest. `more` says that further contributions list it than are named.

    Verdict, state and reasons are those of the `best` one, or unknown where there is none.
    """

    digest: str
    verdict: Word
    state: State
    reasons: tuple[Reason, ...]
    contributions: tuple[Covering, ...]
    more: bool
    as_of: AsOf


def best(contributions: Sequence[Covering]) -> Covering:
    """The contribution that speaks for a digest: a proven one before others, one in force before an ended one."""
    return min(contributions, key=lambda each: (each.verdict != "verified", each.standing.state != "in-force"))


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One file of a contribution."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ContributionInfo:
    """One contribution, with the verdict on its bundle. `files` are the first ones; the manifest has them all."""

    id: str
    url: str
    project: str
    kind: str
    schedule: str | None
    agreement: Mapping[str, str]
    signer: str
    key_holder: str
    time: str
    log_index: int
    standing: Standing
    confirmed: str
    """Digest of the giver's own confirmation for a company (64 hex), where it was given for one; else empty."""
    offer: Mapping[str, Any] | None
    """As in `Covering`."""
    manifest_root: str
    file_count: int
    total_size: int
    files: tuple[FileInfo, ...]
    declarations: Mapping[str, Any]
    tensors: Mapping[str, Any] | None
    """The signer's claim about the safetensors files: root, count, bytes."""
    earlier: Sequence[Mapping[str, Any]]
    """Entries of the signer's own, made before with tools of others, that the statement names: entry and logIndex."""
    bundle_url: str
    manifest_url: str
    verdict: Word
    reasons: tuple[Reason, ...]
    as_of: AsOf
    shown_to: Audience
    embargo_until: date | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a contribution, for a caller who may see it; `public`: so may everybody."""

    bundle: Mapping[str, Any]
    manifest: bytes
    signing_id: str
    public: bool


@dataclass(frozen=True, slots=True)
class MyContribution:
    """One contribution in its signer's own list."""

    id: str
    project: str
    project_name: str
    kind: str
    file_count: int
    total_size: int
    manifest_root: str
    key_holder: str
    log_index: int
    contributed_at: datetime
    signing_id: str
    ended: Ended | None
    offered_until: datetime | None = None
    """Of an offer: until when it stands."""
    answer: str | None = None
    """Of an offer: the foundation's answer."""

    def offered(self, now: datetime) -> str | None:
        """How an offer stands: `waits`, `lapsed`, or the foundation's answer; None for what is no offer."""
        if self.offered_until is None:
            return None
        return self.answer or ("waits" if in_time(self.offered_until, now) else "lapsed")
