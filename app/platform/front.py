# SPDX-License-Identifier: Apache-2.0
"""Stands between the server and the application: a thread gets a request when it is whole, and is soon free again.

Whoever sends or reads slowly holds a connection, never a thread (ADR 0009). The server speaks RSGI, the application
WSGI (PEP 3333); answers are made whole in the thread, since all of them are small, and the server sends them.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from app.platform.arrivals import Arrivals, Body, Untaken
from app.platform.rsgi import Headers, HttpProtocol, Scope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class Front:
    """The RSGI application that answers with a WSGI application, in so many threads."""

    def __init__(self, application: "WSGIApplication", threads: int) -> None:
        self._application = application
        self._arrivals = Arrivals()
        self._threads = ThreadPoolExecutor(threads, "answer")

    async def __rsgi__(self, scope: Scope, protocol: HttpProtocol) -> None:
        body = await self._arrivals.take(scope.headers, protocol)
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, scope, protocol, body)
        finally:
            self._arrivals.let_go(body)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        self._threads.shutdown()

    def _answer(self, scope: Scope, protocol: HttpProtocol, body: Body) -> None:
        status, fields, content = whole_answer(self._application, environ_of(scope, body))
        if isinstance(body.stream, Untaken):
            fields = [*fields, ("Connection", "close")]  # what still comes is no request
        protocol.response_bytes(int(status[:3]), fields, content)


def whole_answer(
    application: "WSGIApplication", environ: "WSGIEnvironment"
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and body of an answer (PEP 3333), once all of it is there."""
    head: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        head.append((status, headers))
        return written.append

    pieces = application(environ, start_response)
    try:
        written.extend(pieces)
    finally:
        if close := getattr(pieces, "close", None):
            close()
    return *head[-1], b"".join(written)


def environ_of(scope: Scope, body: Body) -> "WSGIEnvironment":
    """The request as PEP 3333 tells it; nothing of the process's own environment is in it."""
    server, _, port = scope.server.rpartition(":")
    return _header_variables(scope.headers) | {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_latin1(scope.path),
        "QUERY_STRING": _as_latin1(scope.query_string),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.stream,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _header_variables(headers: Headers) -> dict[str, str]:
    variables = {}
    for name in headers.keys():  # noqa: SIM118  # not a mapping: it yields no names by itself
        if "_" in name:
            continue  # X_Forwarded_For would pass for X-Forwarded-For
        joined = ("; " if name == "cookie" else ",").join(headers.get_all(name))
        variables[f"HTTP_{name.upper().replace('-', '_')}"] = joined
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{name}" in variables:
            variables[name] = variables.pop(f"HTTP_{name}")
    if "HTTP_TRANSFER_ENCODING" in variables:
        variables.pop("CONTENT_LENGTH", None)  # the chunks say how long it is (RFC 9112 section 6.3)
    return variables


def _as_latin1(text: str) -> str:
    return text.encode().decode("latin-1")
