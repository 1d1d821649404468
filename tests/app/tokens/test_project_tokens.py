# SPDX-License-Identifier: Apache-2.0
"""Tokens of projects: what they open and what not, and that each way of being wrong says so by its own name."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from counting import counted
from flask.testing import FlaskClient
from signin import sign_in
from signing_walk import PROJECT
from sqlalchemy import text

from app.platform.clock import FixedClock
from app.platform.scopes import Scope
from app.platform.settings import Settings
from app.projects.service import ProjectInfo
from app.tokens.access import may
from app.tokens.errors import TokenAway, TokenOtherProject, TokenUnfit
from app.tokens.secret import PREFIX, check_sum, new_token
from app.tokens.values import NewToken
from app.wiring import Services

COVERAGE = f"/api/v1/coverage?project={PROJECT}&provider=demo&subject=104729&kind=code"


def bearing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def told(client: FlaskClient, secret: str, path: str = COVERAGE) -> tuple[int, str]:
    """The status and code of an answer; every refusal says what to do next."""
    answer = client.get(path, headers=bearing(secret))
    body = answer.get_json()
    if answer.status_code >= 400:
        assert body["hint"]
        assert secret == PREFIX or secret not in answer.text
    return answer.status_code, body.get("code", "")


def test_a_token_opens_what_its_scope_names_and_is_no_person(client: FlaskClient, made: NewToken) -> None:
    assert told(client, made.secret) == (200, "")
    assert told(client, made.secret, "/api/v1/agreements") == (403, "token-not-taken")
    assert told(client, made.secret, "/api/v1/signings/sng_" + "0" * 26) == (403, "token-not-taken")
    for page in ("/console", "/account", "/signatures", "/"):
        assert client.get(page, headers=bearing(made.secret)).status_code == 403


def test_a_token_beside_a_session_is_judged_by_itself(client: FlaskClient, services: Services, made: NewToken) -> None:
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    assert client.get("/console").status_code == 200
    assert client.get("/console", headers=bearing(made.secret)).status_code == 403
    assert told(client, new_token()) == (401, "token-unknown")


def test_every_way_of_being_wrong_has_its_own_name(
    client: FlaskClient, services: Services, made: NewToken, clock: FixedClock
) -> None:
    other = services.projects.ensure_project("example", "other", "Other", "")
    elsewhere = services.tokens.create(other, [Scope.COVERAGE_READ], "terminal")
    narrow = services.tokens.create(services.projects.project(PROJECT), [Scope.CHECKS_WAIT], "terminal")
    brief = services.tokens.create(other, [Scope.COVERAGE_READ], "terminal", days=1)
    body = made.secret[:-7] + ("a" if made.secret[-7] != "a" else "b")
    assert told(client, made.secret[:-1]) == (401, "token-malformed")
    assert told(client, PREFIX) == (401, "token-malformed")
    assert told(client, body + made.secret[-6:]) == (401, "token-malformed")
    assert told(client, body + check_sum(body)) == (401, "token-unknown")
    assert told(client, elsewhere.secret) == (403, "token-other-project")
    assert told(client, narrow.secret) == (200, "")  # everybody may ask
    assert told(client, made.secret, "/api/v1/checks/waiting/wch_" + "0" * 26) == (403, "token-scope-missing")
    services.tokens.end(made.info.id, "terminal")
    assert told(client, made.secret) == (401, "token-ended")
    clock.at += timedelta(days=1)
    assert told(client, brief.secret, COVERAGE.replace(PROJECT, "other")) == (401, "token-expired")
    assert told(client, elsewhere.secret, COVERAGE.replace(PROJECT, "other")) == (200, "")
    answer = client.get(COVERAGE, headers=bearing(made.secret))
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_told_once_and_is_neither_kept_nor_logged(
    client: FlaskClient, services: Services, made: NewToken, caplog: pytest.LogCaptureFixture
) -> None:
    with services.db.read() as session:
        rows = str(session.execute(text("SELECT * FROM project_token")).all())
    assert made.secret not in rows
    assert made.secret[9:] not in rows
    assert made.info.id in rows
    with caplog.at_level(logging.DEBUG):
        told(client, made.secret)
        told(client, made.secret, "/api/v1/agreements")
        told(client, made.secret[:-1])
    assert made.secret[9:30] not in caplog.text


def test_its_use_is_noted_by_the_day_and_costs_a_read_otherwise(
    client: FlaskClient, services: Services, made: NewToken, clock: FixedClock
) -> None:
    def used() -> Any:
        return services.tokens.tokens()[0].last_used_at

    assert used() is None
    told(client, made.secret)
    day = used()
    assert (day.date(), day.hour, day.minute) == (clock.at.date(), 0, 0)
    with counted(services.db) as statements:
        told(client, made.secret)
    assert not [each for each in statements if each.startswith(("UPDATE", "INSERT"))]
    clock.at += timedelta(days=1)
    told(client, made.secret)
    assert used() == day + timedelta(days=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_takes_no_write_keeps_no_token_from_reading(
    client: FlaskClient, services: Services, made: NewToken
) -> None:
    with services.db.transaction() as connection:
        refuse = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        connection.exec_driver_sql(f"CREATE TRIGGER full BEFORE UPDATE ON project_token {refuse}")
    assert told(client, made.secret) == (200, "")
    assert services.tokens.tokens()[0].last_used_at is None


def test_may_says_yes_for_one_project_and_scope_alone(app: Any, services: Services, made: NewToken) -> None:
    with app.test_request_context("/nothing", headers=bearing(made.secret)):
        app.preprocess_request()
        assert may(PROJECT, Scope.COVERAGE_READ)
        assert not may(PROJECT, Scope.CHECKS_READ)
        with pytest.raises(TokenOtherProject):
            may("other", Scope.COVERAGE_READ)
    with app.test_request_context("/nothing"):
        app.preprocess_request()
        assert not may(PROJECT, Scope.COVERAGE_READ)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_that_makes_no_sense_is_not_made(services: Services, project: ProjectInfo) -> None:
    read = [Scope.CHECKS_READ]
    days = [(read, 0, ""), (read, 367, ""), (read, -1, "")]
    labels = [(read, 90, "x" * 101), (read, 90, "a\0b"), (read, 90, "a\nb")]
    for scopes, lasting, label in [([], 90, ""), *days, *labels]:
        with pytest.raises(TokenUnfit):
            services.tokens.create(project, scopes, "terminal", days=lasting, label=label)
    assert services.tokens.tokens() == []


def test_another_foundation_sees_and_ends_nothing_of_this_one(services: Services, made: NewToken) -> None:
    other = services.projects.ensure_foundation("other", "Other", "x@example.org")
    assert services.tokens.tokens([other.id]) == []
    for token_id in (made.info.id, "ptk_" + "0" * 26, "\0", ""):
        with pytest.raises(TokenAway, match="There is no such token"):
            services.tokens.end(token_id, "demo 1", [other.id])
    assert services.tokens.end(made.info.id, "demo 1", [made.info.foundation_id]).ended_at is not None


def test_the_terminal_makes_lists_and_ends_tokens_and_the_secret_stands_alone(
    server: Any, client: FlaskClient, settings: Settings
) -> None:
    ran = server("token", "create", "--project", PROJECT, "--scope", "coverage:read", "--scope", "checks:read",
                 "--days", "30", "--label", "nightly")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    secret = ran.stdout.removesuffix("\n")
    assert secret.startswith("mcla_pat_")
    assert "\n" not in secret
    assert secret not in ran.stderr
    assert told(client, secret) == (200, "")
    listed = server("token", "list", "--project", PROJECT)
    assert "nightly" in listed.stdout
    assert "checks:read coverage:read" in listed.stdout
    assert secret not in listed.output
    token_id = next(word for word in listed.stdout.split() if word.startswith("ptk_"))
    assert server("token", "end", token_id).exit_code == 0
    assert told(client, secret) == (401, "token-ended")
    assert '"state": "ended"' in server("token", "list", "--json").stdout


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--project", "nobody", "--scope", "checks:read"), 1, "There is no project"),
        (("--project", PROJECT, "--scope", "everything"), 2, "everything"),
        (("--project", PROJECT, "--scope", "checks:read", "--days", "367"), 2, "366"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_terminal_refuses_what_makes_no_token(server: Any, args: tuple[str, ...], code: int, said: str) -> None:
    ran = server("token", "create", *args)
    assert ran.exit_code == code
    assert said in ran.stderr
    assert "mcla_pat_" not in ran.stdout
