# SPDX-License-Identifier: Apache-2.0
"""An OpenID provider for tests: a real HTTP server on loopback that signs real tokens and lies where it is told to."""

import base64
import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from serving import serving as serving_wsgi
from werkzeug.wrappers import Request, Response

from app.platform.clock import Clock

ABSENT = object()
CLIENT = "service-1"
SUBJECT = "248289761001"
Answer = Response | None


@cache
def rsa_key(name: str) -> RSAKey:
    """A key by name, made once a run: RSA keys take long to make."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@cache
def ec_key(name: str, curve: str = "P-256") -> ECKey:
    return ECKey.generate_key(curve, {"kid": name, "use": "sig"})


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def half_hash(text: str, digest: str = "sha256") -> str:
    """The value of `at_hash` and `c_hash` for algorithms with this digest."""
    whole = hashlib.new(digest, text.encode()).digest()
    return b64(whole[: len(whole) // 2])


def sign(header: dict[str, Any], claims: dict[str, Any], key: RSAKey | ECKey | OctKey) -> str:
    """A signed token with any algorithm, also those that nobody should accept."""
    registry = jws.JWSRegistry(
        algorithms=["RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "HS256"], strict_check_header=False
    )
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, registry=registry)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}."


@dataclass
class ScriptedOp:
    """What the provider says. Every field may be changed by a test before, or between, requests."""

    clock: Clock
    issuer: str = ""
    key: RSAKey | ECKey = field(default_factory=lambda: rsa_key("first"))
    published: list[Any] | None = None
    """Keys of the JWKS; None publishes `key`."""
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """Changes to the id token's claims; `ABSENT` removes one."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    """Changes to the callback's parameters."""
    forge: Callable[[dict[str, Any], dict[str, Any]], object] | None = None
    """Makes the id token from header and claims in place of an honest signature."""
    override: dict[str, Callable[[Request], Answer]] = field(default_factory=dict)
    """By path: an answer in place of the honest one; None lets the honest one through."""
    hits: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    """The forms that the token endpoint got."""

    def callback(self, url: str) -> dict[str, list[str]]:
        """Play browser and person: walk to `url`, agree, and come back with these parameters."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}-{b64(hashlib.sha256(asked['state'].encode()).digest()[:9])}"
        self.codes[code] = asked
        params = {"code": code, "state": asked["state"], "iss": self.issuer} | self.answer
        return {
            name: value if isinstance(value, list) else [value] for name, value in params.items() if value is not ABSENT
        }

    def id_token_subject(self) -> str:
        return str(self.claims.get("sub", SUBJECT))

    def id_token(self, nonce: str, access_token: str, changes: dict[str, Any] | None = None) -> object:
        now = int(self.clock.now().timestamp())
        claims = {"iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = without_absent(claims | {"at_hash": half_hash(access_token)} | self.claims | (changes or {}))
        alg = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        header = without_absent({"alg": alg, "kid": self.key.kid} | self.header)
        return self.forge(header, claims) if self.forge else sign(header, claims, self.key)

    def __call__(self, request: Request) -> Response:
        self.hits.append(request.path)
        told = self.override.get(request.path, lambda _: None)(request)
        return told or self._honest(request)

    def _honest(self, request: Request) -> Response:
        if request.path == "/.well-known/openid-configuration":
            return _json(without_absent(self._document() | self.discovery))
        if request.path == "/jwks":
            keys = [self.key] if self.published is None else self.published
            return _json({"keys": [k.as_dict(private=False) if isinstance(k, RSAKey | ECKey) else k for k in keys]})
        if request.path == "/token":
            return self._token(request)
        if request.path == "/userinfo" and request.headers.get("Authorization") == "Bearer access-1":
            profile = {"sub": SUBJECT, "name": "Jane Roe", "preferred_username": "jroe"}
            return _json(
                without_absent(profile | {"email": "jane@example.org", "email_verified": True} | self.userinfo)
            )
        return Response("{}", 404, content_type="application/json")

    def _token(self, request: Request) -> Response:
        form = request.form.to_dict()
        self.seen.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        digest = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or digest != asked.get("code_challenge") or form.get("redirect_uri") != asked["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        token = self.id_token(asked.get("nonce", ""), "access-1")
        body = {"access_token": "access-1", "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return _json(without_absent(body))

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            "authorization_response_iss_parameter_supported": True,
        }


def without_absent(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not ABSENT}


def serving(handle: Callable[[Request], Response]) -> AbstractContextManager[str]:
    """Serve a request handler on a free loopback port; yields its origin."""
    return serving_wsgi(Request.application(handle))


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
