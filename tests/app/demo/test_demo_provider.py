# SPDX-License-Identifier: Apache-2.0
"""The demo identity provider: it exists on loopback in a demo only, says so on every page, and follows its protocol."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from flask.testing import FlaskClient
from forms import fields_of
from joserfc import jwt
from joserfc.jwk import KeySet
from running import free_port
from sigstore.oidc import Issuer

from app.demo.openid import MOST_REMEMBERED, OUT_OF_BAND, PEOPLE, DemoProvider, Grant, Memory
from app.demo.provider import create_demo_provider, demo_provider_settings, serve_demo
from app.identity.ports import FlowSecrets
from app.identity.providers import build_provider
from app.identity.secret import s256
from app.platform.clock import FixedClock, SystemClock
from app.platform.settings import Settings, SettingsInvalid

VERIFIER = "v" * 43
REDIRECT = "http://127.0.0.1:8000/login/demo/callback"
ASKED = {
    "response_type": "code",
    "client_id": "mcla",
    "redirect_uri": REDIRECT,
    "scope": "openid profile email",
    "state": "state-1",
    "nonce": "nonce-1",
    "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture
def demo(clock: FixedClock) -> FlaskClient:
    app = create_demo_provider(Settings(demo=True), clock)
    app.testing = True
    return app.test_client()


@pytest.fixture
def running(clock: FixedClock) -> Iterator[Settings]:
    settings = Settings(demo=True, demo_bind=f"127.0.0.1:{free_port()}")
    server = serve_demo(settings, clock)
    yield settings
    server.stop()


def test_without_the_demo_setting_it_does_not_exist() -> None:
    for start in (create_demo_provider, serve_demo):
        with pytest.raises(SettingsInvalid, match="MCLA_DEMO"):
            start(Settings(demo=False))


@pytest.mark.parametrize(
    "bind", ["0.0.0.0:8001", "192.168.1.2:8001", "[::]:8001", "example.org:8001", ":8001", "127.0.0.1.example.org:8001"]
)
def test_beyond_loopback_it_does_not_exist(bind: str) -> None:
    settings = Settings(demo=True).model_copy(update={"demo_bind": bind})  # past the settings' own check
    with pytest.raises(SettingsInvalid, match="loopback"):
        create_demo_provider(settings)


def test_every_page_says_demo_and_needs_no_script(demo: FlaskClient) -> None:
    pages = [demo.get("/"), demo.get("/authorize", query_string=ASKED), demo.get("/authorize")]
    for page in pages:
        assert "<strong>Demo:</strong>" in page.text
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert [page.status_code for page in pages] == [200, 200, 400]


def test_the_page_offers_its_people_and_says_whose_address_is_not_verified(demo: FlaskClient) -> None:
    page = demo.get("/authorize", query_string=ASKED).text
    assert [name in page for name in ("Ada Li", "Bela Novak", "Chris Doe", "Gus Maier")] == [True] * 4
    assert page.count("(verified)") == 6
    assert page.count("(not verified)") == 1


def code_for(demo: FlaskClient, subject: str, **changes: str) -> dict[str, str]:
    form = fields_of(demo.get("/authorize", query_string=ASKED | changes).text) | {"person": subject}
    back = demo.post("/authorize", data=form)
    return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}


def redeem(demo: FlaskClient, code: str, **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "client_id": "mcla",
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return demo.post("/token", data=form | {"code": code} | changes)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.login)
def test_each_person_signs_in_over_the_network_through_the_services_own_adapter(
    running: Settings, clock: FixedClock, person: Any
) -> None:
    provider = build_provider(demo_provider_settings(running), running.origin, clock, httpx2.HTTPTransport())
    flow = FlowSecrets("state-1", "nonce-1", VERIFIER)
    url = provider.authorization_url(flow)
    form = fields_of(httpx2.get(url).text) | {"person": person.subject}
    back = httpx2.post(url.partition("?")[0], data=form, follow_redirects=False)
    claims = provider.finish(parse_qs(urlsplit(back.headers["Location"]).query), flow)
    assert (claims.provider, claims.subject, claims.name, claims.login) == (
        "demo",
        person.subject,
        person.name,
        person.login,
    )
    assert claims.email == (person.email if person.email_verified else None)


@pytest.mark.parametrize(
    "change", [{"client_id": "evil"}, {"redirect_uri": "http://evil.example/"}, {"redirect_uri": REDIRECT + "/"}]
)
def test_an_unknown_client_or_address_is_answered_here_and_nowhere_else(
    demo: FlaskClient, change: dict[str, str]
) -> None:
    for answer in (demo.get("/authorize", query_string=ASKED | change), demo.post("/authorize", data=ASKED | change)):
        assert (answer.status_code, answer.headers.get("Location")) == (400, None)


ERRORS = {
    "implicit": ({"response_type": "id_token"}, "unsupported_response_type"),
    "no-openid": ({"scope": "profile"}, "invalid_scope"),
    "strange-scope": ({"scope": "openid admin"}, "invalid_scope"),
    "plain-pkce": ({"code_challenge_method": "plain"}, "invalid_request"),
    "no-pkce": ({"code_challenge": ""}, "invalid_request"),
}


@pytest.mark.parametrize(("change", "error"), ERRORS.values(), ids=ERRORS.keys())
def test_other_faults_are_told_to_the_service_with_state_and_issuer(
    demo: FlaskClient, change: dict[str, str], error: str
) -> None:
    for answer in (demo.get("/authorize", query_string=ASKED | change), demo.post("/authorize", data=ASKED | change)):
        told = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert told == {"error": [error], "state": ["state-1"], "iss": ["http://127.0.0.1:8001"]}


@pytest.mark.parametrize("person", ["nobody", "", "0", "104729 "])
def test_choosing_nobody_is_saying_no(demo: FlaskClient, person: str) -> None:
    assert code_for(demo, person)["error"] == "access_denied"


WRONG = {
    "verifier": {"code_verifier": "w" * 43},
    "verifier-missing": {"code_verifier": ""},
    "verifier-not-ascii": {"code_verifier": "é"},
    "client": {"client_id": "evil"},
    "redirect": {"redirect_uri": "http://127.0.0.1:8000/"},
    "code": {"code": "x"},
    "grant": {"grant_type": "password"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_token_request_with_one_thing_wrong_gets_nothing(demo: FlaskClient, change: dict[str, str]) -> None:
    answer = redeem(demo, **{"code": code_for(demo, "104729")["code"]} | change)
    assert answer.status_code == 400
    assert "access_token" not in answer.json


def test_a_code_works_once_and_for_two_minutes(demo: FlaskClient, clock: FixedClock) -> None:
    code = code_for(demo, "104729")["code"]
    assert redeem(demo, code).status_code == 200
    assert redeem(demo, code).status_code == 400
    late = code_for(demo, "104729")["code"]
    clock.at += timedelta(minutes=2)
    assert redeem(demo, late).status_code == 400


LOOPBACK = "http://localhost:49152/auth/callback"


def test_a_sigstore_client_is_answered_at_any_port_of_its_own_computer(demo: FlaskClient) -> None:
    tool = {"client_id": "sigstore", "redirect_uri": LOOPBACK, "scope": "openid email"}
    page = demo.get("/authorize", query_string=ASKED | tool)
    assert "A Sigstore tool on this computer asks" in page.text
    assert "form-action 'self' http://localhost:49152;" in page.headers["Content-Security-Policy"]
    back = demo.post("/authorize", data=fields_of(page.text) | {"person": "104729"})
    assert back.headers["Location"].startswith(f"{LOOPBACK}?code=")
    told = redeem(demo, code_for(demo, "104729", **tool)["code"], **tool).json
    claims = jwt.decode(told["access_token"], KeySet.import_key_set(demo.get("/jwks").json)).claims
    assert told["access_token"] == told["id_token"]
    assert (claims["aud"], claims["sub"], claims["email"]) == ("sigstore", "104729", "ada.li@example.org")
    again = redeem(demo, code_for(demo, "104729", **tool)["code"], **tool).json
    assert again["id_token"] != told["id_token"], "the service takes each token once"


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/auth/callback",
        "http://localhost.evil.example:1/auth/callback",
        "http://localhost:1@evil.example/auth/callback",
        "http://localhost:80; script-src */auth/callback",
        "http://localhost:1/auth/callback/more",
        "https://localhost:1/auth/callback",
        REDIRECT,
        "",
    ],
)
def test_a_sigstore_client_is_answered_on_its_own_computer_alone(demo: FlaskClient, address: str) -> None:
    asked = ASKED | {"client_id": "sigstore", "redirect_uri": address}
    for answer in (demo.get("/authorize", query_string=asked), demo.post("/authorize", data=asked)):
        assert (answer.status_code, answer.headers.get("Location")) == (400, None)
        assert "http://localhost:PORT/auth/callback" in answer.text
        assert "form-action 'self' http://127.0.0.1:8000;" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("change", [{"client_id": "mcla"}, {"redirect_uri": LOOPBACK.replace("49152", "49153")}])
def test_a_code_of_a_sigstore_client_is_for_that_client_and_address(demo: FlaskClient, change: dict[str, str]) -> None:
    tool = {"client_id": "sigstore", "redirect_uri": LOOPBACK}
    assert redeem(demo, code_for(demo, "104729", **tool)["code"], **tool | change).status_code == 400


def test_a_service_is_not_answered_out_of_band_or_on_other_ports(demo: FlaskClient) -> None:
    for address in (OUT_OF_BAND, LOOPBACK):
        answer = demo.post("/authorize", data=ASKED | {"redirect_uri": address, "person": "104729"})
        assert (answer.status_code, "<code>" in answer.text) == (400, False)


def test_out_of_band_nobody_gets_a_code(demo: FlaskClient) -> None:
    tool = {"client_id": "sigstore", "redirect_uri": OUT_OF_BAND}
    page = demo.post("/authorize", data=ASKED | tool | {"person": "nobody"})
    assert (page.status_code, "<code>" in page.text) == (200, False)
    assert "You signed in as nobody" in page.text


def test_the_stock_client_signs_in_out_of_band(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    settings = Settings(demo=True, demo_bind=f"127.0.0.1:{free_port()}")
    issuer = f"http://{settings.demo_bind}"

    def typed(_prompt: str) -> str:
        """What a person does who reads the terminal and has a browser elsewhere."""
        url = next(word for word in capfd.readouterr().err.split() if word.startswith(issuer))
        form = fields_of(httpx2.get(url).text) | {"person": "350377"}
        page = httpx2.post(url.partition("?")[0], data=form).text
        return page.partition("<code>")[2].partition("</code>")[0]

    monkeypatch.setattr("builtins.input", typed)
    server = serve_demo(settings)
    try:
        token = str(Issuer(issuer).identity_token(force_oob=True))
        own = demo_provider_settings(settings)
        provider = build_provider(own, settings.origin, SystemClock(), httpx2.HTTPTransport())
        checked = provider.check_assertion(token, "sigstore")
    finally:
        server.stop()
    assert (checked.claims.subject, checked.claims.email) == ("350377", None)


def test_user_information_needs_a_live_token_and_tells_only_what_was_asked(
    demo: FlaskClient, clock: FixedClock
) -> None:
    token = redeem(demo, code_for(demo, "104729", scope="openid")["code"]).json["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert demo.get("/userinfo", headers=bearer).json == {"sub": "104729"}
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {token}"}, {"Authorization": token}):
        assert demo.get("/userinfo", headers=headers).status_code == 401
    clock.at += timedelta(minutes=10)
    assert demo.get("/userinfo", headers=bearer).status_code == 401


def test_the_published_keys_hold_no_secret(demo: FlaskClient) -> None:
    keys = demo.get("/jwks").json
    assert keys is not None
    assert [sorted(key) for key in keys["keys"]] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]


def test_what_it_remembers_is_bounded(clock: FixedClock) -> None:
    memory = Memory(clock)
    grant = Grant("mcla", REDIRECT, PEOPLE[0], "openid", "", "", clock.now() + timedelta(minutes=1))
    first = memory.keep(grant)
    secrets = [memory.keep(grant) for _ in range(MOST_REMEMBERED)]
    assert memory.look(first) is None
    assert memory.look(secrets[0]) == grant


def test_a_port_that_is_taken_is_an_error_and_not_a_silent_start(running: Settings) -> None:
    with pytest.raises(SystemExit):
        serve_demo(running)


def test_each_start_makes_a_new_key(clock: FixedClock) -> None:
    one, two = (DemoProvider("http://127.0.0.1:8001", REDIRECT, clock).key for _ in range(2))
    assert one.kid != two.kid
