# SPDX-License-Identifier: Apache-2.0
"""Who may call what, and what every answer carries: default-deny routes, origin check, CSRF, headers.

A view says who may call it with `@access(...)`; one that says nothing is refused and fails a test. An unsafe
request that a browser sends with cookies must come from this service's own pages (Sec-Fetch-Site, else Origin)
and carry the form token as well: two lines that fail independently.
"""

import ipaddress
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError as WtfCsrfError
from flask_wtf.csrf import CSRFProtect
from werkzeug.http import parse_options_header
from werkzeug.middleware.proxy_fix import ProxyFix

from app.platform.problems import RequestRefused, SignInRequired, new_request_id
from app.platform.scopes import Scope, TokenNeeded, check_scopes
from app.platform.settings import Settings
from mcla.wording import Worded

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 64 * 1024 * 1024
"""Of any request; most operations take less."""
MAX_FORM_BYTES = 8 * 1024 * 1024
"""Of a form without files; the list of 10,000 files takes about one."""
MAX_FORM_FIELDS = 2500
"""Of any form; the questions about a data set with a hundred sources and as many checks make some thousand."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
F = TypeVar("F", bound=Callable[..., Any])
csrf = CSRFProtect()


class Access(StrEnum):
    """Who may call a view."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    """A browser session or a bearer token."""
    SESSION = "session"
    """A browser session only: pages that change an account."""
    STAFF = "staff"
    """A browser session of an account that acts for a foundation; which one, the view asks of `g.staff_of`."""
    TOKEN = "token"  # noqa: S105 (a word, no secret)
    """A project's token with one of the scopes that the view names, and no person."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a view, and with which scopes a project's token may do so too; none: no token may."""

    who: Access
    scopes: frozenset[Scope] = frozenset()


def access(who: Access, *scopes: Scope) -> Callable[[F], F]:
    """Declare who may call a view; the innermost decorator, next to the function.

    With `scopes` a token of a project that has one of them may call it too, and the view asks which project
    (`app.tokens.access`). A public view answers a token without them as it answers everybody.
    """

    def mark(view: F) -> F:
        view.mcla_access = Rule(who, frozenset(scopes))  # type: ignore[attr-defined]
        return view

    return mark


def declared_access(view: Callable[..., Any] | None) -> Rule | None:
    """What `@access` said of a view, looking through the wrappers that other decorators add."""
    while view is not None:
        rule: Rule | None = getattr(view, "mcla_access", None)
        if rule is not None:
            return rule
        view = getattr(view, "__wrapped__", None)
    return None


def caller() -> str:
    """The key of rate limits: the project's token, else the signed-in contributor, else the network address."""
    token, actor = g.get("project_token"), g.get("actor")
    if token and has_own_share():
        return f"token:{token.id}"
    return f"contributor:{actor.contributor_id}" if actor else f"address:{network_of(get_remote_address())}"


def has_own_share() -> bool:
    """Whether a token came that has a scope which the view takes; any other one asks as everybody may."""
    return bool(g.get("own_share"))


def network_of(address: str) -> str:
    """What stands for one caller: an IPv4 address, or the /64 of IPv6 that each of them has whole (RFC 6177)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((found, 64), strict=False))


class ViewLimiter(Limiter):
    """Counts in the views that say so, and looks at no other request: there are no limits for all of them."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


class FormSessions(SecureCookieSessionInterface):
    """The library's, which would make itself ready to check a signature also where no cookie came."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


# Rate limits per caller. Reading is not limited here; writing is, by the views' own `@limiter.limit("60/minute")`.
# While Redis is away each process counts for itself: nobody is refused for that, and nobody is let off.
limiter = ViewLimiter(caller, headers_enabled=True, strategy="moving-window", in_memory_fallback_enabled=True)
WRITES = "60/minute;600/hour"
"""For each operation that stores or signs something, over the API and on pages alike."""


def install(
    app: Flask, settings: Settings, load_caller: Callable[[], None], staff_of: Callable[[], Sequence[Any]]
) -> None:
    """Put the guards around every request, in the order that they must run.

    `load_caller` sets `g.actor` for a person or `g.project_token` for a project's token, and refuses a bad one.
    `staff_of` tells the foundations that the signed-in account acts for, and refuses where there are none.
    """
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a long read of the agreement must not cost the answers
        WTF_CSRF_SSL_STRICT=False,  # the origin check below is stricter and also works on loopback
        SESSION_COOKIE_NAME="__Host-mcla-form" if settings.secure else "mcla-form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_FIELDS,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    csrf.init_app(app)
    app.session_interface = FormSessions()

    @app.before_request
    def guard() -> None:
        g.request_id, g.csp_nonce = new_request_id(), secrets.token_urlsafe(16)
        bound_form()
        load_caller()
        check_access(app, staff_of)
        count_fields()
        check_origin(settings)

    headers = AnswerHeaders(settings)
    app.after_request(headers.put)
    limiter.init_app(app)  # answers pass what was registered last first, so its headers are there for ours


def form_secret() -> bytes:
    """The secret under what the pages' forms carry, which every process of this service shares."""
    secret = current_app.secret_key
    return secret.encode() if isinstance(secret, str) else bytes(secret or b"")


def bound_form() -> None:
    """Cap a form without files before it is read: the setting for forms bounds the parts of multipart bodies only."""
    if request.mimetype != FORM_TYPE:
        return
    if request.headers.get("Transfer-Encoding"):
        abort(411, "A form must say how long it is.")  # its reader would cut it at the limit and say nothing
    request.max_content_length = MAX_FORM_BYTES


def most_bytes(content_type: str, chunked: bool) -> int:
    """How many bytes of a body of this type are read at most; 0 where its head alone gets it refused."""
    if parse_options_header(content_type)[0].lower() != FORM_TYPE:
        return MAX_BODY_BYTES
    return 0 if chunked else MAX_FORM_BYTES


def count_fields() -> None:
    """Refuse a form of very many fields before they become objects: the setting counts parts of uploads only."""
    if request.mimetype == FORM_TYPE and request.get_data().count(b"&") >= MAX_FORM_FIELDS:
        abort(413, Worded("A form has at most %(most)s fields.", most=MAX_FORM_FIELDS))


def check_access(app: Flask, staff_of: Callable[[], Sequence[Any]]) -> None:
    """Refuse whoever the matched view does not name; a view that names nobody is refused altogether."""
    if request.endpoint is None:
        return  # no such page: the router's own 404 or 405 follows
    is_librarys = request.endpoint in PUBLIC_ENDPOINTS
    rule = Rule(Access.PUBLIC) if is_librarys else declared_access(app.view_functions[request.endpoint])
    if rule is None:
        abort(403, "This page says nothing of who may open it, so nobody may.")
    token = g.get("project_token")
    if token is not None:
        check_scopes(token, rule.scopes, needed=rule.who is not Access.PUBLIC)
        g.own_share = bool(token.scopes & rule.scopes)
    elif rule.who is Access.TOKEN:
        raise TokenNeeded("This is for a project's machines, and needs a token of the project.")
    else:
        check_person(rule.who, staff_of)


def check_person(who: Access, staff_of: Callable[[], Sequence[Any]]) -> None:
    """Refuse a person, or nobody, where the view asks for more."""
    actor = g.get("actor")
    if who is not Access.PUBLIC and actor is None:
        raise SignInRequired("This needs you to be signed in.")
    if who in (Access.SESSION, Access.STAFF) and actor is not None and actor.session_id is None:
        raise RequestRefused("This can be done in a browser session only, not with an access token.")
    if who is Access.STAFF:
        g.staff_of = staff_of()


# Views made by libraries, which cannot carry our decorator.
PUBLIC_ENDPOINTS = frozenset({"static", "openapi.spec"})


def check_origin(settings: Settings) -> None:
    """Refuse an unsafe request with cookies that did not come from our own pages (Fetch Metadata, RFC 6454)."""
    if request.method in SAFE or not request.cookies:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise RequestRefused(f"The request came from another site (Sec-Fetch-Site: {site[:20]}).")
    if origin is not None and origin != settings.origin:
        raise RequestRefused("The request's Origin is not this service.")
    if site is None and origin is None:
        raise RequestRefused("The request names neither Sec-Fetch-Site nor Origin.")
    try:
        csrf.protect()
    except WtfCsrfError as error:
        raise RequestRefused(f"The form's token is missing or old ({error.description})") from error


class AnswerHeaders:
    """The headers of every answer; a view may set a stricter or own CSP, or a Cache-Control, first."""

    def __init__(self, settings: Settings) -> None:
        # Browsers apply form-action to the whole redirect chain: signing in leaves for the providers.
        self._form = " ".join(["'self'", *provider_origins(settings)])
        self._fixed = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "X-Frame-Options": "DENY",
        }
        if settings.secure:
            self._fixed["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"

    def put(self, response: Response) -> Response:
        """Add them to an answer."""
        headers = response.headers
        there = {name.lower() for name in headers.keys()}  # noqa: SIM118  # a walk, where each look-up would be one
        if response.status_code < HTTPStatus.BAD_REQUEST and "retry-after" in there:
            headers.remove("Retry-After")  # the limiter's, who adds it to what needs no repeating too
        if "content-security-policy" not in there:
            headers.add("Content-Security-Policy", self._csp(g.get("csp_nonce", "none")))
        if "cache-control" not in there:
            headers.add("Cache-Control", "no-store")
        for name, value in (*self._fixed.items(), ("X-Request-Id", g.get("request_id", ""))):
            if name.lower() in there:
                headers.remove(name)
            headers.add(name, value)
        return response

    def _csp(self, nonce: str) -> str:
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            f"img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
            f"form-action {self._form}; frame-ancestors 'none'; base-uri 'none'"
        )


def provider_origins(settings: Settings) -> list[str]:
    """Origins that a sign-in form may end at, for the CSP."""
    fixed = {"github": "https://github.com", "gitlab": "https://gitlab.com", "huggingface": "https://huggingface.co"}
    urls = [p.issuer or fixed.get(p.kind, "") for p in settings.providers]
    if settings.demo:
        urls.append(f"http://{settings.demo_bind}")
    return sorted({f"{u.scheme}://{u.netloc}" for u in map(urlsplit, urls) if u.netloc})
