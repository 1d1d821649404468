# SPDX-License-Identifier: Apache-2.0
"""Callers who send or read slowly, or send very much, to a real server: others are served, and its memory is bounded.

The server has eight threads and nothing in front of it; every test uses many more connections than that.
"""

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from raw_http import CHUNKED, FORM, GET, JSON, assert_serves_others, connect, probe, said, statuses
from running import Running, running_service

MANY = 50
MIB = 1024 * 1024
DIGESTS = b'{"digests": ["sha256:%b"]}' % (b"ab" * 32)
JSON_IN_CHUNKS = JSON + CHUNKED + b"\r\n"


@pytest.fixture
def running(own_server: Running) -> Running:
    return own_server


def peak(running: Running) -> int:
    """The most memory in bytes that any process answering requests ever had resident."""
    lines = [line for pid in running.workers() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return max(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def assert_answers_bodies(running: Running) -> None:
    told = urllib.request.Request(  # noqa: S310  # our own loopback
        f"{running.origin}/api/v1/verify", DIGESTS, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(told, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200


def test_who_sends_slowly_holds_up_nobody_and_is_given_up_after_ten_seconds(running: Running) -> None:
    heads = (JSON + b"Content-Length: 100\r\n\r\n{", JSON_IN_CHUNKS + b"1\r\n{\r\n", GET + b"X: ")
    more = (b" ", b"1\r\n \r\n", b"y")
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(running, 20)) for _ in range(3 * MANY)]
        begun = time.monotonic()
        for number, connection in enumerate(slow):
            connection.sendall(heads[number % 3])
        for _ in range(6):
            for number, connection in enumerate(slow):
                connection.sendall(more[number % 3])
            assert_serves_others(running)
            assert_answers_bodies(running)
            time.sleep(0.5)
        answers = [said(connection, 20) for connection in slow]
        assert time.monotonic() - begun < 30  # ten, and what a busy machine takes
    for number, answer in enumerate(answers):
        if number % 3 == 2:  # a head that never ended
            assert statuses(answer) in ([], [408])
            continue
        assert statuses(answer) == [408]
        problem = json.loads(answer.split(b"\r\n\r\n")[1])
        assert (problem["code"], problem["status"]) == ("body-late", 408)
        assert "again" in problem["hint"]
        assert b"\r\nconnection: close\r\n" in answer.lower()


def test_readers_who_take_nothing_hold_up_nobody(running: Running) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect((urlsplit(running.origin).hostname, urlsplit(running.origin).port))
            connection.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 30)
        for _ in range(3):
            assert_serves_others(running)
            assert_answers_bodies(running)


@pytest.mark.parametrize("path", [b"/verify", b"/api/v1/verify"])
def test_a_gibibyte_is_refused_unread(running: Running, path: bytes) -> None:
    for kind in (b"multipart/form-data; boundary=b", b"application/octet-stream", b"application/json"):
        head = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %b\r\nExpect: 100-continue\r\n" % (path, kind)
        answer = probe(running, head + b"Content-Length: 1073741824\r\n\r\n")
        assert statuses(answer) in ([413], [415])  # and never 100: it was not asked for
        assert b"\r\nconnection: close\r\n" in answer.lower()


def test_many_forms_of_a_hundred_thousand_fields_take_little_memory(running: Running) -> None:
    form = urlencode({f"d-{number}": "x" for number in range(100_000)}).encode()
    request = FORM % b"/oauth/token" + b"Content-Length: %d\r\n\r\n%b" % (len(form), form)
    assert statuses(probe(running, request)) == [413]
    before = peak(running)
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connect(running, 10)).sendall(request)
        assert_serves_others(running)
    assert peak(running) - before < 100 * MIB


def test_a_body_in_chunks_is_read_to_the_limit_and_no_further(running: Running) -> None:
    before, chunk = peak(running), b"100000\r\n%b\r\n" % bytes(MIB)
    with connect(running, 10) as connection:
        connection.sendall(JSON_IN_CHUNKS)
        with suppress(ConnectionError):  # closed while we were still talking
            for _ in range(200):
                connection.sendall(chunk)
            raise AssertionError("all of it was taken")
        assert statuses(said(connection)) in ([413], [])  # the answer is lost where the connection was reset
    assert_serves_others(running)
    assert peak(running) - before < 200 * MIB


def test_a_body_cut_before_its_last_chunk_is_no_body(running: Running) -> None:
    whole = b"%x\r\n%b\r\n" % (len(DIGESTS), DIGESTS)
    broken = probe(running, JSON_IN_CHUNKS + whole + b"X\r\n")
    assert statuses(broken) == [400]
    assert b'"code": "body-broken"' in broken
    assert statuses(probe(running, JSON + CHUNKED + b"Connection: close\r\n\r\n" + whole + b"0\r\n\r\n")) == [200]


def test_odd_bytes_in_an_address_are_no_mistake_of_the_service(running: Running) -> None:
    for address in (b"/%FF%00", b"/\xc3\xa9", b"/verify?digest=%FF", b"/verify?digest=\xc3\xa9", b"//%2e%2e/"):
        answered = statuses(probe(running, b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % address))
        assert set(answered) <= {400, 404}, address


def takes_no_more(running: Running) -> bool:
    """Wait until the service answers nothing new."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{running.origin}/healthz", timeout=2).close()  # noqa: S310  # our own loopback
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_what_was_asked_before_a_stop_is_answered(tmp_path: Path) -> None:
    with running_service(tmp_path) as running, connect(running, 10) as connection:
        connection.sendall(JSON + b"Content-Length: %d\r\n\r\n{" % len(DIGESTS))
        assert_serves_others(running)
        os.kill(running.server.pid, signal.SIGTERM)
        assert takes_no_more(running)
        connection.sendall(DIGESTS[1:])
        assert statuses(said(connection)) == [200]
        assert running.server.wait(10) == 0
