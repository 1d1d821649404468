# SPDX-License-Identifier: Apache-2.0
"""Signing in from a terminal: OAuth's code flow over a loopback redirect with PKCE (RFC 8252, RFC 7636, RFC 9207).

The browser comes back to a free port of 127.0.0.1, once, within five minutes. The answer counts only with the state
of this very run; the code in it is worthless without the verifier, which never leaves this process.
"""

import base64
import hashlib
import hmac
import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mcla.cli.failure import Failure, ServiceRefused, Undecided
from mcla.cli.service import AnswerInvalid, Service

CLIENT_ID = "mcla-cli"
PATH = "/callback"
LIMIT_SECONDS = 300.0
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SignInFailed(Failure):
    """The browser came back without a usable permission."""

    code = "sign-in-failed"
    hint = "Run the command again; nothing was signed."


class SignInDeclined(SignInFailed):
    """The person, or the service for them, said no."""

    code = "sign-in-declined"


class SignInMissing(Undecided):
    """Nobody signed in within the time, or nobody could have."""

    code = "auth-required"
    hint = (
        "Run the command again and open the printed address in a browser on this computer, or set MCLA_IDENTITY_TOKEN."
    )


@dataclass
class _Wait:
    """What one run waits for, and the one answer it takes."""

    state: str
    issuer: str
    port: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)
    once: threading.Lock = field(default_factory=threading.Lock)
    answer: dict[str, str] = field(default_factory=dict)

    def take(self, query: str) -> str:
        """Keep the first answer; returns a sentence on why it is refused, or nothing."""
        with self.once:
            if self.arrived.is_set():
                return "This sign-in was already answered."
            given = {
                name: values[0] if len(values) == 1 else ""
                for name, values in parse_qs(query, keep_blank_values=True).items()
            }
            self.answer = {"refused": self._fault(given)} if self._fault(given) else given
            self.arrived.set()
            return self.answer.get("refused", "")

    def _fault(self, given: dict[str, str]) -> str:
        if not hmac.compare_digest(given.get("state", "").encode(), self.state.encode()):
            return "The answer does not belong to this sign-in: expected the state of this run, got another."
        if "iss" in given and given["iss"] != self.issuer:
            return f"The answer names another service: expected {self.issuer}, got {given['iss']}."
        if bool(given.get("code")) == bool(given.get("error")):
            return "The answer holds no permission: expected a code or an error, once."
        return ""


def sign_in(service: Service, open_page: Callable[[str], None], *, limit: float = LIMIT_SECONDS) -> str:
    """Get an access token through the browser; `open_page` gets the address to visit."""
    verifier = secrets.token_urlsafe(48)
    wait = _Wait(state=secrets.token_urlsafe(32), issuer=service.origin)
    with _listening(wait) as server:
        redirect = f"http://127.0.0.1:{server.server_port}{PATH}"
        open_page(f"{service.origin}/oauth/authorize?{_query(redirect, verifier, wait.state)}")
        if not wait.arrived.wait(limit):
            raise SignInMissing(
                "Nobody signed in.", why=f"expected an answer from the browser within {limit:.0f} s, got none"
            )
    code = _code_of(wait.answer)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": CLIENT_ID,
        "code_verifier": verifier,
    }
    return _token(service, fields)


def exchange(service: Service, identity_token: str) -> str:
    """Get an access token for an OIDC ID token that the service's provider issued for it (RFC 7523)."""
    return _token(service, {"grant_type": JWT_BEARER, "assertion": identity_token, "client_id": CLIENT_ID})


def open_browser(address: str) -> None:
    """Open the system's browser without waiting for it; a browser inside the terminal is never started unasked."""
    graphical = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if graphical:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _query(redirect: str, verifier: str, state: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return urlencode(
        {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": state,
        }
    )


def _code_of(answer: dict[str, str]) -> str:
    if "refused" in answer:
        raise SignInFailed("The sign-in was refused.", why=answer["refused"])
    if answer.get("error"):
        why = answer.get("error_description") or answer["error"]
        raise SignInDeclined("The permission was not given.", why=f"expected a permission, got: {why}")
    return answer["code"]


def _token(service: Service, fields: dict[str, str]) -> str:
    try:
        answer = service.post_form("/oauth/token", fields)
    except ServiceRefused as refusal:
        if refusal.http_status >= 500 or refusal.http_status == 429:
            raise
        # RFC 6749 section 5.2 has its own two members for what a problem calls code and detail.
        problem = refusal.problem
        why = (
            problem.get("error_description")
            or problem.get("detail")
            or problem.get("error")
            or f"status {refusal.http_status}"
        )
        raise SignInFailed("The service gave no access token.", why=f"expected a token, got: {why}") from refusal
    token = answer.get("access_token")
    if not isinstance(token, str) or str(answer.get("token_type")).lower() != "bearer":
        raise AnswerInvalid(
            "The service's token answer has another shape.", why="expected access_token and token_type Bearer"
        )
    return token


class _listening:  # noqa: N801  # used as a with-statement's verb
    """A server on a free port of 127.0.0.1 while the browser is away."""

    def __init__(self, wait: _Wait) -> None:
        # Threads: a browser may open a second connection in advance and leave it silent.
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wait))
        wait.port = self.server.server_port
        self.server.daemon_threads = True
        self.server.block_on_close = False

    def __enter__(self) -> ThreadingHTTPServer:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(wait: _Wait) -> type[BaseHTTPRequestHandler]:
    class Callback(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            # A page elsewhere can reach this port under another name (DNS rebinding): only our own name counts.
            if parts.path != PATH or self.headers.get("Host") != f"127.0.0.1:{wait.port}":
                self._answer(404, "Nothing here", "This address only takes the answer of one sign-in.")
                return
            fault = wait.take(parts.query)
            if fault or wait.answer.get("error"):
                self._answer(
                    400,
                    "Not signed in",
                    "Nothing was signed. The terminal says what happened; you can close this page.",
                )
            else:
                self._answer(
                    200,
                    "You are signed in",
                    "Go back to the terminal: it shows what you are about to sign. You can close this page.",
                )

        def _answer(self, status: int, title: str, text: str) -> None:
            page = _PAGE.replace("TITLE", title).replace("TEXT", text).encode()
            self.send_response(status)
            for name, value in (_HEADERS | {"Content-Length": str(len(page))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
            """Say nothing: the request line holds the code."""

    return Callback


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>TITLE · mcla</title>
<style>:root{color-scheme:light dark}
body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}</style>
</head><body><main><h1>TITLE</h1><p>TEXT</p></main></body></html>
"""
