# SPDX-License-Identifier: Apache-2.0
"""The bundle: one JSON file that proves a signed statement without asking anybody (Sigstore bundle v0.3).

Read strictly: exactly one signature, one certificate, one timestamp and one log entry with its inclusion proof, in the
shape that the service writes; only the entry has two forms, and the certificate has that of v0.2 too. Limits are
checked before anything is decoded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.jsontext import MAX_INT, parse_json
from mcla.envelope.dsse import Envelope, parse_envelope
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.envelope.entry import HASHEDREKORD, KINDS, MAX_BODY_BYTES, EntryKind
from mcla.errors import MclaError

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
OLDER_TYPE = "application/vnd.dev.sigstore.bundle+json;version=0.2"
"""What `@sigstore/sign` writes for a signature over a file: the same proof, with the certificate in a list of one."""
MAX_BUNDLE_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 32
MAX_VALUES = 4096  # a bundle has a few dozen, and a few long texts
MAX_PROOF_HASHES = 64
MAX_CHECKPOINT_BYTES = 64 * 1024
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class BundleInvalid(MclaError):
    """A file is not a bundle of the one shape."""

    code = "bundle-invalid"
    hint = (
        "Download the bundle again from the service that made it; it must be a Sigstore bundle v0.3 with a statement."
    )


class BundleUntimed(BundleInvalid):
    """A bundle by a long-lived key or certificate (two modes of OMS): nothing says when it was signed, or by whom."""

    code = "bundle-untimed"
    hint = "Such a signature proves no identity and no time. Ask the signer for one in the mode 'sigstore'."


class BundleTooLarge(BundleInvalid):
    """A bundle exceeds a limit (bytes, entries)."""

    code = "bundle-too-large"
    status = 413


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the log with its proof: `body` is the Merkle leaf, `root` and `proof` are 32-byte hashes."""

    body: bytes
    log_id: bytes
    log_index: int
    tree_size: int
    root: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    kind: EntryKind = HASHEDREKORD

    def to_dict(self) -> dict[str, Any]:
        return {
            "logIndex": str(self.log_index),
            "logId": {"keyId": encode_base64(self.log_id)},
            "kindVersion": self.kind.to_dict(),
            "inclusionProof": {
                "logIndex": str(self.log_index),
                "rootHash": encode_base64(self.root),
                "treeSize": str(self.tree_size),
                "hashes": [encode_base64(item) for item in self.proof],
                "checkpoint": {"envelope": self.checkpoint},
            },
            "canonicalizedBody": encode_base64(self.body),
        }


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """A DER ECDSA signature over a file of which the SHA-256 `digest` (32 bytes) is told, and nothing else."""

    digest: bytes
    signature: bytes

    @property
    def sha256(self) -> str:
        return self.digest.hex()

    def to_dict(self) -> dict[str, Any]:
        digest = {"algorithm": "SHA2_256", "digest": encode_base64(self.digest)}
        return {"messageDigest": digest, "signature": encode_base64(self.signature)}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was signed (our bundles: a statement) and what proves it: certificate and timestamp (DER), log entry."""

    content: Envelope | MessageSignature
    certificate: bytes
    timestamp: bytes
    entry: LogEntry

    @property
    def envelope(self) -> Envelope:
        """The envelope of the statement; raises `BundleInvalid` for a signature over a file."""
        if isinstance(self.content, MessageSignature):
            raise BundleInvalid("expected a signed statement, got a signature over a file")
        return self.content

    def to_dict(self) -> dict[str, Any]:
        name = "messageSignature" if isinstance(self.content, MessageSignature) else "dsseEnvelope"
        return {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": encode_base64(self.certificate)},
                "tlogEntries": [self.entry.to_dict()],
                "timestampVerificationData": {
                    "rfc3161Timestamps": [{"signedTimestamp": encode_base64(self.timestamp)}]
                },
            },
            name: self.content.to_dict(),
        }


def make_bundle(
    *,
    payload: bytes,
    signature: bytes,
    certificate: bytes,
    timestamp: bytes,
    body: bytes,
    log_id: bytes,
    log_index: int,
    tree_size: int,
    root: bytes,
    proof: Sequence[bytes],
    checkpoint: str,
    kind: EntryKind = HASHEDREKORD,
) -> dict[str, Any]:
    """The JSON object of a bundle.

    `certificate` and `timestamp` are DER, `log_id` is the 32-byte key id of the log (`mcla.log.note.key_id`);
    `proof` leads from `body` to `root` (32 bytes each) of the tree of `tree_size`; `checkpoint` is its signed note.
    """
    entry = LogEntry(body, log_id, log_index, tree_size, root, tuple(proof), checkpoint, kind)
    return Bundle(Envelope(payload=payload, signature=signature), certificate, timestamp, entry).to_dict()


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle; raises `BundleInvalid`, `JsonInvalid`, `EnvelopeInvalid` or `EncodingInvalid`."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise BundleTooLarge(f"expected a bundle of at most {MAX_BUNDLE_BYTES} bytes, got {len(data)}")
    value = _object(parse_json(data, max_bytes=MAX_BUNDLE_BYTES, max_values=MAX_VALUES), "a bundle")
    older = value.get("mediaType") == OLDER_TYPE
    if not older and value.get("mediaType") != MEDIA_TYPE:
        raise BundleInvalid(f"expected mediaType {MEDIA_TYPE}, got {str(value.get('mediaType'))[:100]!a}")
    signed = "messageSignature" if "messageSignature" in value else "dsseEnvelope"
    _members(value, {"mediaType", "verificationMaterial", signed}, "the bundle")
    material = _object(value["verificationMaterial"], "verificationMaterial")
    if older:
        material = _newer(material)
    _check_mode(material)
    _members(material, {"certificate", "tlogEntries", "timestampVerificationData"}, "verificationMaterial")
    return Bundle(
        content=parse_envelope(value[signed]) if signed == "dsseEnvelope" else _read_message(value[signed]),
        certificate=_bytes_in(material["certificate"], "rawBytes", "the certificate"),
        timestamp=_read_timestamp(material["timestampVerificationData"]),
        entry=_read_entry(_single(material["tlogEntries"], "log entry", MAX_ENTRIES)),
    )


def _newer(material: dict[str, Any]) -> dict[str, Any]:
    """The material of a bundle v0.2 as v0.3 writes it: the signer's certificate alone, not in a list."""
    _members(material, {"x509CertificateChain", "tlogEntries", "timestampVerificationData"}, "verificationMaterial")
    chain = _object(material["x509CertificateChain"], "x509CertificateChain")
    _members(chain, {"certificates"}, "x509CertificateChain")
    rest = {name: value for name, value in material.items() if name != "x509CertificateChain"}
    return {"certificate": _single(chain["certificates"], "certificate", MAX_ENTRIES), **rest}


def _check_mode(material: dict[str, Any]) -> None:
    for name, what in (("publicKey", "a bare public key"), ("x509CertificateChain", "a certificate chain alone")):
        if name in material:
            raise BundleUntimed(f"expected a certificate with a timestamp and a log entry, got {what}")


def _read_message(value: object) -> MessageSignature:
    message = _object(value, "messageSignature")
    _members(message, {"messageDigest", "signature"}, "messageSignature")
    digest = _object(message["messageDigest"], "messageDigest")
    _members(digest, {"algorithm", "digest"}, "messageDigest")
    if digest["algorithm"] != "SHA2_256":
        raise BundleInvalid(f"expected a digest by SHA2_256, got {str(digest['algorithm'])[:40]!a}")
    raw = _sized(decode_base64(digest["digest"], "the file's digest"), "the file's digest", 32)
    return MessageSignature(raw, decode_base64(message["signature"], "the signature"))


def _read_timestamp(value: object) -> bytes:
    stamps = _object(value, "timestampVerificationData")
    _members(stamps, {"rfc3161Timestamps"}, "timestampVerificationData")
    return _bytes_in(_single(stamps["rfc3161Timestamps"], "timestamp", MAX_ENTRIES), "signedTimestamp", "the timestamp")


def _read_entry(value: object) -> LogEntry:
    entry = _object(value, "the log entry")
    _members(entry, {"logIndex", "logId", "kindVersion", "inclusionProof", "canonicalizedBody"}, "the log entry")
    kind = next((kind for kind in KINDS if entry["kindVersion"] == kind.to_dict()), None)
    if kind is None:
        known = " or ".join(" ".join(kind) for kind in KINDS)
        raise BundleInvalid(f"expected a log entry of kind {known}, got another")
    proof = _object(entry["inclusionProof"], "inclusionProof")
    _members(proof, {"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"}, "inclusionProof")
    index = _number(entry["logIndex"], "logIndex")
    if _number(proof["logIndex"], "logIndex") != index:
        raise BundleInvalid("expected one logIndex in the entry and its proof, got two")
    body = decode_base64(entry["canonicalizedBody"], "the log entry's body")
    if len(body) > MAX_BODY_BYTES:
        raise BundleTooLarge(f"expected a log entry of at most {MAX_BODY_BYTES} bytes, got {len(body)}")
    return LogEntry(
        body=body,
        log_id=_bytes_in(entry["logId"], "keyId", "the log's key id", 32),
        log_index=index,
        tree_size=_number(proof["treeSize"], "treeSize"),
        root=_sized(decode_base64(proof["rootHash"], "rootHash"), "rootHash", 32),
        proof=_read_hashes(proof["hashes"]),
        checkpoint=_read_checkpoint(proof["checkpoint"]),
        kind=kind,
    )


def _read_hashes(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_PROOF_HASHES:
        raise BundleInvalid(f"expected a proof of at most {MAX_PROOF_HASHES} hashes")
    return tuple(_sized(decode_base64(item, "a proof hash"), "a proof hash", 32) for item in value)


def _read_checkpoint(value: object) -> str:
    checkpoint = _object(value, "checkpoint")
    _members(checkpoint, {"envelope"}, "checkpoint")
    text = checkpoint["envelope"]
    if not isinstance(text, str) or len(text) > MAX_CHECKPOINT_BYTES:
        raise BundleInvalid("expected the checkpoint as a signed note")
    return text


def _single(value: object, what: str, most: int) -> object:
    if not isinstance(value, list):
        raise BundleInvalid(f"expected a list with one {what}")
    if len(value) > most:
        raise BundleTooLarge(f"expected exactly one {what}, got {len(value)}")
    if len(value) != 1:
        raise BundleInvalid(f"expected exactly one {what}, got {len(value)}")
    return value[0]


def _bytes_in(value: object, name: str, what: str, size: int | None = None) -> bytes:
    holder = _object(value, what)
    _members(holder, {name}, what)
    data = decode_base64(holder[name], what)
    return data if size is None else _sized(data, what, size)


def _sized(data: bytes, what: str, size: int) -> bytes:
    if len(data) != size:
        raise BundleInvalid(f"expected {what} of {size} bytes, got {len(data)}")
    return data


def _number(value: object, what: str) -> int:
    # The protobuf JSON mapping writes 64-bit numbers as text.
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or int(value) > MAX_INT:
        raise BundleInvalid(f"expected {what} as a whole number in text")
    return int(value)


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BundleInvalid(f"expected {what} as an object")
    return value


def _members(value: dict[str, Any], names: set[str], what: str) -> None:
    if value.keys() == names:
        return
    missing, extra = sorted(names - set(value)), sorted(set(value) - names)
    got = f"{', '.join(missing)} missing" if missing else f"also {', '.join(extra)[:100]!a}"
    raise BundleInvalid(f"expected in {what} exactly {', '.join(sorted(names))}, got {got}")
