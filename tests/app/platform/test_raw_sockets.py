# SPDX-License-Identifier: Apache-2.0
"""Bytes that no honest client sends, to a real server: it answers an error or closes, and goes on serving others.

Each probe is bounded to a few seconds. A request must never be read as two: whoever sends a body that two readers
would end at different places (RFC 9112 section 6.3, 11.2) gets at most one answer.
"""

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
from running import Running, running_service

SECOND = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HEAD = b"POST /api/v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("raw")) as service:
        yield service


def connect(running: Running, seconds: float = 3) -> socket.socket:
    parts = urlsplit(running.origin)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=seconds)


def said(connection: socket.socket, seconds: float = 6) -> bytes:
    """Everything that comes until the other end closes, or falls silent for two seconds after its first word."""
    got, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        connection.settimeout(2 if got else seconds)
        try:
            piece = connection.recv(65536)
        except (TimeoutError, ConnectionError):
            break
        if not piece:
            break
        got += piece
    return got


def probe(running: Running, request: bytes) -> bytes:
    with connect(running) as connection:
        with suppress(ConnectionError):  # closed while we were still talking
            connection.sendall(request)
        return said(connection)


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def assert_serves_others(running: Running) -> None:
    begun = time.monotonic()
    with urllib.request.urlopen(f"{running.origin}/healthz", timeout=5) as answer:  # noqa: S310  # our own loopback
        assert answer.status == 200
    assert time.monotonic() - begun < 5


CHUNKED = b"Transfer-Encoding: chunked\r\n"
GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SMUGGLING = {
    "CL.TE": HEAD + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (len(SECOND) + 5) + SECOND,
    "TE.CL": HEAD + CHUNKED + b"Content-Length: 4\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(SECOND), SECOND),
    "TE.CL, nothing in it": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "length with a plus": HEAD + b"Content-Length: +0\r\n\r\n" + SECOND,
    "length in a list": HEAD + b"Content-Length: 0, %d\r\n\r\n" % len(SECOND) + SECOND,
    "unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "coding after a tab": HEAD + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "space before the colon": HEAD + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "obs-fold": HEAD + b"Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "bare LF in the head": HEAD + b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "bare LF in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + SECOND,
    "bare CR in the head": HEAD + b"X: y\rContent-Length: 0\r\n\r\n" + SECOND,
    "chunk of 2^64": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + SECOND,
    "negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SECOND,
}


def test_two_honest_requests_on_one_connection_get_two_answers(running: Running) -> None:
    body = b'{"digests": ["sha256:%b"]}' % (b"ab" * 32)
    plain = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunked = HEAD + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert statuses(probe(running, plain + SECOND)) == [200, 404]
    assert statuses(probe(running, chunked + SECOND)) == [200, 404]


@pytest.mark.parametrize("name", list(SMUGGLING))
def test_one_request_is_never_read_as_two(running: Running, name: str) -> None:
    answered = statuses(probe(running, SMUGGLING[name]))
    assert len(answered) <= 1
    assert set(answered) <= {400, 408, 411, 413, 415, 422, 431, 501}
    assert_serves_others(running)


LARGE = {
    "10,000 headers": GET + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
    "one header of 2 MB": GET + b"X: " + b"y" * 2_000_000 + b"\r\n\r\n",
    "an address of 2 MB": b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(300),
}


@pytest.mark.parametrize("name", list(LARGE))
def test_heads_without_measure_are_refused(running: Running, name: str) -> None:
    answered = statuses(probe(running, LARGE[name]))
    assert set(answered) <= {400, 414, 431}
    assert_serves_others(running)


def test_slow_bodies_do_not_hold_up_others(running: Running) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(running)) for _ in range(4)]
        for connection in slow:
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        for _ in range(4):
            for connection in slow:
                connection.sendall(b" ")
            assert_serves_others(running)
            time.sleep(0.2)


def test_two_hundred_heads_that_never_end_do_not_hold_up_others(running: Running) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connect(running)).sendall(GET + b"X: ")
        assert_serves_others(running)


def test_slow_readers_do_not_hold_up_others(running: Running) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect((urlsplit(running.origin).hostname, urlsplit(running.origin).port))
            connection.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 3)
        time.sleep(0.5)
        assert_serves_others(running)


def test_a_form_in_chunks_is_refused_and_not_cut_at_the_limit(running: Running) -> None:
    head = b"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    answer = probe(running, head + CHUNKED + b"\r\n5\r\na=bcd\r\n0\r\n\r\n")
    assert statuses(answer) == [411]
    assert b'"code": "length-required"' in answer


def test_nine_megabytes_of_a_form_are_refused_without_being_waited_for(running: Running) -> None:
    head = b"POST /verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    answered = statuses(probe(running, head + b"Content-Length: 9000000\r\n\r\ndigest="))
    assert answered == [413]
    assert_serves_others(running)
