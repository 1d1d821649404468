# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/checks: what strangers, tokens and lies get."""

import json
from typing import Any

import pytest
from check_questions import account, question, sent
from flask.testing import FlaskClient

from app.checks.schemas import EXAMPLE, CheckOut
from app.platform.scopes import Scope
from mcla.checks.answer import parse_answer
from mcla.checks.change import MAX_BYTES, read_change

CHECKS = "/api/v1/checks"


@pytest.fixture
def token(services: Any, project: Any) -> dict[str, str]:
    """The headers of a token that may ask by address."""
    made = services.tokens.create(project, (Scope.CHECKS_READ,), "terminal")
    return {"Authorization": f"Bearer {made.secret}"}


def refused(client: FlaskClient, body: Any, **headers: Any) -> tuple[int, str]:
    answer = client.post(CHECKS, json=body, **headers)
    assert answer.get_json()["hint"]
    return answer.status_code, answer.get_json()["code"]


def test_an_answer_is_what_the_document_says_and_what_the_protocol_reads(
    client: FlaskClient, gift: Any, ada: Any
) -> None:
    answer = client.post(CHECKS, json=question(ada, {"name": "Bo", "email": "bo@example.org"}, artifacts=[sent()]))
    assert (answer.status_code, answer.get_json()["verdict"]) == (200, "unknown")
    assert CheckOut.model_validate(answer.get_json())
    assert parse_answer(answer.data).to_dict() == answer.get_json()
    assert answer.headers["X-RateLimit-Limit"] == "30"
    assert int(answer.headers["X-RateLimit-Remaining"]) == 29
    assert "bo@example.org" not in answer.text


def test_the_example_of_the_document_is_a_question() -> None:
    assert read_change(EXAMPLE).to_dict()["opener"] == EXAMPLE["opener"]


def test_a_stranger_gets_the_same_answer_for_an_address_that_is_known_and_for_one_that_is_not(
    client: FlaskClient, gift: Any, ada: Any, token: dict[str, str]
) -> None:
    known, other = (question(ada, {"email": each}) for each in ("ada.li@example.org", "adb.li@example.org"))
    asked = [client.post(CHECKS, json=each).data for each in (known, other)]
    assert asked[0] == asked[1]
    told = [client.post(CHECKS, json=each, headers=token).get_json()["subjects"][-1]["code"] for each in (known, other)]
    assert told == ["covered", "address-unknown"]


def test_what_is_no_question_is_refused_by_name(client: FlaskClient, services: Any, ada: Any) -> None:
    good = question(ada)
    assert refused(client, good | {"project": "nobody"}) == (404, "project-unknown")
    assert refused(client, good | {"commits": []}) == (422, "change-empty")
    assert refused(client, good | {"artifacts": [sent() | {"sha256": "ab"}]}) == (422, "change-invalid")
    assert refused(client, good | {"artifacts": [{}] * 100_001}) == (422, "change-invalid")
    assert refused(client, good | {"signed_by": "me"}) == (422, "change-invalid")
    assert refused(client, good | {"as_of": "2999-01-01T00:00:00Z"}) == (422, "time-unfit")
    assert refused(client, [good]) == (422, "change-invalid")
    assert client.post(CHECKS, data=json.dumps(good), content_type="text/plain").status_code == 415
    twice = '{"project":"a","project":"b"}'
    answer = client.post(CHECKS, data=twice, content_type="application/json").get_json()
    assert (answer["code"], answer["hint"][:32]) == ("json-invalid", "Correct the JSON of the request'")
    large = b" " * (MAX_BYTES + 1)
    assert client.post(CHECKS, data=large, content_type="application/json").status_code == 413


def test_each_fault_has_its_pointer(client: FlaskClient, ada: Any) -> None:
    answer = client.post(CHECKS, json=question(ada, {"subject": "7"}, artifacts=[sent() | {"path": "../x"}]))
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [
        "/commits/0/author/provider",
        "/artifacts/0/path",
    ]


def test_a_token_of_another_project_is_not_passed_over(client: FlaskClient, ada: Any, token: dict[str, str]) -> None:
    other = question(ada) | {"project": "open-voice"}
    assert refused(client, other, headers=token) == (403, "token-other-project")
    assert client.post(CHECKS, json=question(ada), headers=token).status_code == 200


def test_a_token_that_may_do_other_things_asks_by_no_address(
    client: FlaskClient, services: Any, ada: Any, project: Any
) -> None:
    made = services.tokens.create(project, (Scope.POLICY_WRITE,), "terminal")
    headers = {"Authorization": f"Bearer {made.secret}"}
    asked = question(ada, {"email": "ada.li@example.org"})
    told = client.post(CHECKS, json=asked, headers=headers).get_json()
    assert told == client.post(CHECKS, json=asked).get_json()
    assert told["subjects"][-1]["code"] == "address-needs-token"


def test_lying_members_of_authors_buy_nothing(client: FlaskClient, gift: Any, ada: Any) -> None:
    lies = [
        {"provider": "demo", "subject": "9", "login": "adali", "name": "Ada Li", "email": "ada.li@example.org"},
        {"login": "adali", "name": "Ada Li"},
        {"provider": "demo", "subject": "0104729"},
        {"provider": "demo", "subject": "104729 "},
        {"provider": "DEMO", "subject": "104729"},
        {"name": "dependabot[bot]", "web": True},
    ]
    told = client.post(CHECKS, json=question(ada, *lies)).get_json()
    assert [each["verdict"] for each in told["subjects"]] == [
        "covered",
        "not-covered",
        "unknown",
        "not-covered",
        "not-covered",
        "unknown",
        "unknown",
    ]
    assert account(ada)["subject"] == told["subjects"][0]["account"]["subject"]
