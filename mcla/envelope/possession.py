# SPDX-License-Identifier: Apache-2.0
"""Proof of possession: a key is certified only for who can sign with it, for this one signing and this statement.

The message names signing and statement, so that a proof cannot be carried to another. Keys are P-256 (FIPS 186-5) only,
because that is what every stock verifier of the bundles reads.
"""

from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.artifacts.digest import check_sha256
from mcla.envelope.encoding import EncodingInvalid, check_p256_signature, refused_as
from mcla.errors import MclaError

_HEADER = "mcla-possession/v1"
_HINT = "Make a fresh ECDSA P-256 key and sign the possession message of this signing with it (SHA-256, DER)."
MAX_KEY_BYTES = 1024  # a P-256 key takes 91; enough to name the type of most others


class PossessionRefused(MclaError):
    """A key cannot be certified."""

    code: ClassVar[str] = "possession-refused"
    hint = _HINT


class KeyMalformed(PossessionRefused):
    """The public key is not one well-formed SubjectPublicKeyInfo (RFC 5280) with its point on the curve."""

    code = "key-malformed"


class KeyTypeRefused(PossessionRefused):
    """The public key is sound but not ECDSA P-256."""

    code = "key-type-refused"


class ProofMalformed(PossessionRefused):
    """The proof is not a DER ECDSA signature."""

    code = "proof-malformed"


class ProofByOtherKey(PossessionRefused):
    """The proof was not made by this key over this message."""

    code = "proof-by-other-key"


def possession_message(signing_id: str, statement_sha256: str) -> bytes:
    """The bytes to sign: three ASCII lines, the last one ending in a newline too."""
    if not signing_id.isascii() or not signing_id.replace("_", "").replace("-", "").isalnum():
        raise PossessionRefused("expected a signing id of letters, digits, '_' and '-'")
    return f"{_HEADER}\n{signing_id}\n{check_sha256(statement_sha256)}\n".encode("ascii")


def check_possession(spki_der: bytes, proof_der: bytes, message: bytes) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key in `spki_der` if `proof_der` is its signature over `message`; raises `PossessionRefused`."""
    key = read_p256_key(spki_der)
    try:
        check_p256_signature(proof_der, "the proof")
    except EncodingInvalid as error:
        raise ProofMalformed(error.message) from error
    try:
        key.verify(proof_der, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ProofByOtherKey("expected a proof by this key over this signing, got one that does not fit") from error
    return key


def read_p256_key(spki_der: bytes) -> ec.EllipticCurvePublicKey:
    """Read a P-256 public key; raises `KeyMalformed` or `KeyTypeRefused`."""
    if len(spki_der) > MAX_KEY_BYTES:
        raise KeyMalformed(f"expected a public key of at most {MAX_KEY_BYTES} bytes, got {len(spki_der)}")
    with refused_as(KeyMalformed, "a public key as DER SubjectPublicKeyInfo"):
        key = serialization.load_der_public_key(spki_der)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyTypeRefused(f"expected an ECDSA P-256 key, got {_kind(key)}")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_bytes(serialization.Encoding.DER, form) != spki_der:
        raise KeyMalformed("expected the key in its one DER form with an uncompressed point, got another")
    return key


def _kind(key: object) -> str:
    return f"ECDSA on {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__
