# SPDX-License-Identifier: Apache-2.0
"""The signing port: a key that signs, wherever it lives (memory, PKCS#11 token, cloud service).

The algorithm follows from the kind of key, so that nobody can ask for another: P-256 gives ECDSA with SHA-256 in DER
(RFC 3279 2.2.3), RSA gives PKCS#1 v1.5 with SHA-256 (RFC 8017 8.2), Ed25519 the 64 bytes of RFC 8032, ML-DSA-44 the
2,420 bytes of FIPS 204 with an empty context.
An `Ed25519PrivateKey` or `MLDSA44PrivateKey` of `cryptography` is such a signer as it is.
"""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

PublicKey_co = TypeVar("PublicKey_co", covariant=True)


class Signer(Protocol[PublicKey_co]):
    """One key pair, whose private half may be out of reach."""

    def public_key(self) -> PublicKey_co:
        """The key that verifies what `sign` gives."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """The signature over `data` itself, hashed by the algorithm of the key."""
        ...


P256Signer = Signer[EllipticCurvePublicKey]
RsaSigner = Signer[RSAPublicKey]
Ed25519Signer = Signer[Ed25519PublicKey]
MlDsaSigner = Signer[MLDSA44PublicKey]


@dataclass(frozen=True, slots=True)
class P256Key:
    """A P-256 key in memory."""

    private: EllipticCurvePrivateKey

    def public_key(self) -> EllipticCurvePublicKey:
        return self.private.public_key()

    def sign(self, data: bytes, /) -> bytes:
        return self.private.sign(data, ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA key in memory."""

    private: RSAPrivateKey

    def public_key(self) -> RSAPublicKey:
        return self.private.public_key()

    def sign(self, data: bytes, /) -> bytes:
        return self.private.sign(data, PKCS1v15(), hashes.SHA256())
