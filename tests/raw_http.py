# SPDX-License-Identifier: Apache-2.0
"""Raw bytes to a running service and what it says to them, each exchange bounded to a few seconds."""

import socket
import time
import urllib.request
from contextlib import suppress
from urllib.parse import urlsplit

from running import Running

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
JSON = b"POST /api/v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
FORM = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

SMUGGLING = {
    "CL.TE": JSON + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (len(SECOND) + 5) + SECOND,
    "TE.CL": JSON + CHUNKED + b"Content-Length: 4\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(SECOND), SECOND),
    "TE.CL, nothing in it": JSON + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": JSON + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "length with a plus": JSON + b"Content-Length: +0\r\n\r\n" + SECOND,
    "length in a list": JSON + b"Content-Length: 0, %d\r\n\r\n" % len(SECOND) + SECOND,
    "unknown coding": JSON + b"Transfer-Encoding: xchunked\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND,
    "coding after a tab": JSON + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "space before the colon": JSON + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "obs-fold": JSON + b"Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "bare LF in the head": JSON + b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SECOND,
    "bare LF in a chunk": JSON + b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + SECOND,
    "bare CR in the head": JSON + b"X: y\rContent-Length: 0\r\n\r\n" + SECOND,
    "chunk of 2^64": JSON + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + SECOND,
    "negative chunk": JSON + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SECOND,
}
"""One request that two readers would end at different places, with `SECOND` in what is left over."""


def connect(running: Running, seconds: float = 6) -> socket.socket:
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
