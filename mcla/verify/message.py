# SPDX-License-Identifier: Apache-2.0
"""What a verdict says of a signature over one file (a Sigstore message signature): whose it is, and nothing more."""

from typing import Any

from mcla.artifacts.digest import PREFIX, check_sha256, format_digest
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import MessageSignature
from mcla.verify.artifact import ArtifactMismatch
from mcla.verify.verdict import Reason

NO_CONTRIBUTION = Reason(
    "file-signature-is-no-contribution",
    "A signature over a file names no agreement, project or declaration: it proves who signed these bytes and when, "
    "not that they were given under an agreement.",
    "To give it to a project, its signer runs `mcla sign PATH --from-bundle BUNDLE`, or chooses it on My signatures.",
)


def check_file(target: str | Manifest, signed: MessageSignature) -> str:
    """Return the digest if `target` (64 hex digits, `sha256:` and them, or a manifest of one file) is the signed file.

    Raises `ArtifactMismatch`.
    """
    if isinstance(target, Manifest):
        if len(target.files) != 1:
            raise ArtifactMismatch(f"expected the one signed file, got {len(target.files)} files")
        return check_file(target.files[0].sha256, signed)
    digest = check_sha256(target.removeprefix(PREFIX))
    if digest != signed.sha256:
        raise ArtifactMismatch(f"expected the signed file {format_digest(signed.sha256)}, got sha256:{digest}")
    return format_digest(digest)


def said_of(signed: MessageSignature) -> dict[str, Any]:
    """The signed file in a verdict."""
    return {"type": "file-signature", "sha256": signed.sha256}


def reasons_of(signed: MessageSignature, signer: str, at: str) -> tuple[Reason, ...]:
    """Why the proof of a signature over a file holds, and what it leaves open."""
    told = f"{signer} signed one file, {format_digest(signed.sha256)}, on {at}; every step of the proof holds."
    return (Reason("signed-file", told), NO_CONTRIBUTION)
