# SPDX-License-Identifier: Apache-2.0
"""A forge's API over HTTP: one host, its token sent nowhere else, every wait bounded, every answer limited.

What passes by itself (5xx, a rate limit, a lost connection) is asked again as long as the check's patience lasts, and
not sooner than the forge asks for. Redirects are followed on the same host only, since a repository may have moved.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from mcla import __version__
from mcla.forges.errors import ForgeAnswerInvalid, ForgeError, ForgeRefused, ForgeSilent
from mcla.web import AnswerTooLong, is_loopback, read_capped

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS, ANSWER_SECONDS, WHOLE_SECONDS = 10.0, 30.0, 120.0
MAX_ANSWER = 64 * 1024 * 1024
"""A comparison carries the patches of up to 300 files."""
ATTEMPTS = 4
PATIENCE = 90.0
"""Seconds that one check waits in all for a forge that is busy."""
MOST_REDIRECTS = 2
_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)


class _Busy(Exception):
    """Worth asking again: after `wait` seconds if the forge said so. `undone` says that nothing was done."""

    def __init__(self, told: ForgeSilent, wait: float | None = None, *, undone: bool = False) -> None:
        super().__init__(told.message)
        self.told, self.wait, self.undone = told, wait, undone


class Api:
    """The API below `base`, asked with `authorization` (header name and value) or as anybody.

    `graphql` is the address of its GraphQL interface, on the same host. `requests` counts what was sent.
    Raises `ForgeError`s only.
    """

    def __init__(
        self,
        base: str,
        authorization: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        graphql: str | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        import httpx2

        self.base, self.host = base.rstrip("/"), _host_of(base)
        self._graphql = graphql or f"{self.base}/graphql"
        if _origin_of(self._graphql) != _origin_of(self.base):
            raise ForgeRefused(f"{self.host} is not where its GraphQL address is.", hint="Check the job's variables.")
        self.requests = 0
        self._sleep, self._now, self._patience = sleep, now, PATIENCE
        always = {"User-Agent": f"mcla/{__version__}", "Accept": "application/json"} | dict(headers or {})
        # Proxy settings of the environment must not carry loopback requests away from this machine.
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=not is_loopback(urlsplit(base).hostname or ""),
            headers=always | ({authorization[0]: authorization[1]} if authorization else {}),
        )
        self.with_token = authorization is not None

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON value at `path` below the base."""
        return self._asked("GET", self.base + path, {"params": query} if query else {}, again=True)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Write something. Sent again only if the forge said that it did nothing yet: no comment comes twice."""
        return self._asked(method, self.base + path, {"json": dict(body)}, again=False)

    def graphql(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The `data` of a GraphQL query that only reads; partly failed answers are refused as a whole."""
        content = {"json": {"query": query, "variables": dict(variables)}}
        told = self._asked("POST", self._graphql, content, again=True)
        data, errors = (told.get("data"), told.get("errors")) if isinstance(told, dict) else (None, None)
        if errors:
            first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
            if first.get("type") == "RATE_LIMITED":
                raise ForgeSilent(f"The rate limit of {self.host} is used up.")
            raise ForgeRefused(f"{self.host} could not answer a query: {str(first.get('message', ''))[:200]!a}")
        if not isinstance(data, dict):
            raise ForgeAnswerInvalid(f"{self.host} answered a query without data.")
        return data

    def _asked(self, method: str, url: str, content: dict[str, Any], *, again: bool) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._followed(method, url, content)
            except _Busy as busy:
                if attempt == ATTEMPTS or not (again or busy.undone):
                    raise busy.told from busy
                self._wait(busy, attempt)
        raise AssertionError  # the last attempt raised

    def _wait(self, busy: _Busy, attempt: int) -> None:
        wait = float(attempt) if busy.wait is None else max(busy.wait, 0.0)
        if wait > self._patience:
            hint = f"Run the check again in {wait / 60:.0f} minutes." if wait > 90 else None
            raise ForgeSilent(busy.told.message, hint=hint) from busy
        self._patience -= wait
        self._sleep(wait)

    def _followed(self, method: str, url: str, content: dict[str, Any]) -> Any:
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(method, url, content)
            if not isinstance(answer, _Elsewhere):
                return answer
            target = urljoin(url, answer.address)
            if method != "GET" or _origin_of(target) != _origin_of(self.base):
                raise ForgeAnswerInvalid(f"{self.host} redirects to another place, where its token must not go.")
            url, content = target, {}
        raise ForgeAnswerInvalid(f"{self.host} redirects round and round.")

    def _once(self, method: str, url: str, content: dict[str, Any]) -> Any:
        import httpx2

        self.requests += 1
        try:
            with self._client.stream(method, url, **content) as response:
                body = read_capped(response, MAX_ANSWER, WHOLE_SECONDS)
        except AnswerTooLong as error:
            raise ForgeAnswerInvalid(f"The answer of {self.host} {error.message}.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            # The error's own text may carry the whole address; its kind says enough.
            raise _Busy(ForgeSilent(f"{self.host} did not answer ({type(error).__name__}).")) from error
        if response.is_redirect:
            return _Elsewhere(response.headers.get("location", ""))
        if response.is_success:
            return self._value(body)
        raise self._refusal(response, body)

    def _value(self, body: bytes) -> Any:
        try:
            return json.loads(body) if body else None
        except (ValueError, RecursionError) as error:
            raise ForgeAnswerInvalid(f"{self.host} sent something that is no JSON: {body[:30]!r}.") from error

    def _refusal(self, response: "httpx2.Response", body: bytes) -> _Busy | ForgeError:
        status = response.status_code
        if status == 429 or (status == 403 and _limited(response, body)):
            return _Busy(ForgeSilent(f"The rate limit of {self.host} is used up."), self._until(response), undone=True)
        if status >= 500 or status == 408:
            return _Busy(ForgeSilent(f"{self.host} cannot answer now (status {status})."), self._until(response))
        whom = "for this job's token" if self.with_token else "without a token"
        return ForgeRefused(f"{self.host} answered with status {status} {whom}.")

    def _until(self, response: "httpx2.Response") -> float | None:
        """Seconds that the forge asks to wait; None where it says nothing."""
        after, reset = response.headers.get("retry-after", ""), response.headers.get("x-ratelimit-reset", "")
        if after.isdecimal():
            return float(after)
        if after:
            try:
                return parsedate_to_datetime(after).timestamp() - self._now()
            except (ValueError, OverflowError):
                return None
        if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            return float(reset) - self._now()
        return None


class _Elsewhere:
    def __init__(self, address: str) -> None:
        self.address = address


def bearer(token: str) -> tuple[str, str]:
    """The header for a token; raises `ForgeRefused` for what cannot be one, without repeating it."""
    return "Authorization", f"Bearer {checked_token(token)}"


def checked_token(token: str) -> str:
    """`token`, if a header can carry it as it is."""
    if not _TOKEN.fullmatch(token):
        hint = "Set the variable to the token alone, without spaces or line ends."
        raise ForgeRefused("The forge's token has characters that no token has.", hint=hint)
    return token


def _limited(response: "httpx2.Response", body: bytes) -> bool:
    # A secondary limit comes as 403 with a sentence, sometimes without any header that says so.
    spent = "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
    return spent or b"rate limit" in body[:2000].lower()


def _host_of(base: str) -> str:
    parts = urlsplit(base)
    if not parts.hostname or parts.username or not (parts.scheme == "https" or is_loopback(parts.hostname)):
        raise ForgeRefused("The forge's API address is no https address.", hint="Check the job's *_API_URL variable.")
    return parts.netloc


def _origin_of(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
