# SPDX-License-Identifier: Apache-2.0
"""Pages of signing in and of one's own account; every change is a POST that ends in a 303.

A sign-in that fails shows the login page again with the reason and the page one came from, so that nothing is lost.
"""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.identity import oauth
from app.identity.actor import (
    browser_label,
    current_actor,
    flow_secret,
    forget_session,
    keep_flow,
    new_flow_secret,
    session_secret,
    set_session,
    signed_in,
)
from app.identity.errors import IdentityError, ProviderUnknown
from app.identity.service import LINK_WINDOW
from app.identity.urls import own_path, safe_next_path
from app.platform.catalogues import languages
from app.platform.languages import keep, page_language
from app.platform.problems import RequestRefused
from app.platform.security import Access, access, limiter
from app.wiring import services

MEMBERSHIPS = "/account/memberships"
bp = Blueprint("identity", __name__, template_folder="templates")
bp.register_blueprint(oauth.bp)


@bp.get("/login")
@access(Access.PUBLIC)
def login() -> str:
    """Which account? One button for each provider."""
    return _login_page(safe_next_path(request.args.get("next")), None)


@bp.post("/login/<name>")
@limiter.limit("60/minute")
@access(Access.PUBLIC)
def start(name: str) -> BaseResponse | tuple[str, int]:
    """Leave for the provider."""
    if not request.cookies:
        raise RequestRefused(
            "Your browser sent no cookie, and signing in needs one.", hint="Allow cookies for this site."
        )
    next_path = safe_next_path(request.form.get("next"))
    return _leave(name, next_path, link=False)


@bp.get("/login/<name>/callback")
@access(Access.PUBLIC)
def callback(name: str) -> BaseResponse | tuple[str, int]:
    """Back from the provider."""
    identity = services().identity
    if name not in identity.providers:
        raise ProviderUnknown("No provider of that name is set up here.")
    params = {key: request.args.getlist(key) for key in request.args}
    try:
        done = identity.finish(
            name,
            params,
            flow_secret() or "",
            session_secret=session_secret(),
            browser=browser_label(),
            language=page_language().tag,
        )
    except IdentityError as error:
        return _login_page(error.next_path, error), error.status
    response = make_response(redirect(done.next_path, code=303))
    set_session(response, done.session_secret)
    return response


@bp.get("/language/<tag>")
@access(Access.PUBLIC)
def choose_language(tag: str) -> BaseResponse:
    """Speak another language from now on: in this browser, and in mails to a person who is signed in."""
    if tag not in languages():
        abort(404, "These pages cannot be had in that language.")
    actor = current_actor()
    if actor is not None:
        services().identity.write_in(actor.contributor_id, tag)
    response = make_response(redirect(own_path(request.args.get("next")), code=303))
    keep(response, tag, services().settings.secure)
    return response


@bp.post("/logout")
@access(Access.SESSION)
def logout() -> Response:
    """End this browser's session."""
    services().identity.sign_out(session_secret() or "")
    response = make_response(redirect("/", code=303))
    forget_session(response)
    return response


@bp.get("/account")
@access(Access.SESSION)
def account() -> str:
    """The person's identities and sessions."""
    actor, identity = signed_in(), services().identity
    return render_template(
        "identity/account.html",
        identities=identity.identities(actor.contributor_id),
        sessions=identity.sessions(actor.contributor_id),
        providers=identity.providers,
        passkeys=services().passkeys,
        foundations=services().projects.foundations(),
        fresh=services().clock.now() - actor.signed_in_at <= LINK_WINDOW,
    )


@bp.post("/account/link/<name>")
@limiter.limit("60/minute")
@access(Access.SESSION)
def link(name: str) -> BaseResponse | tuple[str, int]:
    """Leave for a provider to link another identity."""
    return _leave(name, "/account", link=True)


@bp.get("/account/memberships")
@access(Access.SESSION)
def memberships() -> str:
    """In which organisations did a provider confirm me?"""
    return _memberships(safe_next_path(request.args.get("next") or MEMBERSHIPS), None)


@bp.post("/account/memberships")
@limiter.limit("60/minute")
@access(Access.SESSION)
def ask_membership() -> BaseResponse | tuple[str, int]:
    """Leave for a provider that says whether one is a member of an organisation."""
    next_path, name = safe_next_path(request.form.get("next")), request.form.get("name", "").strip()
    if not 1 <= len(name) <= 255 or not name.isprintable():
        return _memberships(next_path, "Type the organisation’s short name, as it stands in its address."), 422
    return _leave(request.form.get("provider", ""), next_path, link=False, organisation=name)


@bp.post("/account/identities/<identity_id>/unlink")
@access(Access.SESSION)
def unlink(identity_id: str) -> BaseResponse:
    """Separate one identity from this person."""
    services().identity.unlink(signed_in(), identity_id)
    return redirect("/account", code=303)


@bp.post("/account/sessions/<session_id>/end")
@access(Access.SESSION)
def end_session(session_id: str) -> BaseResponse:
    """End one of the person's own sessions; the one in use is a sign-out."""
    actor = signed_in()
    services().identity.end_session(actor.contributor_id, session_id)
    response = make_response(redirect("/login" if session_id == actor.session_id else "/account", code=303))
    if session_id == actor.session_id:
        forget_session(response)
    return response


@bp.post("/account/sessions/end-all")
@access(Access.SESSION)
def end_all() -> BaseResponse:
    """Sign out everywhere: sessions and command-line tokens."""
    services().identity.sign_out_everywhere(signed_in().contributor_id)
    response = make_response(redirect("/login", code=303))
    forget_session(response)
    return response


def _memberships(next_path: str, fault: str | None) -> str:
    identity = services().identity
    return render_template(
        "identity/memberships.html",
        memberships=identity.memberships(signed_in().contributor_id),
        providers=identity.providers,
        asking={name: each.label for name, each in identity.providers.items() if identity.asks_membership(name)},
        given=request.form,
        next_path=next_path,
        faults=[{"pointer": "/name", "detail": fault}] if fault else [],
    )


def _leave(name: str, next_path: str, *, link: bool, organisation: str | None = None) -> BaseResponse | tuple[str, int]:
    """Begin a flow and send the browser away; a provider that is down brings the login page back with the reason."""
    secret = new_flow_secret()
    try:
        url = services().identity.begin(name, secret, next_path, signed_in() if link else None, organisation).url
    except ProviderUnknown:
        raise
    except IdentityError as error:
        return _login_page(next_path, error), error.status
    response = make_response(redirect(url, code=303))
    keep_flow(response, secret)
    return response


def _login_page(next_path: str, error: IdentityError | None) -> str:
    return render_template(
        "identity/login.html",
        providers=list(services().identity.providers.values()),
        next_path=next_path,
        error=error,
        signed_in_as=current_actor(),
    )
