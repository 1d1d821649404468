# SPDX-License-Identifier: Apache-2.0
"""Licences over the API and on pages: what is not known is said so, and nothing is allowed by default."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from spoken import english_left

from app.licences.choosing import choose, commercial_use, wanted
from app.licences.facts import facts_of, threshold_text
from app.licences.words import UNKNOWN
from mcla.licences.registry import registry

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""None of this asks the database."""
LLAMA, RIGHT = (
    "LicenseRef-llama-3.1",
    {
        "bases": [{"licence": "LicenseRef-llama-3.1", "relation": "fine-tune"}],
        "kind": "fine-tune",
        "declared": "LicenseRef-llama-3.1",
        "artifact_name": "Llama-MedChat-8B",
        "evidence": {
            "licence_copies": ["LicenseRef-llama-3.1"],
            "notice_file": True,
            "attribution_for": ["LicenseRef-llama-3.1"],
        },
    },
)
FORM = {"base-1": LLAMA, "relation-1": "fine-tune", "declared": LLAMA, "name": "Llama-MedChat-8B"}


@ONCE
def test_the_list_names_every_licence_and_the_digest_of_what_it_rests_on(client: FlaskClient) -> None:
    answer = client.get("/api/v1/licences")
    told: Any = answer.json
    assert [each["id"] for each in told["licences"]] == [each.id for each in registry()]
    assert told["data"] == {"digest": f"sha256:{registry().digest}", "as_of": registry().as_of}
    again = client.get("/api/v1/licences", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@ONCE
def test_a_licence_is_found_by_its_other_names_and_told_under_its_id(client: FlaskClient) -> None:
    for name in (LLAMA, "llama3.1"):
        told: Any = client.get(f"/api/v1/licences/{name}").json
        assert told["licence"]["id"] == LLAMA
        assert told["licence"]["flow_down"]["name_prefix"] == "Llama"


@ONCE
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("no-such-licence", 404, "licence-unknown"),
        ("gemma", 409, "licence-ambiguous"),
        ("%00", 404, "licence-unknown"),
        ("x" * 5000, 404, "licence-unknown"),
    ],
)
def test_a_name_of_no_licence_or_of_several_is_no_licence(
    client: FlaskClient, name: str, status: int, code: str
) -> None:
    answer = client.get(f"/api/v1/licences/{name}")
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[index]
    assert client.get(f"/licences/{name}").status_code == status


@ONCE
def test_the_worked_case_of_a_fine_tune_done_right_is_allowed(client: FlaskClient) -> None:
    told: Any = client.post("/api/v1/licences/check", json=RIGHT).json
    assert (told["verdict"], told["rules"], told["missing"]) == ("allowed", ["R-SCALE-1"], [])


@ONCE
def test_without_evidence_the_duties_are_missing(client: FlaskClient) -> None:
    told: Any = client.post("/api/v1/licences/check", json=RIGHT | {"evidence": {}}).json
    assert told["verdict"] == "needs-notice"
    assert f"licence_copy:{LLAMA}" in told["missing"]


@ONCE
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bases": []}, "licence-question-invalid"),
        ({"bases": [{"licence": "MIT", "relation": "borrowed"}]}, "licence-question-invalid"),
        ({"bases": [{"licence": "MIT", "relation": "merge"}] * 10_000}, "too-many-bases"),
        ({"surprise": 1}, "licence-question-invalid"),
        ({"context": {"mau": -1}}, "figure-invalid"),
        ({"context": {"annual_revenue": 5}}, "currency-missing"),
        ({"context": {"annual_revenue": {"value": 1, "currency": "USD"}, "annual_revenue_usd": 2}}, "facts-contradict"),
    ],
)
def test_a_question_that_does_not_mean_one_thing_is_refused_by_name(
    client: FlaskClient, change: dict[str, Any], code: str
) -> None:
    answer = client.post("/api/v1/licences/check", json=RIGHT | change)
    assert (answer.status_code, answer.json["code"]) == (422, code)  # type: ignore[index]


@ONCE
def test_an_unknown_licence_is_left_to_a_person(client: FlaskClient) -> None:
    bases = [{"licence": "LicenseRef-nobody-knows", "relation": "fine-tune"}]
    told: Any = client.post("/api/v1/licences/check", json=RIGHT | {"bases": bases}).json
    assert told["verdict"] == "needs-review"


@ONCE
def test_more_users_than_the_licence_bears_never_permit(client: FlaskClient) -> None:
    use = {"commercial": True, "uses": [], "receipt": "direct"}
    users = {"count": 800_000_000, "measured": "at-release-date"}
    told: Any = client.post("/api/v1/licences/evaluate", json={"licence": LLAMA, "use": use | {"users": users}}).json
    assert (told["effect"], told["certain"]) == ("separate-licence", True)
    unknown: Any = client.post("/api/v1/licences/evaluate", json={"licence": LLAMA, "use": use}).json
    assert not unknown["certain"]
    assert [each["fact"] for each in unknown["unknown"]] == ["users"]


@ONCE
@pytest.mark.parametrize("named", [{}, {"licence": "MIT", "terms": "x"}])
def test_a_question_about_a_use_names_one_set_of_terms(client: FlaskClient, named: dict[str, str]) -> None:
    answer = client.post("/api/v1/licences/evaluate", json={**named, "use": {}})
    assert (answer.status_code, answer.json["code"]) == (422, "licence-question-unasked")  # type: ignore[index]


def test_every_licence_has_a_page_and_every_field_words() -> None:
    rows = [[fact.name for group in facts_of(licence) for fact in group.facts] for licence in registry()]
    assert all(row == rows[0] for row in rows)
    for licence in registry():
        for group in facts_of(licence):
            for fact in (each for each in group.facts if each.name != "Written for"):
                # Enumerations have words of their own; what is left as the file has it has capitals or spaces.
                assert all(" " in text or text[:1].isupper() for text in fact.texts), (licence.id, fact)


def test_what_a_record_does_not_know_is_shown_as_not_known() -> None:
    licence = next(each for each in registry() if "commercial_use" in each.unknown)
    shown = {fact.name: fact for group in facts_of(licence) for fact in group.facts}["Commercial use"]
    assert (shown.texts, shown.known) == ((UNKNOWN,), False)
    assert commercial_use(licence) == "unknown"


def test_a_limit_of_scale_is_a_sentence() -> None:
    [limit] = registry().get(LLAMA).thresholds
    assert threshold_text(limit) == (
        "More than 700,000,000 monthly active users (measured when the model was released) needs a separate licence"
    )


def test_filters_narrow_the_table_and_one_that_nobody_knows_lets_nothing_through() -> None:
    known = registry()
    rail = choose(known, wanted({"family": "rail", "commercial": "yes"}))
    assert rail
    assert all(each.family == "rail" and commercial_use(each) == "yes" for each in rail)
    assert choose(known, wanted({"q": "LLAMA3.1"})) == [known.get(LLAMA)]
    assert choose(known, wanted({"family": "nonsense"})) == []
    assert choose(known, wanted({"limit": "nonsense"})) == []
    assert choose(known, wanted({"flow": "governing_law"})) == []
    free = choose(known, wanted({"limit": "none", "covers": "weights"}))
    assert known.get("Apache-2.0") in free
    assert not any(each.thresholds or each.restrictions or each.territory_excluded for each in free)
    named = choose(known, wanted({"flow": "name_prefix"}))
    assert known.get(LLAMA) in named
    assert known.get("Apache-2.0") not in named
    assert len(choose(known, wanted({}))) == len(known.licences)


@ONCE
def test_pages_answer_for_one_for_two_and_for_a_combination(client: FlaskClient) -> None:
    assert "Built with Llama" in client.get(f"/licences/{LLAMA}").text
    assert client.get("/licences/llama3.1").headers["Location"] == f"/licences/{LLAMA}"
    both = client.get(f"/licences/compare?licence={LLAMA}&licence=MIT").text
    assert "differs" in both
    moved = client.get("/licences/compare?licence=llama3.1&licence=MIT")
    assert moved.headers["Location"] == f"/licences/compare?licence={LLAMA}&licence=MIT"
    assert "Choose two licences." in client.get("/licences/compare?licence=MIT").text


@ONCE
def test_the_form_says_what_is_still_to_do_and_names_the_rules(client: FlaskClient) -> None:
    page = client.get("/licences/check", query_string=FORM).text
    assert "It may go out once the duties below are met" in page
    assert "Display what it asks for: “Built with Llama”" in page
    done = FORM | {"evidence": ["licence_copies", "notice_file", "attribution_for"]}
    assert "It may go out like this" in client.get("/licences/check", query_string=done).text
    denied = client.get("/licences/check", query_string=done | {"declared": "Apache-2.0"}).text
    assert "It may not go out like this" in denied
    assert "R-SCALE-1" in denied


@ONCE
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"base-1": ""}, 'href="#f-base-1"'),
        ({"declared": " "}, 'href="#f-declared"'),
        ({"territory": "Germany"}, 'href="#f-territory"'),
        ({"relation-1": "borrowed"}, 'href="#f-relation-1"'),
        ({"name": "x" * 301}, 'href="#f-name"'),
        ({"declared": "MI\u202eT"}, 'href="#f-declared"'),
        ({"commercial": "maybe"}, "expected true or false, got &#39;maybe&#39;"),
    ],
)
def test_a_fault_in_the_form_stands_at_its_field(client: FlaskClient, change: dict[str, str], fault: str) -> None:
    page = client.get("/licences/check", query_string=FORM | change)
    assert page.status_code == 400
    assert fault in page.text
    assert "It may go out" not in page.text


@ONCE
def test_german_pages_say_keys_and_fields_in_german(client: FlaskClient) -> None:
    asked = {"base-1": "LicenseRef-bigcode-openrail-m-v1", "relation-1": "fine-tune", "declared": "Apache-2.0"}
    pages = {
        "licence": client.get(f"/licences/{LLAMA}", headers={"Accept-Language": "de"}),
        "compare": client.get(f"/licences/compare?licence={LLAMA}&licence=MIT", headers={"Accept-Language": "de"}),
        "check": client.get("/licences/check", query_string=asked, headers={"Accept-Language": "de"}),
        "fields": client.get(
            "/licences/check",
            query_string=asked | {"base-1": "LicenseRef-hunyuan-community"},
            headers={"Accept-Language": "de"},
        ),
    }
    assert [name for name, page in pages.items() if english_left(page, name)] == []
    assert "<li>militärische Nutzung oder Krieg</li>" in pages["licence"].text
    assert "Schadsoftware oder Schädigung elektronischer Systeme" in pages["check"].text
    assert "die Nutzungen, die sie ausschließt" in pages["fields"].text
