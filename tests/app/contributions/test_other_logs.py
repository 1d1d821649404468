# SPDX-License-Identifier: Apache-2.0
"""Proofs of another service, sound under its own keys: here they are not verified, and the answer says why."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from notary import Notary, make_notary

from app.signing.values import Completed
from mcla.artifacts.scan import scan
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle


@pytest.fixture(params=["https://elsewhere.example.org", "https://127.0.0.1"], ids=["other name", "our own name"])
def foreign(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> bytes:
    """A sound proof from a log of another service, which may even call itself by our name."""
    assert settings.host == "127.0.0.1"
    other: Notary = make_notary(tmp_path / "other", request.param)
    (tmp_path / "model.bin").write_bytes(b"weights")
    bundle = other.bundle(scan([tmp_path / "model.bin"]))
    assert verify_bundle(bundle, TrustedRoot.from_json(other.trust())).verified
    return bundle


def test_a_proof_from_another_log_is_not_verified_over_the_api_and_says_why(
    client: FlaskClient, foreign: bytes
) -> None:
    answer = client.post("/api/v1/bundles/verify", json=json.loads(foreign))
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["verdict"] == "not-verified"
    assert told["reasons"]
    assert all(reason["code"] and reason["message"] for reason in told["reasons"])
    # The first step that needs a key of ours fails, and none after it is taken for good.
    keyed = ("timestamp", "certificate-chain", "certificate-transparency", "log", "checkpoint", "inclusion")
    assert {step["outcome"] for step in told["steps"] if step["name"] in keyed} <= {"no", "not-checked"}
    assert [step["name"] for step in told["steps"] if step["outcome"] == "no"] == ["timestamp"]


def test_a_proof_from_another_log_is_not_verified_on_the_page_and_says_why(client: FlaskClient, foreign: bytes) -> None:
    told = client.post("/api/v1/bundles/verify", json=json.loads(foreign)).get_json()
    page = client.post("/verify", data={"bundle": (io.BytesIO(foreign), "proof.sigstore.json")})
    assert page.status_code == 200
    assert "Not verified." in page.text
    assert "The proof holds" not in page.text
    assert told["reasons"][0]["message"][1:40] in page.text


def test_our_own_signature_moved_into_another_log_is_not_verified(
    client: FlaskClient, given: Completed, tmp_path: Path
) -> None:
    bundle = json.loads(json.dumps(dict(given.bundle)))
    assert client.post("/api/v1/bundles/verify", json=bundle).get_json()["verdict"] == "verified"
    entry = bundle["verificationMaterial"]["tlogEntries"][0]
    entry["logId"]["keyId"] = base64.b64encode(b"\0" * 32).decode()
    told = client.post("/api/v1/bundles/verify", json=bundle).get_json()
    assert told["verdict"] == "not-verified"
    assert "log" in " ".join(reason["message"] for reason in told["reasons"])


def test_the_head_of_another_log_does_not_stand_for_ours(client: FlaskClient, given: Completed, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    other = json.loads(make_notary(tmp_path / "other", "https://127.0.0.1").bundle(scan([tmp_path / "model.bin"])))
    bundle = json.loads(json.dumps(dict(given.bundle)))
    proof = other["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"] = proof["checkpoint"]
    told = client.post("/api/v1/bundles/verify", json=bundle).get_json()
    assert told["verdict"] == "not-verified"
    assert "no signature of 127.0.0.1 with key id" in told["reasons"][0]["message"]
