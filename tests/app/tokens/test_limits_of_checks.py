# SPDX-License-Identifier: Apache-2.0
"""Checks without a token: counted for each change of each address, so that nobody starves another; and no oracle.

The guesses are case 40 of our list of attacks: whoever may not ask by address learns nothing from asking often.
"""

import pytest
from check_questions import question
from counting import counted
from flask.testing import FlaskClient
from signin import person

from app.platform.scopes import Scope
from app.platform.security import limiter, network_of
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
def test_a_change_has_its_share_at_each_address_and_nobody_uses_up_that_of_another(
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

    bearing = {"Authorization": f"Bearer {secret}"}
    stranger = [ask("a", f"192.0.2.{n}")[0] for n in range(1, 6) for _ in range(4)]
    assert stranger == [200, 200, 200, 429] * 5
    # The project's CI asks about the very commits, from its own address and by its token.
    assert [ask("a", "198.51.100.7") for _ in range(4)] == [(200, "2"), (200, "1"), (200, "0"), (429, "0")]
    assert ask("b", "198.51.100.7") == (200, "2")
    assert [ask("a", "192.0.2.1", **bearing)[0] for _ in range(9)] == [200] * 8 + [429]
    assert [ask(f"{n:x}", "198.51.100.7")[0] for n in range(8)].count(429) == 5  # the address has had five
    # Whoever has a whole network of IPv6 is one caller.
    assert [ask("a", f"2001:db8:0:1::{n:x}")[0] for n in range(4)] == [200, 200, 200, 429]
    assert ask("a", "2001:db8:0:2::1")[0] == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_one_caller_is_an_address_or_the_network_that_each_has_whole(address: str, network: str) -> None:
    assert network_of(address) == network


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
