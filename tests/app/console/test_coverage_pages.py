# SPDX-License-Identifier: Apache-2.0
"""Coverage in the console: the answers of the API for a person, a company and a file at a time, for staff alone."""

from datetime import timedelta

import pytest
from company_walk import found, publish_corporate, somebody
from flask.testing import FlaskClient
from forms import post
from signin import PEOPLE, person, sign_in
from signing_walk import WEIGHTS, accept, give
from werkzeug.test import TestResponse

from app.platform.clock import FixedClock
from app.wiring import Services

PAGE = "/console/coverage"
BELA = {"who": "account", "provider": "demo", "subject": PEOPLE["bela"].subject}


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada in the console."""
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def asked(client: FlaskClient, **question: str) -> TestResponse:
    return post(client, PAGE, client.get(PAGE).text, **({"project": "tiny-llm"} | question))


def test_a_person_was_covered_from_the_signature_on_and_the_page_says_under_which_version(
    staff: FlaskClient, services: Services, clock: FixedClock
) -> None:
    before = clock.at.strftime("%Y-%m-%dT%H:%M")
    clock.at += timedelta(hours=1)
    bela = person(services.identity, "bela")
    clock.at += timedelta(minutes=1)
    accept(services, bela)
    now = asked(staff, **BELA, kind="code").text
    assert "tone-yes" in now
    assert 'href="/agreements/mcla-individual/1.0.0"' in now
    assert "since 22 November 2026, 13:01 UTC" in now
    assert f'value="{BELA["subject"]}"' in now
    then = asked(staff, **BELA, kind="code", at=before).text
    assert "Nobody had signed in here with this account" in then
    assert "as of 22 November 2026, 12:00 UTC, when the log had 0 entries" in then


def test_a_company_and_a_file_are_asked_for_too_and_every_kind_is_answered(
    staff: FlaskClient, services: Services
) -> None:
    publish_corporate(services)
    firm = found(services, somebody(services, "sig"))
    page = asked(staff, who="company", company=firm).text
    assert "Example GmbH (DE)" in page
    assert page.count("It covers who is on its list.") == 1, "one answer for every kind is said once"
    bela = person(services.identity, "bela")
    accept(services, bela)
    give(services, bela)
    shown = asked(staff, who="artifact", artifact=WEIGHTS.upper()).text
    assert "Covered for 1 of 9 kinds" in shown
    assert "No contribution to this project listed this digest" in shown


UNASKED: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "Say whether you ask about a person, a company or a file."),
    ({"who": "everybody"}, "Say whether you ask about a person, a company or a file."),
    ({"who": "account", "provider": "demo"}, "Give the account’s number"),
    ({"who": "company"}, "Choose a company."),
    ({"who": "artifact", "artifact": "abc"}, "expected 64 lower-case hexadecimal digits"),
    (BELA | {"at": "yesterday"}, "Write the time as"),
    (BELA | {"at": "2099-01-01T00:00"}, "expected a time that has come"),
    (BELA | {"project": "none"}, "Choose a project."),
)


def test_a_question_that_asks_nothing_is_shown_again(staff: FlaskClient) -> None:
    for question, says in UNASKED:
        answer = asked(staff, **question)
        assert answer.status_code in (400, 422), question
        assert says in answer.text
        assert "tone-yes" not in answer.text


def test_it_is_for_staff_and_for_their_own_projects(client: FlaskClient, services: Services) -> None:
    ada = sign_in(client, services)
    assert client.get(PAGE).status_code == 403
    other = services.projects.ensure_foundation("other", "Other", "x@other.example")
    services.staff.add(other, ada.provider, ada.subject)
    assert "tiny-llm" not in client.get(PAGE).text
    assert asked(client, **BELA).status_code == 403
