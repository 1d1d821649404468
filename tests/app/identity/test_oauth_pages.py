# SPDX-License-Identifier: Apache-2.0
"""The command line's OAuth through the real pages and endpoints: a plain question, strict addresses, OAuth errors."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from forms import SAME_SITE, choose, fields_of, post
from signin import sign_in
from werkzeug.test import TestResponse

from app.identity.secret import s256
from app.wiring import Services

CLI = {
    "response_type": "code",
    "client_id": "mcla-cli",
    "redirect_uri": "http://127.0.0.1:4000/callback",
    "code_challenge": s256("v" * 43),
    "code_challenge_method": "S256",
    "state": "cli-state",
}


def test_the_command_line_gets_a_token_after_a_plain_question(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    page = client.get("/oauth/authorize", query_string=CLI)
    assert "act as you for 15 minutes?" in page.text
    assert "Ada Li" in page.text
    assert "form-action 'self' http://127.0.0.1:4000;" in page.headers["Content-Security-Policy"]
    form = fields_of(page.text) | {"decision": "allow"}
    back = client.post("/oauth/authorize", data=form, headers=SAME_SITE)
    target = urlsplit(back.headers["Location"])
    answer = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert (back.status_code, target.netloc, target.path) == (303, "127.0.0.1:4000", "/callback")
    assert (answer["state"], answer["iss"]) == ("cli-state", services.settings.origin)
    token = redeem(client, answer["code"])
    assert (token.status_code, token.headers["Cache-Control"]) == (200, "no-store")
    assert (token.json["token_type"], token.json["expires_in"]) == ("Bearer", 900)  # type: ignore[index]
    bearer = {"Authorization": f"Bearer {token.json['access_token']}"}  # type: ignore[index]
    terminal = client.application.test_client()  # without cookies
    assert terminal.post("/api/v1/signings", json={}, headers=bearer).status_code in (400, 422)
    assert terminal.get("/account", headers=bearer).status_code == 403


def redeem(client: FlaskClient, code: str, **changes: str) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 43, "client_id": "mcla-cli"}
    fresh = client.application.test_client()  # the command line has no cookies
    return fresh.post("/oauth/token", data=form | {"redirect_uri": CLI["redirect_uri"]} | changes)


def test_saying_no_tells_the_command_line(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    form = fields_of(client.get("/oauth/authorize", query_string=CLI).text) | {"decision": "deny"}
    back = client.post("/oauth/authorize", data=form, headers=SAME_SITE)
    assert "error=access_denied" in back.headers["Location"]
    assert "code=" not in back.headers["Location"]


def test_the_question_waits_until_the_person_has_signed_in(client: FlaskClient, provider: None) -> None:
    asked = client.get("/oauth/authorize", query_string=CLI)
    assert asked.status_code == 303
    login = client.get(asked.headers["Location"])
    next_path = fields_of(login.text)["next"]
    left = post(client, "/login/demo", login.text, next=next_path)
    back = client.get(choose(left.headers["Location"], "104729"))
    assert "act as you" in client.get(back.headers["Location"]).text


PAGE_FAULTS: dict[str, dict[str, str]] = {
    "client": {"client_id": "evil"},
    "redirect": {"redirect_uri": "http://evil.example:80/callback"},
    "redirect-userinfo": {"redirect_uri": "http://127.0.0.1:4000@evil.example/callback"},
    "redirect-path": {"redirect_uri": "http://127.0.0.1:4000/elsewhere"},
    "redirect-missing": {"redirect_uri": ""},
    "state-missing": {"state": ""},
    "state-huge": {"state": "s" * 600},
    "state-newline": {"state": "a\nb"},
}


def test_a_request_with_a_wrong_client_or_address_is_answered_here_and_nowhere_else(
    client: FlaskClient, services: Services
) -> None:
    sign_in(client, services)
    form = {"csrf_token": fields_of(client.get("/account").text)["csrf_token"], "decision": "allow"}
    for name, change in PAGE_FAULTS.items():
        answer = client.get("/oauth/authorize", query_string=CLI | change)
        assert (answer.status_code, answer.headers.get("Location")) == (400, None), name
        sent = client.post("/oauth/authorize", data=CLI | change | form, headers=SAME_SITE)
        assert (sent.status_code, sent.headers.get("Location")) == (400, None), name


SENT_FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "response-type": ({"response_type": "token"}, "unsupported_response_type"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "no-method": ({"code_challenge_method": ""}, "invalid_request"),
    "no-challenge": ({"code_challenge": ""}, "invalid_request"),
    "challenge-short": ({"code_challenge": "x" * 42}, "invalid_request"),
    "challenge-padded": ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
}


def test_other_faults_are_told_to_the_command_line(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    for name, (change, error) in SENT_FAULTS.items():
        answer = client.get("/oauth/authorize", query_string=CLI | change)
        assert answer.headers["Location"].startswith("http://127.0.0.1:4000/callback?"), name
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error], name


TOKEN_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "unsupported_grant_type"),
    "password-grant": ({"grant_type": "password"}, "unsupported_grant_type"),
    "refresh-grant": ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
    "code-alone": ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
    "no-assertion": ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "invalid_request"),
    "bad-assertion": ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, "invalid_grant"),
    "repeated": ({"grant_type": ["authorization_code", "password"]}, "invalid_request"),
}


def test_the_token_endpoint_speaks_oauths_own_errors(client: FlaskClient) -> None:
    for name, (form, error) in TOKEN_FAULTS.items():
        answer = client.post("/oauth/token", data=form)
        assert answer.json is not None, name
        assert (answer.status_code, answer.json["error"]) == (400, error), name
        assert answer.json["error_description"], name
        assert answer.headers["Cache-Control"] == "no-store", name


def test_an_unknown_client_at_the_token_endpoint_is_unauthorised(client: FlaskClient) -> None:
    assert redeem(client, "x", client_id="evil").status_code == 401


def test_a_bad_bearer_token_never_falls_back_to_the_cookie(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    for header in ("Bearer x", "bearer x", "BEARER", "Bearer " + "x" * 9000):
        answer = client.post("/api/v1/signings", json={}, headers={"Authorization": header} | SAME_SITE)
        assert answer.status_code == 401, header
