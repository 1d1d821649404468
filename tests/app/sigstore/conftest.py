# SPDX-License-Identifier: Apache-2.0
"""A service with a scripted identity provider, a person who signed the agreement, and what a stock client sends."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scripted_op import SUBJECT, ScriptedOp, serving
from signing_walk import accept

from app.identity.ports import Actor, VerifiedClaims
from app.platform.clock import FixedClock
from app.platform.security import limiter
from app.platform.settings import ProviderSettings, Settings
from app.wiring import Services
from mcla.envelope.encoding import encode_base64

P256 = "PKIX_ECDSA_P256_SHA_256"
NUMBERS = itertools.count()


@pytest.fixture
def op(clock: FixedClock) -> Iterator[ScriptedOp]:
    script = ScriptedOp(clock)
    with serving(script) as origin:
        script.issuer = origin
        yield script


@pytest.fixture
def settings(settings: Settings, op: ScriptedOp) -> Settings:
    """The demo service with two registrations at the provider: one that takes the audience of Sigstore clients."""
    entries = [
        ProviderSettings(name="scripted", kind="oidc", issuer=op.issuer, client_id="mcla-1", sigstore=True),
        ProviderSettings(name="strict", kind="oidc", issuer=f"{op.issuer}/strict", client_id="mcla-2"),
    ]
    return settings.model_copy(update={"providers": tuple(entries)})


@pytest.fixture(autouse=True)
def fresh_limits(app: Any) -> None:
    limiter.reset()


@pytest.fixture
def jane(services: Services) -> Actor:
    """A person of the provider who has not signed anything yet."""
    secret = services.identity.start_session(VerifiedClaims("scripted", SUBJECT, "Jane Roe", "jroe"))
    actor = services.identity.actor_of_session(secret)
    assert actor is not None
    return actor


@dataclass
class Client:
    """What a stock client does, step by step, each open to a test that wants to get it wrong."""

    http: Any
    op: ScriptedOp
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def token(self, **claims: Any) -> str:
        return str(self.op.id_token("", "", {"aud": "sigstore", "jti": str(next(NUMBERS)), **claims}))

    def request(self, key: Any = None) -> bytes:
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        signing = key or self.key
        algorithm = None if not hasattr(signing, "curve") and not hasattr(signing, "key_size") else hashes.SHA256()
        return builder.sign(signing, algorithm).public_bytes(serialization.Encoding.PEM)

    def ask(self, token: str | None = None, body: object = None, path: str = "/api/v2/signingCert") -> Any:
        headers = {"Authorization": f"Bearer {self.token() if token is None else token}"}
        sent = {"certificateSigningRequest": encode_base64(self.request())} if body is None else body
        return self.http.post(path, json=sent, headers=headers)

    def certificate(self) -> bytes:
        """A certificate for this client's key, in DER."""
        answer = self.ask()
        assert answer.status_code == 201, answer.text
        leaf = answer.json["signedCertificateEmbeddedSct"]["chain"]["certificates"][0]
        return x509.load_pem_x509_certificate(leaf.encode()).public_bytes(serialization.Encoding.DER)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def entry(self, digest: bytes, signature: bytes, certificate: bytes) -> dict[str, Any]:
        verifier = {
            "x509Certificate": {"rawBytes": encode_base64(certificate)},
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        }
        signed = {"content": encode_base64(signature), "verifier": verifier}
        return {"hashedRekordRequestV002": {"digest": encode_base64(digest), "signature": signed}}

    def log(self, body: object) -> Any:
        return self.http.post("/api/v2/log/entries", json=body)


@pytest.fixture
def stock(client: Any, op: ScriptedOp) -> Client:
    return Client(client, op)


@pytest.fixture
def agreed(services: Services, jane: Actor) -> Callable[[], Actor]:
    """Jane has signed the agreement."""
    accept(services, jane)
    return lambda: jane
