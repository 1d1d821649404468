# SPDX-License-Identifier: Apache-2.0
"""JSON of the public API about artifacts and contributions. Field names are a contract with outside scripts."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.platform.bodies import Answer, Body

DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATTERN = r"^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, Field(pattern=PATTERN, examples=[DIGEST])]
Word = Literal["verified", "not-verified", "unknown"]


class DigestPath(BaseModel):
    """The digest in a path. The pattern is for readers; the operation itself says in words what is wrong."""

    digest: str = Field(json_schema_extra={"pattern": PATTERN}, examples=[DIGEST])


class DigestsIn(Body):
    """Digests to be looked up together."""

    max_bytes: ClassVar[int] = 256 * 1024

    digests: list[Digest] = Field(min_length=1, max_length=1000)


class BundleIn(Body):
    """A Sigstore bundle v0.3. Anything else is answered with the verdict `not-verified` and the reason."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    max_bytes: ClassVar[int] = 4 * 1024 * 1024
    max_depth: ClassVar[int] = 32


class ReasonOut(Answer):
    """Why: a stable code, a sentence, and what to do next where there is something to do."""

    code: str
    message: str
    hint: str = ""


class AgreementOut(Answer):
    """The agreement version that a contribution was made under; `digest` is bare hex."""

    slug: str
    version: str
    digest: str


class AsOfOut(Answer):
    """The state of the log that the answer was given against."""

    log_size: int = Field(ge=0)
    time: datetime


class CoveringOut(Answer):
    """One contribution that lists the digest, as its verified statement says it."""

    id: str
    agreement: AgreementOut
    kind: str
    project: str
    signer: str = Field(description="An opaque URI: it names no person.")
    time: str
    log_index: int = Field(ge=0)
    key_holder: str
    state: Literal["in-force"]
    path: str = Field(description="The file's name in the contribution; `mcla:manifest` for the root of all its files.")
    bundle_url: str
    verdict: Word
    reasons: list[ReasonOut]


class ArtifactOut(Answer):
    """What is known of one digest."""

    digest: Digest
    verdict: Word
    reasons: list[ReasonOut]
    contributions: list[CoveringOut]
    more: bool = Field(description="True if further contributions list the digest than are named here.")
    as_of: AsOfOut


class ArtifactsOut(Answer):
    """One result for each digest, in the order asked."""

    results: list[ArtifactOut]
    as_of: AsOfOut


class FileOut(Answer):
    """One file of a contribution."""

    path: str
    sha256: str
    size: int = Field(ge=0)


class ManifestOut(Answer):
    """The files of a contribution, as far as one answer names them; `files_url` has them all."""

    root: str
    files: int = Field(ge=1)
    bytes: int = Field(ge=0)


class ContributionOut(Answer):
    """One contribution. It is public and names no person."""

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
    state: Literal["in-force"]
    manifest: ManifestOut
    files: list[FileOut] = Field(description="The first 512 files; `manifest_url` has them all.")
    declarations: dict[str, Any]
    bundle_url: str
    manifest_url: str
    verdict: Word
    reasons: list[ReasonOut]
    as_of: AsOfOut


class StepOut(Answer):
    """One check of the verifier."""

    name: str
    outcome: Literal["yes", "no", "not-checked"]
    detail: str


class IndependentOut(Answer):
    """What did not rest on the service's own word."""

    witnesses: int
    timestamp: bool
    sentence: str


class SeenCheckpointOut(Answer):
    """The log's head inside the bundle."""

    origin: str
    size: int
    root: str


class VerdictOut(Answer):
    """The whole answer of the verifier, as `mcla verify --json` prints it."""

    verdict: Word
    reasons: list[ReasonOut]
    steps: list[StepOut]
    statement: dict[str, Any] | None
    independent: IndependentOut
    checkpoint: SeenCheckpointOut | None
