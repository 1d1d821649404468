# SPDX-License-Identifier: Apache-2.0
"""The request bodies of stock clients, read from strict JSON: members that are not known here are passed over, as
these protocols grow; what is used is checked. Shapes: Fulcio v2 `CreateSigningCertificateRequest`, Rekor v2
`CreateEntryRequest`, and the JSON that stands in for an RFC 3161 request.
"""

from dataclasses import dataclass
from typing import Any

from app.sigstore.certifying import Possession
from app.sigstore.entries import Signed
from app.sigstore.errors import SigstoreError, StampRefused
from mcla.envelope.dsse import PAYLOAD_TYPE, parse_envelope
from mcla.envelope.encoding import EncodingInvalid, decode_base64
from mcla.errors import MclaError

MAX_REQUEST = 64 * 1024
MAX_ENTRY_REQUEST = 4 * 1024 * 1024
_P256 = "PKIX_ECDSA_P256_SHA_256"
Refusal = type[SigstoreError]


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A proof of a key, and the ID token where it came in the body."""

    possession: Possession
    token: str | None


def read_certificate_request(value: object, refusal: Refusal) -> CertificateRequest:
    """Read a request for a certificate; raises `refusal`."""
    body = _object(value, "the request", refusal)
    token = _object(body.get("credentials") or {}, "credentials", refusal).get("oidcIdentityToken")
    if not isinstance(token, str | None):
        raise refusal("expected oidcIdentityToken as text")
    if "certificateSigningRequest" in body:
        request = _bytes(body["certificateSigningRequest"], "certificateSigningRequest", refusal)
        return CertificateRequest(Possession(request=request), token)
    asked = _object(body.get("publicKeyRequest"), "publicKeyRequest, or certificateSigningRequest", refusal)
    content = _object(asked.get("publicKey"), "publicKey", refusal).get("content")
    if not isinstance(content, str) or not content.isascii():
        raise refusal("expected the public key as PEM text")
    proof = _bytes(asked.get("proofOfPossession"), "proofOfPossession", refusal)
    return CertificateRequest(Possession(spki=content.encode(), proof=proof), token)


def read_stamp_wish(value: object) -> bytes:
    """The SHA-256 digest in the JSON form of a timestamp request; raises `StampRefused`."""
    body = _object(value, "the request", StampRefused)
    if body.get("hashAlgorithm") != "sha256":
        raise StampRefused("expected hashAlgorithm sha256")
    return _digest(body.get("artifactHash"), "artifactHash", StampRefused)


def read_entry(value: object, refusal: Refusal) -> Signed:
    """A signature to be logged; raises `refusal`.

    An envelope (`dsseRequestV002`, which newer servers no longer take) counts as a signature over its PAE.
    """
    body = _object(value, "the request", refusal)
    if "dsseRequestV002" in body:
        return _from_envelope(_object(body["dsseRequestV002"], "dsseRequestV002", refusal), refusal)
    record = _object(body.get("hashedRekordRequestV002"), "hashedRekordRequestV002", refusal)
    signature = _object(record.get("signature"), "signature", refusal)
    return Signed(
        _digest(record.get("digest"), "digest", refusal),
        _bytes(signature.get("content"), "the signature", refusal),
        _certificate(signature.get("verifier"), refusal),
    )


def _from_envelope(asked: dict[str, Any], refusal: Refusal) -> Signed:
    verifiers = asked.get("verifiers")
    if not isinstance(verifiers, list) or len(verifiers) != 1:
        raise refusal("expected exactly one verifier, the certificate")
    try:
        envelope = parse_envelope(asked.get("envelope"))
    except MclaError as error:
        raise refusal(f"The envelope cannot be read: {error.message}.") from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise refusal(f"expected an envelope of type {PAYLOAD_TYPE}")
    return Signed(envelope.digest, envelope.signature, _certificate(verifiers[0], refusal))


def _certificate(value: object, refusal: Refusal) -> bytes:
    verifier = _object(value, "the verifier", refusal)
    if verifier.get("keyDetails") != _P256:
        raise refusal(f"expected a key of the kind {_P256}")
    certificate = _object(verifier.get("x509Certificate"), "x509Certificate", refusal)
    return _bytes(certificate.get("rawBytes"), "the certificate", refusal)


def _object(value: object, what: str, refusal: Refusal) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refusal(f"expected {what} as an object")
    return value


def _digest(value: object, what: str, refusal: Refusal) -> bytes:
    digest = _bytes(value, what, refusal)
    if len(digest) != 32:
        raise refusal(f"expected {what} of 32 bytes (SHA-256), got {len(digest)}")
    return digest


def _bytes(value: object, what: str, refusal: Refusal) -> bytes:
    try:
        return decode_base64(value, what)
    except EncodingInvalid as error:
        raise refusal(error.message) from error
