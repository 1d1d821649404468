# SPDX-License-Identifier: Apache-2.0
"""The signing API over HTTP, as the command line speaks it."""

import hashlib
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from signing_walk import ANY_FILE, Holder, accept, bearer

from app.platform.security import limiter
from mcla.envelope.dsse import pae
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle

ACCEPT = {"type": "acceptance", "agreement": "mcla-individual", "version": "1.0.0", "key_holder": "cli"}
GIVE = {"type": "contribution", "project": "tiny-llm", "kind": "code", "files": [ANY_FILE], "key_holder": "cli"}


@pytest.fixture(autouse=True)
def fresh_limits(app):
    limiter.reset()


@pytest.fixture
def ask(client, services, ada):
    """POST as Ada; answers (status, JSON)."""
    headers = bearer(services, ada)

    def post(path, body, **more):
        response = client.post(path, json=body, headers=headers, **more)
        return response.status_code, response.get_json()

    return post


def walk(ask, wanted):
    """Draft, certify and sign over HTTP; answers the last (status, JSON) and what was sent."""
    status, signing = ask("/api/v1/signings", wanted)
    assert status == 201, signing
    holder, path = Holder(), f"/api/v1/signings/{signing['id']}"
    sign = lambda data: encode_base64(holder.key.sign(data, ec.ECDSA(hashes.SHA256())))  # noqa: E731
    statement = signing["statement"].encode()
    proof = sign(possession_message(signing["id"], signing["statement_sha256"]))
    key = {"public_key": encode_base64(holder.spki), "proof": proof, "statement_sha256": signing["statement_sha256"]}
    status, certificate = ask(f"{path}/certificate", key)
    assert status == 201 or status == 200, certificate
    last = {"signature": sign(pae(statement)), "consent": True}
    return ask(f"{path}/signature", last), (path, key, last, signing, certificate)


def test_a_command_line_signs_and_contributes_and_its_bundle_verifies_offline(ask, client):
    (status, accepted), _ = walk(ask, ACCEPT)
    assert (status, accepted["type"], accepted["log_index"]) == (201, "acceptance", 0)
    (status, given), (path, _, last, signing, certificate) = walk(ask, GIVE)
    assert (status, given["type"], given["log_index"]) == (201, "contribution", 1)
    assert hashlib.sha256(signing["statement"].encode()).hexdigest() == signing["statement_sha256"]
    assert len([x509.load_der_x509_certificate(_raw(der)) for der in certificate["certificates"]]) == 2
    trust = TrustedRoot.from_json(client.get("/.well-known/mcla/trusted_root.json").data)
    downloaded = client.get(given["bundle_url"].removeprefix("http://127.0.0.1:8000"))
    assert downloaded.headers["Content-Disposition"] == f'attachment; filename="{given["id"]}.sigstore.json"'
    assert downloaded.content_type == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert verify_bundle(downloaded.data, trust, identity=signing["signer"]["uri"]).verified
    assert ask(f"{path}/signature", last) == (201, given)


def _raw(text):
    import base64

    return base64.b64decode(text)


def test_the_same_walk_shows_its_outcome_to_its_owner_alone(ask, client, services, bela):
    (_, done), (path, *_) = walk(ask, ACCEPT)
    own = client.get(path, headers=bearer(services, bela))
    assert (own.status_code, own.get_json()["code"]) == (404, "signing-unknown")
    assert client.get(path).status_code == 401
    assert done["id"] not in own.text


def test_somebody_elses_signing_and_no_signing_get_equal_answers(ask, client, services, bela):
    _, (path, *_) = walk(ask, ACCEPT)
    headers = bearer(services, bela)
    real, none = (client.get(each, headers=headers).get_json() for each in (path, "/api/v1/signings/sng_" + "0" * 26))
    for body in (real, none):
        body.pop("request_id")
    assert real == none


def test_a_changed_digest_is_a_conflict_that_says_what_to_do(ask):
    _, signing = ask("/api/v1/signings", ACCEPT)
    body = {"public_key": "AAAA", "proof": "AAAA", "statement_sha256": "0" * 64}
    status, problem = ask(f"/api/v1/signings/{signing['id']}/certificate", body)
    assert (status, problem["code"]) == (409, "statement-changed")
    assert problem["hint"]


def test_a_contribution_without_agreement_is_told_where_to_sign(ask):
    status, problem = ask("/api/v1/signings", GIVE)
    assert (status, problem["code"]) == (409, "agreement-not-signed")
    assert problem["sign_url"].endswith("/sign/mcla-individual")


def test_contributing_again_is_told_the_first_contribution(ask, services, ada):
    accept(services, ada)
    (_, done), _ = walk(ask, GIVE)
    status, problem = ask("/api/v1/signings", GIVE)
    assert (status, problem["code"], problem["url"]) == (409, "already-contributed", done["url"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ([], ""),
        ({"type": "grant"}, ""),
        (ACCEPT | {"key_holder": "passkey"}, "/key_holder"),
        (ACCEPT | {"agreement": "Not A Slug"}, "/agreement"),
        (ACCEPT | {"version": 1}, "/version"),
        (ACCEPT | {"extra": 1}, "/extra"),
        (GIVE | {"files": []}, "/files"),
        (GIVE | {"files": [ANY_FILE | {"sha256": "xyz"}]}, "/files/0/sha256"),
        (GIVE | {"files": [ANY_FILE, ANY_FILE | {"size": -1}]}, "/files/1/size"),
        (GIVE | {"files": [ANY_FILE | {"size": "1"}]}, "/files/0/size"),
        (GIVE | {"files": [{"path": "a"}]}, "/files/0/sha256"),
        (GIVE | {"kind": "model"}, "/kind"),
        (GIVE | {"declarations": []}, "/declarations"),
    ],
)
def test_a_body_that_does_not_fit_is_answered_with_the_pointer_to_the_fault(ask, body, pointer):
    status, problem = ask("/api/v1/signings", body)
    assert (status, problem["code"]) == (422, "request-invalid")
    assert pointer in [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([ANY_FILE | {"path": "../x"}], "path-invalid"),
        ([ANY_FILE | {"path": "/x"}], "path-invalid"),
        ([ANY_FILE | {"path": "a\0"}], "path-invalid"),
        ([ANY_FILE, ANY_FILE], "manifest-invalid"),
    ],
)
def test_files_that_cannot_be_signed_are_refused_with_a_code(ask, services, ada, files, code):
    accept(services, ada)
    status, problem = ask("/api/v1/signings", GIVE | {"files": files})
    assert (status, problem["code"]) == (400, code)
    assert problem["hint"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"type":"acceptance","type":"contribution"}', 400),
        (b'{"a":NaN}', 400),
        (b'{"a":1.5}', 400),
        (b'{"a":9007199254740993}', 400),
        (b'{"a":"\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b"", 400),
        (b'{"a":"' + b"x" * 34_000_000 + b'"}', 413),
    ],
    ids=["twice", "nan", "fraction", "huge", "surrogate", "deep", "bytes", "empty", "large"],
)
def test_json_that_two_readers_could_read_differently_is_refused(client, services, ada, raw, status):
    headers = bearer(services, ada) | {"Content-Type": "application/json"}
    response = client.post("/api/v1/signings", data=raw, headers=headers)
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_sent_as_json_is_refused(client, services, ada, kind):
    headers = bearer(services, ada) | {"Content-Type": kind}
    response = client.post("/api/v1/signings", data=json.dumps(ACCEPT), headers=headers)
    assert (response.status_code, response.get_json()["code"]) == (415, "unsupported-media-type")


def test_a_session_needs_the_form_token_and_a_stranger_gets_401(client, services):
    from signin import sign_in

    assert client.post("/api/v1/signings", json=ACCEPT).status_code == 401
    sign_in(client, services)
    origin = {"Origin": services.settings.origin}
    assert client.post("/api/v1/signings", json=ACCEPT, headers=origin).status_code == 403
    assert client.post("/api/v1/signings", json=ACCEPT, headers={"Origin": "https://evil.example"}).status_code == 403


def test_too_many_drafts_are_slowed_down_with_retry_after(client, services, ada):
    headers = bearer(services, ada)
    answers = [client.post("/api/v1/signings", json={}, headers=headers) for _ in range(61)]
    assert {each.status_code for each in answers[:60]} == {422}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].get_json()["code"] == "too-many-requests"


def test_the_trust_files_can_be_cached_and_are_the_same_bytes_each_time(client):
    for name in ("trusted_root.json", "client_trust_config.json"):
        first = client.get(f"/.well-known/mcla/{name}")
        again = client.get(f"/.well-known/mcla/{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
        assert "public" in first.headers["Cache-Control"]


def test_an_acceptance_bundle_is_public_and_names_nobody(ask, client, ada):
    (_, done), _ = walk(ask, ACCEPT)
    response = client.get(f"/api/v1/signatures/{done['id']}/bundle")
    assert response.status_code == 200
    import base64

    text = response.text + base64.b64decode(response.get_json(force=True)["dsseEnvelope"]["payload"]).decode()
    assert not [each for each in (ada.name, ada.login, ada.email) if each in text]


@pytest.mark.parametrize("unknown", ["sig_" + "0" * 26, "x", "%00", "ctr_" + "0" * 26])
def test_an_unknown_signature_is_not_found(client, unknown):
    response = client.get(f"/api/v1/signatures/{unknown}/bundle")
    assert (response.status_code, response.get_json()["code"]) == (404, "signing-unknown")


def test_the_examples_of_the_api_document_are_good_requests(ask, services, ada):
    from app.signing.schemas import SIGNING_EXAMPLES

    last = ""
    for example in SIGNING_EXAMPLES.values():
        named = {"ends": last} if "ends" in example["value"] else {}  # an id of the asker's own
        (status, answer), _ = walk(ask, example["value"] | named)
        assert status == 201, answer
        last = answer["id"]
