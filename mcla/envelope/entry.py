# SPDX-License-Identifier: Apache-2.0
"""The body of a log entry, in RFC 8785 bytes: Rekor's `hashedrekord` 0.0.2, or `dsse` 0.0.1 for older clients.

It holds digests, a signature and a certificate with an opaque signer URI: nothing of the statement, no name, account
or address. The verifier builds it again from the bundle and compares every byte, so that no field needs to be read.
"""

import hashlib
from typing import Any, NamedTuple

from mcla.envelope.dsse import Envelope
from mcla.envelope.encoding import encode_base64
from mcla.statements.canonical import canonical_json

MAX_BODY_BYTES = 65_535  # C2SP tlog-tiles: a 16-bit length before each entry


class EntryKind(NamedTuple):
    """Rekor's name of a form of entry."""

    kind: str
    version: str

    def to_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "version": self.version}


HASHEDREKORD = EntryKind("hashedrekord", "0.0.2")
"""The form of every entry that is not asked for otherwise: the digest of what was signed."""
DSSE = EntryKind("dsse", "0.0.1")
"""The form that clients before 2026 read for a statement."""
KINDS = (HASHEDREKORD, DSSE)


def entry_body(payload: bytes, signature: bytes, certificate_der: bytes) -> bytes:
    """The Merkle leaf for a signed statement: DSSE `payload`, DER `signature` over its PAE, DER leaf certificate."""
    return envelope_body(Envelope(payload=payload, signature=signature), certificate_der)


def envelope_body(envelope: Envelope, certificate_der: bytes, kind: EntryKind = HASHEDREKORD) -> bytes:
    """As `entry_body`, from an envelope as it was read, in either form."""
    if kind == DSSE:
        return _written(DSSE, _dsse_spec(envelope, certificate_der))
    return digest_body(envelope.digest, envelope.signature, certificate_der)


def digest_body(digest: bytes, signature: bytes, certificate_der: bytes) -> bytes:
    """The Merkle leaf for a signature over bytes of which the SHA-256 `digest` is known, and nothing else."""
    verifier = {
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "x509Certificate": {"rawBytes": encode_base64(certificate_der)},
    }
    record = {
        "data": {"algorithm": "SHA2_256", "digest": encode_base64(digest)},
        "signature": {"content": encode_base64(signature), "verifier": verifier},
    }
    return _written(HASHEDREKORD, {"hashedRekordV002": record})


def _dsse_spec(envelope: Envelope, certificate_der: bytes) -> dict[str, Any]:
    signature = {"signature": encode_base64(envelope.signature), "verifier": encode_base64(_pem(certificate_der))}
    return {
        # No reader can check this one: what it is the digest of is JSON. It is ours over the envelope in RFC 8785 form.
        "envelopeHash": _sha256(canonical_json(envelope.to_dict())),
        "payloadHash": _sha256(envelope.payload),
        "signatures": [signature],
    }


def _written(kind: EntryKind, spec: dict[str, Any]) -> bytes:
    return canonical_json({"apiVersion": kind.version, "kind": kind.kind, "spec": spec})


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _pem(der: bytes) -> bytes:
    """RFC 7468 with lines of 64 characters, as readers of the `dsse` form write it for comparison."""
    text = encode_base64(der)
    lines = (text[start : start + 64] for start in range(0, len(text), 64))
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode()
