# SPDX-License-Identifier: Apache-2.0
"""A passkey in software: what an authenticator and a browser answer, with each part open to be wrong."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from signing_walk import spki

from app.identity.ports import Actor
from app.passkeys.service import PasskeyService
from app.passkeys.values import PasskeyInfo
from mcla.envelope.webauthn import challenge_of, rp_id_of, url_base64
from mcla.statements.base import Statement
from mcla.statements.passkey import Assertion, PasskeyRef

ORIGIN = "http://localhost:8000"
"""Of a service that is reached at a name."""
USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """One ES256 credential at one origin."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    counter: int = 0

    @property
    def public_key(self) -> bytes:
        return spki(self.key)

    def client_data(self, challenge: bytes, /, kind: str = "webauthn.get", **changed: Any) -> bytes:
        said = {"type": kind, "challenge": url_base64(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changed).encode()

    def authenticator_data(
        self, flags: int = USER_PRESENT | USER_VERIFIED, rp_id: str | None = None, rest: bytes = b""
    ) -> bytes:
        self.counter += 1
        home = hashlib.sha256((rp_id or rp_id_of(self.origin)).encode()).digest()
        return home + struct.pack(">BI", flags, self.counter) + rest

    def cose_key(self) -> bytes:
        """The public key in the canonical CBOR of CTAP2 (RFC 9053: EC2, ES256, P-256)."""
        point = self.public_key[-64:]
        return bytes.fromhex("a5010203262001215820") + point[:32] + bytes.fromhex("225820") + point[32:]

    def attested(self, cose: bytes | None = None, credential_id: bytes | None = None) -> bytes:
        """The authenticator data of a registration."""
        named = self.credential_id if credential_id is None else credential_id
        rest = bytes(16) + struct.pack(">H", len(named)) + named + (self.cose_key() if cose is None else cose)
        return self.authenticator_data(USER_PRESENT | USER_VERIFIED | ATTESTED, rest=rest)

    def answer(self, challenge: bytes, client: bytes | None = None, head: bytes | None = None) -> Assertion:
        client_data = self.client_data(challenge) if client is None else client
        authenticator_data = self.authenticator_data() if head is None else head
        signed = authenticator_data + hashlib.sha256(client_data).digest()
        return Assertion(authenticator_data, client_data, self.key.sign(signed, ec.ECDSA(hashes.SHA256())))

    def asked(self, statement: Statement) -> Statement:
        """The statement as a draft that waits for this passkey."""
        return replace(statement, key_holder="passkey", passkey=PasskeyRef(self.public_key))

    def confirm(self, statement: Statement, **changed: Any) -> Statement:
        """The statement with this passkey's assertion."""
        asked = self.asked(statement)
        answer = self.answer(challenge_of(asked.to_bytes()), **changed)
        return replace(asked, passkey=PasskeyRef(self.public_key, answer))


def add(services: Any, actor: Actor, passkey: SoftPasskey) -> PasskeyInfo:
    """Register a passkey for the demo's foundation, as the page of a service at the passkey's origin does."""
    settings = services.settings.model_copy(update={"origin": passkey.origin})
    there = PasskeyService(services.db, services.clock, settings, services.identity, services.projects)
    begun = there.begin(actor, "example")
    client_data = passkey.client_data(begun.challenge, "webauthn.create")
    return there.register(actor, client_data, passkey.attested())
