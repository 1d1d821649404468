# SPDX-License-Identifier: Apache-2.0
"""Talking to a service: HTTPS (plain HTTP on loopback only), one host, no redirects, time and size limits.

A service is what the user named with `--service`; it is not trusted beyond that. Answers are capped before they are
parsed, redirects are refused (a token must not travel to another host), and a problem (RFC 9457) becomes
`ServiceRefused` with the service's own code and hint.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcla import __version__
from mcla.cli.failure import ServiceRefused, Undecided, Unreachable, WrongUsage
from mcla.web import AnswerTooLong, is_loopback, read_capped

if TYPE_CHECKING:
    import httpx2

MAX_ANSWER = 64 * 1024 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 60.0
WHOLE_SECONDS = 600.0
ATTEMPTS = 4
PASSING = (429, 502, 503, 504)
LONGEST_WAIT = 30.0
_ERRNO = re.compile(r"\[Errno -?\d+\] ")


class AnswerInvalid(Undecided):
    """The service answered something that is not what its interface promises, so nothing is known."""

    code = "answer-invalid"
    hint = "Is this address an MCLA service, and this command up to date? Try: mcla doctor --service URL"


class RedirectRefused(Undecided):
    """The service wanted to send us somewhere else."""

    code = "redirect-refused"


def origin_of(url: str) -> str:
    """`https://host[:port]` of a service address; raises `WrongUsage` for anything that is not one."""
    parts = _parts(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongUsage(
            f"{url!r} is not the address of a service.",
            why="expected https://HOST[:PORT]",
            hint="--service https://HOST",
        )
    if parts.username or parts.password or parts.query or parts.fragment or parts.path not in ("", "/"):
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise WrongUsage(
            f"{url!r} carries more than an address.",
            why="expected scheme, host and port only",
            hint=f"--service {bare}",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        why = "expected https, got http: anybody on the way could read the access token and change answers"
        raise WrongUsage(f"{url!r} is not encrypted.", why=why, hint=f"--service https://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


class Service:
    """One service over HTTP. `token` is sent to its origin only."""

    def __init__(self, url: str, token: str | None = None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        import httpx2

        self.origin = origin_of(url)
        self.token = token
        self._sleep = sleep
        # Proxy settings of the environment must not carry loopback requests away from this machine.
        local = is_loopback(urlsplit(self.origin).hostname or "")
        timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        agent = {"User-Agent": f"mcla/{__version__}"}
        self._client = httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=not local, headers=agent)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> dict[str, Any]:
        """GET `path`, a JSON object; tried again when the service is busy."""
        return _object(self.get_bytes(path), path)

    def get_bytes(self, path: str, most: int | None = None) -> bytes:
        """GET `path` as it is, if it has at most `most` bytes."""
        return self._retried("GET", path, {}, lost=False, most=most)

    def post(self, path: str, body: Mapping[str, Any], *, again: bool = False) -> dict[str, Any]:
        """POST a JSON object; `again` says that repeating the same request changes nothing more."""
        content = {"json": dict(body)}
        answer = self._retried("POST", path, content, lost=True) if again else self._once("POST", path, content)
        return _object(answer, path)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PUT a JSON object; the same again changes nothing, so it is tried again."""
        return _object(self._retried("PUT", path, {"json": dict(body)}, lost=True), path)

    def post_form(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """POST a form, as OAuth's token endpoint wants it. Never repeated: codes are good for one use."""
        return _object(self._once("POST", path, {"data": dict(fields)}), path)

    def clock(self) -> tuple[str, int]:
        """The `Date` header and the status of `/healthz`."""
        with self._stream("GET", "/healthz", {}) as response:
            return response.headers.get("date", ""), response.status_code

    def _retried(
        self, method: str, path: str, content: dict[str, Any], *, lost: bool, most: int | None = None
    ) -> bytes:
        """Ask again while the service is busy and, with `lost`, when the connection broke before its answer came."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self._once(method, path, content, most)
            except Unreachable:
                if not lost:
                    raise
                self._sleep(attempt)
            except ServiceRefused as refusal:
                if refusal.http_status not in PASSING:
                    raise
                self._sleep(min(LONGEST_WAIT, refusal.retry_after or attempt))
        return self._once(method, path, content, most)

    def _once(self, method: str, path: str, content: dict[str, Any], most: int | None = None) -> bytes:
        with self._stream(method, path, content) as response:
            body = _capped(response, path, MAX_ANSWER if most is None else most)
            if response.is_redirect:
                target = response.headers.get("location", "")
                why = f"expected an answer from {self.origin}{path}, got a redirect to {target}"
                raise RedirectRefused(
                    "The service redirects.", why=why, hint="Name the service's own address with --service."
                )
            if response.is_success:
                return body
            raise ServiceRefused(response.status_code, _problem(body), response.headers.get("retry-after", ""))

    def _stream(self, method: str, path: str, content: dict[str, Any]) -> "_Guarded":
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return _Guarded(self, lambda: self._client.stream(method, self.origin + path, headers=headers, **content))


class _Guarded:
    """A streamed response whose transport failures are told as `Unreachable`."""

    def __init__(self, service: Service, open_stream: Callable[[], Any]) -> None:
        self._service, self._open = service, open_stream

    def __enter__(self) -> "httpx2.Response":
        import httpx2

        self._errors = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
        try:
            self._stream = self._open()
            response: httpx2.Response = self._stream.__enter__()
        except self._errors as error:
            raise self._unreachable(error) from error
        return response

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._stream.__exit__(kind, error, trace)
        if isinstance(error, self._errors):
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        got = _ERRNO.sub("", str(error)) or type(error).__name__
        why = f"expected an answer within {ANSWER_SECONDS:.0f} s, got: {got}"
        step = f"Ask again in a minute; what is wrong tells: mcla doctor --service {self._service.origin}"
        return Unreachable(f"{self._service.origin} did not answer.", why=why, hint=step)


def _capped(response: "httpx2.Response", path: str, most: int) -> bytes:
    try:
        return read_capped(response, most, WHOLE_SECONDS)
    except AnswerTooLong as error:
        raise AnswerInvalid(f"The answer to {path} {error.message}.") from error


def _object(body: bytes, path: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AnswerInvalid(
            f"The answer to {path} is not JSON.", why=f"expected a JSON object, got {body[:40]!r}"
        ) from error
    if not isinstance(value, dict):
        raise AnswerInvalid(
            f"The answer to {path} has another shape.", why=f"expected a JSON object, got {type(value).__name__}"
        )
    return value


def _problem(body: bytes) -> dict[str, Any]:
    try:
        return _object(body, "")
    except AnswerInvalid:
        return {}


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number raises only when it is read
    except ValueError as error:
        raise WrongUsage(
            f"{url!r} is not an address.",
            why=f"expected https://HOST[:PORT], got: {error}",
            hint="--service https://HOST",
        ) from error
    return parts
