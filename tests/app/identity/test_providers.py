# SPDX-License-Identifier: Apache-2.0
"""The adapters of single providers: GitHub's account number and addresses, GitLab's and Hugging Face's subjects."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from scripted_github import ScriptedGitHub
from scripted_op import CLIENT, ScriptedOp, serving

from app.identity.errors import CallbackInvalid, IdTokenInvalid, ProviderAnswerInvalid, ProviderUnreachable
from app.identity.github import GitHubProvider
from app.identity.ports import FlowSecrets, Provider, VerifiedClaims
from app.identity.providers import build_provider, build_providers
from app.identity.secret import s256
from app.platform.clock import FixedClock
from app.platform.settings import ProviderSettings, Settings, SettingsInvalid

ORIGIN = "http://127.0.0.1:8000"
FLOW = FlowSecrets("state-1", "nonce-1", "v" * 64)


@pytest.fixture
def hub() -> Iterator[ScriptedGitHub]:
    script = ScriptedGitHub()
    with serving(script) as origin:
        script.site = origin
        yield script


@pytest.fixture
def github(hub: ScriptedGitHub, clock: FixedClock, transport: httpx2.BaseTransport) -> Provider:
    entry = ProviderSettings(name="github", kind="github", issuer=hub.site, client_id=CLIENT, client_secret="s3cret")
    return build_provider(entry, ORIGIN, clock, transport)


def test_github_gives_the_account_number_and_the_verified_primary_address(
    hub: ScriptedGitHub, github: Provider
) -> None:
    claims = github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)
    assert claims == VerifiedClaims("github", "583231", "Octo Cat", "octo", "octo@example.org")
    assert hub.forms[0]["client_secret"] == "s3cret"


def test_github_is_asked_for_identity_and_address_only_with_pkce(github: Provider) -> None:
    asked = parse_qs(urlsplit(github.authorization_url(FLOW)).query)
    assert asked["scope"] == ["read:user user:email"]
    assert asked["code_challenge"] == [s256(FLOW.code_verifier)]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [ORIGIN + "/login/github/callback"]


ADDRESSES: dict[str, Callable[[ScriptedGitHub], object]] = {
    "primary not verified": lambda hub: hub.emails[1].update(verified=False),
    "primary verified as text": lambda hub: hub.emails[1].update(verified="true"),
    "only another is verified": lambda hub: hub.emails.pop(1),
    "no addresses": lambda hub: hub.emails.clear(),
    "not a list": lambda hub: setattr(hub, "emails", {"message": "no"}),
    "a list of texts": lambda hub: setattr(hub, "emails", ["octo@example.org"]),
    "address missing": lambda hub: hub.emails[1].pop("email"),
    "API 500": lambda hub: hub.status.update({"/api/v3/user/emails": 500}),
    "API 404": lambda hub: hub.status.update({"/api/v3/user/emails": 404}),
    "API 302": lambda hub: hub.status.update({"/api/v3/user/emails": 302}),
}


@pytest.mark.parametrize("change", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_github_address_that_is_not_verified_never_stops_the_sign_in(
    hub: ScriptedGitHub, github: Provider, change: Callable[[ScriptedGitHub], object]
) -> None:
    change(hub)
    claims = github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)
    assert (claims.subject, claims.email) == ("583231", None)


def test_a_renamed_github_account_keeps_its_number(hub: ScriptedGitHub, github: Provider) -> None:
    hub.user.update(login="renamed", name=None)
    claims = github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)
    assert (claims.subject, claims.login, claims.name) == ("583231", "renamed", "")


USERS: dict[str, Any] = {
    "id missing": {"login": "octo"},
    "id text": {"id": "583231"},
    "id zero": {"id": 0},
    "id negative": {"id": -1},
    "id true": {"id": True},
    "id huge": {"id": 2**63},
    "id float": {"id": 1.5},
    "a list": [],
    "a text": "octo",
}


@pytest.mark.parametrize("user", USERS.values(), ids=USERS.keys())
def test_a_github_account_without_a_number_is_refused(hub: ScriptedGitHub, github: Provider, user: Any) -> None:
    hub.user = user
    with pytest.raises(ProviderAnswerInvalid, match="number"):
        github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)


TOKENS: dict[str, Any] = {
    "error with 200": {"error": "bad_verification_code"},
    "no token": {},
    "a number": {"access_token": 7},
    "a list": [],
    "empty": {"access_token": ""},
    "with newline": {"access_token": "a\r\nX-Evil: 1"},
    "huge": {"access_token": "a" * 2000},
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_github_token_answer_that_is_none_is_refused(hub: ScriptedGitHub, github: Provider, token: Any) -> None:
    hub.token = token
    with pytest.raises(ProviderAnswerInvalid):
        github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)


def test_a_github_code_of_another_flow_is_refused(hub: ScriptedGitHub, github: Provider) -> None:
    params = hub.callback(github.authorization_url(FLOW))
    with pytest.raises(ProviderAnswerInvalid, match="bad_verification_code"):
        github.finish(params, FlowSecrets("state-1", "nonce-1", "w" * 64))


def test_an_issuer_in_githubs_answer_must_be_githubs(hub: ScriptedGitHub, github: Provider) -> None:
    url = github.authorization_url(FLOW)
    with pytest.raises(CallbackInvalid, match="another issuer"):
        github.finish(hub.callback(url, iss=["https://evil.example"]), FLOW)
    assert github.finish(hub.callback(url, iss=[hub.site + "/login/oauth"]), FLOW)


@pytest.mark.parametrize("path", ["/login/oauth/access_token", "/api/v3/user"])
def test_github_being_down_is_told(hub: ScriptedGitHub, github: Provider, path: str) -> None:
    hub.status[path] = 503
    with pytest.raises(ProviderUnreachable, match="GitHub cannot answer now"):
        github.finish(hub.callback(github.authorization_url(FLOW)), FLOW)


SUBJECTS = [
    ("gitlab", "583231", True),
    ("gitlab", "0", False),
    ("gitlab", "octo", False),
    ("gitlab", "12a", False),
    ("gitlab", "1" * 20, False),
    ("gitlab", "１", False),
    ("huggingface", "62f264b9f3c90f4b6ec3d8bd", True),
    ("huggingface", "user/name", False),
    ("huggingface", "a" * 65, False),
    ("huggingface", "é", False),
]


@pytest.mark.parametrize(("kind", "subject", "fits"), SUBJECTS)
def test_subjects_have_the_form_that_their_provider_gives(
    op: ScriptedOp, clock: FixedClock, transport: httpx2.BaseTransport, kind: Any, subject: str, fits: bool
) -> None:
    entry = ProviderSettings(name="it", kind=kind, issuer=op.issuer, client_id=CLIENT)
    provider = build_provider(entry, ORIGIN, clock, transport)
    op.claims["sub"] = op.userinfo["sub"] = subject
    params = op.callback(provider.authorization_url(FLOW))
    if fits:
        assert provider.finish(params, FLOW).subject == subject
    else:
        with pytest.raises(IdTokenInvalid, match="subject should be"):
            provider.finish(params, FLOW)


def test_the_public_services_are_the_default_and_their_labels_are_theirs(clock: FixedClock) -> None:
    kinds: tuple[Any, ...] = ("github", "gitlab", "huggingface")
    settings = Settings(providers=tuple(ProviderSettings(name=k, kind=k, client_id="x") for k in kinds))
    built = build_providers(settings, clock)
    assert [p.label for p in built.values()] == ["GitHub", "GitLab", "Hugging Face"]
    assert isinstance(built["github"], GitHubProvider)
    assert built["github"].authorization_url(FLOW).startswith("https://github.com/login/oauth/authorize?")
    assert [getattr(p, "issuer", None) for p in built.values()] == [
        None,
        "https://gitlab.com",
        "https://huggingface.co",
    ]
    assert all("no access" in p.reads for p in built.values())


@pytest.mark.parametrize(
    "issuer",
    [
        "http://op.example",
        "ftp://op.example",
        "op.example",
        "https://op.example?x=1",
        "https://op.example#x",
        "https://a:b@op.example",
        "http://127.0.0.1@op.example",
    ],
)
def test_an_issuer_that_is_neither_https_nor_loopback_stops_the_start(clock: FixedClock, issuer: str) -> None:
    entry = ProviderSettings(name="it", kind="oidc", issuer=issuer, client_id="x")
    with pytest.raises(SettingsInvalid, match="https address"):
        build_provider(entry, ORIGIN, clock, httpx2.HTTPTransport())
