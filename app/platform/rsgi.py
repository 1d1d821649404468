# SPDX-License-Identifier: Apache-2.0
"""The part of RSGI 1.6 that the front uses, as types: a request's head, its body in pieces, an answer in one or more.

The specification comes with the server, granian; `headers.get_all` and what ends a body are missing in its own types.
"""

from collections.abc import AsyncIterable, Sequence
from typing import Protocol


class Headers(Protocol):
    """Names are in lower case; values that are not visible ASCII are left out."""

    def __contains__(self, name: str) -> bool: ...
    def keys(self) -> Sequence[str]: ...
    def get(self, name: str, default: str) -> str: ...
    def get_all(self, name: str) -> Sequence[str]: ...


class Scope(Protocol):
    """The head of a request and the two ends of its connection, as `address:port`."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def scheme(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def headers(self) -> Headers: ...


class Stream(Protocol):
    """Takes the pieces of an answer; it ends with the request."""

    async def send_bytes(self, data: bytes) -> None: ...


class HttpProtocol(AsyncIterable[bytes], Protocol):
    """Gives the body's pieces, then an empty one; takes the answer."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Stream: ...
