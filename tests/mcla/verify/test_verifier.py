# SPDX-License-Identifier: Apache-2.0
"""The verifier answers yes only for the whole proof; any exchanged part gives no, its step, and what to do."""

import json
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import (
    FILES,
    HOST,
    NOW,
    ORIGIN,
    OTHER,
    PAYLOAD,
    SIGNER,
    Parts,
    PrivateSigstore,
    acceptance,
    contribution,
    manifest_of,
    refused,
)

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import parse_bundle
from mcla.envelope.dsse import pae
from mcla.envelope.encoding import P256_ORDER
from mcla.envelope.timestamp import issue_timestamp
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle


def test_a_whole_bundle_is_verified_and_every_step_was_taken(service: PrivateSigstore, parts: Parts) -> None:
    verdict = verify_bundle(parts.bytes(), service.trust, identity=SIGNER, issuer=ORIGIN)
    assert verdict.verdict == "verified"
    assert [step.name for step in verdict.steps] == [
        "bundle", "payload-type", "statement", "certificate", "signature", "timestamp", "certificate-life",
        "certificate-chain", "certificate-transparency", "log-entry", "log", "checkpoint", "inclusion", "witnesses",
        "signer", "passkey", "identity", "issuer", "artifact",
    ]  # fmt: skip
    assert [step.name for step in verdict.steps if step.outcome != "yes"] == ["witnesses", "passkey", "artifact"]
    assert {step.detail for step in verdict.steps if step.outcome != "yes"} == {"not asked"}


def test_a_parsed_bundle_gives_the_same_verdict_as_its_bytes(service: PrivateSigstore, parts: Parts) -> None:
    assert verify_bundle(parse_bundle(parts.bytes()), service.trust) == verify_bundle(parts.bytes(), service.trust)


def test_a_verdict_says_what_was_signed_and_what_was_independent(service: PrivateSigstore, parts: Parts) -> None:
    value = json.loads(json.dumps(verify_bundle(parts.bytes(), service.trust).to_dict()))
    assert value["statement"]["signer"] == SIGNER
    assert value["statement"]["type"] == "contribution"
    assert value["statement"]["log_index"] == parts.log_index
    assert value["statement"]["time"] == "2026-11-22T12:00:00Z"
    assert value["independent"]["witnesses"] == 0
    assert value["independent"]["timestamp"] is False
    assert "same operator" in value["independent"]["sentence"]
    assert value["checkpoint"] == {"origin": HOST, "size": parts.tree_size, "root": parts.root.hex()}


def test_an_acceptance_is_verified_too(service: PrivateSigstore) -> None:
    payload = acceptance(manifest_of({"agreement.md": b"text", "terms.toml": b"x"})).to_bytes()
    verdict = verify_bundle(service.sign(payload).bytes(), service.trust)
    assert verdict.verified
    assert "accepted mcla-individual 1.0.0" in verdict.reasons[0].message


def test_a_key_that_the_service_held_is_said_in_its_own_sentence(service: PrivateSigstore) -> None:
    said = {}
    for holder in ("browser", "cli", "service"):
        verdict = verify_bundle(service.sign(contribution(FILES, key_holder=holder).to_bytes()).bytes(), service.trust)
        assert verdict.verified
        said[holder] = verdict.reasons[1]
    assert said["service"].code == "key-held-by-service"
    assert "not that the signer's own device signed" in said["service"].message
    assert len({reason.message for reason in said.values()}) == 3


def test_a_timestamp_by_another_operator_is_told_apart(service: PrivateSigstore, impostor: PrivateSigstore) -> None:
    parts = service.sign(PAYLOAD)
    tsa = impostor.keys.tsa
    parts.timestamp = issue_timestamp(parts.signature, tsa.key, tsa.chain, NOW, 9)
    value = service.trust.to_dict()
    value["timestampAuthorities"] = impostor.trust.to_dict()["timestampAuthorities"]
    value["timestampAuthorities"][0]["uri"] = "https://stamps.example.net"
    verdict = verify_bundle(parts.bytes(), TrustedRoot.from_json(json.dumps(value).encode()))
    assert verdict.verified
    assert verdict.independent.timestamp
    assert "another operator" in verdict.independent.sentence


def test_another_payload_under_the_same_signature_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    verdict = verify_bundle(parts.bytes(payload=OTHER), service.trust)
    refused(verdict, "signature", "envelope-invalid")
    assert verdict.step("log-entry").outcome == "no"


def test_a_signature_over_something_else_is_refused(service: PrivateSigstore) -> None:
    for signed in (PAYLOAD, pae(OTHER), pae(PAYLOAD, "application/json"), pae(PAYLOAD).replace(b"DSSEv1", b"DSSEv2")):
        refused(
            verify_bundle(service.sign(PAYLOAD, signed=signed).bytes(), service.trust), "signature", "envelope-invalid"
        )


@pytest.mark.parametrize("bad", [b"", b"\x00" * 70, encode_dss_signature(0, 1), encode_dss_signature(1, 0)])
def test_a_signature_that_is_none_is_refused(service: PrivateSigstore, parts: Parts, bad: bytes) -> None:
    refused(verify_bundle(parts.bytes(signature=bad), service.trust), "signature", "encoding-invalid")


def test_the_twin_of_a_signature_is_valid_in_itself_but_neither_stamped_nor_logged(
    service: PrivateSigstore, parts: Parts
) -> None:
    r, s = decode_dss_signature(parts.signature)
    verdict = verify_bundle(parts.bytes(signature=encode_dss_signature(r, P256_ORDER - s)), service.trust)
    assert verdict.step("signature").outcome == "yes"
    refused(verdict, "timestamp", "timestamp-invalid")
    assert verdict.step("log-entry").outcome == "no"


def test_another_payload_type_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    value = parts.bundle()
    value["dsseEnvelope"]["payloadType"] = "application/json"
    verdict = verify_bundle(json.dumps(value).encode(), service.trust)
    refused(verdict, "payload-type", "payload-type-refused")
    assert verdict.step("statement").outcome == "not-checked"


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"hello", PAYLOAD + b"\n", json.dumps(json.loads(PAYLOAD), indent=1).encode(), b"[" * 1000,
     PAYLOAD.replace(b'"schema":"1"', b'"schema":"1","schema":"1"'),
     PAYLOAD.replace(b'"logIndex":3', b'"logIndex":1e0')],
)  # fmt: skip
def test_a_statement_that_is_not_ours_or_not_canonical_is_refused_though_rightly_signed(
    service: PrivateSigstore, payload: bytes
) -> None:
    verdict = verify_bundle(service.sign(payload).bytes(), service.trust)
    assert verdict.verdict == "not-verified"
    assert [step.name for step in verdict.steps if step.outcome == "no"] == ["statement"]


def test_a_certificate_of_another_signer_or_service_is_refused(service: PrivateSigstore) -> None:
    other = service.sign(PAYLOAD, signer=f"{ORIGIN}/signers/sgn_other")
    refused(verify_bundle(other.bytes(), service.trust), "signer", "signer-mismatch")
    other = service.sign(PAYLOAD, issuer="https://other.example.org")
    refused(verify_bundle(other.bytes(), service.trust), "signer", "signer-mismatch")


def test_a_certificate_by_an_authority_of_the_same_names_is_refused(
    service: PrivateSigstore, impostor: PrivateSigstore
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    forged = impostor.certify(key.public_key(), SIGNER, ORIGIN, NOW)
    verdict = verify_bundle(service.sign(PAYLOAD, key=key, certificate=forged).bytes(), service.trust)
    refused(verdict, "certificate-chain", "certificate-untrusted")
    assert verdict.step("signature").outcome == "yes"
    assert verdict.step("certificate-transparency").outcome == "not-checked"


def test_an_sct_by_another_ct_key_is_refused(service: PrivateSigstore, impostor: PrivateSigstore) -> None:
    value = service.trust.to_dict()
    value["ctlogs"] = impostor.trust.to_dict()["ctlogs"]
    verdict = verify_bundle(service.sign(PAYLOAD).bytes(), TrustedRoot.from_json(json.dumps(value).encode()))
    refused(verdict, "certificate-transparency", "sct-invalid")


LOOK_ALIKES = [
    "", SIGNER[:-1], SIGNER + "s", SIGNER + "/", SIGNER.upper(), SIGNER.replace("https", "HTTPS"),
    SIGNER.replace("https", "http"),
    " " + SIGNER, SIGNER + "\n", SIGNER + "\x00", SIGNER.replace("0", "О"), SIGNER.replace("a", "а"),
    SIGNER.replace("mcla", "ⅿcla"),
    SIGNER.replace(".", "。"), ".*", "^https://.*$", SIGNER.replace(".", "\\."), SIGNER.replace("0123", "[0-9]{4}"),
    "*",
    SIGNER.replace("/signers/", "//signers/"), SIGNER.replace("/signers/", "/x/../signers/"),
    SIGNER.replace("mcla.", "mcla%2E"),
    SIGNER.replace("example.org", "example.org:443"), SIGNER.replace("example.org", "example.org."), SIGNER + "?",
    SIGNER + "#",
    "evil" + SIGNER, SIGNER.split("/")[-1], f"{ORIGIN}/signers/", ORIGIN, SIGNER.replace("e", "e\u200b", 1),
    SIGNER + "|.*",
]  # fmt: skip


@pytest.mark.parametrize("identity", LOOK_ALIKES)
def test_an_identity_matches_only_itself(service: PrivateSigstore, parts: Parts, identity: str) -> None:
    verdict = verify_bundle(parts.bytes(), service.trust, identity=identity)
    refused(verdict, "identity", "identity-mismatch")
    assert verdict.step("issuer").outcome == "not-checked"
    assert verdict.step("identity").detail.isascii()


@pytest.mark.parametrize(
    "issuer", ["", ORIGIN + "/", ORIGIN.upper(), HOST, ".*", "http://" + HOST, ORIGIN[:-1], ORIGIN + ".evil.net"]
)
def test_an_issuer_matches_only_itself(service: PrivateSigstore, parts: Parts, issuer: str) -> None:
    refused(verify_bundle(parts.bytes(), service.trust, issuer=issuer), "issuer", "identity-mismatch")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":1,"a":1}', b"[" * 100_000])
def test_bytes_that_are_no_bundle_are_not_verified(service: PrivateSigstore, data: bytes) -> None:
    verdict = verify_bundle(data, service.trust)
    assert verdict.verdict == "not-verified"
    assert verdict.steps[0].outcome == "no"
    assert {step.outcome for step in verdict.steps[1:]} == {"not-checked"}
    assert verdict.statement is None


def test_two_bundles_with_any_part_swapped_are_refused(service: PrivateSigstore) -> None:
    one, two = service.sign(PAYLOAD), service.sign(PAYLOAD)
    assert verify_bundle(two.bytes(), service.trust).verified
    for part in (
        "signature",
        "certificate",
        "timestamp",
        "body",
        "log_index",
        "tree_size",
        "root",
        "proof",
        "checkpoint",
    ):
        if getattr(one, part) != getattr(two, part):
            verdict = verify_bundle(one.bytes(**{part: getattr(two, part)}), service.trust)
            assert verdict.verdict == "not-verified", part
            assert verdict.reasons[0].hint


_FUZZ: list[tuple[bytes, TrustedRoot]] = []


@pytest.fixture(autouse=True, scope="module")
def _remember(service: PrivateSigstore, parts: Parts) -> None:
    _FUZZ.append((parts.bytes(), service.trust))


@given(st.data())
def test_a_bundle_with_any_bytes_changed_is_never_verified_as_something_else(data: st.DataObject) -> None:
    good, trust = _FUZZ[0]
    value = json.loads(good)
    holder: Any = value
    while True:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], dict | list):
            break
        holder = holder[key]
    old = str(holder[key])
    place = data.draw(st.integers(0, len(old) - 1))
    with suppress(UnicodeEncodeError):
        holder[key] = old[:place] + data.draw(st.sampled_from("AZaz09+/=\n \x00é")) + old[place + 1 :]
        verdict = verify_bundle(json.dumps(value).encode(), trust)
        assert verdict.verified is (value == json.loads(good))


def test_the_digest_of_the_statement_in_a_verdict_is_that_of_its_bytes(service: PrivateSigstore, parts: Parts) -> None:
    verdict = verify_bundle(parts.bytes(), service.trust)
    assert verdict.statement is not None
    assert verdict.statement["statement_sha256"] == sha256_hex(PAYLOAD)
