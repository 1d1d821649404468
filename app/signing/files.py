# SPDX-License-Identifier: Apache-2.0
"""A file that the service signs under one of its own names, and that file's digest in the log.

The key is made for this one signature and forgotten. What was signed is kept before the log is asked; asked again, the
log answers with the same entry. Any Sigstore client checks the file with the bundle.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from app.signing.errors import BundleUnsound
from app.signing.ports import Ports
from app.signing.steady import check_valid_now
from mcla.envelope.bundle import Bundle, LogEntry, MessageSignature
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.encoding import der_of
from mcla.envelope.entry import digest_body
from mcla.envelope.timestamp import issue_timestamp
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_artifact
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A signature over a file's SHA-256 (32 bytes), its certificate (DER) and its timestamp (RFC 3161)."""

    digest: bytes
    certificate: bytes
    signature: bytes
    timestamp: bytes


def sign_file(ports: Ports, digest: bytes, name: str, now: datetime) -> SignedFile:
    """Sign a digest under a name below the service's origin; `now` comes from the steady clock."""
    keys = ports.keys
    check_valid_now([*keys.ca.chain, *keys.tsa.chain], now)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(keys.ca.key, keys.ca.chain, keys.ct, key.public_key(), name, ports.settings.origin, now)
    signature = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    stamp = issue_timestamp(signature, keys.tsa.key, keys.tsa.chain, now, secrets.randbits(126) + 1)
    return SignedFile(digest, der_of(leaf), signature, stamp)


def enter_file(ports: Ports, signed: SignedFile) -> Bundle:
    """The bundle with its log entry, appended now or found there; raises as the log does."""
    body = digest_body(signed.digest, signed.signature, signed.certificate)
    got = ports.log.for_readers(ports.log.append([body])[0])
    entry = LogEntry(body, got.key_id, got.index, got.tree_size, got.root, tuple(got.proof), got.checkpoint)
    return Bundle(MessageSignature(signed.digest, signed.signature), signed.certificate, signed.timestamp, entry)


def sound(ports: Ports, made: Bundle) -> Bundle:
    """The bundle, if our own verifier accepts it; raises `BundleUnsound`."""
    assert isinstance(made.content, MessageSignature)  # noqa: S101 - what `enter_file` made
    data = canonical_json(made.to_dict())
    verdict = verify_artifact(made.content.digest.hex(), data, ports.trust, issuer=ports.settings.origin)
    if not verdict.verified:
        codes = ", ".join(reason.code for reason in verdict.reasons)
        raise BundleUnsound(
            Worded("The bundle of the document does not verify (%(codes)s).", codes=codes), retry_after=60
        )
    return made
