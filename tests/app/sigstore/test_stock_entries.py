# SPDX-License-Identifier: Apache-2.0
"""Log entries and timestamps for stock clients: what fits is logged once, everything else not at all."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from interop.private_sigstore import PrivateSigstore, contribution, manifest_of
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response
from signing_walk import certified, count
from stock_bundles import bundle_of, sha256, stamp_wish

from app.log import second_home
from app.log.models import LogEntry
from app.signing.models import Signing
from mcla.envelope.certificate import read_leaf
from mcla.envelope.dsse import pae
from mcla.envelope.encoding import encode_base64
from mcla.envelope.timestamp import check_timestamp, read_timestamp
from mcla.statements.oms import oms_statement
from mcla.verify.verifier import verify_artifact, verify_bundle

DATA = b"weights"
FILES = manifest_of({"model.safetensors": DATA})
pytestmark = pytest.mark.usefixtures("agreed")


def test_what_a_stock_client_signs_is_logged_once_with_a_proof(stock: Any, services: Any) -> None:
    certificate, before = stock.certificate(), count(services.db, LogEntry)
    entry = stock.entry(sha256(DATA), stock.sign(DATA), certificate)
    first, again = stock.log(entry), stock.log(entry)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["logIndex"] == again.json["logIndex"] == str(before)
    assert first.json["kindVersion"] == {"kind": "hashedrekord", "version": "0.0.2"}
    assert count(services.db, LogEntry) == before + 1


@pytest.mark.parametrize(
    ("fault", "refused", "later"),
    [(errno.ENOSPC, (507, "log-full"), 201), (errno.EIO, (503, "log-stopped"), 503)],
    ids=["full", "broken"],
)
def test_a_disk_that_fails_is_told_with_what_to_do_and_reading_goes_on(
    stock: Any, services: Any, monkeypatch: pytest.MonkeyPatch, fault: int, refused: tuple[int, str], later: int
) -> None:
    before = services.log.head().size
    entry = stock.entry(sha256(DATA), stock.sign(DATA), stock.certificate())

    def failing(_file: int) -> None:
        raise OSError(fault, os.strerror(fault))

    with monkeypatch.context() as disk:
        disk.setattr(second_home, "_flush", failing)
        answer = stock.log(entry)
        assert stock.http.get("/log/checkpoint").status_code == 200
    assert (answer.status_code, answer.json["code"]) == refused
    assert answer.json["hint"].startswith("The operator has to ")
    assert stock.http.get(f"/log/tile/entries/000.p/{before}").status_code == 200
    again = stock.log(entry)
    assert again.status_code == later
    assert again.json.get("logIndex") == (str(before) if later == 201 else None)


def test_an_envelope_is_logged_as_what_it_signs(stock: Any) -> None:
    payload, certificate = oms_statement(FILES, "m"), stock.certificate()
    signature = stock.sign(pae(payload))
    record = stock.entry(sha256(pae(payload)), signature, certificate)
    envelope = {"payload": encode_base64(payload), "payloadType": "application/vnd.in-toto+json"}
    envelope |= {"signatures": [{"sig": encode_base64(signature), "keyid": ""}]}
    verifiers = [record["hashedRekordRequestV002"]["signature"]["verifier"]]
    enveloped = stock.log({"dsseRequestV002": {"envelope": envelope, "verifiers": verifiers}})
    assert enveloped.status_code == 201, enveloped.text
    assert enveloped.json["logIndex"] == stock.log(record).json["logIndex"]


def test_a_list_signed_by_a_stock_client_verifies_and_is_no_contribution(stock: Any, services: Any) -> None:
    bundle = bundle_of(stock, oms_statement(FILES, "m"), stock.certificate())
    verdict = verify_artifact(FILES, bundle, services.trust)
    assert verdict.verified, verdict.to_dict()
    assert "oms-is-no-contribution" in {reason.code for reason in verdict.reasons}
    digest = hashlib.sha256(DATA).hexdigest()
    assert stock.http.get(f"/api/v1/artifacts/sha256:{digest}").json["verdict"] == "unknown"


def test_page_and_api_say_what_a_list_and_a_signature_over_a_file_are(stock: Any) -> None:
    certificate = stock.certificate()
    listed = bundle_of(stock, oms_statement(FILES, "m"), certificate)
    signature = stock.sign(DATA)
    logged = stock.log(stock.entry(sha256(DATA), signature, certificate)).json
    single = json.loads(listed)
    del single["dsseEnvelope"]
    digest = {"algorithm": "SHA2_256", "digest": encode_base64(sha256(DATA))}
    single["messageSignature"] = {"messageDigest": digest, "signature": encode_base64(signature)}
    stamp = stock.http.post("/api/v1/timestamp", json=stamp_wish(signature)).data
    material = single["verificationMaterial"]
    material["tlogEntries"] = [logged]
    material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": encode_base64(stamp)}]}
    for bundle, kind in ((json.loads(listed), "oms"), (single, "file-signature")):
        told = stock.http.post("/api/v1/bundles/verify", json=bundle).json
        assert (told["verdict"], told["statement"]["type"]) == ("verified", kind), told
        sent = {"bundle": (BytesIO(json.dumps(bundle).encode()), "model.sig"), "digest": sha256(DATA).hex()}
        page = stock.http.application.test_client().post("/verify", data=sent, content_type="multipart/form-data")
        assert page.status_code == 200, page.text
        assert "names no agreement" in page.text


def test_nobody_can_sign_a_statement_of_ours_with_a_stock_certificate(stock: Any, services: Any) -> None:
    """A statement that this service never wrote, about the real signer: every proof holds but the name."""
    certificate, origin = stock.certificate(), services.settings.origin
    signer = read_leaf(certificate).signer_uri.removesuffix("/stock")
    forged = contribution(FILES, signer=signer, service=origin).to_bytes()
    verdict = verify_bundle(bundle_of(stock, forged, certificate), services.trust)
    assert verdict.verdict == "not-verified"
    assert [step.name for step in verdict.steps if step.outcome == "no"] == ["signer"]


def test_the_certificate_of_a_statement_logs_nothing_else(stock: Any, services: Any, agreed: Any) -> None:
    from signing_walk import draft_contribution

    signing, holder = certified(services, agreed(), draft_contribution)
    with services.db.read() as session:
        certificate = session.get_one(Signing, signing.id).certificate
    before = count(services.db, LogEntry)
    refused = stock.log(stock.entry(sha256(DATA), holder._sign(DATA), certificate))
    assert (refused.status_code, refused.json["code"]) == (400, "log-entry-refused")
    assert count(services.db, LogEntry) == before


Spoil = Callable[[Any, bytes], object]


def _record(stock: Any, certificate: bytes, **changed: Any) -> dict[str, Any]:
    entry = stock.entry(sha256(DATA), stock.sign(DATA), certificate)
    entry["hashedRekordRequestV002"] |= changed
    return entry


def _enveloped(stock: Any, certificate: bytes, signatures: int, verifiers: int) -> dict[str, Any]:
    verifier = stock.entry(b"", b"", certificate)["hashedRekordRequestV002"]["signature"]["verifier"]
    one = {"sig": encode_base64(stock.sign(pae(b"{}")))}
    envelope = {"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": [one] * signatures}
    return {"dsseRequestV002": {"envelope": envelope, "verifiers": [verifier] * verifiers}}


NOT_ENTRIES: list[object] = [[], {}, 7, {"hashedRekordRequestV001": {}}, {"hashedRekordRequestV002": None}]
ENTRIES: dict[str, Spoil] = {
    "another digest": lambda stock, c: _record(stock, c, digest=encode_base64(sha256(b"other"))),
    "a short digest": lambda stock, c: _record(stock, c, digest="AAAA"),
    "a digest as a number": lambda stock, c: _record(stock, c, digest=1),
    "no signature": lambda stock, c: _record(stock, c, signature=None),
    "a signature by another key": lambda stock, c: type(stock)(stock.http, stock.op).entry(
        sha256(DATA), type(stock)(stock.http, stock.op).sign(DATA), c
    ),
    "a signature in another spelling": lambda stock, c: stock.entry(sha256(DATA), stock.sign(DATA) + b"\0", c),
    "a certificate that is none": lambda stock, _: stock.entry(sha256(DATA), stock.sign(DATA), b"\x30\x00"),
    "a certificate that was changed": lambda stock, c: stock.entry(
        sha256(DATA), stock.sign(DATA), c[:-1] + bytes([c[-1] ^ 1])
    ),
    "a huge certificate": lambda stock, _: stock.entry(sha256(DATA), stock.sign(DATA), b"\x30" * 100_000),
    "an envelope of two signatures": lambda stock, c: _enveloped(stock, c, 2, 1),
    "an envelope of two verifiers": lambda stock, c: _enveloped(stock, c, 1, 2),
    "an envelope without a verifier": lambda stock, c: _enveloped(stock, c, 1, 0),
}


def test_what_does_not_fit_is_not_logged_and_says_why(stock: Any, services: Any) -> None:
    certificate, before = stock.certificate(), count(services.db, LogEntry)
    sent = {what: spoil(stock, certificate) for what, spoil in ENTRIES.items()}
    for what, body in (sent | {repr(each): each for each in NOT_ENTRIES}).items():
        refused = stock.log(body)
        assert (refused.status_code, refused.json["code"]) == (400, "log-entry-refused"), what
        assert refused.json["message"], what
    assert count(services.db, LogEntry) == before


def test_a_certificate_of_somebody_else_is_refused(
    stock: Any, services: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    impostor = PrivateSigstore.create(tmp_path_factory.mktemp("impostor"), host="127.0.0.1", now=services.clock.now())
    signer = read_leaf(stock.certificate()).signer_uri
    origin, now = services.settings.origin, services.clock.now()
    foreign = impostor.certify(stock.key.public_key(), signer, origin, now)
    refused = stock.log(stock.entry(sha256(DATA), stock.sign(DATA), foreign))
    assert (refused.status_code, refused.json["code"]) == (400, "log-entry-refused")
    assert "chain to the trusted root" in refused.json["detail"]


def test_an_entry_is_too_late_when_its_certificate_is_over(stock: Any, services: Any) -> None:
    entry = stock.entry(sha256(DATA), stock.sign(DATA), stock.certificate())
    services.clock.at += timedelta(minutes=11)
    refused = stock.log(entry)
    assert (refused.status_code, refused.json["code"]) == (400, "log-entry-refused")


def test_a_body_that_is_too_large_is_not_read(stock: Any) -> None:
    answer = stock.http.post("/api/v2/log/entries", data=b" " * (4 * 1024 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 413


def _query(builder: Any = None) -> bytes:
    built = builder or TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA256).data(DATA).nonce(nonce=True)
    return bytes(built.build().as_bytes())


def test_a_timestamp_carries_the_nonce_and_the_time_of_the_service(stock: Any, services: Any) -> None:
    answer = stock.http.post("/api/v1/timestamp", data=_query(), content_type="application/timestamp-query")
    assert (answer.status_code, answer.mimetype) == (200, "application/timestamp-reply")
    stamp = read_timestamp(answer.data)
    check_timestamp(stamp, DATA, services.keys.tsa.chain)
    assert stamp.time == services.clock.now()
    assert stamp.info.nonce == decode_timestamp_response(answer.data).tst_info.nonce is not None


def test_a_timestamp_leaves_out_the_certificate_where_it_is_not_wanted(stock: Any, services: Any) -> None:
    builder = TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA256).data(DATA).cert_request(cert_request=False)
    answer = stock.http.post("/api/v1/timestamp", data=_query(builder), content_type="application/timestamp-query")
    stamp = read_timestamp(answer.data)
    check_timestamp(stamp, DATA, services.keys.tsa.chain)
    assert stamp.certificates == ()


def test_a_timestamp_request_that_does_not_fit_is_refused(stock: Any) -> None:
    sha512 = TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA512).data(DATA)
    version_2 = _query().replace(b"\x02\x01\x01", b"\x02\x01\x02", 1)
    for data in (b"", b"\x30\x00", _query() + b"\0", _query(sha512), version_2, b"\x30" * 5000):
        answer = stock.http.post("/api/v1/timestamp", data=data, content_type="application/timestamp-query")
        assert answer.status_code in (400, 413), data
    wrong = [{}, [], stamp_wish(DATA, hashAlgorithm="sha1"), stamp_wish(DATA, artifactHash="AAAA")]
    for body in wrong:
        answer = stock.http.post("/api/v1/timestamp", json=body)
        assert (answer.status_code, answer.json["code"]) == (400, "timestamp-request-invalid"), body
    assert stock.http.post("/api/v1/timestamp", data=_query(), content_type="text/plain").status_code == 415
