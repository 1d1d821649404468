# SPDX-License-Identifier: Apache-2.0
"""Verdicts on signatures over one file, as stock clients make them: whose they are, and each fault in its own step."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from interop.private_sigstore import ORIGIN, SIGNER, PrivateSigstore, file_bundle, manifest_of, refused

from mcla.envelope.bundle import parse_bundle
from mcla.errors import MclaError
from mcla.verify.verifier import verify_artifact, verify_bundle

FILE = b"weights"
SHA256 = hashlib.sha256(FILE).digest()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def bundle(service: PrivateSigstore) -> dict[str, Any]:
    return file_bundle(service, FILE)


def test_a_signature_over_a_file_proves_the_signer_and_says_that_it_is_no_contribution(
    service: PrivateSigstore, bundle: dict[str, Any]
) -> None:
    data = json.dumps(bundle).encode()
    for target in (SHA256.hex(), f"sha256:{SHA256.hex()}", manifest_of({"any name": FILE})):
        verdict = verify_artifact(target, data, service.trust, identity=SIGNER, issuer=ORIGIN)
        assert verdict.verified, verdict.to_dict()
        assert [one.code for one in verdict.reasons] == ["signed-file", "file-signature-is-no-contribution"]
        assert verdict.statement is not None
        assert (verdict.statement["type"], verdict.statement["sha256"]) == ("file-signature", SHA256.hex())
        assert not {"agreement", "project", "kind"} & set(verdict.statement)
    assert parse_bundle(data).to_dict() == bundle


def test_another_file_and_another_signer_are_refused(service: PrivateSigstore, bundle: dict[str, Any]) -> None:
    data = json.dumps(bundle).encode()
    for target in (hashlib.sha256(b"other").hexdigest(), manifest_of({"a": FILE, "b": b"other"})):
        refused(verify_artifact(target, data, service.trust), "artifact", "artifact-not-in-bundle")
    refused(verify_bundle(data, service.trust, identity=SIGNER + "x"), "identity", "identity-mismatch")


def test_a_digest_that_was_not_signed_or_not_logged_is_refused(service: PrivateSigstore) -> None:
    other = hashlib.sha256(b"other").digest()
    refused(
        verify_bundle(json.dumps(file_bundle(service, FILE, digest=other, logged=other)).encode(), service.trust),
        "signature",
        "envelope-invalid",
    )
    refused(
        verify_bundle(json.dumps(file_bundle(service, FILE, logged=other)).encode(), service.trust),
        "log-entry",
        "log-entry-mismatch",
    )


def test_the_form_of_entry_for_statements_does_not_fit_a_file(service: PrivateSigstore, bundle: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(bundle))
    changed["verificationMaterial"]["tlogEntries"][0]["kindVersion"] = {"kind": "dsse", "version": "0.0.1"}
    refused(verify_bundle(json.dumps(changed).encode(), service.trust), "log-entry", "log-entry-mismatch")


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "both a statement and a file": lambda b: b.update(
        dsseEnvelope={"payload": "", "payloadType": "", "signatures": []}
    ),
    "neither": lambda b: b.pop("messageSignature"),
    "null": lambda b: b.update(messageSignature=None),
    "no digest": lambda b: b["messageSignature"].pop("messageDigest"),
    "another algorithm": lambda b: b["messageSignature"]["messageDigest"].update(algorithm="SHA2_512"),
    "a short digest": lambda b: b["messageSignature"]["messageDigest"].update(digest="AAAA"),
    "a signature in other base64": lambda b: b["messageSignature"].update(signature="AAA"),
    "a member that nobody knows": lambda b: b["messageSignature"].update(more=1),
}


@pytest.mark.parametrize("what", list(SPOILT))
def test_a_bundle_of_another_shape_is_refused(bundle: dict[str, Any], what: str) -> None:
    changed = json.loads(json.dumps(bundle))
    SPOILT[what](changed)
    with pytest.raises(MclaError) as error:
        parse_bundle(json.dumps(changed).encode())
    assert error.value.hint
