# SPDX-License-Identifier: Apache-2.0
"""Proofs made with the functions that the service uses, under keys of a service that nobody runs."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.platform.keys import ServiceKeys, create_keys, load_keys
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import make_bundle
from mcla.envelope.certificate import issue_leaf
from mcla.envelope.dsse import pae
from mcla.envelope.entry import entry_body
from mcla.envelope.timestamp import issue_timestamp
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.log.merkle import leaf_hash, node_hash
from mcla.log.note import key_id
from mcla.statements.parts import AcceptanceRef, AgreementRef, ConsentRef, ManifestRef
from mcla.statements.statement import Contribution, manifest_subjects
from mcla.verify.svr import Purpose, envelope_of
from mcla.verify.trust import TrustedRoot


@dataclass(frozen=True)
class Notary:
    """The keys of one service, to make proofs with the functions the service uses, in a log of two entries."""

    keys: ServiceKeys
    origin: str
    now: datetime

    @property
    def host(self) -> str:
        return self.origin.removeprefix("https://")

    @property
    def signer(self) -> str:
        return f"{self.origin}/signers/sgr_ada"

    def trust(self) -> bytes:
        root = TrustedRoot.of(
            origin=self.origin,
            log_name=self.host,
            log_key=self.keys.log.public_key(),
            ca_chain=self.keys.ca.chain,
            ct_key=self.keys.ct.public_key(),
            tsa_chain=self.keys.tsa.chain,
            start=self.now,
        )
        return root.to_json()

    def bundle(self, manifest: Manifest, statement: Contribution | None = None) -> bytes:
        """A sound bundle over `manifest`, or over another `statement` about it."""
        payload = (statement or self.statement(manifest)).to_bytes()
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = issue_leaf(
            self.keys.ca.key, self.keys.ca.chain, self.keys.ct, key.public_key(), self.signer, self.origin, self.now
        )
        signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
        certificate = leaf.public_bytes(serialization.Encoding.DER)
        body = entry_body(payload, signature, certificate)
        first = leaf_hash(b"an entry before")
        root = node_hash(first, leaf_hash(body))
        made = make_bundle(
            payload=payload,
            signature=signature,
            certificate=certificate,
            timestamp=issue_timestamp(signature, self.keys.tsa.key, self.keys.tsa.chain, self.now, 1),
            body=body,
            log_id=key_id(self.host, self.keys.log.public_key()),
            log_index=1,
            tree_size=2,
            root=root,
            proof=[first],
            checkpoint=sign_checkpoint(Checkpoint(self.host, 2, root), self.keys.log),
        )
        return json.dumps(made).encode()

    def result(self, purpose: Purpose, payload: bytes) -> dict[str, Any]:
        """The envelope of a signed result, as the service seals it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = f"{self.origin}/{purpose.segment}"
        leaf = issue_leaf(
            self.keys.ca.key, self.keys.ca.chain, self.keys.ct, key.public_key(), name, self.origin, self.now
        )
        signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
        stamp = issue_timestamp(signature, self.keys.tsa.key, self.keys.tsa.chain, self.now, 2)
        return envelope_of(payload, signature, leaf.public_bytes(serialization.Encoding.DER), stamp)

    def statement(self, manifest: Manifest) -> Contribution:
        return Contribution(
            subjects=manifest_subjects(manifest),
            salt=b"s" * 32,
            service=self.origin,
            foundation="example",
            signer=self.signer,
            identity_commitment="1" * 64,
            key_holder="cli",
            agreement=AgreementRef(slug="mcla-individual", version="1.0.0", digest="2" * 64, text="3" * 64),
            consent=ConsentRef(sha256="4" * 64, button="Sign and record"),
            created_at=self.now,
            project="tiny-llm",
            kind="weights",
            schedule="W",
            manifest=ManifestRef.of(manifest),
            acceptance=AcceptanceRef(statement="5" * 64, log_index=0),
            declarations={"relation": "original"},
        )


def make_notary(home: Path, origin: str) -> Notary:
    now = datetime.now(UTC).replace(microsecond=0)
    create_keys(home, origin.removeprefix("https://"), now)
    return Notary(load_keys(home), origin, now)
