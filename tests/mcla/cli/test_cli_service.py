# SPDX-License-Identifier: Apache-2.0
"""The command line's side of HTTP against servers that misbehave, and the loopback sign-in against hostile answers."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from mcla.cli import oauth
from mcla.cli import service as service_module
from mcla.cli.failure import ServiceRefused, Unreachable, WrongUsage
from mcla.cli.questions import questions
from mcla.cli.service import AnswerInvalid, RedirectRefused, Service, origin_of


class Misbehaving:
    """A server that answers every request with what the test wrote, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.command, self.path, dict(self.headers)))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, body = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815  # the base class's naming

            def log_message(self, *_: Any) -> None:
                """Tests speak for themselves."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def will(self, status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, raw))


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    server = Misbehaving()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def there(bad: Misbehaving) -> Iterator[Service]:
    with Service(bad.origin, "secret-token", sleep=lambda _: None) as service:
        yield service


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_token_goes_nowhere_else(bad: Misbehaving, there: Service, status: int) -> None:
    elsewhere = Misbehaving()
    elsewhere.will(200, {})
    bad.will(status, Location=f"{elsewhere.origin}/api/v1/agreements")
    with pytest.raises(RedirectRefused) as refusal:
        there.get("/api/v1/agreements")
    assert elsewhere.origin in refusal.value.why
    assert elsewhere.asked == []
    elsewhere.server.shutdown()
    elsewhere.server.server_close()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"\xff", b"[" * 200_000, b"{" * 200_000, b"nul"])
def test_an_answer_that_is_no_json_object_is_refused(bad: Misbehaving, there: Service, body: bytes) -> None:
    bad.will(200, body)
    with pytest.raises(AnswerInvalid):
        there.get("/x")


def test_an_answer_beyond_the_limit_is_dropped_before_it_is_parsed(
    bad: Misbehaving, there: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "MAX_ANSWER", 1000)
    bad.will(200, b'{"a": "' + b"x" * 2000 + b'"}')
    with pytest.raises(AnswerInvalid, match="too large"):
        there.get("/x")


def test_an_answer_that_stops_halfway_is_unreachable(bad: Misbehaving, there: Service) -> None:
    bad.will(200, b'{"a":', Content_Length="100", Connection="close")
    with pytest.raises(Unreachable):
        there.get("/x")


def test_a_server_that_says_nothing_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "ANSWER_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        with (
            Service(f"http://127.0.0.1:{silent.getsockname()[1]}") as there,
            pytest.raises(Unreachable, match="did not answer"),
        ):
            there.get("/x")
        assert time.monotonic() - started < 10


def test_a_busy_service_is_asked_again_after_the_time_it_names(bad: Misbehaving) -> None:
    waits: list[float] = []
    bad.will(429, {"code": "too-many-requests"}, Retry_After="7")
    bad.will(503, b"", Retry_After="9999")
    bad.will(200, {"ok": True})
    with Service(bad.origin, sleep=waits.append) as there:
        assert there.get("/x") == {"ok": True}
    assert waits == [7, 30]


def test_a_service_that_stays_busy_is_unknown_after_a_few_tries(bad: Misbehaving, there: Service) -> None:
    bad.will(503, {"code": "database-away", "detail": "Away.", "hint": "Later."})
    with pytest.raises(ServiceRefused) as refusal:
        there.get("/x")
    assert (refusal.value.exit_code, len(bad.asked)) == (3, service_module.ATTEMPTS)


def test_a_refusal_is_not_asked_again(bad: Misbehaving, there: Service) -> None:
    bad.will(409, {"code": "agreement-not-signed"})
    with pytest.raises(ServiceRefused):
        there.post("/x", {}, again=True)
    assert len(bad.asked) == 1


def test_a_request_that_may_not_be_repeated_is_sent_once(bad: Misbehaving, there: Service) -> None:
    bad.will(503)
    with pytest.raises(ServiceRefused):
        there.post("/x", {})
    with pytest.raises(ServiceRefused):
        there.post_form("/x", {})
    assert len(bad.asked) == 2


def test_proxy_settings_do_not_carry_loopback_requests_away(bad: Misbehaving, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    bad.will(200, {"here": True})
    with Service(bad.origin) as there:
        assert there.get("/x") == {"here": True}


def test_the_token_is_sent_as_a_bearer_token_and_the_program_says_who_it_is(bad: Misbehaving, there: Service) -> None:
    bad.will(200, {})
    there.get("/x")
    headers = {name.lower(): value for name, value in bad.asked[0][2].items()}
    assert headers["authorization"] == "Bearer secret-token"
    assert headers["user-agent"].startswith("mcla/")
    assert "cookie" not in headers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://MCLA.example.org/", "https://mcla.example.org"),
        ("https://h:8443", "https://h:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://127.9.9.9", "http://127.9.9.9"),
    ],
)
def test_an_address_is_brought_to_its_origin(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0x7f000001",
        "http://2130706433",
        "http://[::2]",
    ],
)
def test_what_only_looks_like_this_machine_must_be_encrypted(url: str) -> None:
    with pytest.raises(WrongUsage):
        origin_of(url)


@pytest.mark.parametrize(
    "agreements",
    [
        {},
        {"agreements": None},
        {"agreements": [{}]},
        {"agreements": [{"kinds": ["code"], "state": "published", "slug": "../x", "version": "1"}]},
        {"agreements": [{"kinds": ["code"], "state": "published", "slug": "a", "version": "1?x"}]},
    ],
)
def test_agreements_of_another_shape_are_refused(bad: Misbehaving, there: Service, agreements: dict[str, Any]) -> None:
    bad.will(200, agreements)
    with pytest.raises(AnswerInvalid):
        questions(there, "code")


def test_a_question_of_an_unknown_type_is_refused(bad: Misbehaving, there: Service) -> None:
    bad.will(200, {"agreements": [{"kinds": ["code"], "state": "published", "slug": "a", "version": "1.0.0"}]})
    field = {"key": "k", "label": "L", "type": "file", "kinds": ["code"]}
    bad.will(200, {"schedules": [{"kinds": ["code"], "fields": [field]}]})
    with pytest.raises(AnswerInvalid):
        questions(there, "code")


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
