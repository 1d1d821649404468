# SPDX-License-Identifier: Apache-2.0
"""The demo's terms of use: published once, over a legal text that is there, asked about by project and by feed."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.demo.seed import TIERS, seed_tiers
from mcla.artifacts.digest import sha256_hex
from mcla.tiers.reading import read_terms

KNOWN: dict[str, Any] = {
    "purposes": ["product"],
    "business": [],
    "uses": [],
    "sectors": [],
    "jurisdictions": ["EU"],
    "receipt": "direct",
    "revenue": {"amount": 9000, "currency": "EUR", "period": "year", "measured": "preceding-year"},
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # publishing is tested on both
def test_a_use_of_the_demos_models_is_answered_by_tier_and_by_feed(services: Any, client: FlaskClient) -> None:
    seed_tiers(services.projects, services.tiers)
    seed_tiers(services.projects, services.tiers)
    (published,) = services.tiers.everything()
    services.feed.begin()
    assert client.get("/").text.count(f'href="/tiers/example-model-use/{published.version}"') == 3
    assert client.get(f"/tiers/example-model-use/{published.version}").status_code == 200

    def answer(**facts: Any) -> tuple[str, str]:
        asked = {"project": "tiny-llm", "use": {"schema": "mcla.use/1", **KNOWN, **facts}}
        told: Any = client.post("/api/v1/licences/evaluate", json=asked).json
        return told["effect"], told["decided_by"]["tier"]

    assert answer(purposes=["research"]) == ("permit", "learning")
    assert answer() == ("permit-with-duty", "product")
    assert answer(business=["hosting"], registered=False) == ("register", "hosting")
    rich = KNOWN["revenue"] | {"amount": 10_000_001}
    assert answer(revenue=rich) == ("separate-licence", "large")
    assert answer(revenue=rich, receipt="end-user-product")[0] == "permit-with-duty"
    assert answer(uses=["malware"]) == ("deny", "barred")
    assert answer(uses=["eu-ai-act:manipulation"]) == ("deny", "feed:eu-ai-act.5.manipulation")


def test_the_tiers_name_the_legal_text_that_lies_beside_them() -> None:
    legal = TIERS.with_name("model-terms.md").read_bytes()
    assert read_terms(TIERS.read_bytes()).text.endswith(f" sha256:{sha256_hex(legal)}")
