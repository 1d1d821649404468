# SPDX-License-Identifier: Apache-2.0
"""A decision is signed for today, for these files and facts; it is found again by its bytes until it is long over."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from feeds import entry

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.licences.registry import registry
from mcla.tiers.decision import USE_PERMITTED_WITH_DUTY, verify_decision
from mcla.tiers.errors import FactsContradict
from mcla.tiers.known import terms_of

FILES = [
    {"path": "config.json", "sha256": "1" * 64, "size": 2},
    {"path": "model.safetensors", "sha256": "2" * 64, "size": 9},
]
MANIFEST = Manifest.of([ManifestEntry(**each) for each in FILES])  # type: ignore[arg-type]
USE = {"commercial": False, "uses": [], "jurisdictions": ["DE"], "receipt": None}
ASKED: dict[str, Any] = {"licence": "CC-BY-NC-4.0", "use": USE, "files": FILES}


def test_a_decision_holds_against_the_trust_file_for_its_files_and_facts_for_a_day(client: Any, services: Any) -> None:
    answer = client.post("/api/v1/decisions", json=ASKED)
    assert answer.status_code == 201, answer.text
    signed = verify_decision(answer.data, services.trust)
    assert (signed.effect, signed.permits, signed.origin) == ("permit-with-duty", True, services.settings.origin)
    terms = terms_of(registry().get(ASKED["licence"]), registry())
    signed.check_for(MANIFEST, USE, terms, services.clock.now())
    assert timedelta(hours=23) < signed.expires - services.clock.now() <= timedelta(hours=24)
    statement = json.loads(base64.b64decode(answer.json["envelope"]["dsseEnvelope"]["payload"]))
    assert statement["predicate"]["properties"] == [USE_PERMITTED_WITH_DUTY]
    again = client.get(answer.headers["Location"].removeprefix(services.settings.origin))
    assert again.data == answer.data
    assert answer.headers["Location"].endswith(sha256_hex(answer.data))
    assert "immutable" in again.headers["Cache-Control"]


def test_a_no_is_signed_too_and_rests_on_the_feed_of_the_moment(client: Any, services: Any) -> None:
    draft = json.dumps({"schema": "mcla.feed-entries/1", "entries": [entry()]}).encode()
    services.feed.publish(draft, "Example", 60)
    answer = client.post("/api/v1/decisions", json=ASKED | {"use": USE | {"commercial": True}})
    signed = verify_decision(answer.data, services.trust)
    assert (signed.effect, signed.permits) == ("deny", False)
    statement = json.loads(base64.b64decode(answer.json["envelope"]["dsseEnvelope"]["payload"]))
    assert statement["predicate"]["properties"] == []
    digests = [each["digest"]["sha256"] for each in statement["predicate"]["verifier"]["policies"]]
    assert answer.json["outcome"]["feed"]["digest"] in digests


def test_a_day_in_the_facts_is_not_asked_about(client: Any, services: Any) -> None:
    answer = client.post("/api/v1/decisions", json=ASKED | {"use": USE | {"date": "2019-01-01"}})
    assert answer.json["outcome"]["as_of"] == services.clock.now().date().isoformat()


def test_what_is_long_over_is_forgotten(client: Any, services: Any) -> None:
    first = client.post("/api/v1/decisions", json=ASKED).headers["Location"].removeprefix(services.settings.origin)
    services.clock.at += timedelta(days=7)
    client.post("/api/v1/decisions", json=ASKED)
    assert client.get(first).status_code == 200
    services.clock.at += timedelta(days=2)
    client.post("/api/v1/decisions", json=ASKED)
    assert client.get(first).json["code"] == "decision-unknown"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"licence": None}, 422, "licence-question-unasked"),
        ({"licence": "no-such-licence"}, 404, "licence-unknown"),
        ({"files": []}, 422, "request-invalid"),
        ({"files": [FILES[0], FILES[0]]}, 400, "manifest-invalid"),
        ({"files": [FILES[0] | {"sha256": "A" * 64}]}, 422, "request-invalid"),
        ({"use": {"users": {"count": -1}}}, 400, "use-facts-invalid"),
        ({"use": {"revenue": {"amount": 1}}}, 400, "money-without-unit"),
        ({"use": {"commercial": True, "purposes": ["personal"]}}, 400, FactsContradict.code),
        ({"terms": "schema = 1"}, 422, "licence-question-unasked"),
        ({"licence": None, "terms": "schema = 1"}, 400, "tiers-invalid"),
        ({"colour": "red"}, 422, "request-invalid"),
    ],
)
def test_a_question_that_means_nothing_gets_no_signature(
    client: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    asked = {name: each for name, each in (ASKED | changes).items() if each is not None}
    answer = client.post("/api/v1/decisions", json=asked)
    assert (answer.status_code, answer.json["code"]) == (status, code)
