# SPDX-License-Identifier: Apache-2.0
"""Sign-in against a provider written by others: canaille, as the package pytest-iam serves it on loopback."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from flask.testing import FlaskClient
from forms import post

from app.platform.settings import ProviderSettings, Settings

SECRET = "iam-secret"


@pytest.fixture
def clock() -> Any:
    """The provider signs with the machine's clock, so the service must read it too."""
    from app.platform.clock import SystemClock

    return SystemClock()


@pytest.fixture
def iam_client(iam_server: Any, settings: Settings) -> Any:
    """Our registration there."""
    registered = iam_server.models.Client(
        client_id="mcla-at-iam",
        client_secret=SECRET,
        client_name="MCLA",
        client_uri=settings.origin,
        redirect_uris=[f"{settings.origin}/login/iam/callback"],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid", "profile", "email"],
    )
    iam_server.backend.save(registered)
    registered.audience = [registered]  # without it the provider issues `aud: []`
    iam_server.backend.save(registered)
    yield registered
    iam_server.backend.delete(registered)


@pytest.fixture
def issuer(iam_server: Any) -> str:
    told: str = httpx2.get(iam_server.url + ".well-known/openid-configuration").json()["issuer"]
    return told


@pytest.fixture
def services(iam_client: Any, issuer: str, settings: Settings, db: Any, clock: Any) -> Any:
    from app.wiring import build_services

    entry = ProviderSettings(
        name="iam", kind="oidc", issuer=issuer, client_id=iam_client.client_id, client_secret=SECRET, label="Canaille"
    )
    wired = build_services(settings.model_copy(update={"providers": (entry,)}), db, clock)
    wired.log.recover()
    return wired


def walk(client: FlaskClient, iam_server: Any) -> Any:
    """Leave through our page, be sent back by the provider, finish here."""
    left = post(client, "/login/iam", client.get("/login").text, next="/account")
    assert left.status_code == 303
    answer = httpx2.get(left.headers["Location"], follow_redirects=False)
    assert answer.status_code in (302, 303), answer.text[:500]
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def test_a_person_of_another_provider_signs_in_through_the_real_pages(
    client: FlaskClient, iam_server: Any, iam_client: Any
) -> None:
    person = iam_server.random_user(user_name="jane", formatted_name="Jane Roe", emails=["jane@example.org"])
    iam_server.login(person)
    iam_server.consent(person, iam_client)
    try:
        back = walk(client, iam_server)
        assert (back.status_code, back.headers.get("Location")) == (303, "/account"), back.text[:2000]
        page = client.get("/account").text
        assert "Jane Roe" in page
    finally:
        iam_server.logout()


def test_a_client_without_audience_gets_an_empty_aud_there_and_is_refused_here(
    client: FlaskClient, iam_server: Any, iam_client: Any
) -> None:
    iam_client.audience = []
    iam_server.backend.save(iam_client)
    person = iam_server.random_user()
    iam_server.login(person)
    iam_server.consent(person, iam_client)
    try:
        back = walk(client, iam_server)
        assert back.status_code == 502
        assert "another audience" in back.text
        assert client.get("/account").status_code == 303
    finally:
        iam_server.logout()
