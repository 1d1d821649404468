# SPDX-License-Identifier: Apache-2.0
"""Errors over HTTP, in one place: RFC 9457 problems under `/api`, an error page elsewhere.

Every `MclaError` has a stable code; its problem `type` is `<origin>/problems/<code>`, a page that says what to do.
"""

import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from apiflask.exceptions import HTTPError
from flask import Flask, Response, current_app, g, json, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect

from mcla.errors import MclaError

log = structlog.get_logger()
MACHINE_PATHS = ("/api/", "/log/", "/.well-known/", "/oauth/token", "/healthz", "/readyz", "/metrics")


class SignInRequired(MclaError):
    """The request needs a signed-in person."""

    code = "sign-in-required"
    status = 401
    hint = "Sign in at /login, or send an access token: Authorization: Bearer …"


class RequestRefused(MclaError):
    """The request may come from another site."""

    code = "request-refused"
    status = 403
    hint = "Open the page again on this service and repeat the step there; nothing was changed."


class DatabaseAway(MclaError):
    """The database did not answer; whether a write in flight was kept is not known to the caller."""

    code = "database-away"
    status = 503
    hint = "Try again in a few seconds: repeating the same request is safe."


def install(app: Flask) -> None:
    """Register the handlers for everything that can be raised while answering."""

    @app.errorhandler(MclaError)
    def known(error: MclaError) -> Response:
        if isinstance(error, SignInRequired) and not wants_problem():
            return _to_login()
        return answer(error.status, error.code, error.message, error.hint, extra(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        response = answer(status, code_of(status), error.description or "", _HINTS.get(status, ""))
        # An exception's own headers (Allow on 405, Retry-After on 429) must survive the new body.
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> Response:
        log.error("database.away", failure=type(error.orig).__name__, request_id=g.get("request_id"))
        response = known(DatabaseAway("The database did not answer."))
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        log.exception("request.failed", request_id=g.get("request_id"), failure=type(error).__name__)
        return answer(500, "internal-error", "The service made a mistake.", _HINTS[500])


def validation_problem(error: HTTPError) -> tuple[dict[str, Any], int, dict[str, str]]:
    """APIFlask's processor: input that does not fit its schema, with one pointer and sentence each."""
    errors = list(_pointers(error.detail, "")) if error.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else []
    body = problem(
        error.status_code, code_of(error.status_code), error.message or "", _HINTS.get(error.status_code, "")
    )
    if errors:
        body |= {"code": "request-invalid", "type": _type("request-invalid"), "errors": errors}
    headers = {name: str(value) for name, value in dict(error.headers).items()}
    return body, error.status_code, headers | {"Content-Type": "application/problem+json"}


def extra(error: MclaError) -> dict[str, Any]:
    """The members an error adds to its problem: its public `extra` mapping, when it has one."""
    members: dict[str, Any] = getattr(error, "extra", {})
    return members


def problem(status: int, code: str, detail: str, hint: str) -> dict[str, Any]:
    """The members of an RFC 9457 problem; `hint` is our extension: what to do next."""
    body = {"type": _type(code), "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    if hint:
        body["hint"] = hint
    return body | {"request_id": g.get("request_id", "")}


def answer(status: int, code: str, detail: str, hint: str, more: dict[str, Any] | None = None) -> Response:
    """A problem or an error page, whichever the path calls for."""
    body = problem(status, code, detail, hint) | (more or {})
    if wants_problem():
        response = current_app.response_class(json.dumps(body), status, content_type="application/problem+json")
    else:
        response = current_app.response_class(render_template("error.html", problem=body), status)
    retry = body.get("retry_after")
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 section 11.6.1
    return response


def wants_problem() -> bool:
    return request.path.startswith(MACHINE_PATHS)


def new_request_id() -> str:
    return secrets.token_hex(8)


def code_of(status: int) -> str:
    """`405` -> `method-not-allowed`."""
    return HTTPStatus(status).phrase.lower().replace(" ", "-").replace("'", "")


def _to_login() -> Response:
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return current_app.make_response(redirect(f"/login?next={quote(target, safe='')}", code=303))


def _type(code: str) -> str:
    return f"{current_app.config['MCLA_ORIGIN']}/problems/{code}"


def _pointers(detail: Any, at: str) -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _pointers(inner, f"{at}/{name}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _pointers(inner, at)
    else:
        yield {"pointer": at, "detail": str(detail)}


_HINTS = {
    400: "Correct the request; the API reference at /docs/api shows each one.",
    404: "Check the address. What you look for may never have existed or may belong to somebody else.",
    405: "Use one of the methods named in the Allow header.",
    411: "Send the form with its Content-Length, as browsers do.",
    413: "Send less at once, or give many files with `mcla sign`; the API reference at /docs/api names the limits.",
    415: "Send JSON with Content-Type: application/json.",
    422: "Correct the members named in `errors`; the API reference at /docs/api shows their form.",
    429: "Wait for the seconds named in Retry-After, then go on.",
    500: "Try again in a minute. If it stays, tell the operator the request id.",
}
