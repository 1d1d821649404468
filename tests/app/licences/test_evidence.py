# SPDX-License-Identifier: Apache-2.0
"""The file of evidence of a release: what is held, missing or against it, and nothing that is not proven."""

import json
from typing import Any

import pytest
from beginnings import Gift
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from safety_answers import EMBARGOED
from signin import person
from signing_walk import PROJECT, accept, end, file, finish
from spoken import english_left

from app.licences.certifications import CertificationService
from app.platform.settings import CertifierSettings
from mcla.exports.certification import write_certification
from mcla.feed.keys import FeedKey

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it reads through tested services
AT = "/api/v1/safe-harbour"
KEY = Ed25519PrivateKey.generate()
ISSUER = CertifierSettings(name="Example Lab", key=FeedKey.of(KEY.public_key()).base64)


def certified(artifact: str) -> bytes:
    said = {"issuer": "Example Lab", "scheme": "Scheme 2", "statement": "Read.", "about": {"artifact_sha256": artifact}}
    dates = {"issued": "2020-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
    return write_certification(json.dumps({"schema": "mcla.certification/1"} | said | dates).encode(), KEY)


def test_each_item_says_what_is_held_and_what_is_missing_with_a_link_to_what_holds_it(
    client: FlaskClient, services: Any, gift: Gift
) -> None:
    given = services.contributions.contribution(gift.given.id, None)
    told: Any = client.get(AT, query_string={"contributions": given.id, "name": "tiny", "release": "1.0"}).json
    assert told["release"] == {"name": "tiny", "version": "1.0"}
    assert sum(told["counts"].values()) == len(told["items"]) == 15
    items = {each["key"]: each for each in told["items"]}
    assert items["rights"]["standing"] == "shown"
    assert items["rights"]["evidence"][0]["contribution"] == f"sha256:{given.manifest_root}"
    assert (items["provider"]["standing"], items["provider"]["evidence"]) == ("missing", [])
    assert told["contributions"][0]["url"] == given.url
    page = client.get(f"/safe-harbour?contributions={given.id}+{given.id}&name=%3Cb%3E").text
    assert f'<a href="/contributions/{given.id}">What holds it</a>' in page
    assert f'href="/api/v1/safe-harbour?contributions={given.id}&amp;name=%3Cb%3E" download' in page
    assert ("&lt;b&gt;" in page, "<b>" in page, "Certified" in page) == (True, False, False)
    for item in told["items"]:
        assert f'id="{item["key"]}"' in page
    assert (
        f"What a file about {given.project} has to show" in client.get(f"/safe-harbour?contributions={given.id}").text
    )
    numbered = client.get(f"/safe-harbour?contributions={given.id}&release=1.0").text
    assert f"What a file about {given.project} 1.0 has to show" in numbered
    german = client.get(f"/safe-harbour?contributions={given.id}", headers={"Accept-Language": "de"})
    assert english_left(german) == set()


def test_certified_is_only_what_a_certification_that_holds_says(
    client: FlaskClient, services: Any, gift: Gift, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = services.contributions.contribution(gift.given.id, None)

    def item() -> Any:
        return client.get(AT, query_string={"contributions": given.id}).json["items"][-1]  # type: ignore[index]

    assert (item()["key"], item()["standing"]) == ("certification", "missing")
    believing = CertificationService(services.db, services.clock, (ISSUER,))
    believing.attach(certified(given.manifest_root))
    assert item()["evidence"] == []  # attached, and its issuer is pinned no more
    with monkeypatch.context() as patched:
        patched.setattr(services.certifications, "_believed", believing._believed)
        assert item()["standing"] == "shown"
        assert "Example Lab certifies" in item()["evidence"][0]["sentence"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("", 422, "evidence-unasked"),
        (" ".join(f"ctr_{number}" for number in range(21)), 422, "evidence-unasked"),
        ("ctr_nope", 404, "contribution-unknown"),
        ("\0", 404, "contribution-unknown"),
    ],
)
def test_what_names_no_contributions_is_refused(client: FlaskClient, asked: str, status: int, code: str) -> None:
    answer: Any = client.get(AT, query_string={"contributions": asked})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert client.get("/safe-harbour", query_string={"contributions": asked or "x"}).status_code in (404, 422)


def test_what_was_taken_back_is_no_evidence(client: FlaskClient, services: Any, gift: Gift) -> None:
    end(services, person(services.identity, "ada"), gift.given.id)
    refused: Any = client.get(AT, query_string={"contributions": gift.given.id})
    assert (refused.status_code, refused.json["code"]) == (409, "evidence-unfit")
    assert client.get(f"/safe-harbour?contributions={gift.given.id}").status_code == 409


def test_what_an_embargo_hides_is_told_to_nobody_else(client: FlaskClient, services: Any) -> None:
    accept(services, ada := person(services.identity, "ada"))
    patch = services.signing.draft_contribution(ada, PROJECT, "safety", [file("fix.py", b"x")], EMBARGOED, "cli")
    hidden = finish(services, ada, patch)
    for address in (AT, "/safe-harbour"):
        answer = client.get(address, query_string={"contributions": hidden.id})
        assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (403, True)
