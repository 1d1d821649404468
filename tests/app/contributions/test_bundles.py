# SPDX-License-Identifier: Apache-2.0
"""Bundles sent to the API: one verdict with every step, nothing fetched, and clear words for what is no bundle."""

import base64
import json
import socket

import pytest
from cosigning import NOW, cosigner

from app.wiring import build_services
from mcla.log.note import parse_note


def test_a_bundle_is_verified_with_every_step_and_nothing_is_fetched(client, given, monkeypatch):
    def refuse(*_args, **_more):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    answer = client.post("/api/v1/bundles/verify", json=dict(given.bundle)).get_json()
    assert answer["verdict"] == "verified"
    assert {step["outcome"] for step in answer["steps"]} == {"yes", "not-checked"}
    assert "operator" in answer["independent"]["sentence"]


def test_a_verdict_of_the_service_names_the_operators_witnesses_and_demands_none(services, given, tmp_path):
    place = tmp_path / "policy"
    lines = [f"witness w{n} {cosigner(n).vkey.line} https://w{n}.example\n" for n in (1, 2)]
    place.write_text("".join([*lines, "group all-of-them all w1 w2\nquorum all-of-them\n"]))
    watched = build_services(services.settings.model_copy(update={"witness_policy": place}), services.db)
    bundle = json.loads(json.dumps(dict(given.bundle)))
    assert watched.contributions.verify_bundle(json.dumps(bundle).encode()).verified
    head = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]
    head["envelope"] += cosigner(2).sign(parse_note(head["envelope"]).text, NOW).line
    verdict = watched.contributions.verify_bundle(json.dumps(bundle).encode())
    assert (verdict.verified, verdict.independent.seen_by) == (True, ("w2",))
    assert services.contributions.verify_bundle(json.dumps(bundle).encode()).independent.seen_by == ()


def test_a_bundle_with_one_byte_changed_is_not_verified_and_says_why(client, given):
    bundle = json.loads(json.dumps(dict(given.bundle)))
    payload = bytearray(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    payload[payload.index(b"tiny-llm")] ^= 1
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    answer = client.post("/api/v1/bundles/verify", json=bundle).get_json()
    assert answer["verdict"] == "not-verified"
    assert "envelope-invalid" in {reason["code"] for reason in answer["reasons"]}


@pytest.mark.parametrize("bundle", [{}, {"mediaType": "x"}, {"dsseEnvelope": None}, {"a": [{}] * 10}, [], "x"])
def test_json_that_is_no_bundle_is_refused_with_the_members_that_are_missing(client, bundle):
    response = client.post("/api/v1/bundles/verify", json=bundle)
    assert (response.status_code, response.get_json()["code"]) == (422, "request-invalid")


@pytest.mark.parametrize("member", ["dsseEnvelope", "verificationMaterial", "mediaType"])
def test_a_cut_bundle_is_refused_with_the_member_that_is_missing(client, given, member):
    cut = {name: value for name, value in given.bundle.items() if name != member}
    problem = client.post("/api/v1/bundles/verify", json=cut).get_json()
    assert [error["pointer"] for error in problem["errors"]] == [f"/{member}"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("mediaType",), "application/json"),
        (("dsseEnvelope", "payloadType"), "text/plain"),
        (("dsseEnvelope", "signatures"), []),
        (("dsseEnvelope", "payload"), "not base64"),
        (("verificationMaterial", "tlogEntries"), []),
        (("verificationMaterial", "certificate", "rawBytes"), "AAAA"),
        (("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps"), []),
        (("verificationMaterial", "tlogEntries", 0, "logIndex"), "7"),
        (("verificationMaterial", "tlogEntries", 0, "inclusionProof", "checkpoint", "envelope"), "x"),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_bundle_with_one_part_exchanged_is_not_verified(client, given, path, value):
    bundle = json.loads(json.dumps(dict(given.bundle)))
    part = bundle
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    response = client.post("/api/v1/bundles/verify", json=bundle)
    assert (response.status_code, response.get_json()["verdict"]) == (200, "not-verified")
    assert response.get_json()["reasons"][0]["hint"]


def test_a_bundle_larger_than_four_megabytes_is_cut_off(client):
    body = b'{"a":"' + b"x" * (4 * 1024 * 1024) + b'"}'
    assert client.post("/api/v1/bundles/verify", data=body, content_type="application/json").status_code == 413


def test_a_bundle_with_a_repeated_name_is_refused_before_anybody_reads_it_differently(client, given):
    text = json.dumps(dict(given.bundle))[:-1] + ',"mediaType":"other"}'
    response = client.post("/api/v1/bundles/verify", data=text, content_type="application/json")
    assert (response.status_code, response.get_json()["code"]) == (400, "json-invalid")
