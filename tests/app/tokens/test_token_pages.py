# SPDX-License-Identifier: Apache-2.0
"""The console's pages of tokens and rules: made, shown once, ended; and nothing of another foundation's."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms import post
from signin import sign_in
from signing_walk import PROJECT

from app.platform.scopes import Scope
from app.projects.service import ProjectInfo
from app.tokens.values import NewToken
from app.wiring import Services

GITHUB = "https://token.actions.githubusercontent.com"
RULE = {
    "project": PROJECT,
    "issuer": GITHUB,
    "claims": "repository_id=74\n\nrepository_owner_id = 65",
    "scope": "checks:read",
}
TOKEN = {"project": PROJECT, "scope": "coverage:read", "label": "nightly", "days": "30"}


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada's browser, who acts for the foundation."""
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def test_a_token_is_made_shown_once_and_ended(staff: FlaskClient, services: Services) -> None:
    answer = post(staff, "/console/tokens/new", staff.get("/console/tokens/new").text, **TOKEN)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = re.findall(r"mcla_pat_[0-9A-Za-z]{43}", answer.text)[0]
    assert services.tokens.present(secret).scopes == {Scope.COVERAGE_READ}
    listed = staff.get("/console/tokens").text
    assert "nightly" in listed
    assert "by demo 104729" in listed
    assert secret[9:] not in listed
    token_id = services.tokens.tokens()[0].id
    assert post(staff, f"/console/tokens/{token_id}/end", listed).status_code == 303
    assert "ended" in staff.get("/console/tokens").text
    with pytest.raises(Exception, match="ended"):
        services.tokens.present(secret)


def test_a_rule_is_made_says_what_it_leaves_open_and_is_ended(staff: FlaskClient, services: Services) -> None:
    assert (
        post(staff, "/console/tokens/rules/new", staff.get("/console/tokens/rules/new").text, **RULE).status_code == 303
    )
    rule = services.workloads.rules()[0]
    assert rule.claims == (("repository_id", "74"), ("repository_owner_id", "65"))
    listed = staff.get("/console/tokens").text
    assert "repository_owner_id=65" in listed
    assert "name event_name" in listed
    assert post(staff, f"/console/tokens/rules/{rule.id}/end", listed).status_code == 303
    assert services.workloads.rules()[0].ended_at is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_that_makes_no_sense_makes_nothing_and_stays_filled_in(staff: FlaskClient, services: Services) -> None:
    token, rule = "/console/tokens/new", "/console/tokens/rules/new"
    bad: list[tuple[str, dict[str, Any], str]] = [
        (token, TOKEN | {"days": "0"}, "Give 1 to 366 days"),
        (token, TOKEN | {"days": "367"}, "Give 1 to 366 days"),
        (token, TOKEN | {"days": "٣"}, "Give 1 to 366 days"),
        (token, TOKEN | {"scope": "everything"}, "Choose what it is for"),
        (token, TOKEN | {"project": "nobody"}, "Choose a project"),
        (token, TOKEN | {"label": "nightly" * 20}, "label"),
        (rule, RULE | {"claims": "repository=octo/repo"}, "repository_id"),
        (rule, RULE | {"claims": ""}, "claims"),
        (rule, RULE | {"claims": "ref"}, "name=value"),
        (rule, RULE | {"claims": "ref=a\nref=b"}, "name=value"),
        (rule, RULE | {"issuer": "https://evil.example"}, "Expected one of"),
        (rule, RULE | {"scope": "policy:write"}, "event_name"),
    ]
    for path, form, said in bad:
        answer = post(staff, path, staff.get(path).text, **form)
        assert answer.status_code == 422, form
        assert said in answer.text
        assert form.get("label", "") in answer.text
        assert "mcla_pat_" not in answer.text
    assert services.tokens.tokens() == []
    assert services.workloads.rules() == []


def test_staff_of_another_foundation_sees_makes_and_ends_nothing_here(
    client: FlaskClient, services: Services, project: ProjectInfo, made: NewToken
) -> None:
    rule = services.workloads.trust(
        project, GITHUB, {"repository_id": "74"}, frozenset({Scope.CHECKS_READ}), "terminal"
    )
    bela = sign_in(client, services, "bela")
    other = services.projects.ensure_foundation("other", "Other", "x@example.org")
    services.staff.add(other, bela.provider, bela.subject)
    page = client.get("/console/tokens").text
    assert made.info.id not in page
    assert "repository_id=74" not in page
    form = client.get("/console/tokens/new").text
    assert post(client, "/console/tokens/new", form, **TOKEN).status_code == 403
    assert post(client, "/console/tokens/rules/new", form, **RULE).status_code == 403
    for path in (f"/console/tokens/{made.info.id}/end", f"/console/tokens/rules/{rule.id}/end"):
        assert post(client, path, form).status_code == 404
    assert services.tokens.present(made.secret)
