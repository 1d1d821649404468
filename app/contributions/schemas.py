# SPDX-License-Identifier: Apache-2.0
"""JSON of the public API about artifacts and contributions. Field names are a contract with outside scripts."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, Tag

from app.platform.bodies import Answer, Body
from mcla.artifacts import tensor_list
from mcla.statements.parts import DeclineReason
from mcla.verify.standing import State

DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATTERN = r"^(sha256:)?[0-9a-f]{64}$"
Asked = Annotated[str, Field(pattern=PATTERN, examples=[DIGEST], description="With or without sha256: before it.")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", examples=[DIGEST])]
Word = Literal["verified", "not-verified", "unknown"]


class DigestPath(BaseModel):
    """The digest in a path. The pattern is for readers; the operation itself says in words what is wrong."""

    digest: str = Field(json_schema_extra={"pattern": PATTERN}, examples=[DIGEST])


class DigestsIn(Body):
    """Digests to be looked up together."""

    max_bytes: ClassVar[int] = 256 * 1024

    digests: list[Asked] = Field(min_length=1, max_length=1000)


class TensorIn(Body):
    """One tensor, as `mcla tensors --json` tells it; `size` in bytes, `sha256` of its content with type and shape."""

    name: str = Field(max_length=tensor_list.MAX_NAME)
    dtype: str = Field(pattern=r"^[A-Za-z0-9_]{1,24}$", examples=["BF16"])
    shape: list[Annotated[int, Field(ge=0, le=2**53 - 1)]] = Field(max_length=tensor_list.MAX_DIMENSIONS)
    size: int = Field(ge=0, le=2**53 - 1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class TensorListIn(Body):
    """The tensors of a contribution, all of them."""

    max_bytes: ClassVar[int] = tensor_list.MAX_BYTES
    max_values: ClassVar[int] = tensor_list.MAX_VALUES

    tensors: list[TensorIn] = Field(min_length=1, max_length=tensor_list.MAX_LISTED)

    @classmethod
    def read(cls, value: object) -> Any:
        """A `TensorSet`; raises `TensorsInvalid`."""
        return tensor_list.read_tensor_list(value)


class TensorListOut(Answer):
    """What became of it."""

    findable: int = Field(ge=1, description="Contents that can be found by their digest: the largest, each once.")


TENSORS_EXAMPLE: dict[str, Any] = {
    "tensors": [
        {"name": "lm_head.weight", "dtype": "BF16", "shape": [32000, 64], "size": 4_096_000, "sha256": "a" * 64}
    ]
}


class RawBytesIn(Body):
    """Base64 of DER."""

    rawBytes: str  # noqa: N815 (names of the Sigstore bundle format)


class KeyIdIn(Body):
    """The log's key id, base64."""

    keyId: str  # noqa: N815


class KindVersionIn(Body):
    """The kind of log entry: hashedrekord 0.0.2."""

    kind: str
    version: str


class CheckpointIn(Body):
    """The signed head of the log, as a note."""

    envelope: str


class InclusionProofIn(Body):
    """How the entry leads to the head."""

    logIndex: str  # noqa: N815
    rootHash: str  # noqa: N815
    treeSize: str  # noqa: N815
    hashes: list[str] = Field(max_length=64)
    checkpoint: CheckpointIn


class LogEntryIn(Body):
    """The entry in the log."""

    logIndex: str  # noqa: N815
    logId: KeyIdIn  # noqa: N815
    kindVersion: KindVersionIn  # noqa: N815
    inclusionProof: InclusionProofIn  # noqa: N815
    canonicalizedBody: str  # noqa: N815


class StampIn(Body):
    """An RFC 3161 timestamp, base64."""

    signedTimestamp: str  # noqa: N815


class StampsIn(Body):
    """The timestamps over the signature."""

    rfc3161Timestamps: list[StampIn] = Field(max_length=32)  # noqa: N815


class MaterialIn(Body):
    """What proves the signature."""

    certificate: RawBytesIn
    tlogEntries: list[LogEntryIn] = Field(max_length=32)  # noqa: N815
    timestampVerificationData: StampsIn  # noqa: N815


class SignatureIn(Body):
    """One DSSE signature, base64 of DER."""

    sig: str
    keyid: str = ""


class EnvelopeIn(Body):
    """The DSSE envelope around the statement."""

    payload: str
    payloadType: str  # noqa: N815
    signatures: list[SignatureIn] = Field(max_length=32)


class MessageDigestIn(Body):
    """The digest of a signed file: SHA2_256."""

    algorithm: str
    digest: str


class MessageIn(Body):
    """A signature over a file."""

    messageDigest: MessageDigestIn  # noqa: N815
    signature: str


class StatementBundleIn(Body):
    """A Sigstore bundle v0.3 with a DSSE envelope, exactly as it was downloaded."""

    mediaType: str = Field(examples=["application/vnd.dev.sigstore.bundle.v0.3+json"])  # noqa: N815
    verificationMaterial: MaterialIn  # noqa: N815
    dsseEnvelope: EnvelopeIn  # noqa: N815


class FileBundleIn(Body):
    """A Sigstore bundle v0.3 with a signature over one file."""

    mediaType: str = Field(examples=["application/vnd.dev.sigstore.bundle.v0.3+json"])  # noqa: N815
    verificationMaterial: MaterialIn  # noqa: N815
    messageSignature: MessageIn  # noqa: N815


def _which_bundle(value: object) -> str:
    return "file" if isinstance(value, dict) and "messageSignature" in value else "statement"


EitherBundle = Annotated[StatementBundleIn, Tag("statement")] | Annotated[FileBundleIn, Tag("file")]


class BundleIn(RootModel[Annotated[EitherBundle, Discriminator(_which_bundle)]], Body):
    """A Sigstore bundle v0.3, exactly as it was downloaded."""

    model_config = ConfigDict(extra=None, strict=True, frozen=True)

    max_bytes: ClassVar[int] = 4 * 1024 * 1024


class ReasonOut(Answer):
    """Why: a stable code, a sentence, and what to do next where there is something to do."""

    code: str
    message: str
    hint: str = ""


class AgreementOut(Answer):
    """The agreement version that a contribution was made under."""

    slug: str
    version: str
    digest: Literal[""] | Digest = Field(description="Empty where the proof cannot be read.")


class AsOfOut(Answer):
    """The state of the log that the answer was given against."""

    log_size: int = Field(ge=0)
    time: datetime


class SinceOut(Answer):
    """The withdrawal that ended it: its place in the log, and its time."""

    log_index: int = Field(ge=0)
    time: datetime


class StandingOut(Answer):
    """Whether it is in force. `valid_then`, `valid_now`: null where that is not known."""

    state: State = Field(description="As of the log's size in `as_of`, by the order of the log.")
    since: SinceOut | None
    valid_then: bool | None
    valid_now: bool | None


ShownTo = Annotated[
    Literal["everybody", "signers", "named"],
    Field(description="Who may see the contribution now: everybody, people bound by an agreement with the "
          "foundation, or named people alone. Its giver and those who handle reports always may."),
]  # fmt: skip


class OfferOut(Answer):
    """What was given under an agreement for these files alone: it counts from its counter-signature on, if that comes
    by `until`."""

    until: datetime
    answer: Literal["counter-signed", "declined"] | None = Field(
        description="Null while the foundation has not answered."
    )
    reason: DeclineReason | None = Field(description="Why it was declined.")
    answered: SinceOut | None = Field(description="The answer's place in the log, and its time.")
    answer_url: str | None = Field(description="The bundle of the answer; it verifies without this service.")


class CoveringOut(StandingOut):
    """One contribution that lists the digest, as its verified statement says it."""

    id: str
    agreement: AgreementOut
    kind: str
    project: str
    signer: str = Field(description="An opaque URI: it names no person.")
    time: str
    log_index: int = Field(ge=0)
    key_holder: str
    path: str = Field(
        description="The file's name in the contribution; `mcla:manifest` for the root of all its files; `mcla:hidden` "
        "while the contribution is not public."
    )
    shown_to: ShownTo
    embargo_until: date | None
    offer: OfferOut | None = Field(description="Null for what needs no counter-signature.")
    bundle_url: str
    verdict: Word
    reasons: list[ReasonOut]


class ArtifactOut(Answer):
    """What is known of one digest."""

    digest: Digest
    verdict: Word
    state: State = Field(
        description="in-force if one of the proven contributions is, else that of the one that speaks for it."
    )
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


class StepOut(Answer):
    """One check of the verifier."""

    name: str
    outcome: Literal["yes", "no", "not-checked"]
    detail: str


class IndependentOut(Answer):
    """What did not rest on the service's own word."""

    witnesses: int
    seen_by: list[str]
    timestamp: bool
    sentence: str


class SeenCheckpointOut(Answer):
    """The log's head inside the bundle."""

    origin: str
    size: int
    root: str


class WithdrawalOut(StandingOut):
    """Whether it was ended since, as far as this service's log goes."""

    code: str
    sentence: str
    as_of: AsOfOut | None
    stale: bool


class VerdictOut(Answer):
    """The whole answer of the verifier, as `mcla verify --json` prints it."""

    verdict: Word
    reasons: list[ReasonOut]
    steps: list[StepOut]
    statement: dict[str, Any] | None
    independent: IndependentOut
    checkpoint: SeenCheckpointOut | None
    withdrawal: WithdrawalOut
