# SPDX-License-Identifier: Apache-2.0
"""Certificates for stock clients: for whom, for which key, and that nothing in a token makes it ask anybody."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from scripted_op import SUBJECT, ScriptedOp, serving, unsigned
from signing_walk import accept, count, end
from version_folders import copy_version

from app.identity.models import Identity, Signer, UsedAssertion
from mcla.envelope.certificate import read_leaf
from mcla.envelope.encoding import encode_base64

pytestmark = pytest.mark.usefixtures("services")


@pytest.mark.usefixtures("agreed")
def test_the_certificate_names_the_signer_as_a_stock_client_and_nobody_else(stock: Any, services: Any) -> None:
    answer = stock.ask()
    assert answer.status_code == 201
    chain = [pem.encode() for pem in answer.json["signedCertificateEmbeddedSct"]["chain"]["certificates"]]
    leaf, *above = [x509.load_pem_x509_certificate(pem) for pem in chain]
    assert above == list(services.keys.ca.chain)
    read = read_leaf(leaf.public_bytes(serialization.Encoding.DER))
    with services.db.read() as session:
        signer = session.query(Signer).one()
    origin = services.settings.origin
    assert (read.signer_uri, read.issuer) == (f"{origin}/signers/{signer.id}/stock", origin)
    assert read.public_key == stock.key.public_key()
    assert read.not_after - services.clock.now() == timedelta(minutes=10)
    for word in (SUBJECT, "Jane", "jroe", "jane@example.org"):
        assert word.encode() not in leaf.public_bytes(serialization.Encoding.DER)


def test_a_person_who_signed_nothing_is_sent_to_the_agreement_and_nothing_is_stored(stock: Any, services: Any) -> None:
    answer = stock.ask()
    problem = answer.json
    assert (answer.status_code, problem["code"]) == (403, "signer-without-agreement")
    assert problem["sign_url"] == f"{services.settings.origin}/sign/mcla-individual"
    assert problem["sign_url"] in problem["message"]
    assert answer.mimetype == "application/problem+json"
    assert "application/json" in answer.content_type  # what @sigstore/sign looks for before it reads the message
    assert count(services.db, Identity) == count(services.db, UsedAssertion) == 0


def test_signing_in_is_not_signing_the_agreement(stock: Any, jane: Any) -> None:
    assert stock.ask().json["code"] == "signer-without-agreement"


def test_who_ended_the_agreement_gets_no_certificate(stock: Any, services: Any, jane: Any) -> None:
    accepted = accept(services, jane)
    assert stock.ask().status_code == 201
    end(services, jane, accepted)
    assert stock.ask().json["code"] == "signer-without-agreement"


@pytest.mark.usefixtures("agreed")
def test_a_token_works_once(stock: Any) -> None:
    token = stock.token()
    assert stock.ask(token).status_code == 201
    again = stock.ask(token)
    assert (again.status_code, again.json["code"]) == (401, "identity-token-refused")


@pytest.mark.usefixtures("agreed")
def test_a_token_for_our_own_registration_counts_too(stock: Any) -> None:
    assert stock.ask(stock.token(aud="mcla-1")).status_code == 201


TOKENS: dict[str, Callable[[Any], str]] = {
    "of another audience": lambda stock: stock.token(aud="somebody else"),
    "of no audience": lambda stock: stock.token(aud=[]),
    "with strangers in its audience": lambda stock: stock.token(aud=["sigstore", "somebody else"]),
    "issued to another client": lambda stock: stock.token(azp="somebody else"),
    "that has expired": lambda stock: stock.token(exp=1, iat=0),
    "of an issuer that is not set up": lambda stock: stock.token(iss="https://issuer.example"),
    "of a provider that takes our audience only": lambda stock: stock.token(iss=f"{stock.op.issuer}/strict"),
    "without a signature": lambda stock: unsigned(
        {"alg": "none"}, {"iss": stock.op.issuer, "aud": "sigstore", "sub": SUBJECT, "iat": 0, "exp": 2**32}
    ),
    "with another signature": lambda stock: stock.token()[:-8] + "AAAAAAAA",
    "of a hundred thousand dots": lambda _: "." * 100_000,
    "of a megabyte": lambda stock: stock.token(note="x" * 1_000_000),
    "of deep JSON": lambda stock: stock.token(note=[[[[[[[[[[]]]]]]]]]] * 3000),
    "that is empty": lambda _: "",
    "that is no token": lambda _: "token",
    "with letters that are none": lambda _: "a.b\u00e9.c",
}


@pytest.mark.usefixtures("agreed")
def test_a_bad_token_gets_no_certificate(stock: Any, services: Any) -> None:
    for what, token in TOKENS.items():
        sent = {"credentials": {"oidcIdentityToken": token(stock)}}
        sent |= {"certificateSigningRequest": encode_base64(stock.request())}
        answer = stock.http.post("/api/v2/signingCert", json=sent)
        assert answer.status_code in (400, 401, 413), what
        assert answer.json["hint"], what
    assert count(services.db, UsedAssertion) == 0


@pytest.mark.usefixtures("agreed")
def test_nothing_in_a_token_makes_the_service_ask_somebody(stock: Any, op: ScriptedOp) -> None:
    """Key addresses, a foreign issuer, an issuer with our provider's address inside: only the provider's own keys."""
    stranger = ScriptedOp(op.clock)
    with serving(stranger) as elsewhere:
        for header in ({"jku": f"{elsewhere}/jwks"}, {"x5u": f"{elsewhere}/x5u"}, {"kid": f"{elsewhere}/kid"}):
            op.header = header
            assert stock.ask().status_code == 401
        op.header = {}
        for issuer in (elsewhere, f"{elsewhere}/?{op.issuer}", f"{op.issuer}@{elsewhere.removeprefix('http://')}"):
            assert stock.ask(stock.token(iss=issuer)).status_code == 401
    assert stranger.hits == []
    assert set(op.hits) == {"/.well-known/openid-configuration", "/jwks"}


def _proof(stock: Any, subject: str, key: Any = None) -> dict[str, Any]:
    shown = (key or stock.key).public_key()
    pem = shown.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    proof = encode_base64(stock.sign(subject.encode()))
    return {"publicKeyRequest": {"publicKey": {"algorithm": "ECDSA", "content": pem}, "proofOfPossession": proof}}


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("claims", "subject"),
    [({}, SUBJECT), ({"email": "jane@example.org", "email_verified": True}, "jane@example.org")],
    ids=["subject", "address"],
)
def test_a_signature_over_the_subject_proves_the_key(stock: Any, claims: dict[str, Any], subject: str) -> None:
    assert stock.ask(stock.token(**claims), _proof(stock, subject)).status_code == 201


KEYS: dict[str, Callable[[Any], object]] = {
    "no key": lambda _: {},
    "a list": lambda _: [],
    "a request that is a number": lambda _: {"certificateSigningRequest": 7},
    "a request that is no base64": lambda _: {"certificateSigningRequest": "%%%"},
    "a request that is none": lambda _: {"certificateSigningRequest": "AAAA"},
    "a request of P-384": lambda stock: _request(stock, ec.generate_private_key(ec.SECP384R1())),
    "a request of RSA": lambda stock: _request(stock, rsa.generate_private_key(65537, 2048)),
    "a request of Ed25519": lambda stock: _request(stock, ed25519.Ed25519PrivateKey.generate()),
    "a request that is too long": lambda stock: {
        "certificateSigningRequest": encode_base64(stock.request() + b"\n" * 5000)
    },
    "a request signed by another key": lambda stock: {"certificateSigningRequest": encode_base64(_spoilt(stock))},
    "a proof over another subject": lambda stock: _proof(stock, "somebody else"),
    "a proof by another key": lambda stock: _proof(stock, SUBJECT, ec.generate_private_key(ec.SECP256R1())),
    "a key of RSA": lambda stock: _proof(stock, SUBJECT, rsa.generate_private_key(65537, 2048)),
    "a proof without a key": lambda _: {"publicKeyRequest": {"proofOfPossession": "AAAA"}},
}


def _request(stock: Any, key: Any) -> dict[str, str]:
    return {"certificateSigningRequest": encode_base64(stock.request(key))}


def _spoilt(stock: Any) -> bytes:
    der = bytearray(x509.load_pem_x509_csr(stock.request()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    text = encode_base64(bytes(der))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n".encode()


@pytest.mark.usefixtures("agreed")
def test_a_key_that_is_not_proven_is_not_certified_and_the_token_stays_good(stock: Any) -> None:
    token = stock.token()
    for what, key in KEYS.items():
        refused = stock.ask(token, key(stock))
        assert (refused.status_code, refused.json["code"]) == (400, "key-refused"), what
    assert stock.ask(token).status_code == 201


def test_agreements_of_two_foundations_need_the_config_of_a_project(
    stock: Any, services: Any, agreed: Callable[[], Any], tmp_path: Path
) -> None:
    from signing_walk import finish

    services.projects.ensure_foundation("other", "Other Foundation", "contact@other.example")
    services.projects.ensure_project("other", "their-llm", "Their LLM", "Another model.")
    services.agreements.publish(copy_version(tmp_path, "1.0.1", slug="other-individual"), "other")
    jane = agreed()
    path = "/api/projects/their-llm/api/v2/signingCert"
    assert stock.ask(path=path).json["sign_url"].endswith("/sign/other-individual")
    finish(services, jane, services.signing.draft_acceptance(jane, "other-individual", "1.0.1", "cli"))
    assert stock.ask().json["code"] == "foundation-unclear"
    assert stock.ask(path=path).status_code == 201
    config = stock.http.get("/.well-known/mcla/client_trust_config.json?project=their-llm").json
    assert config["signingConfig"]["caUrls"][0]["url"].endswith("/api/projects/their-llm")
    assert stock.ask(path="/api/projects/nobodys/api/v2/signingCert").status_code == 404


def test_the_trust_config_names_the_providers_whose_tokens_count(stock: Any, op: ScriptedOp) -> None:
    config = stock.http.get("/.well-known/mcla/client_trust_config.json").json
    named = [each["url"] for each in config["signingConfig"]["oidcUrls"]]
    assert [each for each in named if each.startswith(op.issuer)] == [op.issuer, f"{op.issuer}/strict"]
    assert named[-1] == f"{op.issuer}/strict"  # behind every one that takes what Sigstore clients bring
    assert stock.http.get("/.well-known/mcla/client_trust_config.json?project=nobodys").status_code == 404


def test_asking_without_end_is_limited(stock: Any) -> None:
    answers = [stock.http.post("/api/v2/signingCert", json={}).status_code for _ in range(61)]
    assert answers == [400] * 60 + [429]
