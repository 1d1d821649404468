# SPDX-License-Identifier: Apache-2.0
"""What is told of contributions and artifacts, as plain values. Nothing here names a person: all of it is public.

What a value says of a statement was read from the verified bundle, never from a column that could have been edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.verify.verdict import Reason, Word


@dataclass(frozen=True, slots=True)
class Covering:
    """One contribution that lists a digest; `path` is the file's name there, or `mcla:manifest` for the whole."""

    id: str
    agreement: Mapping[str, str]
    kind: str
    project: str
    signer: str
    time: str
    log_index: int
    key_holder: str
    state: str
    path: str
    bundle_url: str
    verdict: Word
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AsOf:
    """The state of the log that an answer was given against."""

    log_size: int
    time: datetime


@dataclass(frozen=True, slots=True)
class ArtifactAnswer:
    """What is known of one digest. `more` says that further contributions list it than are named."""

    digest: str
    verdict: Word
    reasons: tuple[Reason, ...]
    contributions: tuple[Covering, ...]
    more: bool
    as_of: AsOf


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
    state: str
    manifest_root: str
    file_count: int
    total_size: int
    files: tuple[FileInfo, ...]
    declarations: Mapping[str, Any]
    tensors: Mapping[str, Any] | None
    """The signer's claim about the safetensors files: root, count, bytes."""
    bundle_url: str
    manifest_url: str
    verdict: Word
    reasons: tuple[Reason, ...]
    as_of: AsOf


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
