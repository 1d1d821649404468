# SPDX-License-Identifier: Apache-2.0
"""What anybody is told of a digest, a batch of digests, a bundle and a contribution; and what nobody is told."""

import base64
import hashlib
import json

import pytest
from counting import counted
from signin import person
from signing_walk import WEIGHTS, accept, draft_contribution, file, give
from sqlalchemy import update

from app.contributions.errors import ContributionUnknown, TooManyDigests
from app.contributions.models import Contribution, ContributionArtifact
from app.contributions.service import ContributionService
from app.contributions.verdicts import Remembered
from mcla.artifacts.digest import DigestInvalid
from mcla.artifacts.manifest import parse_manifest
from mcla.statements.canonical import canonical_json

KNOWN = f"sha256:{WEIGHTS}"
OTHER = "sha256:" + "0" * 64


def fresh(services) -> ContributionService:
    """A service that remembers no verdict."""
    return ContributionService(services.db, services.signing.ports, lambda: services.trust)


def test_a_digest_that_was_given_is_verified_and_told_with_its_contribution(client, given, services):
    answer = client.get(f"/api/v1/artifacts/{KNOWN}").get_json()
    assert (answer["digest"], answer["verdict"]) == (KNOWN, "verified")
    (one,) = answer["contributions"]
    version = services.agreements.version("mcla-individual", "1.0.0")
    assert one["agreement"] == {"slug": "mcla-individual", "version": "1.0.0", "digest": f"sha256:{version.digest}"}
    assert (one["id"], one["kind"], one["project"], one["log_index"]) == (given.id, "code", "tiny-llm", 1)
    assert (one["key_holder"], one["state"], one["path"]) == ("cli", "in-force", "model.safetensors")
    assert one["bundle_url"] == given.bundle_url
    assert answer["as_of"] == {"log_size": 2, "time": "2026-11-22T12:00:00Z"}


def test_a_digest_that_nobody_gave_is_unknown_and_says_what_to_do(client, given):
    answer = client.get(f"/api/v1/artifacts/{OTHER}").get_json()
    assert (answer["verdict"], answer["contributions"]) == ("unknown", [])
    assert answer["reasons"][0]["code"] == "no-contribution"
    assert answer["reasons"][0]["hint"]


def test_the_root_of_a_manifest_is_found_as_the_whole_contribution(services, given, db):
    with db.read() as session:
        root = session.get_one(Contribution, given.id).manifest_root
    answer = services.contributions.artifact(f"sha256:{root}")
    assert (answer.verdict, answer.contributions[0].path) == ("verified", "mcla:manifest")


@pytest.mark.parametrize("digest", ["x", "sha256:", "sha256:" + "A" * 64, "md5:" + "0" * 64, "0" * 63, "sha256:%00"])
def test_a_text_that_is_no_digest_is_refused_with_the_form_it_should_have(client, digest):
    response = client.get(f"/api/v1/artifacts/{digest}")
    assert (response.status_code, response.get_json()["code"]) == (400, "digest-invalid")
    assert response.get_json()["hint"]


def test_what_somebody_has_only_drafted_is_told_to_nobody(services, client, given):
    bela = person(services.identity, "bela")
    accept(services, bela)
    secret = file("secret.bin", b"not yet given")
    draft_contribution(services, bela, secret)
    answer = client.get(f"/api/v1/artifacts/sha256:{secret.sha256}").get_json()
    assert (answer["verdict"], answer["contributions"]) == ("unknown", [])


def test_two_people_who_gave_the_same_file_are_two_contributions_in_the_order_of_the_log(services, given):
    bela = person(services.identity, "bela")
    accept(services, bela)
    second = give(services, bela)
    found = services.contributions.artifact(KNOWN).contributions
    assert [each.id for each in found] == [given.id, second.id]
    assert found[0].signer != found[1].signer


def test_a_file_under_two_names_in_one_contribution_is_told_once(services, ada):
    accept(services, ada)
    give(services, ada, file("a.bin"), file("b.bin"))
    assert [each.path for each in services.contributions.artifact(KNOWN).contributions] == ["a.bin"]


def test_a_bundle_that_was_changed_in_the_database_is_not_verified(services, given, db):
    with db.write() as session:
        row = session.get_one(Contribution, given.id)
        bundle = json.loads(json.dumps(row.bundle))
        bundle["dsseEnvelope"]["payload"] = base64.b64encode(b"{}").decode()
        row.bundle = bundle
    answer = fresh(services).artifact(KNOWN)
    assert answer.verdict == "not-verified"
    assert fresh(services).contribution(given.id, None).verdict == "not-verified"


@pytest.mark.parametrize("cut", ["dsseEnvelope", "verificationMaterial", "mediaType"])
def test_a_bundle_that_was_cut_in_the_database_is_not_verified_and_no_fault_of_the_server(services, given, db, cut):
    with db.write() as session:
        row = session.get_one(Contribution, given.id)
        row.bundle = {name: value for name, value in row.bundle.items() if name != cut}
    assert fresh(services).artifact(KNOWN).verdict == "not-verified"


def test_a_row_that_claims_a_digest_which_was_never_signed_is_not_believed(services, given, db):
    with db.write() as session:
        session.execute(update(ContributionArtifact).values(sha256="0" * 64))
    answer = fresh(services).artifact(OTHER)
    assert answer.verdict == "not-verified"
    assert answer.reasons[0].code == "artifact-not-in-bundle"


def test_a_swapped_manifest_of_a_large_contribution_is_not_believed(services, ada, db):
    accept(services, ada)
    files = [file(f"f{n}", str(n).encode()) for n in range(600)]
    done = give(services, ada, *files)
    assert fresh(services).artifact(f"sha256:{files[5].sha256}").verdict == "verified"
    with db.write() as session:
        row = session.get_one(Contribution, done.id)
        row.manifest = row.manifest.replace(files[5].sha256.encode(), b"0" * 64)
        session.execute(
            update(ContributionArtifact).where(ContributionArtifact.sha256 == files[5].sha256).values(sha256="0" * 64)
        )
    assert fresh(services).artifact(OTHER).verdict == "not-verified"


def test_a_batch_answers_in_the_order_asked(client, given):
    bare = KNOWN.removeprefix("sha256:")
    body = client.post("/api/v1/verify", json={"digests": [OTHER, bare, OTHER]}).get_json()
    assert [each["verdict"] for each in body["results"]] == ["unknown", "verified", "unknown"]
    assert body["results"][1] == client.get(f"/api/v1/artifacts/{KNOWN}").get_json()


def test_a_batch_costs_the_same_number_of_statements_for_one_and_for_a_thousand(services, ada, db):
    accept(services, ada)
    files = [file(f"f{n}", str(n).encode()) for n in range(5)]
    for each in files:
        give(services, ada, each)
    digests = [f"sha256:{each.sha256}" for each in files]
    digests += [f"sha256:{hashlib.sha256(str(n).encode()).hexdigest()}" for n in range(1000, 1995)]
    numbers = []
    for asked in (digests[:1], digests[:5], digests):
        cold = fresh(services)
        with counted(db) as statements:
            cold.artifacts(asked)
        with counted(db) as again:
            cold.artifacts(asked)
        numbers.append((len(statements), len(again)))
    assert numbers[0] == numbers[1] == numbers[2]
    assert numbers[0][0] <= 6


def test_a_batch_of_none_or_too_many_is_refused(services, client):
    with pytest.raises(TooManyDigests):
        services.contributions.artifacts([])
    with pytest.raises(TooManyDigests):
        services.contributions.artifacts([OTHER] * 1001)
    with pytest.raises(DigestInvalid):
        services.contributions.artifacts([OTHER, "x"])
    for body in ({"digests": []}, {"digests": [OTHER] * 1001}, {"digests": ["x"]}, {"digests": "x"}, {}, []):
        assert client.post("/api/v1/verify", json=body).status_code == 422


def test_a_large_batch_body_is_cut_off(client):
    response = client.post("/api/v1/verify", data=b" " * 300_000, content_type="application/json")
    assert (response.status_code, response.get_json()["status"]) == (413, 413)


def test_a_contribution_is_told_with_its_files_and_the_manifest_has_the_signed_root(client, given):
    told = client.get(f"/api/v1/contributions/{given.id}").get_json()
    assert (told["verdict"], told["log_index"]) == ("verified", given.log_index)
    assert told["files"] == [{"path": "model.safetensors", "sha256": WEIGHTS, "size": 7}]
    manifest = client.get(f"/api/v1/contributions/{given.id}/manifest")
    assert f"sha256:{parse_manifest(manifest.data).root}" == told["manifest"]["root"]
    bundle = client.get(f"/api/v1/contributions/{given.id}/bundle")
    assert bundle.data == canonical_json(given.bundle)
    again = client.get(f"/api/v1/contributions/{given.id}/bundle", headers={"If-None-Match": bundle.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("unknown", ["ctr_" + "0" * 26, "x", "%00", "ctr_%2e%2e", "ctr_" + "é" * 26])
def test_an_unknown_contribution_is_not_found_anywhere(client, unknown):
    for what in ("", "/bundle", "/manifest"):
        response = client.get(f"/api/v1/contributions/{unknown}{what}")
        assert (response.status_code, response.get_json()["code"]) == (404, ContributionUnknown.code)


def test_public_answers_hold_no_name_login_or_address(client, services, given, ada):
    addresses = [
        f"/api/v1/artifacts/{KNOWN}",
        f"/api/v1/contributions/{given.id}",
        f"/api/v1/contributions/{given.id}/bundle",
        f"/api/v1/contributions/{given.id}/manifest",
        "/.well-known/mcla/trusted_root.json",
        "/log/checkpoint",
    ]
    texts = [client.get(address).text for address in addresses]
    texts.append(client.post("/api/v1/verify", json={"digests": [KNOWN]}).text)
    texts.append(client.post("/api/v1/bundles/verify", json=dict(given.bundle)).text)
    texts.append(base64.b64decode(given.bundle["dsseEnvelope"]["payload"]).decode())
    private = [ada.name, ada.login, ada.email, ada.contributor_id, ada.identity_id, ada.person_detail_id]
    assert [(word, text[:60]) for text in texts for word in private if word in text] == []


def test_a_very_common_file_is_told_with_its_first_contributions_and_that_there_are_more(services, ada):
    accept(services, ada)
    for number in range(12):
        give(services, ada, file("LICENSE", b"common"), file(f"f{number}", str(number).encode()))
    digest = f"sha256:{file('LICENSE', b'common').sha256}"
    (batch,) = services.contributions.artifacts([digest])
    assert (len(batch.contributions), batch.more) == (10, True)
    assert [each.log_index for each in batch.contributions] == list(range(1, 11))
    alone = services.contributions.artifact(digest)
    assert (len(alone.contributions), alone.more) == (12, False)


def test_what_is_remembered_is_bounded():
    memory: Remembered[int, int] = Remembered(3)
    for number in range(10):
        memory.put(number, number)
        memory.among([7])
    assert list(memory.among(range(10))) == [7, 8, 9]


def test_every_digest_of_an_answer_is_written_in_one_form(client, given):
    def digests(value):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            if key in ("digest", "root", "entry"):
                yield each
            elif isinstance(each, dict | list):
                yield from digests(each)

    contribution = f"/api/v1/contributions/{given.id}"
    asked = {"project": "tiny-llm", "artifact": KNOWN}
    asks = [asked, asked | {"artifact": KNOWN.removeprefix("sha256:")}]
    coverage = [client.get("/api/v1/coverage", query_string=each).get_json() for each in asks]
    assert coverage[0] == coverage[1]
    agreements = ("/api/v1/agreements", "/api/v1/agreements/mcla-individual/1.0.0")
    answers = [client.get(path).get_json() for path in (f"/api/v1/artifacts/{KNOWN}", contribution, *agreements)]
    found = [each for answer in (*coverage, *answers) for each in digests(answer)]
    assert len(found) >= 8
    assert {each[:7] for each in found} == {"sha256:"}
