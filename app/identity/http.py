# SPDX-License-Identifier: Apache-2.0
"""Talking to providers: a transport that caps every answer in bytes and seconds, and no redirect is ever followed.

The caps act while the bytes arrive, before any parser sees them. Compression is refused, because a cap on
compressed bytes is none.
"""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

from app.identity.errors import ProviderAnswerInvalid, ProviderUnreachable
from app.identity.reading import json_value

MAX_ANSWER = 512 * 1024
MAX_SECONDS = 10.0
TIMEOUT = httpx2.Timeout(5.0, connect=3.0)


class CappedStream(httpx2.SyncByteStream):
    """A response body that stops with an error after too many bytes or too long."""

    def __init__(self, inner: httpx2.SyncByteStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._inner:
            size += len(chunk)
            if size > MAX_ANSWER:
                raise ProviderAnswerInvalid(
                    f"The provider sent more than {MAX_ANSWER // 1024} KiB where little is expected."
                )
            if time.monotonic() > self._deadline:
                raise ProviderUnreachable(f"The provider took longer than {MAX_SECONDS:.0f} seconds to answer.")
            yield chunk

    def close(self) -> None:
        self._inner.close()


class CappedTransport(httpx2.BaseTransport):
    """Wraps the transport that was handed in; also turns its failures into `ProviderUnreachable`."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        deadline = time.monotonic() + MAX_SECONDS
        response = self._inner.handle_request(request)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            response.close()
            raise ProviderAnswerInvalid("The provider compressed its answer although it was asked not to.")
        assert isinstance(response.stream, httpx2.SyncByteStream)  # noqa: S101 (narrows the type for mypy)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=CappedStream(response.stream, deadline),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """The inner transport belongs to whoever made it, and is shared by many short-lived clients."""


class ProviderHttp:
    """JSON over HTTP from one provider, with explicit timeouts and no redirects."""

    def __init__(self, transport: httpx2.BaseTransport, label: str) -> None:
        self.transport = CappedTransport(transport)
        self._label = label

    def get_json(self, url: str, what: str, headers: dict[str, str] | None = None) -> Any:
        """The JSON value at `url`; `what` names it in errors."""
        return self.json_of(self.get(url, what, headers), what)

    def get(self, url: str, what: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        """The whole answer of a GET, whatever its status."""
        with httpx2.Client(transport=self.transport, timeout=TIMEOUT, follow_redirects=False) as client:
            try:
                return client.get(url, headers={"Accept": "application/json"} | (headers or {}))
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise self.unreachable(what, error) from error

    def json_of(self, response: httpx2.Response, what: str) -> Any:
        """The body of a plain 200 answer of a JSON type; redirects and everything else are refused."""
        if response.status_code >= 500 or response.status_code == 429:
            raise ProviderUnreachable(
                f"{self._label} cannot answer now: {what} came with status {response.status_code}."
            )
        if response.status_code != 200:
            raise ProviderAnswerInvalid(
                f"{self._label} answered {what} with status {response.status_code} where 200 is expected."
            )
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise ProviderAnswerInvalid(
                f"{self._label} sent {what} as {kind[:40] or 'nothing'} where JSON is expected."
            )
        return json_value(response.content, what)

    def unreachable(self, what: str, error: Exception) -> ProviderUnreachable:
        """The error for a transport failure; its text stays out, because it may carry addresses."""
        return ProviderUnreachable(f"{self._label} did not answer ({what}: {type(error).__name__}).")
