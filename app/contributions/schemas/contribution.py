# SPDX-License-Identifier: Apache-2.0
"""One contribution."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from app.contributions.schemas.digests import Digest, Word
from app.contributions.schemas.standing import AgreementOut, AsOfOut, ReasonOut, ShownTo, StandingOut
from app.platform.bodies import Answer


class FileOut(Answer):
    """One file of a contribution."""

    path: str
    sha256: str
    size: int = Field(ge=0)


class ManifestOut(Answer):
    """The files of a contribution, as far as one answer names them; `files_url` has them all."""

    root: Digest
    files: int = Field(ge=1)
    bytes: int = Field(ge=0)


class TensorsOut(Answer):
    """The tensors in the safetensors files, as the signer measured them; the root outlives resharding."""

    root: Digest
    count: int = Field(ge=1)
    bytes: int = Field(ge=0)


class EarlierOut(Answer):
    """A log entry of the same signer, made before with a tool of others over files of this contribution."""

    entry: Digest = Field(description="SHA-256 of the entry's body.")
    log_index: int = Field(ge=0)


class ContributionOut(StandingOut):
    """One contribution. It names no person."""

    id: str
    url: str
    project: str
    kind: str
    schedule: Literal["D", "W", "S"] | None
    agreement: AgreementOut
    signer: str
    key_holder: str
    time: str
    log_index: int = Field(ge=0)
    manifest: ManifestOut
    files: list[FileOut] = Field(description="The first 512 files; `manifest_url` has them all.")
    declarations: dict[str, Any]
    tensors: TensorsOut | None
    earlier: list[EarlierOut] = Field(description="The statement names them; their own bundles prove their time.")
    bundle_url: str
    manifest_url: str
    verdict: Word
    reasons: list[ReasonOut]
    as_of: AsOfOut
    shown_to: ShownTo
    embargo_until: date | None
