# SPDX-License-Identifier: Apache-2.0
"""The foundation's seal on a PDF: PAdES (ETSI EN 319 142-1) in one revision, invisible field, no change allowed.

A visible stamp would break PDF/A; what a reader should see stands on the certificate page. The document key
signs through the port, wherever it lives.
"""

import io
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, PreSignValidationStatus, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.platform.keys.values import SealAuthority
from app.records.errors import SealFailed
from mcla.records.loop import run
from mcla.records.seal import to_asn1

FIELD = "FoundationSeal"
SPARE, MUCH_SPARE = 64, 2048
"""Bytes by which the timestamp may be longer than the one by which the seal's size is reckoned; if it is, much more."""


class DocumentSigner(Signer):
    """Signs with the document key of the service; the root stays out of the file, as readers must have it anyway."""

    def __init__(self, authority: SealAuthority) -> None:
        # The leaf is put in by the library. A second copy would let anybody change one of the two unnoticed.
        between = [to_asn1(certificate) for certificate in authority.chain[1:-1]]
        chain = SimpleCertificateStore.from_certs(between)  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=to_asn1(authority.certificate), cert_registry=chain, embed_roots=False)
        self._key = authority.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The key's signature over `data`, in the form that the certificate's kind of key gives it."""
        if digest_algorithm != "sha256":
            raise SealFailed(f"expected SHA-256 as the digest of a seal, got {digest_algorithm}")
        return bytes(_signature_size(self._key.public_key())) if dry_run else self._key.sign(data)


class _TimedSigner(PdfSigner):
    """A PdfSigner whose signing time is handed in instead of read from the machine."""

    def __init__(
        self, meta: PdfSignatureMetadata, signer: Signer, now: datetime, stamper: TimeStamper | None = None
    ) -> None:
        super().__init__(meta, signer=signer, timestamper=stamper)
        self._now = now

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._now
        return session


class _AddingWriter(IncrementalPdfFileWriter):
    """A writer that adds the seal alone: the library's own also rewrites the metadata, with the machine's time."""

    def _update_meta(self) -> None:
        return


def seal(
    pdf: bytes,
    authority: SealAuthority,
    now: datetime,
    *,
    foundation: str = "",
    stamper: TimeStamper | None = None,
    revocation: ValidationContext | None = None,
) -> bytes:
    """`pdf` with the seal added as one incremental revision: B-B, with a `stamper` B-T, with `revocation` too B-LT.

    Raises `SealFailed` saying what the key or file lacks.
    """
    end = authority.certificate.not_valid_after_utc
    if not authority.certificate.not_valid_before_utc <= now <= end:
        raise SealFailed(
            f"the document certificate is not valid at {now:%Y-%m-%d %H:%M} UTC (it ends on {end:%Y-%m-%d})"
        )
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason="Record sealed",
        name=foundation or None,
        embed_validation_info=revocation is not None,
        validation_context=revocation,
        dss_settings=DSSContentSettings(placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE, include_vri=False),
    )
    signer = _TimedSigner(meta, DocumentSigner(authority), now, stamper)
    try:
        sealed = run(_sealed(signer, pdf))
    except SealFailed:
        raise
    except Exception as error:  # the library's many errors become one that names its cause
        raise SealFailed(f"the seal could not be made: {type(error).__name__}: {error}") from error
    return sealed


class _TooLong(Exception):
    """The seal takes more room than was reserved for it."""


async def _sealed(signer: PdfSigner, pdf: bytes) -> bytes:
    try:
        return await _sealed_within(signer, pdf, SPARE)
    except _TooLong:  # as of an authority whose servers have certificates of different lengths
        return await _sealed_within(signer, pdf, MUCH_SPARE)


async def _sealed_within(signer: PdfSigner, pdf: bytes, spare: int) -> bytes:
    """Sealed in the room that a seal over nothing takes, and `spare` bytes: each that is not used stays as two zeros.

    The timestamp over nothing is one that the library asks for once anyway, where it looks at its chain.
    """
    session = signer.init_signing_session(_AddingWriter(io.BytesIO(pdf)))
    found = await session.perform_presign_validation()
    reserved = await session.estimate_signature_container_size(found, tight=True) + 2 * spare
    prepared = session.prepare_tbs_document(found and _without(found, await _held(signer)), reserved)
    digest, out = prepared.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(signing_time=session.system_time)
    try:
        done = await prepared.perform_signature(digest.document_digest, attributes)
    except SigningError as error:
        raise _TooLong(str(error)) from error
    await done.post_signature_processing(out)
    out.seek(0)
    return bytes(out.read())


async def _held(signer: Any) -> frozenset[bytes]:
    """The certificates in the seal itself and in its timestamp."""
    held = {one.dump() for one in (signer.signer.signing_cert, *signer.signer.cert_registry)}
    if signer.default_timestamper is not None:
        token = await signer.default_timestamper.async_dummy_response("sha256")
        held |= {one.chosen.dump() for one in token["content"]["certificates"]}
    return frozenset(held)


def _without(found: PreSignValidationStatus, held: Collection[bytes]) -> PreSignValidationStatus:
    """What goes into the file's store beside the seal: nothing twice (ETSI EN 319 142-1, 6.3, on certificates).

    The first of each path is its root, which the library leaves out.
    """
    paths: Any = [
        [root, *(one for one in others if one.dump() not in held)] for root, *others in found.validation_paths
    ]
    return replace(found, validation_paths=paths)


def _signature_size(key: EllipticCurvePublicKey | RSAPublicKey) -> int:
    """The most bytes that a signature by this key takes: of P-256 in DER, of RSA as long as its modulus."""
    return key.key_size // 8 if isinstance(key, RSAPublicKey) else 72
