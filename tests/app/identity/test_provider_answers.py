# SPDX-License-Identifier: Apache-2.0
"""What a provider may answer on any endpoint, what a callback may carry, and when an e-mail address counts."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from scripted_op import ABSENT, CLIENT, SUBJECT, ScriptedOp
from werkzeug.wrappers import Request, Response

from app.identity.errors import CallbackInvalid, ProviderAnswerInvalid, ProviderRefused, ProviderUnreachable
from app.identity.http import MAX_ANSWER
from app.identity.oidc import OidcConfig, OidcProvider
from app.identity.ports import FlowSecrets, VerifiedClaims
from app.platform.clock import FixedClock

Walk = Callable[[], VerifiedClaims]


EMAILS: dict[str, dict[str, Any]] = {
    "not verified": {"email_verified": False},
    "not said": {"email_verified": ABSENT},
    "the text true": {"email_verified": "true"},
    "the number one": {"email_verified": 1},
    "verified but absent": {"email": ABSENT},
    "a list": {"email": ["jane@example.org"]},
    "without an at sign": {"email": "jane"},
    "two addresses": {"email": "jane@example.org, eve@example.org"},
    "with a line break": {"email": "jane@example.org\nBcc: eve@example.org"},
    "too long": {"email": "j@" + "x" * 400},
}


@pytest.mark.parametrize("told", EMAILS.values(), ids=EMAILS.keys())
def test_an_address_that_is_not_plainly_verified_does_not_count_and_sign_in_works(
    op: ScriptedOp, walk: Walk, told: dict[str, Any]
) -> None:
    op.userinfo.update(told)
    claims = walk()
    assert (claims.subject, claims.email) == (SUBJECT, None)


def test_an_address_cannot_borrow_the_verification_of_the_other_document(op: ScriptedOp, walk: Walk) -> None:
    op.claims.update(email_verified=True)
    op.userinfo.update(email="eve@example.org", email_verified=ABSENT)
    assert walk().email is None


def redirect(op: ScriptedOp, status: int = 307) -> Response:
    return Response("{}", status, {"Location": f"{op.issuer}/elsewhere"}, content_type="application/json")


def page(_op: ScriptedOp) -> Response:
    return Response("<h1>Busy</h1>", 200, content_type="text/html")


def big(_op: ScriptedOp) -> Response:
    return Response(b"[" + b"1," * MAX_ANSWER + b"1]", 200, content_type="application/json")


def packed(_op: ScriptedOp) -> Response:
    return Response(b"\x1f\x8b", 200, {"Content-Encoding": "gzip"}, content_type="application/json")


def body(text: str, status: int = 200) -> Callable[[ScriptedOp], Response]:
    return lambda _op: Response(text, status, content_type="application/json")


PATHS = {"discovery": "/.well-known/openid-configuration", "jwks": "/jwks", "token": "/token", "userinfo": "/userinfo"}
BAD_ANSWERS: dict[str, Callable[[ScriptedOp], Response]] = {
    "307": redirect,
    "302": lambda op: redirect(op, 302),
    "html": page,
    "1MiB": big,
    "gzip": packed,
    "not-json": body("{"),
    "nan": body('{"a": NaN}'),
    "list": body("[]"),
    "null": body("null"),
    "deep": body("[" * 5000 + "]" * 5000),
    "duplicate-names": body('{"keys": [], "keys": []}'),
    "empty": body(""),
    "404": body("{}", 404),
    "401": body("{}", 401),
    "500": body("{}", 500),
    "503": body("{}", 503),
    "429": body("{}", 429),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_a_bad_answer_of_any_endpoint_ends_the_sign_in_and_no_redirect_is_followed(
    op: ScriptedOp, walk: Walk, path: str, bad: Callable[[ScriptedOp], Response]
) -> None:
    op.override[path] = lambda _request: bad(op)
    with pytest.raises((ProviderAnswerInvalid, ProviderUnreachable)):
        walk()
    assert "/elsewhere" not in op.hits


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.0.0.1:9/closed"])
def test_a_provider_that_is_down_is_named_and_can_be_tried_again(url: str, clock: FixedClock) -> None:
    config = OidcConfig("gone", "Gone", url, CLIENT, "", "http://127.0.0.1:8000/login/gone/callback")
    with pytest.raises(ProviderUnreachable, match="Gone did not answer") as refusal:
        OidcProvider(config, httpx2.HTTPTransport(), clock).authorization_url(FlowSecrets("s", "n", "v" * 43))
    assert "Try again" in refusal.value.hint
    assert "127.0.0.1" not in refusal.value.message


ENDPOINTS = {
    "issuer-mismatch": ("issuer", "https://evil.example"),
    "issuer-with-slash": ("issuer", "SLASH"),
    "token-endpoint-missing": ("token_endpoint", ABSENT),
    "token-endpoint-number": ("token_endpoint", 7),
    "token-endpoint-beyond-loopback": ("token_endpoint", "http://evil.example/token"),
    "loopback-by-text-prefix": ("token_endpoint", "http://127.0.0.1@evil.example/token"),
    "loopback-by-name-prefix": ("token_endpoint", "http://127.0.0.1.evil.example/token"),
    "localhost-by-name-prefix": ("token_endpoint", "http://localhost.evil.example/token"),
    "jwks-uri-a-file": ("jwks_uri", "file:///etc/passwd"),
    "jwks-uri-with-fragment": ("jwks_uri", "http://127.0.0.1:1/jwks#x"),
    "authorization-endpoint-javascript": ("authorization_endpoint", "javascript:alert(1)"),
    "authorization-endpoint-with-backslash": ("authorization_endpoint", "http://127.0.0.1\\@evil.example/"),
    "userinfo-endpoint-elsewhere": ("userinfo_endpoint", "http://10.0.0.1/userinfo"),
}


@pytest.mark.parametrize(("name", "value"), ENDPOINTS.values(), ids=ENDPOINTS.keys())
def test_oidcc_client_test_discovery_document_that_is_not_the_issuers_or_points_astray_is_refused(
    op: ScriptedOp, walk: Walk, name: str, value: Any
) -> None:
    op.discovery[name] = op.issuer + "/" if value == "SLASH" else value
    with pytest.raises(ProviderAnswerInvalid, match="discovery document"):
        walk()


CALLBACKS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "iss-wrong": ({"iss": "http://127.0.0.1:1"}, CallbackInvalid, "another issuer"),
    "iss-missing-although-promised": ({"iss": ABSENT}, CallbackInvalid, "always names itself"),
    "iss-twice": ({"iss": ["a", "b"]}, CallbackInvalid, "repeats"),
    "iss-empty": ({"iss": ""}, CallbackInvalid, "another issuer"),
    "code-missing": ({"code": ABSENT}, CallbackInvalid, "no code"),
    "code-empty": ({"code": ""}, CallbackInvalid, "no code"),
    "code-twice": ({"code": ["a", "b"]}, CallbackInvalid, "repeats"),
    "code-huge": ({"code": "x" * 5000}, CallbackInvalid, "oversized"),
    "code-of-nobody": ({"code": "stolen"}, ProviderAnswerInvalid, "did not accept"),
    "access-denied": ({"code": ABSENT, "error": "access_denied"}, ProviderRefused, "said no"),
    "error-beside-a-code": ({"error": "server_error"}, ProviderRefused, "server_error"),
    "error-with-markup": ({"error": "<script>"}, ProviderRefused, "unreadable"),
}


@pytest.mark.parametrize(("change", "kind", "why"), CALLBACKS.values(), ids=CALLBACKS.keys())
def test_a_callback_with_wrong_parameters_is_refused(
    op: ScriptedOp, walk: Walk, change: dict[str, Any], kind: type[Exception], why: str
) -> None:
    op.answer.update(change)
    with pytest.raises(kind, match=why):
        walk()


def test_a_code_used_twice_is_refused_by_the_provider_and_told_so(op: ScriptedOp, adapter: OidcProvider) -> None:
    flow = FlowSecrets("state", "nonce", "v" * 64)
    params = op.callback(adapter.authorization_url(flow))
    adapter.finish(params, flow)
    with pytest.raises(ProviderAnswerInvalid, match="did not accept"):
        adapter.finish(params, flow)


def test_the_code_of_a_flow_with_another_verifier_is_worthless(op: ScriptedOp, adapter: OidcProvider) -> None:
    params = op.callback(adapter.authorization_url(FlowSecrets("state", "nonce", "v" * 64)))
    with pytest.raises(ProviderAnswerInvalid, match="did not accept"):
        adapter.finish(params, FlowSecrets("state", "nonce", "w" * 64))


def test_the_request_asks_for_identity_and_address_only_with_pkce_and_nonce(
    op: ScriptedOp, adapter: OidcProvider
) -> None:
    op.callback(adapter.authorization_url(FlowSecrets("state", "nonce-1", "v" * 64)))
    asked = next(iter(op.codes.values()))
    assert asked["scope"] == "openid profile email"
    assert (asked["code_challenge_method"], asked["nonce"], asked["response_type"]) == ("S256", "nonce-1", "code")


def test_the_client_secret_travels_in_the_header_unless_only_the_body_is_offered(op: ScriptedOp, walk: Walk) -> None:
    seen: list[str | None] = []

    def note(request: Request) -> None:
        seen.append(request.headers.get("Authorization"))

    op.override["/token"] = note
    walk()
    assert seen[0] is not None
    assert seen[0].startswith("Basic ")
    assert "client_secret" not in op.seen[0]


def test_the_client_secret_travels_in_the_body_when_only_that_is_offered(op: ScriptedOp, walk: Walk) -> None:
    op.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    walk()
    assert op.seen[0]["client_secret"] == "s3cret"
