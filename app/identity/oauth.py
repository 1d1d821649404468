# SPDX-License-Identifier: Apache-2.0
"""The command line's OAuth endpoints: `/oauth/authorize` with a plain consent page, and `/oauth/token`.

Nothing is sent to a redirect address before client and address were checked; after that, faults go there
(RFC 6749 section 4.1.2.1), with `iss` (RFC 9207).
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.identity.actor import signed_in
from app.identity.errors import AuthorizationInvalid, OAuthTokenError
from app.identity.tokens import CHALLENGE, CLIENT_ID, JWT_BEARER, IssuedToken
from app.identity.urls import is_cli_redirect
from app.platform.security import WRITES, Access, access, limiter
from app.wiring import services

bp = Blueprint("oauth", __name__, url_prefix="/oauth")
NAMES = ("response_type", "client_id", "redirect_uri", "code_challenge", "code_challenge_method", "state", "scope")
MAX_STATE = 512


@dataclass(frozen=True, slots=True)
class CliRequest:
    """An authorization request whose client and redirect address are known to be right."""

    redirect_uri: str
    state: str
    code_challenge: str
    fault: tuple[str, str] | None
    """What is wrong with the rest: an RFC 6749 error and a sentence, told at the redirect address."""


@bp.get("/authorize")
@access(Access.SESSION)
def authorize() -> BaseResponse:
    """Ask the person whether the command line may act as them."""
    asked = read_request(request.args)
    if asked.fault:
        return _answer(asked, error=asked.fault[0], error_description=asked.fault[1])
    fields = {name: request.args[name] for name in NAMES if name in request.args}
    response = make_response(render_template("identity/consent.html", fields=fields, who=signed_in()))
    response.headers["Content-Security-Policy"] = _csp(asked.redirect_uri)
    return response


@bp.post("/authorize")
@limiter.limit(WRITES)
@access(Access.SESSION)
def decide() -> BaseResponse:
    """The person's answer; the request is checked again, because a form can be changed."""
    asked = read_request(request.form)
    if asked.fault:
        return _answer(asked, error=asked.fault[0], error_description=asked.fault[1])
    if request.form.get("decision") != "allow":
        return _answer(asked, error="access_denied", error_description="You said no in the browser.")
    code = services().identity.tokens.issue_code(signed_in(), asked.redirect_uri, asked.code_challenge)
    return _answer(asked, code=code)


@bp.post("/token")
@limiter.limit("120/minute")
@access(Access.PUBLIC)
def token() -> tuple[Response, int, dict[str, str]]:
    """A token for a code or for an identity token."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    try:
        issued = _redeem(request.form)
    except OAuthTokenError as error:
        body = {"error": error.error, "error_description": f"{error.message} {error.hint}".replace('"', "'")}
        return jsonify(body), 401 if error.error == "invalid_client" else 400, headers
    answer = {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in}
    return jsonify(answer), 200, headers


def read_request(args: MultiDict[str, str]) -> CliRequest:
    """Check an authorization request; raises `AuthorizationInvalid` when its answer must not be sent anywhere."""
    repeated = [name for name in NAMES if len(args.getlist(name)) > 1]
    if repeated:
        raise AuthorizationInvalid(f"The request repeats {repeated[0]}.")
    if args.get("client_id") != CLIENT_ID:
        raise AuthorizationInvalid(
            f"The request comes from an unknown program; the only one known here is {CLIENT_ID}."
        )
    redirect_uri = args.get("redirect_uri", "")
    if not is_cli_redirect(redirect_uri):
        raise AuthorizationInvalid("The request's answer would go elsewhere than to http://127.0.0.1:<port>/callback.")
    state = args.get("state", "")
    if not 1 <= len(state) <= MAX_STATE or not state.isascii() or not state.isprintable():
        raise AuthorizationInvalid(f"The request needs a state of 1 to {MAX_STATE} printable characters.")
    return CliRequest(redirect_uri, state, args.get("code_challenge", ""), _fault(args))


def _fault(args: MultiDict[str, str]) -> tuple[str, str] | None:
    if args.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if args.get("code_challenge_method") != "S256":
        return "invalid_request", "code_challenge_method must be S256 (RFC 7636)"
    if not CHALLENGE.fullmatch(args.get("code_challenge", "")):
        return "invalid_request", "code_challenge must be 43 base64url characters (RFC 7636)"
    return None


def _redeem(form: MultiDict[str, str]) -> IssuedToken:
    if any(len(form.getlist(name)) > 1 for name in form):
        raise OAuthTokenError("invalid_request", "A parameter is repeated.")
    desk, grant = services().identity.tokens, form.get("grant_type")
    if grant == "authorization_code":
        names = ("code", "redirect_uri", "client_id", "code_verifier")
        missing = [name for name in names if not form.get(name)]
        if missing:
            raise OAuthTokenError("invalid_request", f"{', '.join(missing)} must be given.")
        return desk.redeem_code(form["code"], form["redirect_uri"], form["client_id"], form["code_verifier"])
    if grant == JWT_BEARER:
        if not form.get("assertion"):
            raise OAuthTokenError("invalid_request", "assertion must be given.")
        return desk.redeem_assertion(form["assertion"])
    raise OAuthTokenError("unsupported_grant_type", f"grant_type must be authorization_code or {JWT_BEARER}.")


def _answer(asked: CliRequest, **values: str) -> BaseResponse:
    """Go back to the program on this computer."""
    query = urlencode({**values, "state": asked.state, "iss": services().settings.origin})
    return redirect(f"{asked.redirect_uri}?{query}", code=303)


def _csp(redirect_uri: str) -> str:
    # Browsers apply form-action to the redirect after the form too; they cannot name an IPv6 address in a policy.
    parts = urlsplit(redirect_uri)
    target = "http:" if parts.netloc.startswith("[") else f"{parts.scheme}://{parts.netloc}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"form-action 'self' {target}; frame-ancestors 'none'; base-uri 'none'"
    )
