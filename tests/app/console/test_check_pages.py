# SPDX-License-Identifier: Apache-2.0
"""The console's pages of checks: a policy is shown as it is read, faults stand beside it, and bots come and go."""

import pytest
from flask.testing import FlaskClient
from forms import post
from signin import sign_in

from app.wiring import Services

PAGE = "/console/checks/tiny-llm"
POLICY = (
    "version = 1\r\n[people]\r\naddresses = 'verified'\r\n[[artifacts]]\r\npaths = ['weights/**']\r\n"
    "kind = 'weights'\r\nfrom_size = '1 MiB'\r\nschedule = 'W'\r\n"
)
BOT = {"what": "bot", "provider": "demo", "subject": "49699333", "reason": "Updates versions", "until": "2027-11-01"}


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada in the console."""
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def test_a_policy_is_kept_with_the_line_ends_of_files_and_shown_as_it_is_read(
    staff: FlaskClient, services: Services
) -> None:
    page = staff.get(PAGE).text
    assert "No policy is kept here" in page
    assert "Pages of artifacts do not read repositories" in page
    assert post(staff, f"{PAGE}/policy", page, text=POLICY).status_code == 303
    shown = staff.get(PAGE).text
    assert "<code>weights/**</code>" in shown
    assert "With schedule W." in shown
    assert "stands for whoever has verified it" in shown
    assert "Checks do not look at licences." in shown
    assert '<code>nc_data</code></td><td data-label="What this project says">A person looks' in shown
    kept = services.policies.current(services.projects.project("tiny-llm"))
    assert kept is not None
    assert (kept.text, kept.set_by) == (POLICY.replace("\r\n", "\n"), "demo 104729")
    assert "version 1 of" in staff.get("/console/checks").text
    assert post(staff, f"{PAGE}/policy", shown, remove="yes").status_code == 303
    assert "No policy is kept here" in staff.get(PAGE).text


def test_debated_points_are_shown_as_the_policy_has_them_and_a_wrong_word_is_refused(staff: FlaskClient) -> None:
    text = "version = 1\n[licences]\nrules = 'require'\n[licences.stance]\nnc_data = 'deny'\n"
    assert post(staff, f"{PAGE}/policy", staff.get(PAGE).text, text=text).status_code == 303
    shown = staff.get(PAGE).text
    assert "What the rules deny is not covered" in shown
    assert '<code>nc_data</code></td><td data-label="What this project says">Denied' in shown
    assert '<code>sa_data</code></td><td data-label="What this project says">A person looks' in shown
    wrong = post(staff, f"{PAGE}/policy", shown, text=text.replace("'deny'", "'maybe'"))
    assert wrong.status_code == 422
    assert "licences.stance.nc_data" in wrong.text


def test_every_fault_of_a_policy_stands_beside_the_text_that_was_typed(staff: FlaskClient, services: Services) -> None:
    answer = post(staff, f"{PAGE}/policy", staff.get(PAGE).text, text="version = 2\n<b>")
    assert answer.status_code == 422
    assert "the file is not TOML" in answer.text
    assert "&lt;b&gt;" in answer.text
    assert services.policies.current(services.projects.project("tiny-llm")) is None


def test_a_bot_is_exempt_until_it_is_ended(staff: FlaskClient, services: Services) -> None:
    page = staff.get(PAGE).text
    for wrong in ({"subject": ""}, {"address": "bot@example.org"}, {"until": "soon"}, {"until": "2035-01-01"}):
        assert post(staff, f"{PAGE}/exemptions", page, **(BOT | wrong)).status_code == 422
    assert post(staff, f"{PAGE}/exemptions", page, **BOT).status_code == 303
    shown = staff.get(PAGE).text
    assert "Updates versions" in shown
    (kept,) = services.exemptions.all(services.projects.project("tiny-llm"))
    assert post(staff, f"{PAGE}/exemptions/{kept.id}/end", shown).status_code == 303
    assert "End this exemption" not in staff.get(PAGE).text


def test_staff_of_another_foundation_sees_and_changes_nothing(client: FlaskClient, services: Services) -> None:
    ada = sign_in(client, services)
    services.projects.ensure_foundation("other", "Other", "x@example.org")
    services.projects.ensure_project("other", "far", "Far", "")
    services.staff.add(services.projects.foundation("other"), ada.provider, ada.subject)
    page = client.get("/console/checks/far").text
    assert client.get(PAGE).status_code == 403
    assert post(client, f"{PAGE}/policy", page, text="version = 1\n").status_code == 403
    assert "Tiny LLM" not in client.get("/console/checks").text
