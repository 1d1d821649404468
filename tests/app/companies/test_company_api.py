# SPDX-License-Identifier: Apache-2.0
"""Companies over the API: signing for one, giving for one, and the proof of a change; each refusal has its code."""

import json
from typing import Any

import pytest
from company_walk import Firm, invite, somebody
from flask.testing import FlaskClient
from signing_walk import ANY_FILE, bearer

from app.platform.clock import new_id

FACTS = {
    "name": "Sample AG",
    "jurisdiction": "CH",
    "registration": "CHE-1",
    "title": "Chief executive",
    "power": "by-law",
}
ACCEPTANCE = {"type": "acceptance", "agreement": "mcla-corporate", "version": "1.0.0", "key_holder": "cli"}
GIFT = {"type": "contribution", "project": "tiny-llm", "kind": "code", "files": [ANY_FILE], "key_holder": "cli"}
WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"company": None}, 409, "not-for-persons"),
    ({"agreement": "mcla-individual"}, 422, "capacity-unfit"),
    ({"company": FACTS | {"name": "S\u0430mple AG"}}, 422, "company-name-unfit"),
    ({"company": FACTS | {"name": "Examp1e GmbH", "jurisdiction": "DE"}}, 422, "company-name-unfit"),
    ({"company": FACTS | {"jurisdiction": "Swiss"}}, 422, "request-invalid"),
    ({"company": FACTS | {"power": "by-magic"}}, 422, "request-invalid"),
    ({"company": FACTS | {"vat": "1"}}, 422, "request-invalid"),
]


@pytest.fixture
def ask(client: FlaskClient, services: Any) -> Any:
    def send(actor: Any, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client.post("/api/v1/signings", json=body, headers=bearer(services, actor))
        return answer.status_code, answer.get_json()

    return send


def test_a_company_is_signed_for_and_given_for_over_the_api(
    services: Any, firm: Firm, ask: Any, client: FlaskClient
) -> None:
    boss = somebody(services, "boss")
    for wrong, status, code in WRONG:
        answer = ask(boss, ACCEPTANCE | {"company": FACTS} | wrong)
        assert (answer[0], answer[1]["code"]) == (status, code), wrong
    status, draft = ask(boss, ACCEPTANCE | {"company": FACTS})
    predicate = json.loads(draft["statement"])["predicate"]
    assert (status, predicate["capacity"], predicate["company"]["name"]) == (201, "company", "Sample AG")
    assert FACTS["title"] not in draft["statement"]

    firm.with_emil()
    status, draft = ask(firm.emil, GIFT | {"company": firm.id})
    assert (status, json.loads(draft["statement"])["predicate"]["capacity"]) == (201, "company")
    for company, status, code in (
        (new_id("com"), 404, "company-unknown"),
        ("com_x", 422, "request-invalid"),
        (firm.id, 409, "affiliation-unconfirmed"),
    ):
        answer = ask(firm.mia, GIFT | {"company": company})
        assert (answer[0], answer[1]["code"]) == (status, code)

    change = services.companies.view(firm.max, firm.id).history[0]
    bundle = client.get(f"/api/v1/company-changes/{change.id}/bundle")
    assert bundle.get_json()["mediaType"].startswith("application/vnd.dev.sigstore.bundle")
    path = f"/api/v1/company-changes/{change.id}/document"
    assert client.get(path, headers=bearer(services, firm.max)).get_json()["change"]["type"] == "affiliation-confirmed"
    assert client.get(path, headers=bearer(services, boss)).status_code == 404
    assert client.get(path).status_code == 401


ADDED = {
    "type": "entry-added",
    "rule": {"type": "address", "email": "Ada@Example.com"},
    "kinds": ["weights", "code"],
    "valid_from": "2027-01-01T00:00:00Z",
    "valid_to": None,
}
NO_COMPANY = "com_" + "0" * 26
WRONG_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"change": ADDED, "reason": ""}, "reason-missing"),
    ({"change": ADDED, "reason": "two\nlines"}, "reason-missing"),
    ({"change": ADDED | {"kinds": []}}, "list-entry-unfit"),
    ({"change": ADDED | {"kinds": ["poem"]}}, "request-invalid"),
    ({"change": ADDED | {"valid_from": "2020-01-01T00:00:00Z"}}, "change-backwards"),
    ({"change": ADDED | {"valid_to": "2026-12-31T00:00:00Z"}}, "list-entry-unfit"),
    ({"change": ADDED | {"rule": {"type": "domain", "domain": "*.example.com", "include_subdomains": True}}},
     "list-entry-unfit"),
    ({"change": ADDED | {"rule": {"type": "domain", "domain": "gmail.com", "include_subdomains": False}}},
     "public-mail-domain"),
    ({"change": ADDED | {"rule": {"type": "domain", "domain": "evilexample.com", "include_subdomains": True}}},
     "domain-not-yours"),
    ({"change": ADDED | {"rule": {"type": "organisation", "provider": "demo", "number": "9"}}},
     "membership-unconfirmed"),
    ({"change": ADDED | {"rule": {"type": "everybody"}}}, "request-invalid"),
    ({"change": {"type": "manager-joined", "invitation": "inv_" + "0" * 26}}, "request-invalid"),
    ({"change": {"type": "manager-removed", "invitation": "inv_" + "0" * 26}}, "list-entry-unknown"),
    ({"change": {"type": "entry-removed", "entry": "ent_" + "0" * 26}}, "list-entry-unknown"),
    ({"change": {"type": "released", "release": "rel_" + "0" * 26}}, "company-unknown"),
    ({"change": {"type": "ended-by-foundation"}}, "company-role-missing"),
    ({"change": ADDED, "salt": "x"}, "request-invalid"),
]  # fmt: skip


def test_a_change_asked_over_the_api_says_exactly_what_would_be_signed_or_what_is_wrong(
    services: Any, firm: Firm, client: FlaskClient
) -> None:
    manager, path = bearer(services, firm.max), f"/api/v1/companies/{firm.id}/changes"
    for wrong, code in WRONG_CHANGES:
        answer = client.post(path, json={"reason": "Why", "key_holder": "cli"} | wrong, headers=manager).get_json()
        assert answer["code"] == code, (wrong, answer)
    asked = {"change": ADDED, "reason": "Why", "key_holder": "cli"}
    draft = client.post(path, json=asked, headers=manager).get_json()
    said = json.loads(draft["document"])
    assert (said["company"], said["reason"], said["change"]["rule"]["email"]) == (firm.id, "Why", "ada@example.com")
    assert (said["change"]["kinds"], said["change"]["valid_from"]) == (["code", "weights"], "2027-01-01T00:00:00Z")
    assert (draft["type"], "ada@" in draft["statement"]) == ("company-change", False)
    assert services.companies.view(firm.max, firm.id).entries == ()
    assert client.post(path, json=asked).status_code == 401


def test_each_is_told_of_a_company_over_the_api_what_their_part_in_it_shows(
    services: Any, firm: Firm, client: FlaskClient
) -> None:
    firm.with_emil()
    invitation = invite(services, firm.sig, firm.id, "nils@example.com")

    def told(who: Any, path: str) -> Any:
        return client.get(path, headers=bearer(services, who)).get_json()

    assert [each["roles"] for each in told(firm.max, "/api/v1/companies")["companies"]] == [["manager"]]
    seen = {who.login: told(who, f"/api/v1/companies/{firm.id}") for who in (firm.max, firm.sig, firm.emil)}
    assert {who: (len(each["entries"]), len(each["managers"]), len(each["mine"])) for who, each in seen.items()} == {
        "max": (1, 2, 0),
        "sig": (0, 2, 0),
        "emil": (0, 0, 1),
    }
    assert (seen["emil"]["mine"][0]["confirmed"], seen["emil"]["agreement"]) == (True, "mcla-corporate")
    assert told(firm.max, f"/api/v1/companies/{NO_COMPANY}")["code"] == "company-unknown"
    path = f"/api/v1/companies/invitations/{invitation}/link"
    assert client.post(path, headers=bearer(services, firm.emil)).get_json()["code"] == "company-role-missing"
    link = client.post(path, headers=bearer(services, firm.sig)).get_json()["url"]
    assert services.companies.invitations.invited(link.rpartition("/")[2]).email == "nils@example.com"
