# SPDX-License-Identifier: Apache-2.0
"""The foundation's seal on a PDF: PAdES (ETSI EN 319 142-1) in one revision, invisible field, no change allowed.

A visible stamp would break PDF/A; what a reader should see stands on the certificate page. The document key
signs through the port, wherever it lives.
"""

import io
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.platform.keys.values import SealAuthority
from app.records.errors import SealFailed
from mcla.records.loop import run
from mcla.records.seal import to_asn1

FIELD = "FoundationSeal"
CMS_BYTES, TOKEN_SPARE = 960, 256
"""Of a CMS without certificates, signature and timestamp, with room to spare; and how timestamps differ in size."""


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
    try:
        writer = _AddingWriter(io.BytesIO(pdf))
        signer = _TimedSigner(meta, DocumentSigner(authority), now, stamper)
        sealed = run(_sealed(signer, writer, authority, stamper))
    except SealFailed:
        raise
    except Exception as error:  # the library's many errors become one that names its cause
        raise SealFailed(f"the seal could not be made: {type(error).__name__}: {error}") from error
    return bytes(sealed.getvalue())


async def _sealed(signer: PdfSigner, writer: Any, authority: SealAuthority, stamper: TimeStamper | None) -> Any:
    return await signer.async_sign_pdf(writer, bytes_reserved=await _reserved(authority, stamper))


async def _reserved(authority: SealAuthority, stamper: TimeStamper | None) -> int:
    """The hexadecimal digits that the seal may take: reckoned, as every one too many stays in the file as a zero.

    The timestamp is measured on one over nothing, which the library asks for once anyway where it looks at its chain.
    """
    certificates = sum(len(each.public_bytes(Encoding.DER)) for each in authority.chain[:-1])
    signature = _signature_size(authority.key.public_key())
    token = len((await stamper.async_dummy_response("sha256")).dump()) + TOKEN_SPARE if stamper else 0
    return 2 * (CMS_BYTES + certificates + signature + token)


def _signature_size(key: EllipticCurvePublicKey | RSAPublicKey) -> int:
    """The most bytes that a signature by this key takes: of P-256 in DER, of RSA as long as its modulus."""
    return key.key_size // 8 if isinstance(key, RSAPublicKey) else 72
