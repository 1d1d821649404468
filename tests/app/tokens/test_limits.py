# SPDX-License-Identifier: Apache-2.0
"""Limits of public questions: for each address without a token, for each token with one, and told in headers."""

import pytest
from flask.testing import FlaskClient
from signing_walk import PROJECT

from app.platform.scopes import Scope
from app.platform.settings import Settings
from app.projects.service import ProjectInfo
from app.tokens import limits
from app.tokens.values import NewToken
from app.wiring import Services

COVERAGE = f"/api/v1/coverage?project={PROJECT}&artifact=sha256:{'ab' * 32}&kind=code"


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits with small numbers, so that a test reaches them soon."""
    monkeypatch.setattr(limits, "WITHOUT", "3/minute")
    monkeypatch.setattr(limits, "WITH_TOKEN", "5/minute")


@pytest.mark.usefixtures("small_shares")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_token_and_each_address_has_a_share_of_its_own_and_is_told_what_is_left(
    client: FlaskClient, services: Services, settings: Settings, project: ProjectInfo, made: NewToken
) -> None:
    assert settings.rate_limit_storage == "memory://"
    other = services.tokens.create(project, [Scope.COVERAGE_READ], "terminal")

    def ask(secret: str = "", address: str = "192.0.2.1") -> tuple[int, str | None, str | None]:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        answer = client.get(COVERAGE, headers=headers, environ_base={"REMOTE_ADDR": address})
        told = answer.headers
        if answer.status_code == 429:
            assert answer.mimetype == "application/problem+json"
            assert "Wait" in answer.get_json()["hint"]
            assert ("A project's token has a larger share" in answer.get_json()["detail"]) is not bool(secret)
            assert 1 <= int(told["Retry-After"]) <= 60
        else:
            assert "Retry-After" not in told
        assert int(told["X-RateLimit-Reset"]) > 0
        return answer.status_code, told.get("X-RateLimit-Limit"), told.get("X-RateLimit-Remaining")

    assert [ask() for _ in range(3)] == [(200, "3", "2"), (200, "3", "1"), (200, "3", "0")]
    assert ask() == (429, "3", "0")
    assert ask(address="192.0.2.2") == (200, "3", "2")
    assert [ask(made.secret) for _ in range(6)][-2:] == [(200, "5", "0"), (429, "5", "0")]
    assert ask(made.secret, "192.0.2.2")[0] == 429  # the token's share, whichever runner brings it
    assert ask(other.secret) == (200, "5", "4")


@pytest.mark.usefixtures("small_shares")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_for_other_things_is_answered_as_everybody_is_and_counts_so(
    client: FlaskClient, services: Services, project: ProjectInfo
) -> None:
    other = services.tokens.create(project, [Scope.CHECKS_WAIT], "terminal")
    bearing = {"Authorization": f"Bearer {other.secret}"}
    answers = [client.get(COVERAGE, headers=headers) for headers in (bearing, {}, bearing, {}, bearing)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert answers[0].get_json()["kinds"] == answers[1].get_json()["kinds"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_api_document_tells_of_the_limits(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    assert "429" in paths["/api/v1/coverage"]["get"]["responses"]
    assert "429" in paths["/api/v1/tokens/exchange"]["post"]["responses"]
