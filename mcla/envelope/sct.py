# SPDX-License-Identifier: Apache-2.0
"""Signed certificate timestamps (RFC 6962 section 3.2): the CT key's word on a certificate, carried inside it.

What is signed is the certificate without its SCT extension: `mcla.envelope.certificate` therefore builds it twice.
"""

import hashlib
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import certificate_transparency as ct

from mcla.envelope.encoding import refused_as
from mcla.errors import MclaError
from mcla.signer import P256Signer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_V1, _CERTIFICATE_TIMESTAMP, _PRECERT_ENTRY = 0, 0, 1
_SCT_LIST = x509.PrecertificateSignedCertificateTimestamps.oid
_SHA256, _ECDSA = 4, 3  # TLS 1.2 HashAlgorithm, SignatureAlgorithm


class SctInvalid(MclaError):
    """A certificate carries no SCT, several, or one that the trusted CT key did not sign."""

    code = "sct-invalid"
    hint = "Check that the trust file is the one of the service that made the bundle."


def key_digest(key: ec.EllipticCurvePublicKey) -> bytes:
    """SHA-256 of the key's SubjectPublicKeyInfo: a CT log's id, and how an SCT names the issuer."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).digest()


def make_sct_list(tbs: bytes, issuer_key: ec.EllipticCurvePublicKey, ct_key: P256Signer, now: datetime) -> bytes:
    """The TLS-encoded list with one SCT over `tbs` (TBSCertificate without SCT extension)."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    signature = ct_key.sign(_signed(tbs, issuer_key, milliseconds, b""))
    sct = struct.pack(">B32sQH", _V1, key_digest(ct_key.public_key()), milliseconds, 0)
    sct += struct.pack(">BBH", _SHA256, _ECDSA, len(signature)) + signature
    return struct.pack(">HH", len(sct) + 2, len(sct)) + sct


def check_sct(
    certificate: x509.Certificate, issuer_key: ec.EllipticCurvePublicKey, ct_keys: Iterable[ec.EllipticCurvePublicKey]
) -> datetime:
    """Return the SCT's time if exactly one is embedded and one of `ct_keys` signed it; raises `SctInvalid`."""
    sct = _only_sct(certificate)
    with refused_as(SctInvalid, "a certificate with an embedded SCT"):
        tbs = certificate.tbs_precertificate_bytes
    key = next((key for key in ct_keys if key_digest(key) == sct.log_id), None)
    if key is None:
        raise SctInvalid(f"expected an SCT of a CT log in the trust file, got one of {sct.log_id.hex()[:16]}...")
    _check_form(sct)
    time = _time(sct)
    milliseconds = (time - _EPOCH) // timedelta(milliseconds=1)
    try:
        key.verify(
            sct.signature, _signed(tbs, issuer_key, milliseconds, sct.extension_bytes), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature as error:
        raise SctInvalid("expected an SCT signed by the trusted CT key over this certificate") from error
    return time


def certified_at(certificate: x509.Certificate) -> datetime:
    """The time of the one embedded SCT, which `check_sct` checks; the certificate's life begins a minute earlier."""
    return _time(_only_sct(certificate))


def _only_sct(certificate: x509.Certificate) -> ct.SignedCertificateTimestamp:
    with refused_as(SctInvalid, "a certificate with an embedded SCT"):
        listed = certificate.extensions.get_extension_for_oid(_SCT_LIST).value
        scts = list(listed) if isinstance(listed, x509.PrecertificateSignedCertificateTimestamps) else []
    if len(scts) != 1:
        raise SctInvalid(f"expected exactly one SCT, got {len(scts)}")
    only: ct.SignedCertificateTimestamp = scts[0]
    return only


def _time(sct: ct.SignedCertificateTimestamp) -> datetime:
    time: datetime = sct.timestamp.replace(tzinfo=UTC)
    return time


def _check_form(sct: ct.SignedCertificateTimestamp) -> None:
    with refused_as(SctInvalid, "an SCT in ECDSA with SHA-256"):
        hash_name = sct.signature_hash_algorithm.name
        algorithm = sct.signature_algorithm
    if hash_name != "sha256" or algorithm != ct.SignatureAlgorithm.ECDSA:
        raise SctInvalid(f"expected an SCT in ECDSA with SHA-256, got {algorithm.name} with {hash_name}")


def _signed(tbs: bytes, issuer_key: ec.EllipticCurvePublicKey, milliseconds: int, extensions: bytes) -> bytes:
    head = struct.pack(">BBQH32s", _V1, _CERTIFICATE_TIMESTAMP, milliseconds, _PRECERT_ENTRY, key_digest(issuer_key))
    return head + len(tbs).to_bytes(3) + tbs + struct.pack(">H", len(extensions)) + extensions
