# SPDX-License-Identifier: Apache-2.0
"""Base64 (RFC 4648 section 4) and DER read so that one value has one spelling.

A second spelling of the same bytes lets two bundles differ and mean the same, or be read differently by two programs.
"""

import binascii
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from mcla.errors import MclaError

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MAX_SIGNATURE_BYTES = 72


class EncodingInvalid(MclaError):
    """A value is not in its one spelling (base64 with padding, DER)."""

    code = "encoding-invalid"
    hint = "Use the value exactly as it was made; url-safe base64, missing padding and line breaks are not accepted."


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded, one line."""
    return binascii.b2a_base64(data, newline=False).decode()


@lru_cache(maxsize=256)
def der_of(certificate: x509.Certificate) -> bytes:
    """The certificate's DER bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)


@lru_cache(maxsize=256)
def key_of(certificate: x509.Certificate) -> CertificatePublicKeyTypes:
    """The public key that a certificate of a trust file certifies: decoding it costs a tenth of a signature check."""
    return certificate.public_key()


def decode_base64(text: object, what: str) -> bytes:
    """Decode standard, padded base64 whose spare bits are zero; raises `EncodingInvalid` naming `what`."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True) if isinstance(text, str) else None
    except ValueError as error:
        raise EncodingInvalid(f"expected {what} in base64: {error}") from error
    if data is None or encode_base64(data) != text:
        raise EncodingInvalid(f"expected {what} in base64 (standard alphabet, padded), got another spelling")
    return data


def check_p256_signature(der: bytes, what: str) -> None:
    """Refuse an ECDSA signature that is not strict DER with r and s within 1..n-1; raises `EncodingInvalid`.

    Both halves of s are allowed: WebCrypto and OpenSSL make either. That a signature has a twin does no harm here,
    because timestamp and log entry bind the very bytes (docs/adr/0010).
    """
    try:
        r, s = decode_dss_signature(der)
        exact = len(der) <= MAX_SIGNATURE_BYTES and encode_dss_signature(r, s) == der
    except (ValueError, OverflowError) as error:
        raise EncodingInvalid(f"expected {what} as a DER ECDSA signature") from error
    if not exact or not 0 < r < P256_ORDER or not 0 < s < P256_ORDER:
        raise EncodingInvalid(f"expected {what} as a DER ECDSA signature with both numbers in the range of P-256")


class refused_as:  # noqa: N801 - it is read as a clause: with refused_as(Error, "a certificate")
    """Turn what `cryptography` raises on malformed input into `error_type("expected ...")`."""

    __slots__ = ("_error_type", "_expected")

    def __init__(self, error_type: type[MclaError], expected: str) -> None:
        self._error_type, self._expected = error_type, expected

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, _MALFORMED):
            raise self._error_type(f"expected {self._expected}{_why(error)}") from error


_MALFORMED = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    InvalidSignature,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def _why(error: Exception) -> str:
    first = str(error).splitlines()[0] if str(error) else ""
    return f" ({first[:120]})" if first else ""
