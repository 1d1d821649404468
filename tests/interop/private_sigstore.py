# SPDX-License-Identifier: Apache-2.0
"""A whole private Sigstore in memory, from the real functions: keys, certificates, stamps, a Merkle log, bundles.

It stands in for no part of the product; it only calls the parts in the order in which the service calls them, with
each step open to a test that wants to get it wrong.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.platform.keys import ServiceKeys, create_keys, load_keys
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.envelope.bundle import make_bundle
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import Envelope, pae
from mcla.envelope.encoding import encode_base64
from mcla.envelope.entry import HASHEDREKORD, EntryKind, digest_body, envelope_body
from mcla.envelope.timestamp import issue_timestamp
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.log.merkle import leaf_hash, tree_root
from mcla.log.note import key_id
from mcla.statements.base import Statement
from mcla.statements.parts import (
    AcceptanceRef,
    AgreementRef,
    AnsweredRef,
    ConsentRef,
    EndedRef,
    ManifestRef,
    OfferRef,
)
from mcla.statements.statement import (
    Acceptance,
    Contribution,
    OfferAnswer,
    Withdrawal,
    answered_subjects,
    ended_subjects,
    manifest_subjects,
)
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Verdict

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
HOST = "mcla.example.org"
ORIGIN = f"https://{HOST}"
SIGNER = f"{ORIGIN}/signers/sgn_0123456789abcdefghjkmnpqrs"


@dataclass(slots=True)
class Parts:
    """The parts of a bundle before they are put together; a test may exchange any of them."""

    payload: bytes
    signature: bytes
    certificate: bytes
    timestamp: bytes
    body: bytes
    log_id: bytes
    log_index: int
    tree_size: int
    root: bytes
    proof: list[bytes]
    checkpoint: str

    def bundle(self, **changed: Any) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__}
        return make_bundle(**(values | changed))

    def bytes(self, **changed: Any) -> bytes:
        return json.dumps(self.bundle(**changed)).encode()


@dataclass
class PrivateSigstore:
    """One service: its keys, and a log that already holds a few entries."""

    keys: ServiceKeys
    host: str = HOST
    origin: str = ORIGIN
    entries: list[bytes] = field(default_factory=lambda: [f"entry {number}".encode() for number in range(5)])

    @classmethod
    def create(cls, home: Path, host: str = HOST, now: datetime = NOW) -> "PrivateSigstore":
        create_keys(home, host, now)
        return cls(load_keys(home), host, f"https://{host}")

    @property
    def trust(self) -> TrustedRoot:
        return TrustedRoot.of(
            origin=self.origin,
            log_name=self.host,
            log_key=self.keys.log.public_key(),
            ca_chain=self.keys.ca.chain,
            ct_key=self.keys.ct.public_key(),
            tsa_chain=self.keys.tsa.chain,
            start=NOW,
        )

    def sign(
        self,
        payload: bytes,
        *,
        signer: str = SIGNER,
        issuer: str | None = None,
        certified_at: datetime = NOW,
        stamped_at: datetime = NOW,
        key: ec.EllipticCurvePrivateKey | None = None,
        certificate: bytes | None = None,
        signed: bytes | None = None,
        stamped: bytes | None = None,
        logged: bytes | None = None,
        checkpoint_origin: str | None = None,
        kind: EntryKind = HASHEDREKORD,
    ) -> Parts:
        """Take `payload` the whole way. `signed`, `stamped`, `logged` replace what is signed, stamped, logged."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        der = certificate or self.certify(key.public_key(), signer, issuer or self.origin, certified_at)
        signature = key.sign(pae(payload) if signed is None else signed, ec.ECDSA(hashes.SHA256()))
        serial = secrets.randbits(63) + 1
        stamp = issue_timestamp(
            signature if stamped is None else stamped, self.keys.tsa.key, self.keys.tsa.chain, stamped_at, serial
        )
        body = envelope_body(Envelope(payload, signature), der, kind) if logged is None else logged
        return self.log(Parts(payload, signature, der, stamp, body, b"", 0, 0, b"", [], ""), checkpoint_origin)

    def certify(self, key: ec.EllipticCurvePublicKey, signer: str, issuer: str, at: datetime) -> bytes:
        leaf = issue_leaf(self.keys.ca.key, self.keys.ca.chain, self.keys.ct, key, signer, issuer, at)
        return leaf.public_bytes(serialization.Encoding.DER)

    def log(self, parts: Parts, origin: str | None = None) -> Parts:
        """Append the body, two more entries after it, and fill in proof and checkpoint."""
        index = len(self.entries)
        self.entries += [parts.body, b"later 1", b"later 2"]
        leaves = [leaf_hash(entry) for entry in self.entries]
        head = Checkpoint(origin or self.host, len(leaves), tree_root(leaves))
        parts.log_id = key_id(self.host, self.keys.log.public_key())
        parts.log_index, parts.tree_size, parts.root = index, head.size, head.root
        parts.proof, parts.checkpoint = inclusion_proof(leaves, index), sign_checkpoint(head, self.keys.log)
        return parts


def inclusion_proof(leaves: list[bytes], index: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 2.1.1, written from the definition."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*inclusion_proof(leaves[:split], index), tree_root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), tree_root(leaves[:split])]


def common(**changed: Any) -> dict[str, Any]:
    """Fields that both statements need, each valid."""
    agreement = AgreementRef("mcla-individual", "1.0.0", sha256_hex(b"all documents"), sha256_hex(b"the text"))
    values: dict[str, Any] = {
        "salt": bytes(range(32)),
        "service": ORIGIN,
        "foundation": "example",
        "signer": SIGNER,
        "identity_commitment": sha256_hex(b"commitment"),
        "key_holder": "browser",
        "agreement": agreement,
        "consent": ConsentRef(sha256_hex(b"I have read"), "Sign and record"),
        "created_at": NOW,
    }
    return values | changed


def contribution(files: Manifest, **changed: Any) -> Contribution:
    """A valid contribution statement for `files`."""
    values: dict[str, Any] = {
        "subjects": manifest_subjects(files),
        "project": "tiny-llm",
        "kind": "weights",
        "schedule": "W",
        "manifest": ManifestRef.of(files),
        "acceptance": AcceptanceRef(sha256_hex(b"acceptance"), 3),
        "declarations": {"weights.base_models": [], "weights.trained_by_me": True},
    }
    return Contribution(**common(**(values | changed)))


def acceptance(documents: Manifest, **changed: Any) -> Acceptance:
    """A valid acceptance statement whose agreement version consists of `documents`."""
    agreement = AgreementRef("mcla-individual", "1.0.0", documents.root, documents.files[0].sha256)
    return Acceptance(**common(subjects=manifest_subjects(documents), agreement=agreement, **changed))


def withdrawal(ended: Statement, log_index: int = 5, **changed: Any) -> Withdrawal:
    """A valid withdrawal of `ended`, which is entry `log_index`."""
    kind, digest = type(ended).__name__.lower(), sha256_hex(ended.to_bytes())
    ends = EndedRef(kind, digest, ended.root, log_index)
    values: dict[str, Any] = {"subjects": ended_subjects(ends), "ends": ends, "reason": "none-given", "stage": None}
    return Withdrawal(**common(**(values | changed)))


def offer(files: Manifest, **changed: Any) -> Contribution:
    """The same files under an agreement for them alone: what counts once `fnd_1` has counter-signed."""
    return contribution(files, **({"acceptance": None, "offer": OfferRef(30, f"{ORIGIN}/signers/fnd_1")} | changed))


def offer_answer(offered: Contribution, log_index: int = 5, **changed: Any) -> OfferAnswer:
    """The foundation's counter-signature of `offered`, which is entry `log_index`."""
    answers = AnsweredRef(sha256_hex(offered.to_bytes()), offered.root, log_index)
    values: dict[str, Any] = {
        "subjects": answered_subjects(answers),
        "signer": f"{ORIGIN}/signers/fnd_1",
        "key_holder": "service",
        "capacity": "foundation",
        "answers": answers,
        "answer": "counter-signed",
        "reason": None,
    }
    return OfferAnswer(**common(**(values | changed)))


def manifest_of(files: dict[str, bytes]) -> Manifest:
    return Manifest.of(ManifestEntry(path, sha256_hex(data), len(data)) for path, data in files.items())


def retargeted(statement: Statement, **changed: Any) -> bytes:
    """The statement's JSON with members of its predicate changed, canonical again."""
    value = statement.to_dict()
    value["predicate"] |= changed
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


FILES = manifest_of({"model.safetensors": b"weights", "docs/card.md": b"card"})
PAYLOAD = contribution(FILES).to_bytes()
OTHER = contribution(FILES, kind="data", schedule="D").to_bytes()


def file_bundle(
    service: PrivateSigstore,
    file: bytes,
    *,
    signer: str = SIGNER,
    digest: bytes | None = None,
    logged: bytes | None = None,
) -> dict[str, Any]:
    """A bundle over a file, as stock clients make it; `digest` is what it says of the file, `logged` what the log was
    told."""
    sha256, key = hashlib.sha256(file).digest(), ec.generate_private_key(ec.SECP256R1())
    certificate = service.certify(key.public_key(), signer, service.origin, NOW)
    signature = key.sign(file, ec.ECDSA(hashes.SHA256()))
    parts = service.sign(b"{}", certificate=certificate, logged=digest_body(logged or sha256, signature, certificate))
    parts.timestamp = issue_timestamp(signature, service.keys.tsa.key, service.keys.tsa.chain, NOW, 1)
    bundle = parts.bundle()
    del bundle["dsseEnvelope"]
    told = {"algorithm": "SHA2_256", "digest": encode_base64(digest or sha256)}
    return bundle | {"messageSignature": {"messageDigest": told, "signature": encode_base64(signature)}}


def refused(verdict: Verdict, step: str, code: str) -> None:
    """The verdict is no, because of this step and with this code, and says what to do."""
    assert verdict.verdict == "not-verified"
    assert verdict.step(step).outcome == "no", verdict.to_dict()
    assert code in {reason.code for reason in verdict.reasons}
    for reason in verdict.reasons:
        assert reason.hint
        assert reason.message
