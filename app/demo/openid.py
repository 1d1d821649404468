# SPDX-License-Identifier: Apache-2.0
"""The demo provider's protocol, without HTTP: people, codes, tokens and what makes a request acceptable.

Authorization code with PKCE S256 and nonce, ES256 id tokens (OIDC Core 1.0, RFC 7636, RFC 9207). All in memory.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey

from app.identity.secret import new_secret, s256
from app.platform.clock import Clock

NAME, CLIENT_ID, SIGSTORE = "demo", "mcla", "sigstore"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""Where a client without a browser asks to be answered: the code is shown, and its person types it in."""
CODE_LIFE, TOKEN_LIFE = timedelta(minutes=2), timedelta(minutes=10)
MOST_REMEMBERED = 1000
SCOPES = frozenset({"openid", "profile", "email"})
# RFC 8252 section 7.3: a client on the person's own computer listens at whatever port is free.
_LOOPBACK = re.compile(r"(http://(?:localhost|127\.0\.0\.1):[0-9]{1,5})/auth/callback", re.ASCII)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person; `subject` is an opaque number, as real providers give."""

    subject: str
    name: str
    login: str
    email: str
    email_verified: bool

    def claims(self, scope: str) -> dict[str, object]:
        """The standard claims that this scope opens (OIDC Core 5.4)."""
        told: dict[str, object] = {"sub": self.subject}
        if "profile" in scope.split():
            told |= {"name": self.name, "preferred_username": self.login}
        if "email" in scope.split():
            told |= {"email": self.email, "email_verified": self.email_verified}
        return told


PEOPLE = (
    DemoPerson("104729", "Ada Li", "adali", "ada.li@example.org", email_verified=True),
    DemoPerson("224737", "Bela Novak", "bnovak", "bela.novak@example.org", email_verified=True),
    DemoPerson("350377", "Chris Doe", "cdoe", "chris.doe@example.org", email_verified=False),
    DemoPerson("479001", "Dana Roth", "droth", "dana.roth@firm.example", email_verified=True),
    DemoPerson("611953", "Eli Brandt", "ebrandt", "eli.brandt@firm.example", email_verified=True),
    DemoPerson("746773", "Fay Okoro", "fokoro", "fay.okoro@firm.example", email_verified=True),
    DemoPerson("882377", "Gus Maier", "gmaier", "gus.maier@firm.example", email_verified=True),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or an access token stands for, until `expires_at`, and the client that it was made for."""

    client_id: str
    redirect_uri: str
    person: DemoPerson
    scope: str
    nonce: str
    code_challenge: str
    expires_at: datetime


class Memory:
    """Codes and tokens of this process; bounded, so that a script cannot fill the memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._grants: dict[str, Grant] = {}

    def keep(self, grant: Grant) -> str:
        """Remember a grant under a new secret."""
        secret = new_secret()
        with self._lock:
            while len(self._grants) >= MOST_REMEMBERED:
                del self._grants[next(iter(self._grants))]
            self._grants[secret] = grant
        return secret

    def take(self, secret: str) -> Grant | None:
        """The grant of a code, once."""
        with self._lock:
            return self._fresh(self._grants.pop(secret, None))

    def look(self, secret: str) -> Grant | None:
        """The grant of a token."""
        with self._lock:
            return self._fresh(self._grants.get(secret))

    def _fresh(self, grant: Grant | None) -> Grant | None:
        return grant if grant is not None and grant.expires_at > self._clock.now() else None


class DemoProvider:
    """The protocol's decisions; the routes below only carry them."""

    def __init__(self, issuer: str, redirect_uri: str, clock: Clock) -> None:
        self.issuer, self.redirect_uri, self.clock = issuer, redirect_uri, clock
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.codes, self.tokens = Memory(clock), Memory(clock)

    def discovery(self) -> dict[str, object]:
        """The discovery document (OIDC Discovery 1.0, RFC 9207)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": sorted(SCOPES),
            "authorization_response_iss_parameter_supported": True,
        }

    def fault(self, args: Mapping[str, str]) -> str | None:
        """What keeps an authorization request from being answered at its redirect address."""
        redirect_uri = args.get("redirect_uri", "")
        match args.get("client_id"):
            case client if client == CLIENT_ID:
                known, registered = redirect_uri == self.redirect_uri, self.redirect_uri
            case client if client == SIGSTORE:
                known = redirect_uri == OUT_OF_BAND or _LOOPBACK.fullmatch(redirect_uri) is not None
                registered = f"http://localhost:PORT/auth/callback or {OUT_OF_BAND}"
            case _:
                return "The request comes from a client that is not registered here."
        return None if known else f"The redirect address is not the registered one, {registered}."

    def origin_after(self, args: Mapping[str, str]) -> str:
        """Where the browser goes from the page about a request: scheme, host and port."""
        found = _LOOPBACK.fullmatch(args.get("redirect_uri", ""))
        return found[1] if found else self.redirect_uri.removesuffix(f"/login/{NAME}/callback")

    def error(self, args: Mapping[str, str]) -> str | None:
        """The OAuth error of a request whose client and redirect address are right."""
        scopes = set(args.get("scope", "").split())
        if args.get("response_type") != "code":
            return "unsupported_response_type"
        if "openid" not in scopes or not scopes <= SCOPES:
            return "invalid_scope"
        if args.get("code_challenge_method") != "S256" or len(args.get("code_challenge", "")) != 43:
            return "invalid_request"
        return None

    def code(self, person: DemoPerson, args: Mapping[str, str]) -> str:
        """A one-use code for a person who was chosen."""
        expires_at = self.clock.now() + CODE_LIFE
        scope, nonce, challenge = (args.get(name, "") for name in ("scope", "nonce", "code_challenge"))
        return self.codes.keep(
            Grant(args["client_id"], args["redirect_uri"], person, scope, nonce, challenge, expires_at)
        )

    def token(self, form: Mapping[str, str]) -> dict[str, object] | None:
        """The answer of the token endpoint; None when the code, its verifier or its client do not fit."""
        grant = self.codes.take(form.get("code", ""))
        verifier = form.get("code_verifier", "")
        if grant is None or not verifier.isascii() or s256(verifier) != grant.code_challenge:
            return None
        if (form.get("client_id"), form.get("redirect_uri")) != (grant.client_id, grant.redirect_uri):
            return None
        expires_at = self.clock.now() + TOKEN_LIFE
        id_token = self._id_token(grant, expires_at)
        kept = replace(grant, nonce="", code_challenge="", expires_at=expires_at)
        return {
            # Sigstore clients send the service what stands under this name, as their own provider puts it there too.
            "access_token": id_token if grant.client_id == SIGSTORE else self.tokens.keep(kept),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "id_token": id_token,
        }

    def _id_token(self, grant: Grant, expires_at: datetime) -> str:
        # Two of one second must differ: the service takes each token once.
        claims = grant.person.claims(grant.scope) | {"iss": self.issuer, "aud": grant.client_id, "jti": new_secret()}
        claims |= {"iat": int(self.clock.now().timestamp()), "exp": int(expires_at.timestamp())}
        claims |= {"nonce": grant.nonce} if grant.nonce else {}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)
