# SPDX-License-Identifier: Apache-2.0
"""The demo identity provider: a real OpenID provider on loopback with a few invented people and no passwords.

It refuses to exist unless `MCLA_DEMO` is on and it is bound to loopback: whoever reaches it can be anybody.
`app.demo.openid` is its protocol; here are its pages and its server.
"""

import threading
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as BaseResponse

from app.demo.openid import CLIENT_ID, NAME, OUT_OF_BAND, PEOPLE, SIGSTORE, DemoProvider
from app.platform.clock import Clock, SystemClock
from app.platform.settings import ProviderSettings, Settings, SettingsInvalid, is_loopback


def demo_provider_settings(settings: Settings) -> ProviderSettings:
    """How the service is registered at the demo provider, which Sigstore clients may ask for tokens as well."""
    issuer = f"http://{settings.demo_bind}"
    return ProviderSettings(name=NAME, kind="oidc", issuer=issuer, client_id=CLIENT_ID, label="Demo ID", sigstore=True)


def create_demo_provider(settings: Settings, clock: Clock | None = None) -> Flask:
    """The provider as a WSGI application; raises `SettingsInvalid` without `MCLA_DEMO` or beyond loopback."""
    host = settings.demo_bind.rpartition(":")[0]
    if not settings.demo:
        raise SettingsInvalid("The demo identity provider lets anybody be anybody: it starts with MCLA_DEMO only.")
    if not is_loopback(host):
        raise SettingsInvalid(f"The demo identity provider must be bound to loopback, not to {host!r}.")
    app = Flask("app.demo", static_folder=None)
    redirect_uri = f"{settings.origin}/login/{NAME}/callback"
    provider = DemoProvider(f"http://{settings.demo_bind}", redirect_uri, clock or SystemClock())
    _documents(app, provider)
    _walk(app, provider)
    _redeem(app, provider)
    app.after_request(lambda response: _headers(response, provider))
    return app


def _documents(app: Flask, provider: DemoProvider) -> None:
    """What anybody may read: discovery, keys, the home page and its style."""

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(provider.discovery())

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(keys=[provider.key.as_dict(private=False)])

    @app.get("/")
    def home() -> str:
        return render_template("demo/home.html", people=PEOPLE)

    @app.get("/demo.css")
    def style() -> Response:
        return Response(render_template("demo/demo.css"), mimetype="text/css")


def _walk(app: Flask, provider: DemoProvider) -> None:
    """What the browser does: choose a person and go back."""

    @app.get("/authorize")
    def choose() -> BaseResponse | tuple[str, int]:
        fault, error = provider.fault(request.args), provider.error(request.args)
        if fault:
            return render_template("demo/fault.html", fault=fault), 400
        if error:
            return _back(provider, request.args, error=error)
        by_tool = request.args.get("client_id") == SIGSTORE
        return make_response(render_template("demo/choose.html", people=PEOPLE, asked=request.args, by_tool=by_tool))

    @app.post("/authorize")
    def chosen() -> BaseResponse | tuple[str, int]:
        fault, error = provider.fault(request.form), provider.error(request.form)
        if fault:
            return render_template("demo/fault.html", fault=fault), 400
        person = next((p for p in PEOPLE if p.subject == request.form.get("person")), None)
        if error or person is None:
            return _back(provider, request.form, error=error or "access_denied")
        return _back(provider, request.form, code=provider.code(person, request.form))


def _redeem(app: Flask, provider: DemoProvider) -> None:
    """What the service calls after the browser came back: redeem the code, read the claims."""

    @app.post("/token")
    def token() -> tuple[Response, int]:
        if request.form.get("grant_type") != "authorization_code":
            return jsonify(error="unsupported_grant_type"), 400
        answer = provider.token(request.form.to_dict() | _named_in_header())
        return (jsonify(answer), 200) if answer else (jsonify(error="invalid_grant"), 400)

    @app.get("/userinfo")
    def userinfo() -> tuple[Response, int]:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        grant = provider.tokens.look(secret) if scheme == "Bearer" else None
        if grant is None:
            return jsonify(error="invalid_token"), 401
        return jsonify(grant.person.claims(grant.scope)), 200


def _named_in_header() -> dict[str, str]:
    """The client that names itself by HTTP Basic with an empty password, as public clients of Sigstore do."""
    told = request.authorization
    if told is None or told.type != "basic" or told.password:
        return {}
    return {"client_id": told.username or ""}


def _back(provider: DemoProvider, asked: Mapping[str, str], **values: str) -> BaseResponse:
    """Answer at the redirect address, which was checked; out of band the page shows what a person types in."""
    if asked["redirect_uri"] == OUT_OF_BAND:
        return make_response(render_template("demo/code.html", **values))
    query = urlencode({**values, "state": asked.get("state", ""), "iss": provider.issuer})
    return redirect(f"{asked['redirect_uri']}?{query}", code=303)


def _headers(response: Response, provider: DemoProvider) -> Response:
    # form-action names who asked as well: browsers apply it to the redirect that follows the form.
    origin = provider.origin_after(request.values)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {origin}; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


class QuietHandler(WSGIRequestHandler):
    """Keeps request lines, which carry codes and states, out of the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class DemoServer:
    """The running provider; `stop()` ends it and frees the port."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name="demo-provider", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


def serve_demo(settings: Settings, clock: Clock | None = None) -> DemoServer:
    """Start the provider in a thread of this process; raises as above; a taken port ends the process."""
    app = create_demo_provider(settings, clock)
    host, _, port = settings.demo_bind.rpartition(":")
    return DemoServer(make_server(host.strip("[]"), int(port), app, threaded=True, request_handler=QuietHandler))
