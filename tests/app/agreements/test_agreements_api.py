# SPDX-License-Identifier: Apache-2.0
"""Agreements over HTTP: shapes, digests that can be recomputed, strong ETags, problems that name what exists."""

import hashlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from version_folders import SOURCE

from app.agreements.folder import documents_digest
from app.agreements.schemas import AgreementsOut, AgreementVersionOut
from app.wiring import Services

VERSION = "/api/v1/agreements/mcla-individual/1.0.0"


def test_the_list_has_each_agreement_by_its_newest_version(client: FlaskClient) -> None:
    answer = client.get("/api/v1/agreements")
    assert answer.status_code == 200
    company, grant, agreement = answer.get_json()["agreements"]
    assert (grant["slug"], grant["version"], grant["signed_by"]) == ("mcla-grant", "1.0.0", "grantor")
    assert (company["slug"], company["version"], company["signed_by"]) == ("mcla-corporate", "1.0.0", "company")
    assert agreement["signed_by"] == "person"
    assert (agreement["slug"], agreement["version"], agreement["state"]) == ("mcla-individual", "1.0.0", "published")
    assert agreement["foundation"] == {
        "slug": "example",
        "name": "Example Foundation",
        "contact": "contact@foundation.example",
    }
    assert agreement["url"] == VERSION
    assert agreement["published_at"] == "2026-11-22T12:00:00Z"


def test_a_version_is_answered_in_full(client: FlaskClient) -> None:
    body = client.get(VERSION).get_json()
    assert body["text"] == (SOURCE / "agreement.md").read_text(encoding="utf-8")
    assert hashlib.sha256(body["text"].encode()).hexdigest() == body["text_sha256"]
    assert body["terms"]["withdrawal"]["convenience_days"] == 45
    assert [line["key"] for line in body["deed"]] == ["give", "keep", "promise", "leave"]
    assert [schedule["letter"] for schedule in body["schedules"]] == ["D", "W", "S"]
    [relation] = [field for field in body["schedules"][1]["fields"] if field["key"] == "relation"]
    assert {"value": "adapter", "label": "An adapter for a base"} in relation["options"]
    assert relation["kinds"] == ["weights", "adapter", "tokenizer"]


def test_the_answers_fit_the_documented_shapes_without_a_member_more(client: FlaskClient) -> None:
    for path, shape in (("/api/v1/agreements", AgreementsOut), (VERSION, AgreementVersionOut)):
        body = client.get(path).get_json()
        assert shape.model_validate(body).model_dump(mode="json") == body


def test_the_digest_can_be_recomputed_from_the_documents_served(client: FlaskClient) -> None:
    body = client.get(VERSION).get_json()
    served: dict[str, bytes] = {}
    for document in body["documents"]:
        answer = client.get(document["url"])
        assert answer.content_type == "text/plain; charset=utf-8"
        assert hashlib.sha256(answer.data).hexdigest() == document["sha256"]
        assert len(answer.data) == document["size"]
        served[document["path"]] = answer.data
    assert f"sha256:{documents_digest(served)}" == body["digest"]


@pytest.mark.parametrize("path", ["/api/v1/agreements", VERSION, f"{VERSION}/schedules/W.md"])
def test_an_answer_has_a_strong_etag_and_is_not_sent_twice(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_etag_changes_when_a_version_is_withdrawn(client: FlaskClient, services: Services) -> None:
    tag = client.get(VERSION).headers["ETag"]
    services.agreements.withdraw("mcla-individual", "1.0.0")
    answer = client.get(VERSION, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.get_json()["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("path", "code", "known"),
    [
        ("/api/v1/agreements/mcla-company/1.0.0", "agreement-unknown", "mcla-individual"),
        ("/api/v1/agreements/a%00b/1.0.0", "agreement-unknown", "mcla-individual"),
        ("/api/v1/agreements/mcla-individual/2.0.0", "agreement-version-unknown", "1.0.0"),
        ("/api/v1/agreements/mcla-individual/%00", "agreement-version-unknown", "1.0.0"),
        (f"{VERSION}/LICENSE", "agreement-document-unknown", "terms.toml"),
        (f"{VERSION}/schedules/../agreement.md", "agreement-document-unknown", "agreement.md"),
        (f"{VERSION}/..%2f..%2fsecret", "agreement-document-unknown", "agreement.md"),
    ],
)
def test_what_is_not_there_is_a_problem_that_names_what_is(
    client: FlaskClient, path: str, code: str, known: str
) -> None:
    answer = client.get(path)
    body: dict[str, Any] = answer.get_json()
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert body["code"] == code
    assert known in body["known"]
    assert known in body["hint"]


def test_seeding_the_demo_again_changes_nothing(services: Services) -> None:
    from app.demo.seed import seed

    before = services.agreements.agreements(), services.projects.projects()
    seed(services.projects, services.agreements)
    assert (services.agreements.agreements(), services.projects.projects()) == before
