# SPDX-License-Identifier: Apache-2.0
"""The loopback sign-in against answers that are not of this run, and the real one."""

import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from misbehaving import Misbehaving

from mcla.cli import oauth
from mcla.cli.failure import ServiceRefused
from mcla.cli.service import AnswerInvalid, Service


def coming_back(
    answer: Callable[[str, str], str], seen: list[httpx2.Response], **headers: str
) -> Callable[[str], None]:
    """A browser that goes straight to the redirect address with `answer(redirect, state)`."""

    def open_page(url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        target = answer(asked["redirect_uri"], asked["state"])
        with httpx2.Client(trust_env=False) as client:
            seen.append(client.get(target, headers=headers))

    return open_page


HOSTILE: dict[str, Callable[[str, str], str]] = {
    "another state": lambda r, s: f"{r}?code=c&state={s}x",
    "no state": lambda r, _: f"{r}?code=c",
    "two states": lambda r, s: f"{r}?code=c&state={s}&state={s}",
    "no code": lambda r, s: f"{r}?state={s}",
    "an empty code": lambda r, s: f"{r}?code=&state={s}",
    "code and error": lambda r, s: f"{r}?code=c&error=e&state={s}",
    "two codes": lambda r, s: f"{r}?code=c&code=d&state={s}",
    "another issuer": lambda r, s: f"{r}?code=c&state={s}&iss=https://elsewhere.example",
    "a state beyond ascii": lambda r, s: f"{r}?code={len(s)}&state=%C3%A4",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_an_answer_that_is_not_of_this_sign_in_is_refused(bad: Misbehaving, there: Service, name: str) -> None:
    seen: list[httpx2.Response] = []
    with pytest.raises(oauth.SignInFailed):
        oauth.sign_in(there, coming_back(HOSTILE[name], seen))
    assert seen[0].status_code == 400
    assert "Nothing was signed" in seen[0].text
    assert bad.asked == [], "no code may be redeemed"


def test_an_error_of_the_service_is_told_as_its_words(bad: Misbehaving, there: Service) -> None:
    answer = coming_back(lambda r, s: f"{r}?error=access_denied&error_description=You+said+no&state={s}", [])
    with pytest.raises(oauth.SignInDeclined) as declined:
        oauth.sign_in(there, answer)
    assert "You said no" in declined.value.why


def test_other_paths_and_other_host_names_do_not_count_as_an_answer(bad: Misbehaving, there: Service) -> None:
    bad.will(200, {"access_token": "t", "token_type": "Bearer"})
    seen: list[httpx2.Response] = []

    def open_page(url: str) -> None:
        coming_back(lambda r, _: r.replace("/callback", "/favicon.ico"), seen)(url)
        coming_back(lambda r, s: f"{r}?code=c&state={s}", seen, Host="rebound.example")(url)
        coming_back(lambda r, s: f"{r}?code=c&state={s}", seen)(url)
        coming_back(lambda r, s: f"{r}?code=d&state={s}", seen)(url)

    assert oauth.sign_in(there, open_page) == "t"
    assert [each.status_code for each in seen] == [404, 404, 200, 400]
    assert "script" not in seen[2].text
    assert seen[2].headers["content-security-policy"].startswith("default-src 'none'")


def test_a_silent_connection_made_in_advance_does_not_hold_up_the_answer(bad: Misbehaving, there: Service) -> None:
    bad.will(200, {"access_token": "t", "token_type": "Bearer"})

    def open_page(url: str) -> None:
        port = int(urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port or 0)
        with socket.create_connection(("127.0.0.1", port)):
            coming_back(lambda r, s: f"{r}?code=c&state={s}", [])(url)

    started = time.monotonic()
    assert oauth.sign_in(there, open_page) == "t"
    assert time.monotonic() - started < 5


def test_nobody_coming_back_ends_the_wait(there: Service) -> None:
    with pytest.raises(oauth.SignInMissing) as missing:
        oauth.sign_in(there, lambda _: None, limit=0.2)
    assert missing.value.exit_code == 3


def test_the_port_is_closed_after_the_sign_in(bad: Misbehaving, there: Service) -> None:
    bad.will(200, {"access_token": "t", "token_type": "Bearer"})
    ports: list[int] = []

    def open_page(url: str) -> None:
        ports.append(int(urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port or 0))
        coming_back(lambda r, s: f"{r}?code=c&state={s}", [])(url)

    oauth.sign_in(there, open_page)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", ports[0]), timeout=2)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": 5, "token_type": "Bearer"},
        {"access_token": "t"},
        {"access_token": "t", "token_type": "mac"},
    ],
)
def test_a_token_answer_of_another_shape_is_refused(bad: Misbehaving, there: Service, answer: dict[str, Any]) -> None:
    bad.will(200, answer)
    with pytest.raises(AnswerInvalid):
        oauth.exchange(there, "a.b.c")


def test_every_sign_in_has_its_own_state_and_verifier() -> None:
    asked: list[dict[str, list[str]]] = []
    with Service("http://127.0.0.1:9") as there:
        for _ in range(2):
            with pytest.raises(oauth.SignInMissing):
                oauth.sign_in(there, lambda url: asked.append(parse_qs(urlsplit(url).query)), limit=0.01)
    first, second = asked
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]
    assert first["code_challenge_method"] == ["S256"]
    assert len(first["state"][0]) >= 43
    assert first["redirect_uri"][0].startswith("http://127.0.0.1:")


def test_a_code_is_good_for_one_use_and_its_replay_ends_the_token(service: Any) -> None:
    from browsing import Visitor

    forms: list[dict[str, str]] = []

    class Recording(Service):
        def post_form(self, path: str, fields: Any) -> dict[str, Any]:
            forms.append(dict(fields))
            return super().post_form(path, fields)

    def open_page(url: str) -> None:
        visitor = Visitor()
        visitor.press(visitor.sign_in(visitor.open(url), "Chris Doe"), "Allow for 15 minutes")

    with Recording(service.origin) as real:
        real.token = oauth.sign_in(real, open_page)
        with pytest.raises(ServiceRefused):
            Service(service.origin).post_form("/oauth/token", forms[0])
        with pytest.raises(ServiceRefused) as refusal:
            real.post(
                "/api/v1/signings",
                {"type": "acceptance", "agreement": "mcla-individual", "version": "1.0.0", "key_holder": "cli"},
            )
    assert refusal.value.http_status == 401
    assert refusal.value.exit_code == 3
