# SPDX-License-Identifier: Apache-2.0
"""The body of a log entry: Rekor's `hashedrekord` 0.0.2 over the digest of the PAE, in RFC 8785 bytes.

It holds a digest, a signature and a certificate with an opaque signer URI: nothing of the statement, no name, account
or address. The verifier builds it again from the bundle and compares every byte, so that no field needs to be read.
"""

from mcla.envelope.dsse import Envelope
from mcla.envelope.encoding import encode_base64
from mcla.statements.canonical import canonical_json

KIND = "hashedrekord"
VERSION = "0.0.2"
MAX_BODY_BYTES = 65_535  # C2SP tlog-tiles: a 16-bit length before each entry


def entry_body(payload: bytes, signature: bytes, certificate_der: bytes) -> bytes:
    """The Merkle leaf for a signed statement: DSSE `payload`, DER `signature` over its PAE, DER leaf certificate."""
    return envelope_body(Envelope(payload=payload, signature=signature), certificate_der)


def envelope_body(envelope: Envelope, certificate_der: bytes) -> bytes:
    """As `entry_body`, from an envelope as it was read."""
    verifier = {
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "x509Certificate": {"rawBytes": encode_base64(certificate_der)},
    }
    record = {
        "data": {"algorithm": "SHA2_256", "digest": encode_base64(envelope.digest)},
        "signature": {"content": encode_base64(envelope.signature), "verifier": verifier},
    }
    return canonical_json({"apiVersion": VERSION, "kind": KIND, "spec": {"hashedRekordV002": record}})
