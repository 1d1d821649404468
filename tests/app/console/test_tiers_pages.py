# SPDX-License-Identifier: Apache-2.0
"""Writing and publishing terms in the console: faults beside the text, the page as it will be, the typed version."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms import post
from signin import sign_in
from tiers_documents import document

from app.wiring import Services

OWNER = "project/tiny-llm"


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def text_of(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="document"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))


def as_a_browser(text: bytes | str) -> str:
    """Browsers end each line of a text area with two characters."""
    return (text if isinstance(text, str) else text.decode()).replace("\n", "\r\n")


def publish(client: FlaskClient, page: str, **entered: str) -> Any:
    hidden = dict(re.findall(r'<input type="hidden" name="(owner|digest|seen)" value="([^"]*)"', page))
    sent = hidden | {"document": as_a_browser(text_of(page))} | entered
    return post(client, "/console/tiers/publish", page, **sent)


def test_what_is_written_is_shown_as_it_will_be_and_published_byte_for_byte(
    staff: FlaskClient, services: Services
) -> None:
    page = staff.get(f"/console/tiers/write?owner={OWNER}").text
    assert 'id = "example-model-terms"' in text_of(page)
    shown = post(staff, "/console/tiers/preview", page, owner=OWNER, document=as_a_browser(document()))
    assert shown.status_code == 200, shown.text
    assert "These are the first terms. They go by the name example-model-terms for good" in shown.text
    assert "You need a licence of your own first" in shown.text
    mistyped = publish(staff, shown.text, typed="1.0")
    assert (mistyped.status_code, "Type the number 1.0.0" in mistyped.text) == (422, True)
    done = publish(staff, mistyped.text, typed="1.0.0")
    assert (done.status_code, done.headers["Location"]) == (303, "/tiers/example-model-terms/1.0.0")
    assert services.tiers.version("example-model-terms", "1.0.0").document == document()
    again = staff.get(f"/console/tiers/write?owner={OWNER}").text
    assert text_of(again).encode() == document()
    assert "example-model-terms/1.0.0" in staff.get("/console/tiers").text


def test_what_differs_is_told_and_what_came_between_stops_it(staff: FlaskClient, services: Services) -> None:
    page = staff.get(f"/console/tiers/write?owner={OWNER}").text
    first = post(staff, "/console/tiers/preview", page, owner=OWNER, document=as_a_browser(document())).text
    assert publish(staff, first, typed="1.0.0").status_code == 303
    milder = document("1.1.0", ('effect = "deny"\nrests_on = "clause 4"', 'effect = "permit"\nrests_on = "clause 4"'))
    shown = post(staff, "/console/tiers/preview", page, owner=OWNER, document=as_a_browser(milder)).text
    assert "It follows version 1.0.0" in shown
    assert re.search(r'barred says something else <span class="tag">milder', shown)
    overtaken = publish(staff, first, document=as_a_browser(document("1.2.0")), typed="1.2.0")
    assert (overtaken.status_code, "not the one that the preview showed" in overtaken.text) == (409, True)
    services.tiers.publish(services.tiers.everything()[0].owner, document("1.0.1"), "terminal")
    late = publish(staff, shown, typed="1.1.0")
    assert (late.status_code, "was published meanwhile" in late.text) == (409, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_stands_beside_the_text_that_has_it(staff: FlaskClient) -> None:
    page = staff.get(f"/console/tiers/write?owner={OWNER}").text
    for text, said in (
        ("", "missing"),
        ("this is not toml", "TOML"),
        (document().decode().replace('"USD"', '"dollars"'), "a currency of ISO 4217"),
        (document().decode().replace("count = 1000000", "count = -5"), "count"),
        (document().decode().replace('"permit" ', '"allow" '), "effect"),
    ):
        answer = post(staff, "/console/tiers/preview", page, owner=OWNER, document=text)
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert text_of(answer.text) == text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_publishes_for_another_foundation(client: FlaskClient, services: Services) -> None:
    ada = sign_in(client, services)
    other = services.projects.ensure_foundation("other", "Other", "x@other.example")
    services.projects.ensure_project("other", "theirs", "Theirs", "")
    services.staff.add(other, ada.provider, ada.subject)
    page = client.get("/console/tiers").text
    assert "Theirs" in page
    assert "Tiny" not in page
    for owner in (OWNER, "foundation/example", "foundation/nobody", "project/nobody", "", "x"):
        assert client.get(f"/console/tiers/write?owner={owner}").status_code in (403, 404)
    form = client.get("/console/tiers/write?owner=project/theirs").text
    refused = post(client, "/console/tiers/publish", form, owner=OWNER, document=document().decode(), digest="x")
    assert (refused.status_code, services.tiers.everything()) == (403, [])
