# SPDX-License-Identifier: Apache-2.0
"""Withdrawals in the console: late ones first, one case with all that is known, and the answers of the command line."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms import SAME_SITE, fields_of, post
from signin import person, sign_in
from signing_walk import accept, end, file, give
from werkzeug.test import TestResponse

from app.platform.clock import FixedClock
from app.signing.values import Completed
from app.wiring import Services
from mcla.terms.taking_back import STEPS

CONSOLE = "/console/withdrawals"


@pytest.fixture
def taken(services: Services) -> Completed:
    """Bela's contribution, taken back because somebody claims rights in it."""
    bela = person(services.identity, "bela")
    accept(services, bela)
    return end(services, bela, give(services, bela), reason="rights-claim", stage="S1")


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada in the console."""
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def sent(client: FlaskClient, case: Completed, act: str = "answer", **entered: Any) -> TestResponse:
    form = {"csrf_token": fields_of(client.get(f"{CONSOLE}/{case.id}").text)["csrf_token"], **entered}
    return client.post(f"{CONSOLE}/{case.id}/{act}", data=form, headers=SAME_SITE)


def test_what_is_late_stands_first_and_what_was_answered_below(
    staff: FlaskClient, services: Services, taken: Completed, clock: FixedClock
) -> None:
    clock.at += timedelta(days=4)
    sign_in(staff, services)  # the session of four days ago is over
    bela = person(services.identity, "bela")
    later = end(services, bela, give(services, bela, file("b.py", b"b")))
    page = staff.get(CONSOLE).text
    assert page.index(taken.id) < page.index(later.id)
    assert "2 wait for an answer" in page
    assert "Overdue" not in page
    clock.at += timedelta(days=2)
    sign_in(staff, services)
    page = staff.get(CONSOLE).text
    assert "<strong>1 of them overdue</strong>" in page
    assert "Overdue since 27 November 2026" in page
    assert sent(staff, taken, answer="refused", stage="S1").status_code == 303
    page = staff.get(CONSOLE).text
    assert page.index(later.id) < page.index(taken.id)
    assert 'href="/console/withdrawals"' in staff.get("/console").text


def test_a_case_shows_what_it_is_about_by_digest_what_the_terms_say_and_what_is_for_good(
    staff: FlaskClient, services: Services, taken: Completed
) -> None:
    page = staff.get(f"{CONSOLE}/{taken.id}").text
    for part in (
        *("model.safetensors", hashlib.sha256(b"weights").hexdigest(), "Somebody else claims rights in it"),
        *("As was said then: Merged into the project", "The agreement names this cause", "Copies that others made"),
        *("The answer is due by 27 November 2026", STEPS["flag-old-releases"]),
    ):
        assert part in page, part
    assert "Bela" not in page


def test_an_answer_does_what_the_agreement_promises_and_more_and_is_public_without_its_reasons(
    staff: FlaskClient, services: Services, taken: Completed
) -> None:
    letter = (io.BytesIO(b"a letter"), "letter.pdf")
    more = {"step": "publish-advisory", "note": "They own it.", "evidence_file": letter, "replacement": "ab" * 32}
    assert sent(staff, taken, answer="allowed", stage="S1", **more).status_code == 303
    decided = services.cases.case(taken.id).decided
    assert decided is not None
    assert decided.steps == ("out-of-repository", "out-of-next-release", "publish-advisory")
    page = staff.get(f"{CONSOLE}/{taken.id}").text
    assert "They own it." in page
    assert hashlib.sha256(b"a letter").hexdigest() in page
    public = staff.get(f"/withdrawals/{taken.id}").text
    assert "Taken back. The foundation ends its use." in public
    assert "They own it." not in public
    assert sent(staff, taken, answer="refused", stage="S1").status_code == 303
    assert staff.get(f"{CONSOLE}/{taken.id}").text.count("<h3>Allowed") == 1
    assert services.cases.case(taken.id).state == "refused"


UNFIT: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "Say whether the agreement allows it."),
    ({"answer": "perhaps", "stage": "S1"}, "Say whether the agreement allows it."),
    ({"answer": "allowed"}, "Say how far it had come."),
    ({"answer": "allowed", "stage": "S9"}, "Say how far it had come."),
    ({"answer": "refused", "stage": "S1", "step": "leave-unmerged"}, "A refusal does nothing"),
    ({"answer": "allowed", "stage": "S1", "replacement": "abc"}, "expected 64 lower-case hexadecimal digits"),
    ({"answer": "refused", "stage": "S1", "note": "x" * 4001}, "at most 4000 characters"),
)


def test_an_answer_that_does_not_fit_is_shown_again_and_stores_nothing(
    staff: FlaskClient, services: Services, taken: Completed
) -> None:
    for entered, says in UNFIT:
        answer = sent(staff, taken, **entered)
        assert answer.status_code in (400, 422), entered
        assert says in answer.text
        assert services.cases.case(taken.id).decided is None


def test_an_answer_beyond_what_the_agreement_asks_says_what_is_done(staff: FlaskClient, services: Services) -> None:
    bela = person(services.identity, "bela")
    accept(services, bela)
    taken = end(services, bela, give(services, bela), stage="S3")
    assert "promises nothing by itself" in sent(staff, taken, answer="allowed", stage="S3").text
    assert sent(staff, taken, answer="allowed", stage="S3", step="out-of-repository").status_code == 303


def test_a_stage_is_recorded_with_what_shows_it_and_is_then_the_least(
    staff: FlaskClient, services: Services, taken: Completed
) -> None:
    assert sent(staff, taken, "stage", reached="S3", evidence="model 2.1").status_code == 303
    page = staff.get(f"{CONSOLE}/{taken.id}").text
    assert "model 2.1" in page
    assert 'name="stage" value="S1"' not in page
    assert sent(staff, taken, "stage", reached="S2").status_code == 409
    assert sent(staff, taken, "stage", reached="now").status_code == 409


def test_only_the_staff_of_the_projects_foundation_sees_and_answers_a_case(
    client: FlaskClient, services: Services, taken: Completed
) -> None:
    ada = sign_in(client, services)
    assert client.get(f"{CONSOLE}/{taken.id}").status_code == 403
    other = services.projects.ensure_foundation("other", "Other", "x@other.example")
    services.staff.add(other, ada.provider, ada.subject)
    assert taken.id not in client.get(CONSOLE).text
    assert client.get(f"{CONSOLE}/{taken.id}").status_code == 403
    token = client.get(CONSOLE.removesuffix("/withdrawals") + "/agreements/new").text
    for act in ("answer", "stage"):
        refused = post(client, f"{CONSOLE}/{taken.id}/{act}", token, answer="refused", stage="S1", reached="S2")
        assert refused.status_code == 403
    assert services.cases.case(taken.id).decided is None
    assert client.get(f"{CONSOLE}/wdr_{'0' * 26}").status_code == 404
