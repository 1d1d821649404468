# SPDX-License-Identifier: Apache-2.0
"""A signed answer about licences binds question, facts and files, is found by its bytes, and is over after a day."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from app.licences.schemas.question import EXAMPLE
from mcla.artifacts.digest import sha256_hex
from mcla.licences.registry import registry
from mcla.statements.canonical import canonical_json
from mcla.tiers.decision import DecisionExpired, DecisionOther, verify_decision
from mcla.tiers.licence_decision import LICENCE_ALLOWED, question_digest, verify_licence_decision
from mcla.verify.svr import SignedAnswerInvalid

FILE = {"path": "model.safetensors", "sha256": "2" * 64, "size": 9}
ASKED: dict[str, Any] = {"question": EXAMPLE}


def statement(answer: Any) -> Any:
    return json.loads(base64.b64decode(answer["envelope"]["dsseEnvelope"]["payload"]))


def test_it_says_what_the_check_says_and_holds_against_the_trust_file(client: Any, services: Any) -> None:
    answer = client.post("/api/v1/licences/decisions", json=ASKED | {"files": [FILE]})
    assert answer.status_code == 201, answer.text
    assert answer.json["answer"] == client.post("/api/v1/licences/check", json=EXAMPLE).json
    signed = verify_licence_decision(answer.data, services.trust)
    assert (signed.verdict, signed.origin) == ("allowed", services.settings.origin)
    signed.check_now(services.clock.now(), EXAMPLE)
    with pytest.raises(DecisionOther):
        signed.check_now(services.clock.now(), EXAMPLE | {"declared": "MIT"})
    with pytest.raises(DecisionExpired):
        signed.check_now(services.clock.now() + timedelta(hours=24))
    stated = statement(answer.json)
    assert stated["predicate"]["properties"] == [LICENCE_ALLOWED]
    assert stated["predicate"]["verifier"]["policies"][0]["digest"] == {"sha256": registry().digest}
    assert [each["digest"]["sha256"] for each in stated["subject"]] == ["2" * 64]
    assert answer.json["rests_on"] == {
        "claimed": ["artifact_name", "bases", "declared", "evidence", "files", "kind"],
        "own": {"licences": answer.json["answer"]["data"], "policy": None},
    }
    again = client.get(answer.headers["Location"].removeprefix(services.settings.origin))
    assert again.data == answer.data
    assert answer.headers["Location"].endswith(sha256_hex(answer.data))
    assert "immutable" in again.headers["Cache-Control"]


def test_a_no_has_no_property_and_without_files_the_question_is_its_subject(client: Any, services: Any) -> None:
    question = EXAMPLE | {"declared": "Apache-2.0"}
    answer = client.post("/api/v1/licences/decisions", json={"question": question})
    assert verify_licence_decision(answer.data, services.trust).verdict == "denied"
    stated = statement(answer.json)
    assert stated["predicate"]["properties"] == []
    assert stated["subject"] == [{"name": "question", "digest": {"sha256": question_digest(question)}}]


def test_what_was_changed_or_is_a_decision_on_a_use_is_refused(client: Any, services: Any) -> None:
    told = client.post("/api/v1/licences/decisions", json={"question": EXAMPLE | {"declared": "MIT"}}).json
    told["answer"]["verdict"] = "allowed"
    with pytest.raises(SignedAnswerInvalid):
        verify_licence_decision(canonical_json(told), services.trust)
    use = {"licence": "Apache-2.0", "use": {"commercial": True}, "files": [FILE]}
    other = client.post("/api/v1/decisions", json=use).data
    licences = client.post("/api/v1/licences/decisions", json=ASKED).data
    for verify, data in ((verify_licence_decision, other), (verify_decision, licences)):
        with pytest.raises(SignedAnswerInvalid):
            verify(data, services.trust)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "request-invalid"),
        ({"question": {}}, "request-invalid"),
        ({"question": EXAMPLE | {"colour": "red"}}, "request-invalid"),
        ({"question": EXAMPLE | {"kind": "no kind"}}, "licence-question-invalid"),
        ({"question": EXAMPLE | {"context": {"mau": -1}}}, "figure-invalid"),
        ({"question": EXAMPLE | {"bases": EXAMPLE["bases"][:1] * 1_001}}, "too-many-bases"),
        ({"question": EXAMPLE | {"declared": "MI\u202eT"}}, "text-misleads"),
        ({"question": EXAMPLE | {"context": {"mau": 1.5}}}, "json-invalid"),
        ({"question": EXAMPLE, "files": [FILE | {"sha256": "A" * 64}]}, "request-invalid"),
        ({"question": EXAMPLE, "files": [FILE, FILE]}, "manifest-invalid"),
    ],
)
def test_a_question_that_means_nothing_gets_no_signature(client: Any, asked: dict[str, Any], code: str) -> None:
    answer = client.post("/api/v1/licences/decisions", json=asked)
    assert (answer.status_code in (400, 422), answer.json["code"]) == (True, code)
