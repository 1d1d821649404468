# SPDX-License-Identifier: Apache-2.0
"""A Sigstore bundle as its readers have it: the names are of its format, and what it does not know is refused."""

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Discriminator, Field, RootModel, Tag

from app.platform.bodies import Body


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
