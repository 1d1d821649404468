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


def connect(running: Running, seconds: float = 3) -> socket.socket:
    parts = urlsplit(running.origin)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=seconds)


def said(connection: socket.socket, seconds: float = 3) -> bytes:
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
