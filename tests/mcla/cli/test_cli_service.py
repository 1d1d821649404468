# SPDX-License-Identifier: Apache-2.0
"""The command line's side of HTTP against servers that misbehave, and the loopback sign-in against hostile answers."""

import socket
import time
from typing import Any

import pytest
from misbehaving import Misbehaving

from mcla.cli import service as service_module
from mcla.cli.failure import ServiceRefused, Unreachable, WrongUsage
from mcla.cli.questions import questions
from mcla.cli.service import AnswerInvalid, RedirectRefused, Service, origin_of


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
