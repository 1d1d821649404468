# SPDX-License-Identifier: Apache-2.0
"""Companies over the API: signing for one, giving for one, and the proof of a change; each refusal has its code."""

import json
from typing import Any

import pytest
from company_walk import Firm, somebody
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
