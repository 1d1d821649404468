# SPDX-License-Identifier: Apache-2.0
"""DSSE: the signed envelope around a statement (secure-systems-lab/dsse, protocol v1.0.2).

What is signed is never JSON but the pre-authentication encoding (PAE), which binds type and payload by length.
One payload type and exactly one signature: more would leave open which of them was logged and stamped.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.envelope.encoding import check_p256_signature, decode_base64, encode_base64
from mcla.errors import MclaError

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class EnvelopeInvalid(MclaError):
    """A DSSE envelope is malformed, or its signature is not by the certified key."""

    code = "envelope-invalid"
    hint = "Download the bundle again from the service that made it; this one was changed or cut."


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The bytes that are signed: `DSSEv1 <len> <type> <len> <payload>`."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type and one DER ECDSA signature over its PAE."""

    payload: bytes
    signature: bytes
    payload_type: str = PAYLOAD_TYPE

    @property
    def signed_bytes(self) -> bytes:
        return pae(self.payload, self.payload_type)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the PAE: what the log entry holds."""
        return hashlib.sha256(self.signed_bytes).digest()

    def to_dict(self) -> dict[str, Any]:
        return {
            "payload": encode_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"sig": encode_base64(self.signature)}],
        }


def parse_envelope(value: object) -> Envelope:
    """Read the `dsseEnvelope` object of a bundle; raises `EnvelopeInvalid` or `EncodingInvalid`."""
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise EnvelopeInvalid("expected an envelope of payload, payloadType and signatures")
    signatures, kind = value["signatures"], value["payloadType"]
    if not isinstance(signatures, list) or len(signatures) != 1:
        got = len(signatures) if isinstance(signatures, list) else "no list"
        raise EnvelopeInvalid(f"expected exactly one signature, got {got}")
    if not isinstance(kind, str) or not kind.isascii() or len(kind) > 200:
        raise EnvelopeInvalid("expected the payload type as a short ASCII text")
    return Envelope(
        payload=decode_base64(value["payload"], "the payload"),
        signature=_read_signature(signatures[0]),
        payload_type=kind,
    )


def check_signature(envelope: Envelope, public_key: ec.EllipticCurvePublicKey) -> None:
    """Raise `EnvelopeInvalid` unless the signature is by `public_key` over the PAE; ECDSA P-256 with SHA-256."""
    check_p256_signature(envelope.signature, "the signature")
    try:
        public_key.verify(envelope.signature, envelope.signed_bytes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise EnvelopeInvalid(
            "expected a signature by the key in the certificate, got one that does not fit"
        ) from error


def _read_signature(item: object) -> bytes:
    # An empty `keyid` is what some writers add; it says nothing.
    if not isinstance(item, dict) or "sig" not in item or set(item) - {"sig", "keyid"} or item.get("keyid", "") != "":
        raise EnvelopeInvalid("expected the signature as an object with 'sig' alone")
    return decode_base64(item["sig"], "the signature")
