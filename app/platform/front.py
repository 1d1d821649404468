# SPDX-License-Identifier: Apache-2.0
"""Stands between the server and the application: a thread gets a request when it is whole, and is soon free again.

Whoever sends or reads slowly holds a connection, never a thread (ADR 0009). The server speaks RSGI, the application
WSGI (PEP 3333); answers are made whole in the thread, since nearly all of them are small, and the server sends them.
One that does not say how long it will be is sent piece by piece: a thread makes each, and none waits for the reader.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # it is exported, if not by `__all__`

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
        loop = asyncio.get_running_loop()
        try:
            rest = await loop.run_in_executor(self._threads, self._answer, scope, protocol, body)
        finally:
            self._arrivals.let_go(body)
        if rest is not None:
            await self._send(protocol, rest)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        self._threads.shutdown()

    def _answer(self, scope: Scope, protocol: HttpProtocol, body: Body) -> "Answer | None":
        """Answer, and give back what is to be sent piece by piece, if it is."""
        answer = answer_of(self._application, environ_of(scope, body))
        if isinstance(body.stream, Untaken):
            answer.fields.append(("Connection", "close"))  # what still comes is no request
        if not answer.sized:
            return answer
        protocol.response_bytes(answer.status, answer.fields, b"".join(answer.pieces))
        return None

    async def _send(self, protocol: HttpProtocol, answer: "Answer") -> None:
        """Piece by piece; what breaks off breaks the connection off, so that nobody takes it for whole.

        Where the reader is gone, no further piece is made.
        """
        loop, pieces = asyncio.get_running_loop(), iter(answer.pieces)
        sending = protocol.response_stream(answer.status, answer.fields)
        try:
            while (piece := await loop.run_in_executor(self._threads, next, pieces, None)) is not None:
                await sending.send_bytes(piece)
        except ProtocolClosed:
            return
        finally:
            await loop.run_in_executor(self._threads, answer.close)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the application (PEP 3333): all pieces are there where it says how long it is."""

    status: int
    fields: list[tuple[str, str]]
    pieces: Iterable[bytes]
    close: Callable[[], object]

    @property
    def sized(self) -> bool:
        return isinstance(self.pieces, list)


def answer_of(application: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """What the application answers, read to its end unless it does not say how long it is."""
    head: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        head.append((status, headers))
        return written.append

    pieces = application(environ, start_response)
    close = getattr(pieces, "close", lambda: None)
    if head and not _sized(*head[-1]):
        return Answer(int(head[-1][0][:3]), list(head[-1][1]), chain(written, pieces), close)
    try:
        written.extend(pieces)
    finally:
        close()
    return Answer(int(head[-1][0][:3]), list(head[-1][1]), written, close)


def _sized(status: str, headers: list[tuple[str, str]]) -> bool:
    """Whether it says how long it is, or has no body at all (RFC 9110 section 6.4.1)."""
    return status[:3] in ("204", "304") or any(name.lower() == "content-length" for name, _ in headers)


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
