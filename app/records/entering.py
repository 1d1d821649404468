# SPDX-License-Identifier: Apache-2.0
"""A sealed file's digest goes into the log, so that its bytes existed by then: as a signature over a file.

Signed with a key that exists for this one entry, certified for `<origin>/records` and stamped, it is what any Sigstore
client reads. What was signed is kept before the log is asked, and asked again it answers with the same entry.
"""

import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from mcla.envelope.bundle import Bundle, LogEntry, MessageSignature
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.encoding import decode_base64, der_of, encode_base64
from mcla.envelope.entry import digest_body
from mcla.envelope.timestamp import issue_timestamp

PARTS = ("certificate", "signature", "timestamp")


def sign_digest(ports: Ports, sha256: str) -> dict[str, Any]:
    """A stamped signature over a digest (64 hex), to be kept; raises `ClockUnsteady`."""
    with ports.db.read() as session:
        now = ports.steady.now(session)
    keys, origin = ports.keys, ports.settings.origin
    check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key.public_key(), f"{origin}/records", origin, now)
    signature = key.sign(bytes.fromhex(sha256), ec.ECDSA(Prehashed(hashes.SHA256())))
    stamp = issue_timestamp(signature, keys.tsa.key, keys.tsa.chain, now, secrets.randbits(126) + 1)
    return dict(zip(PARTS, map(encode_base64, (der_of(leaf), signature, stamp)), strict=True))


def enter(ports: Ports, sha256: str, signed: dict[str, Any]) -> dict[str, Any]:
    """The bundle (Sigstore v0.3) of what was signed, logged now or found there; raises as the log does."""
    certificate, signature, stamp = (decode_base64(signed[name], name) for name in PARTS)
    digest = bytes.fromhex(sha256)
    body = digest_body(digest, signature, certificate)
    got = ports.log.for_readers(ports.log.append([body])[0])
    entry = LogEntry(body, got.key_id, got.index, got.tree_size, got.root, tuple(got.proof), got.checkpoint)
    return Bundle(MessageSignature(digest, signature), certificate, stamp, entry).to_dict()
