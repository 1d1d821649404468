# SPDX-License-Identifier: Apache-2.0
"""Other forms of what was signed: the twin for older clients, and the OMS list by the signer's own key."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from signing_walk import Holder, accept, certify, count, draft_contribution, file, give, sign

from app.log.models import LogEntry
from app.platform.security import limiter
from app.signing.errors import SignatureInvalid
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import parse_bundle
from mcla.envelope.certificate import read_leaf
from mcla.statements.oms import oms_statement, parse_oms
from mcla.verify.verifier import verify_artifact, verify_bundle

FILES = (file("model.safetensors"), file("config.json", b"{}"))
OMS = oms_statement(Manifest.of(FILES), "tiny-llm")


@pytest.fixture(autouse=True)
def fresh_limits(app: Any) -> None:
    limiter.reset()


@pytest.fixture
def given(services: Any, ada: Any) -> Any:
    """A contribution whose key signed the list of its files too."""
    accept(services, ada)
    signing, holder = draft_contribution(services, ada, *FILES), Holder()
    certify(services, ada, signing, holder)
    signature, oms = holder.signature(signing.statement), holder.signature(OMS)
    return services.signing.complete(ada, signing.id, signature, oms, consent=True)


@pytest.fixture
def fetch(client: Any) -> Callable[..., Any]:
    def get(path: str, status: int = 200) -> Any:
        answer = client.get(path)
        assert answer.status_code == status, answer.text
        return answer

    return get


def test_the_list_is_signed_by_the_key_and_certificate_of_the_statement(
    services: Any, given: Any, fetch: Callable[..., Any]
) -> None:
    answer = fetch(f"/api/v1/contributions/{given.id}/oms")
    assert answer.headers["Content-Disposition"].endswith(f'"{given.id}.model.sig"')
    bundle = parse_bundle(answer.data)
    assert bundle.certificate == parse_bundle(json.dumps(given.bundle).encode()).certificate
    assert [each.path for each in parse_oms(bundle.envelope.payload).files] == ["config.json", "model.safetensors"]
    signer = read_leaf(bundle.certificate).signer_uri
    verdict = verify_artifact(Manifest.of(FILES), answer.data, services.trust, identity=signer)
    assert verdict.verified, verdict.to_dict()


@pytest.mark.parametrize("what", ["bundle?compat=dsse001", "oms", "oms?compat=dsse001"])
def test_a_form_is_logged_once_when_it_is_first_asked_for(
    services: Any, given: Any, fetch: Callable[..., Any], what: str
) -> None:
    assert count(services.db, LogEntry) == 2
    first = fetch(f"/api/v1/contributions/{given.id}/{what}")
    assert verify_bundle(first.data, services.trust).verified
    assert count(services.db, LogEntry) == 3
    again = parse_bundle(fetch(f"/api/v1/contributions/{given.id}/{what}").data)
    assert again.entry.log_index == parse_bundle(first.data).entry.log_index == 2
    assert count(services.db, LogEntry) == 3
    assert "immutable" not in first.headers["Cache-Control"]


def test_the_twin_is_the_same_envelope_in_another_entry(services: Any, given: Any, fetch: Callable[..., Any]) -> None:
    ours = fetch(f"/api/v1/contributions/{given.id}/bundle").json
    twin = fetch(f"/api/v1/contributions/{given.id}/bundle?compat=dsse001").json
    assert twin["dsseEnvelope"] == ours["dsseEnvelope"]
    kinds = [each["verificationMaterial"]["tlogEntries"][0]["kindVersion"] for each in (ours, twin)]
    assert kinds == [{"kind": "hashedrekord", "version": "0.0.2"}, {"kind": "dsse", "version": "0.0.1"}]


def test_the_page_offers_the_list_only_where_there_is_one(
    services: Any, ada: Any, given: Any, fetch: Callable[..., Any]
) -> None:
    link = f"/api/v1/contributions/{given.id}/oms"
    assert link in fetch(f"/contributions/{given.id}").text
    other = give(services, ada, file("other.py", b"other"))
    assert "/oms" not in fetch(f"/contributions/{other.id}").text


def test_an_acceptance_has_a_twin_and_no_list(services: Any, ada: Any, fetch: Callable[..., Any]) -> None:
    accepted = accept(services, ada)
    twin = fetch(f"/api/v1/signatures/{accepted.id}/bundle?compat=dsse001")
    assert verify_bundle(twin.data, services.trust).verified


def test_what_the_log_holds_names_neither_file_nor_project(
    services: Any, given: Any, fetch: Callable[..., Any]
) -> None:
    for what in ("bundle?compat=dsse001", "oms", "oms?compat=dsse001"):
        fetch(f"/api/v1/contributions/{given.id}/{what}")
    with services.db.read() as session:
        bodies = b"".join(entry.body for entry in session.query(LogEntry))
    for word in (b"config.json", b"tiny-llm", b"Ada Li", b"adali"):
        assert word not in bodies


def test_the_one_use_key_of_the_service_signs_the_list_too(services: Any, ada: Any, fetch: Callable[..., Any]) -> None:
    accept(services, ada)
    drafted = draft_contribution(services, ada, *FILES, holder="service")
    done = services.signing.sign_with_service_key(ada, drafted.id, consent=True)
    assert verify_bundle(fetch(f"/api/v1/contributions/{done.id}/oms").data, services.trust).verified


def test_without_the_signers_signature_there_is_no_list_in_the_signers_name(
    services: Any, ada: Any, fetch: Callable[..., Any]
) -> None:
    accept(services, ada)
    done = give(services, ada)
    problem = fetch(f"/api/v1/contributions/{done.id}/oms", 404).json
    assert problem["code"] == "oms-unsigned"
    assert problem["hint"]


def test_a_list_signed_by_another_key_or_over_other_files_is_refused_before_anything_is_kept(
    services: Any, ada: Any
) -> None:
    accept(services, ada)
    signing, holder = draft_contribution(services, ada, *FILES), Holder()
    certify(services, ada, signing, holder)
    signature = holder.signature(signing.statement)
    other = oms_statement(Manifest.of(FILES[:1]), "tiny-llm")
    for oms in (Holder().signature(OMS), holder.signature(other), signature, b"\x30\x00"):
        with pytest.raises(SignatureInvalid):
            services.signing.complete(ada, signing.id, signature, oms, consent=True)
    assert services.signing.signing(ada, signing.id).state == "certified"
    sign(services, ada, signing, holder)


def test_an_acceptance_takes_no_signature_over_a_list(services: Any, ada: Any) -> None:
    drafted = services.signing.draft_acceptance(ada, "mcla-individual", "1.0.0", "cli")
    holder = Holder()
    certify(services, ada, drafted, holder)
    with pytest.raises(SignatureInvalid, match="no list of files"):
        services.signing.complete(
            ada, drafted.id, holder.signature(drafted.statement), holder.signature(OMS), consent=True
        )
    finish_again = holder.signature(drafted.statement)
    assert services.signing.complete(ada, drafted.id, finish_again, consent=True).type == "acceptance"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/contributions/ctr_00000000000000000000000000/oms", 404),
        ("/api/v1/contributions/ctr_00000000000000000000000000/bundle?compat=dsse001", 404),
        ("/api/v1/contributions/..%2f..%2f/oms", 404),
        ("/api/v1/signatures/sig_00000000000000000000000000/bundle?compat=dsse001", 404),
        ("/api/v1/contributions/ctr_00000000000000000000000000/bundle?compat=dsse002", 422),
        ("/api/v1/contributions/ctr_00000000000000000000000000/oms?compat=", 422),
    ],
)
def test_what_is_not_there_is_not_made(services: Any, fetch: Callable[..., Any], path: str, status: int) -> None:
    assert fetch(path, status).json["code"]
    assert count(services.db, LogEntry) == 0


@pytest.mark.parametrize("what", ["oms", "bundle?compat=dsse001"])
def test_forms_that_cost_a_log_entry_are_limited_and_the_stored_bundle_is_not(client: Any, what: str) -> None:
    path = "/api/v1/contributions/ctr_00000000000000000000000000"
    assert [client.get(f"{path}/{what}").status_code for _ in range(61)] == [404] * 60 + [429]
    assert client.get(f"{path}/bundle").status_code == 404


def test_the_page_that_signs_is_told_the_list_and_nobody_else_is(services: Any, ada: Any, client: Any) -> None:
    from signing_walk import bearer

    accept(services, ada)
    drafted = draft_contribution(services, ada, *FILES)
    path = f"/api/v1/signings/{drafted.id}/oms-statement"
    assert client.get(path, headers=bearer(services, ada)).data == OMS
    assert client.get(path).status_code == 401
