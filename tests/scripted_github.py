# SPDX-License-Identifier: Apache-2.0
"""GitHub for tests: OAuth and the REST API's answers about an account, over HTTP on loopback."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.wrappers import Request, Response

from app.identity.secret import s256


def member(number: object, login: str, state: str = "active") -> dict[str, Any]:
    """One entry of `GET /user/memberships/orgs`."""
    return {"state": state, "role": "member", "organization": {"login": login, "id": number, "description": ""}}


@dataclass
class ScriptedGitHub:
    """GitHub's addresses on loopback, as an enterprise server has them."""

    site: str = ""
    user: Any = field(default_factory=lambda: {"id": 583231, "login": "octo", "name": "Octo Cat"})
    emails: Any = field(
        default_factory=lambda: [
            {"email": "old@example.org", "primary": False, "verified": True},
            {"email": "octo@example.org", "primary": True, "verified": True},
        ]
    )
    token: Any = field(
        default_factory=lambda: {"access_token": "gho_abc", "token_type": "bearer", "scope": "read:user"}
    )
    memberships: Any = field(default_factory=list)
    """Told page by page, and only to a token that was asked for with `read:org`."""
    status: dict[str, int] = field(default_factory=dict)
    challenge: str = ""
    scope: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        status = self.status.get(request.path, 200)
        if request.path == "/login/oauth/access_token":
            self.forms.append(request.form.to_dict())
            right = s256(request.form["code_verifier"]) == self.challenge and request.form["code"] == "code-1"
            return _json(self.token if right else {"error": "bad_verification_code"}, status)
        if request.headers.get("Authorization") != "Bearer gho_abc":
            return _json({"message": "Bad credentials"}, 401)
        if request.path == "/api/v3/user/memberships/orgs":
            return self._memberships(request, status)
        body = {"/api/v3/user": self.user, "/api/v3/user/emails": self.emails}.get(request.path)
        return _json(body, status if body is not None else 404)

    def _memberships(self, request: Request, status: int) -> Response:
        if "read:org" not in self.scope.split():
            return _json({"message": "You need at least read:org scope to list your organizations."}, 403)
        told, size = self.memberships, int(request.args["per_page"])
        start = size * (int(request.args["page"]) - 1)
        state = request.args.get("state")
        if isinstance(told, list):
            told = [each for each in told if not isinstance(each, dict) or each.get("state") == state][start:][:size]
        return _json(told, status)

    def callback(self, url: str, **changes: list[str]) -> dict[str, list[str]]:
        asked = parse_qs(urlsplit(url).query)
        self.scope = asked["scope"][0]
        self.challenge = asked["code_challenge"][0]
        return {"code": ["code-1"], "state": asked["state"]} | changes


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")
