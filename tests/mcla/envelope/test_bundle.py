# SPDX-License-Identifier: Apache-2.0
"""Envelopes and bundles: one shape, one spelling, limits checked first; anything else is refused with a code."""

import base64
import copy
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import rfc8785
from any_member import replace_any_member
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import PrivateSigstore, contribution, manifest_of

from mcla.envelope.bundle import MAX_BUNDLE_BYTES, BundleInvalid, BundleTooLarge, parse_bundle
from mcla.envelope.dsse import PAYLOAD_TYPE, Envelope, EnvelopeInvalid, check_signature, pae
from mcla.envelope.encoding import EncodingInvalid, check_p256_signature, decode_base64
from mcla.envelope.entry import entry_body
from mcla.errors import MclaError

_MADE: list[dict[str, Any]] = []


@pytest.fixture(autouse=True, scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    service = PrivateSigstore.create(tmp_path_factory.mktemp("keys"))
    _MADE.append(service.sign(contribution(manifest_of({"a": b"x"})).to_bytes()).bundle())
    return _MADE[0]


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_the_pre_authentication_encoding_is_that_of_the_specification() -> None:
    assert (
        pae(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae(b"{}") == b"DSSEv1 28 application/vnd.in-toto+json 2 {}"


def test_a_bundle_survives_reading_and_writing(good: dict[str, Any]) -> None:
    bundle = parse_bundle(text(good))
    assert bundle.to_dict() == good
    assert bundle.envelope.payload_type == PAYLOAD_TYPE
    assert bundle.entry.body == entry_body(bundle.envelope.payload, bundle.envelope.signature, bundle.certificate)
    assert bundle.entry.body == rfc8785.dumps(json.loads(bundle.entry.body))


def test_no_statement_and_no_signer_beyond_the_certificate_is_in_the_log_entry(good: dict[str, Any]) -> None:
    body = parse_bundle(text(good)).entry.body
    assert set(json.loads(body)["spec"]["hashedRekordV002"]) == {"data", "signature"}
    assert len(body) < 4096


def at(value: Any, path: str) -> tuple[Any, Any]:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        value = value[step]
    return value, last


def put(path: str, new: Any) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        holder, last = at(value, path)
        holder[last] = new(holder[last]) if callable(new) else new

    return change


def drop(path: str) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        holder, last = at(value, path)
        del holder[last]

    return change


ENTRY = "verificationMaterial.tlogEntries.0"
PROOF = f"{ENTRY}.inclusionProof"
STAMPS = "verificationMaterial.timestampVerificationData.rfc3161Timestamps"
SIGNATURES = "dsseEnvelope.signatures"


@pytest.mark.parametrize(
    "change",
    [
        put("mediaType", "application/vnd.dev.sigstore.bundle.v0.2+json"), put("mediaType", None), drop("mediaType"),
        put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.3"),
        put("extra", 1), drop("dsseEnvelope"), put("dsseEnvelope", []), put("messageSignature", {}),
        put("dsseEnvelope.extra", 1), drop("dsseEnvelope.payload"), put("dsseEnvelope.payload", 7),
        put("dsseEnvelope.payloadType", None), put("dsseEnvelope.payloadType", "é"),
        put("dsseEnvelope.payloadType", "x" * 999),
        put(SIGNATURES, []), put(SIGNATURES, lambda s: s * 2), put(SIGNATURES, {}), put(f"{SIGNATURES}.0", "x"),
        put(f"{SIGNATURES}.0.keyid", "k"), put(f"{SIGNATURES}.0.cert", ""), drop(f"{SIGNATURES}.0.sig"),
        put("verificationMaterial", None), put("verificationMaterial.extra", 1),
        drop("verificationMaterial.certificate"),
        put("verificationMaterial.certificate", {}), put("verificationMaterial.certificate.rawBytes", None),
        put("verificationMaterial.publicKey", {"hint": "x"}), drop("verificationMaterial.timestampVerificationData"),
        put("verificationMaterial.timestampVerificationData", {}), put(STAMPS, []), put(STAMPS, lambda s: s * 2),
        put(STAMPS, lambda s: s * 33), put(f"{STAMPS}.0", "x"), put(f"{STAMPS}.0.signedTimestamp", "!"),
        put("verificationMaterial.tlogEntries", []), put("verificationMaterial.tlogEntries", {}),
        put("verificationMaterial.tlogEntries", lambda s: s * 2),
        put("verificationMaterial.tlogEntries", lambda s: s * 33),
        put(ENTRY, None), put(f"{ENTRY}.inclusionPromise", {}), put(f"{ENTRY}.integratedTime", "1"),
        put(f"{ENTRY}.kindVersion.version", "0.0.1"), put(f"{ENTRY}.kindVersion.kind", "dsse"),
        put(f"{ENTRY}.kindVersion", None),
        put(f"{ENTRY}.logId.keyId", "AAAA"), put(f"{ENTRY}.logId", None), put(f"{ENTRY}.logIndex", 5),
        put(f"{ENTRY}.logIndex", "05"), put(f"{ENTRY}.logIndex", "-1"), put(f"{ENTRY}.logIndex", "6"),
        put(f"{ENTRY}.logIndex", "9" * 30), put(f"{ENTRY}.logIndex", "٥"), put(f"{ENTRY}.logIndex", "5 "),
        drop(PROOF), put(PROOF, None), put(f"{PROOF}.treeSize", "1e3"), put(f"{PROOF}.treeSize", 8),
        put(f"{PROOF}.rootHash", "AAAA"), put(f"{PROOF}.hashes", None), put(f"{PROOF}.hashes.0", "AAAA"),
        put(f"{PROOF}.hashes", lambda s: s * 40), put(f"{PROOF}.checkpoint", None),
        put(f"{PROOF}.checkpoint.envelope", 1),
        put(f"{PROOF}.checkpoint.envelope", "x" * 70_000), put(f"{PROOF}.checkpoint.more", "x"),
        put(f"{ENTRY}.canonicalizedBody", base64.b64encode(bytes(65_536)).decode()),
        put(f"{ENTRY}.canonicalizedBody", None),
    ],
)  # fmt: skip
def test_a_bundle_of_another_shape_is_refused(good: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    bad = copy.deepcopy(good)
    change(bad)
    with pytest.raises(MclaError) as caught:
        parse_bundle(text(bad))
    assert caught.value.hint
    assert "expected" in caught.value.message


def test_a_dsse_envelope_with_two_signatures_is_refused_by_number(good: dict[str, Any]) -> None:
    bad = copy.deepcopy(good)
    bad["dsseEnvelope"]["signatures"] *= 2
    with pytest.raises(EnvelopeInvalid, match="exactly one signature, got 2"):
        parse_bundle(text(bad))


def test_33_entries_and_65_megabytes_are_refused_fast(good: dict[str, Any]) -> None:
    bad = copy.deepcopy(good)
    bad["verificationMaterial"]["tlogEntries"] *= 33
    started = time.monotonic()
    with pytest.raises(BundleTooLarge, match="got 33"):
        parse_bundle(text(bad))
    with pytest.raises(BundleTooLarge, match="bytes"):
        parse_bundle(b" " * (MAX_BUNDLE_BYTES + 1))
    with pytest.raises(MclaError):
        parse_bundle(b"[" * 60_000_000)
    assert time.monotonic() - started < 10


def test_a_bundle_cut_anywhere_is_refused(good: dict[str, Any]) -> None:
    whole = text(good)
    for length in [*range(0, len(whole), 211), len(whole) - 1]:
        with pytest.raises(MclaError):
            parse_bundle(whole[:length])


@pytest.mark.parametrize(
    "value",
    [
        "", {}, [], None, 1, "abc", "{}", [1], {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"},
    ],
)  # fmt: skip
def test_json_that_is_no_bundle_is_refused(value: Any) -> None:
    with pytest.raises((BundleInvalid, MclaError)):
        parse_bundle(text(value))


@given(st.binary(max_size=300))
def test_any_bytes_as_a_bundle_are_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(MclaError):
        parse_bundle(data)


@given(st.data())
def test_a_bundle_with_any_member_replaced_is_read_or_refused_with_a_code(data: st.DataObject) -> None:
    bad = copy.deepcopy(_MADE[0])
    replace_any_member(data, bad)
    with suppress(MclaError):
        parse_bundle(text(bad))


@pytest.mark.parametrize(
    "spelling",
    ["YQ", "YQ=", "YR==", "YQ==\n", " YQ==", "Y Q==", "YQ==YQ==", "-_-_", "=", "YQ===", "é", "YWI", None, 5, b"YQ=="],
)
def test_base64_in_another_spelling_is_refused(spelling: object) -> None:
    assert decode_base64("YQ==", "x") == b"a"
    with pytest.raises(EncodingInvalid, match="base64"):
        decode_base64(spelling, "the payload")


@given(st.binary())
def test_base64_has_one_spelling(data: bytes) -> None:
    assert decode_base64(base64.b64encode(data).decode(), "x") == data


def test_a_signature_by_another_key_or_over_other_bytes_is_refused() -> None:
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    sign = ec.ECDSA(hashes.SHA256())
    check_signature(Envelope(b"{}", key.sign(pae(b"{}"), sign)), key.public_key())
    bad = [
        Envelope(b"{}", other.sign(pae(b"{}"), sign)), Envelope(b"{ }", key.sign(pae(b"{}"), sign)),
        Envelope(b"{}", key.sign(b"{}", sign)), Envelope(b"{}", key.sign(pae(b"{}"), sign), "application/json"),
        Envelope(b"{}", key.sign(pae(b"{}"), ec.ECDSA(hashes.SHA512()))),
    ]  # fmt: skip
    for envelope in bad:
        with pytest.raises(EnvelopeInvalid, match="does not fit"):
            check_signature(envelope, key.public_key())


@given(st.binary(max_size=80))
def test_any_bytes_as_a_signature_are_refused_with_a_code(data: bytes) -> None:
    with suppress(EncodingInvalid):
        check_p256_signature(data, "x")
        assert data.startswith(b"\x30")


def _as_v02(good: dict[str, Any]) -> dict[str, Any]:
    """The same bundle as `@sigstore/sign` writes one for a file."""
    older = copy.deepcopy(good)
    older["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    material = older["verificationMaterial"]
    material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
    return older


def test_the_certificate_may_stand_in_the_list_of_v02(good: dict[str, Any]) -> None:
    assert parse_bundle(text(_as_v02(good))) == parse_bundle(text(good))


CERTIFICATES = "verificationMaterial.x509CertificateChain.certificates"


@pytest.mark.parametrize(
    "change",
    [
        put(CERTIFICATES, []), put(CERTIFICATES, lambda s: s * 2), put(CERTIFICATES, {}), put(f"{CERTIFICATES}.0", "x"),
        put("verificationMaterial.x509CertificateChain", None), drop("verificationMaterial.x509CertificateChain"),
        put("verificationMaterial.x509CertificateChain.more", 1), put("verificationMaterial.certificate", {}),
        put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"),
        put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1"),
    ],
)  # fmt: skip
def test_another_list_of_certificates_is_refused(
    good: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    bad = _as_v02(good)
    change(bad)
    with pytest.raises(MclaError):
        parse_bundle(text(bad))
