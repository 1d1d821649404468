# SPDX-License-Identifier: Apache-2.0
"""Entries that stock clients bring to the log: a signature by a certificate of ours, made for a stock client.

The certificates of our own ceremony are refused: each belongs to one statement, which the service logs itself. An
entry counts only while its certificate is valid, so that the log cannot be filled later with what was never asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from app.signing.earlier import note
from app.signing.ended_keys import check_certified
from app.signing.ports import Ports
from app.sigstore.errors import EntryRefused
from app.sigstore.names import is_stock, signer_of
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import LogEntry
from mcla.envelope.certificate import Leaf, read_leaf
from mcla.envelope.encoding import check_p256_signature
from mcla.envelope.entry import digest_body
from mcla.errors import MclaError
from mcla.verify.trust import TrustedRoot


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature over bytes with this SHA-256 `digest` (32 bytes), and the certificate (DER) of its key."""

    digest: bytes
    signature: bytes
    certificate: bytes


def log_entry(ports: Ports, signed: Signed) -> dict[str, Any]:
    """Log a signature once and answer with its proof, as Rekor v2 does (TransparencyLogEntry).

    Its signer finds it among what was signed with other tools (`app.signing.earlier`). Raises `EntryRefused`,
    `ClockUnsteady`, or what the log raises; nothing is answered before it is durable.
    """
    with ports.db.read() as session:
        now = ports.steady.now(session)
    try:
        leaf = _check(signed, ports.trust, ports.settings.origin, now)
    except EntryRefused:
        raise
    except MclaError as error:
        raise EntryRefused(f"The entry does not go into the log: {error.message}.") from error
    body = digest_body(signed.digest, signed.signature, signed.certificate)
    receipt = ports.log.for_readers(ports.log.append([body])[0])
    signer_id = signer_of(leaf.signer_uri, ports.settings.origin)
    with ports.db.write() as session:
        note(session, signer_id, signed.digest.hex(), sha256_hex(body), receipt.index, now)
    key_id, proof = receipt.key_id, tuple(receipt.proof)
    return LogEntry(body, key_id, receipt.index, receipt.tree_size, receipt.root, proof, receipt.checkpoint).to_dict()


def _check(signed: Signed, trust: TrustedRoot, origin: str, now: datetime) -> Leaf:
    leaf = read_leaf(signed.certificate)
    if leaf.issuer != origin or not is_stock(leaf.signer_uri, origin):
        raise EntryRefused("The certificate was not made by this service for a stock client.")
    if not leaf.not_before <= now <= leaf.not_after:
        raise EntryRefused("The certificate's ten minutes are over, or have not begun.")
    check_certified(leaf, trust, now)
    check_p256_signature(signed.signature, "the signature")
    try:
        leaf.public_key.verify(signed.signature, signed.digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature as error:
        raise EntryRefused("The signature over this digest is not by the key in the certificate.") from error
    return leaf
