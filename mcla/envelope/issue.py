# SPDX-License-Identifier: Apache-2.0
"""Certificates through the signing port: what is to be certified is built here, the signature comes from elsewhere.

`cryptography` builds and signs in one step, with a key in memory. A key that is used for nothing else takes that step;
then its signature is replaced by the one of the real key over the same bytes (RFC 5280 4.1).
"""

from functools import cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.envelope.tsp import ID_ECDSA_SHA256, AlgorithmIdentifier, any_element
from mcla.errors import MclaError
from mcla.signer import P256Signer


class IssuingFailed(MclaError):
    """The key that should sign a certificate gave a signature that does not fit it."""

    code = "issuing-failed"
    hint = "Run `mcla-server doctor`: it tries every key."


@asn1.sequence
class _Certificate:
    tbs: asn1.TLV
    algorithm: AlgorithmIdentifier
    signature: asn1.BitString


def to_be_signed(builder: x509.CertificateBuilder) -> bytes:
    """The TBSCertificate (DER) of a certificate that a P-256 key will sign with SHA-256."""
    return builder.sign(_stand_in(), hashes.SHA256()).tbs_certificate_bytes


def sign_certificate(builder: x509.CertificateBuilder, key: P256Signer) -> x509.Certificate:
    """The certificate that `builder` describes, signed by `key`; raises `IssuingFailed`, or what `key` raises."""
    tbs = to_be_signed(builder)
    signature = key.sign(tbs)
    try:
        key.public_key().verify(signature, tbs, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise IssuingFailed("expected a signature by the certifying key, got one that does not verify") from error
    algorithm = AlgorithmIdentifier(algorithm=ID_ECDSA_SHA256)
    parts = _Certificate(tbs=any_element(tbs), algorithm=algorithm, signature=asn1.BitString(signature, 0))
    return x509.load_der_x509_certificate(asn1.encode_der(parts))


@cache
def _stand_in() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
