# SPDX-License-Identifier: Apache-2.0
"""Who is asking: the person of a request, by access token or by session cookie, read afresh at every request.

A request with a bearer token is judged by that token alone: a bad token never falls back to a cookie.
"""

from dataclasses import replace

from flask import Response, g, request

from app.identity.ports import Actor
from app.identity.secret import new_secret
from app.projects.service import FoundationInfo
from app.projects.staff import NotStaff
from app.wiring import services

__all__ = ["Actor", "current_actor", "load_actor"]

FLOW_SECONDS = 600
_NO_ACTOR_NEEDED = frozenset({"static", "healthz", "readyz", "metrics"})


def current_actor() -> Actor | None:
    """The signed-in person of this request, or None."""
    actor: Actor | None = g.get("actor")
    return actor


def signed_in() -> Actor:
    """The person of a request whose view demands one; a view that does not is a mistake and fails here."""
    actor = current_actor()
    if actor is None:
        raise RuntimeError("a view asked for the signed-in person without @access(SIGNED_IN or SESSION)")
    return actor


def staff_of() -> tuple[FoundationInfo, ...]:
    """The foundations that the signed-in account acts for; raises `NotStaff` where there are none."""
    actor = signed_in()
    found = services().staff.foundations_of(actor.provider, actor.subject)
    if not found:
        raise NotStaff(
            "The console is for the foundation's staff, and the account you signed in with is not among them yet."
        )
    return found


def load_actor() -> None:
    """Set `g.actor`; runs before every request (`app.platform.security`)."""
    g.actor = None
    if asks_nobody():
        return
    if (token := bearer()) is not None:
        g.actor = _here(services().identity.tokens.actor_of_token(token))
    elif secret := session_secret():
        g.actor = _here(services().identity.actor_of_session(secret))


def _here(actor: Actor | None) -> Actor | None:
    """The person, with where this request comes from: their private record tells it (`app.signing.complete`)."""
    agent = request.headers.get("User-Agent", "")
    return actor and replace(actor, address=request.remote_addr or "", agent=agent)


def asks_nobody() -> bool:
    """Whether the page is one that does not ask who calls: it has to answer while the database is away."""
    return request.endpoint in _NO_ACTOR_NEEDED


def bearer() -> str | None:
    """The token of the request's Authorization header (RFC 6750), if there is one of that kind."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_secret() -> str | None:
    """The secret of the session cookie, if one was sent."""
    return request.cookies.get(_cookie("mcla"))


def set_session(response: Response, secret: str) -> None:
    """Give the browser its new session; it forgets the cookie when it closes, the row ends by itself."""
    _set(response, "mcla", secret, None)


def forget_session(response: Response) -> None:
    _set(response, "mcla", "", 0)


def flow_secret() -> str | None:
    """What ties a sign-in to this browser; None if the browser began none."""
    return request.cookies.get(_cookie("mcla-flow"))


def keep_flow(response: Response, secret: str) -> None:
    _set(response, "mcla-flow", secret, FLOW_SECONDS)


def new_flow_secret() -> str:
    """The browser's secret, the same one for several tabs, else a new one."""
    return flow_secret() or new_secret()


def _cookie(name: str) -> str:
    return f"__Host-{name}" if services().settings.secure else name


def _set(response: Response, name: str, value: str, max_age: int | None) -> None:
    secure = services().settings.secure
    response.set_cookie(_cookie(name), value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Lax")


def browser_label() -> str:
    """A coarse name of the browser for the owner's list of sessions, such as 'Firefox on Linux'."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


# Order matters: Chrome's text also names Safari, Edge's also names Chrome.
_BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip
