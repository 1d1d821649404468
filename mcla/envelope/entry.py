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
        spec = _dsse_spec(envelope, certificate_der)
        return canonical_json({"apiVersion": DSSE.version, "kind": DSSE.kind, "spec": spec})
    return digest_body(envelope.digest, envelope.signature, certificate_der)


def digest_body(digest: bytes, signature: bytes, certificate_der: bytes) -> bytes:
    """The Merkle leaf for a signature over bytes of which the SHA-256 `digest` is known, and nothing else."""
    values = (encode_base64(digest), encode_base64(signature), encode_base64(certificate_der))
    return (_RECORD % values).encode()


_RECORD = (  # as RFC 8785 writes it: members in order, no spaces; base64 has nothing to escape
    '{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{'
    '"data":{"algorithm":"SHA2_256","digest":"%s"},"signature":{"content":"%s",'
    '"verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":"%s"}}}}}}'
)


def _dsse_spec(envelope: Envelope, certificate_der: bytes) -> dict[str, Any]:
    signature = {"signature": encode_base64(envelope.signature), "verifier": encode_base64(_pem(certificate_der))}
    return {
        # No reader can check this one: what it is the digest of is JSON. It is ours over the envelope in RFC 8785 form.
        "envelopeHash": _sha256(canonical_json(envelope.to_dict())),
        "payloadHash": _sha256(envelope.payload),
        "signatures": [signature],
    }


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _pem(der: bytes) -> bytes:
    """RFC 7468 with lines of 64 characters, as readers of the `dsse` form write it for comparison."""
    text = encode_base64(der)
    lines = (text[start : start + 64] for start in range(0, len(text), 64))
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode()
