# SPDX-License-Identifier: Apache-2.0
"""Checks without a token: counted for each change and not for the address alone, and no oracle of addresses.

The guesses are case 40 of our list of attacks: whoever may not ask by address learns nothing from asking often.
"""

import pytest
from check_questions import question
from counting import counted
from flask.testing import FlaskClient
from signin import person

from app.platform.scopes import Scope
from app.platform.security import limiter
from app.projects.service import ProjectInfo
from app.tokens import limits
from app.wiring import Services

CHECKS = "/api/v1/checks"
KNOWN = "ada.li@example.org"


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits with small numbers, so that a test reaches them soon."""
    monkeypatch.setattr(limits, "OF_CHANGE", "3/minute")
    monkeypatch.setattr(limits, "WITH_TOKEN", "8/minute")


@pytest.mark.usefixtures("small_shares")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_has_its_share_whoever_asks_and_one_address_does_not_use_up_that_of_others(
    client: FlaskClient, services: Services, project: ProjectInfo
) -> None:
    ada = person(services.identity)
    secret = services.tokens.create(project, [Scope.CHECKS_READ], "terminal").secret

    def ask(sha: str, address: str, **headers: str) -> tuple[int, str | None]:
        body = question(ada) | {"commits": [{"sha": sha * 40, "author": {"email": KNOWN}}]}
        answer = client.post(CHECKS, json=body, headers=headers, environ_base={"REMOTE_ADDR": address})
        if answer.status_code == 429:
            assert answer.get_json()["code"] == "too-many-requests"
            assert "Wait" in answer.get_json()["hint"]
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
        return answer.status_code, answer.headers["X-RateLimit-Remaining"]

    assert [ask("a", f"192.0.2.{n}") for n in range(4)] == [(200, "2"), (200, "1"), (200, "0"), (429, "0")]
    assert ask("b", "192.0.2.9") == (200, "2")
    bearing = {"Authorization": f"Bearer {secret}"}
    assert [ask("a", "192.0.2.9", **bearing)[0] for _ in range(9)] == [200] * 8 + [429]
    assert [ask(f"{n:x}", "192.0.2.9")[0] for n in range(9)].count(429) == 2  # the address has had one more


def test_guesses_of_addresses_are_answered_alike_to_the_byte_and_the_statement_without_a_token(
    client: FlaskClient, services: Services, project: ProjectInfo
) -> None:
    ada = person(services.identity)
    secret = services.tokens.create(project, [Scope.CHECKS_READ], "terminal").secret

    def ask(guess: str, **headers: str) -> tuple[bytes, tuple[str, ...]]:
        limiter.reset()
        body = question(ada) | {"commits": [{"sha": "a" * 40, "author": {"name": "A", "email": guess}}]}
        with counted(services.db) as statements:
            answer = client.post(CHECKS, json=body, headers=headers)
        assert answer.status_code == 200
        return answer.data, tuple(statements)

    ask(KNOWN)  # what is remembered for the next request is remembered now
    guesses = [KNOWN, KNOWN.upper(), "ada.li+x@example.org", "ada.li@example.net", "a1@example.org", "b@firm.example"]
    assert len({ask(guess) for guess in guesses}) == 1
    told = [ask(guess, Authorization=f"Bearer {secret}")[0] for guess in (KNOWN, "a1@example.org")]
    assert told[0] != told[1]
