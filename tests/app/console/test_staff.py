# SPDX-License-Identifier: Apache-2.0
"""The console is closed to everybody whom the operator has not named, account by account."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from signin import person, sign_in
from signing_walk import bearer

from app.cli.main import main
from app.identity.ports import Actor
from app.platform.settings import Settings
from app.wiring import Services

Server = Callable[..., Result]
ADA, BELA = "104729", "130363"


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity)


@pytest.fixture
def server(settings: Settings, database_url: str) -> Server:
    """Runs `mcla-server` on this test's service."""
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, args, env=env)

    return run


def test_nobody_is_staff_until_the_operator_says_so_and_no_longer_than_that(
    client: FlaskClient, server: Server, services: Services
) -> None:
    answer = client.get("/console")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")
    sign_in(client, services)
    refused = client.get("/console")
    assert refused.status_code == 403
    assert "If you belong to the staff, send your foundation the number of your account" in refused.text
    assert "mcla-server" not in refused.text
    assert server("staff", "add", "example", "demo", BELA).exit_code == 0
    assert client.get("/console").status_code == 403
    assert server("staff", "add", "example", "demo", ADA).exit_code == 0
    assert "Agreements of Example Foundation" in client.get("/console").text
    assert server("staff", "list", "example").output == f"demo {ADA}\ndemo {BELA}\n"
    assert server("staff", "add", "example", "demo", BELA, "--reports").exit_code == 0
    assert server("staff", "list", "example").output == f"demo {ADA}\ndemo {BELA} reports\n"
    assert server("staff", "remove", "example", "demo", ADA).exit_code == 0
    assert client.get("/console").status_code == 403


def test_an_access_token_of_staff_does_not_open_the_console(
    client: FlaskClient, services: Services, ada: Actor
) -> None:
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    assert client.get("/console", headers=bearer(services, ada)).status_code == 403


def test_staff_of_another_foundation_sees_nothing_of_this_one(services: Services, ada: Actor) -> None:
    other = services.projects.ensure_foundation("other", "Other Foundation", "contact@other.example")
    services.staff.add(other, ada.provider, ada.subject)
    assert [each.slug for each in services.staff.foundations_of(ada.provider, ada.subject)] == ["other"]
    assert services.staff.foundations_of(ada.provider, "104730") == ()
    assert services.staff.foundations_of("github", ada.subject) == ()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nobody", "demo", ADA), "There is no foundation"),
        (("example", "github", ADA), "is not a provider of this service"),
        (("example", "demo", "a\x00b"), "printable characters"),
        (("example", "demo", ""), "printable characters"),
    ],
)
def test_a_role_that_cannot_mean_anybody_is_refused(
    server: Server, services: Services, args: tuple[str, ...], said: str
) -> None:
    ran = server("staff", "add", *args)
    assert ran.exit_code != 0
    assert said in ran.output
    assert services.staff.of(services.projects.foundation("example")) == []
