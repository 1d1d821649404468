# SPDX-License-Identifier: Apache-2.0
"""The OpenID Connect adapter: authorization code with PKCE S256, nonce, and every check of the answer explicit.

Authlib builds the requests and joserfc checks signatures; neither decides what is acceptable (OIDC Core 1.0,
Discovery 1.0, RFC 9207, RFC 9700). The transport is handed in; every answer is capped before it is parsed.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
from authlib.integrations.httpx_client import OAuth2Client

from app.identity.callback import authorization_code, plain_word, verified_email
from app.identity.errors import IdTokenInvalid, ProviderAnswerInvalid
from app.identity.http import TIMEOUT, ProviderHttp
from app.identity.idtoken import CheckedToken, Expected, check_id_token
from app.identity.jwks import KeySource
from app.identity.kept import KeptDocument
from app.identity.ports import CheckedAssertion, FlowSecrets, Params, VerifiedClaims
from app.identity.reading import json_value
from app.identity.urls import is_safe_endpoint, parse_url
from app.platform.clock import Clock

SCOPE = "openid profile email"
METADATA_LIFE = timedelta(hours=1)
METADATA_AT_WORST = timedelta(days=1)
"""How old a discovery document may be while the provider does not answer. Its keys may not be."""


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """One registration at one provider; `issuer` exactly as the provider writes it."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    sigstore: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we use of a discovery document, checked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    iss_in_answer: bool
    secret_in_body: bool


class OidcProvider:
    """A provider that speaks OpenID Connect."""

    reads = "We read your account id, name and verified e-mail address. We ask for no access to anything else."

    def __init__(self, config: OidcConfig, transport: httpx2.BaseTransport, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._http = ProviderHttp(transport, config.label)
        self._document = KeptDocument(self._read_document, clock, config.label)
        self._keys = KeySource(self._read_keys, clock, config.label)

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def label(self) -> str:
        return self._config.label

    @property
    def issuer(self) -> str:
        return self._config.issuer

    @property
    def client_id(self) -> str:
        return self._config.client_id

    def authorization_url(self, flow: FlowSecrets) -> str:
        """Where to send the browser: code flow, S256, nonce, and exactly the scopes openid, profile and email."""
        return self._authorization_url(flow, SCOPE)

    def _authorization_url(self, flow: FlowSecrets, scope: str) -> str:
        with self._client(self.metadata(), scope) as client:
            url, _ = client.create_authorization_url(
                self.metadata().authorization_endpoint,
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.code_verifier,
            )
        return str(url)

    def finish(self, params: Params, flow: FlowSecrets) -> VerifiedClaims:
        """Turn a callback into verified claims: RFC 9207 `iss`, code exchange, id token, userinfo."""
        return self.finish_with_info(params, flow)[0]

    def finish_with_info(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, dict[str, Any]]:
        """The same, and the userinfo document for what single providers say there beside the person."""
        claims, info, _ = self._finish(params, flow)
        return claims, info

    def _finish(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, dict[str, Any], str]:
        """The same, and the access token, which belongs to this very person."""
        metadata = self.metadata()
        code = authorization_code(params, self._config.issuer, metadata.iss_in_answer, self.label)
        answer = self._exchange(metadata, code, flow)
        access_token = answer.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            raise ProviderAnswerInvalid(f"{self.label} sent no access token.")
        expected = Expected(self.issuer, self.client_id, flow.nonce, access_token, code)
        token = check_id_token(answer.get("id_token"), self._keys, expected, self._clock.now())
        info = self._userinfo(metadata, access_token, token.subject)
        return self._claims(token, info), info or {}, access_token

    @property
    def sigstore(self) -> bool:
        return self._config.sigstore

    def check_assertion(self, token: str, audience: str | None = None) -> CheckedAssertion:
        """Check an id token that somebody else asked for (RFC 7523): all of it but the nonce, which is not ours."""
        expected = Expected(self.issuer, audience or self.client_id, None)
        checked = check_id_token(token, self._keys, expected, self._clock.now())
        forget_at = checked.expires_at + timedelta(minutes=2)  # past the skew that the check forgives
        return CheckedAssertion(self._claims(checked, None), checked.signed_sha256, forget_at)

    def metadata(self) -> Metadata:
        """The discovery document, checked and kept for an hour, or longer while it cannot be had."""
        return self._document.get(METADATA_LIFE, METADATA_AT_WORST)

    def accept_subject(self, subject: str) -> str:
        """The identity's subject; adapters of one provider narrow what it may look like."""
        return subject

    def _read_document(self) -> Metadata:
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        return read_metadata(self._http.get_json(url, "its discovery document"), self.issuer)

    def _read_keys(self) -> Any:
        return self._http.get_json(self.metadata().jwks_uri, "its key set")

    def _client(self, metadata: Metadata, scope: str = SCOPE) -> Any:
        config = self._config
        in_body = "client_secret_post" if metadata.secret_in_body else "client_secret_basic"
        return OAuth2Client(
            client_id=config.client_id,
            client_secret=config.client_secret or None,
            token_endpoint_auth_method=in_body if config.client_secret else "none",
            scope=scope,
            redirect_uri=config.redirect_uri,
            code_challenge_method="S256",
            transport=self._http.transport,
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def _exchange(self, metadata: Metadata, code: str, flow: FlowSecrets) -> dict[str, Any]:
        """Redeem the code; Authlib sees an answer only after the hook has read it by our own rules."""
        answers: list[dict[str, Any]] = []

        def inspect(response: httpx2.Response) -> httpx2.Response:
            answers.append(self._token_answer(response))
            return response

        with self._client(metadata) as client:
            client.register_compliance_hook("access_token_response", inspect)
            try:
                client.fetch_token(metadata.token_endpoint, code=code, code_verifier=flow.code_verifier)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise self._http.unreachable("the token answer", error) from error
        return answers[0]

    def _token_answer(self, response: httpx2.Response) -> dict[str, Any]:
        if response.status_code in (400, 401):  # RFC 6749 section 5.2
            told = json_value(response.content, "the refusal of the token endpoint")
            word = told.get("error") if isinstance(told, dict) else None
            raise ProviderAnswerInvalid(f"{self.label} did not accept the sign-in's code ({plain_word(word)}).")
        body = self._http.json_of(response, "the token answer")
        if not isinstance(body, dict) or "error" in body:
            raise ProviderAnswerInvalid(f"{self.label} sent a token answer that is not usable.")
        return body

    def _userinfo(self, metadata: Metadata, access_token: str, subject: str) -> dict[str, Any] | None:
        if metadata.userinfo_endpoint is None:
            return None
        headers = {"Authorization": f"Bearer {access_token}"}
        info = self._http.get_json(metadata.userinfo_endpoint, "its user information", headers)
        if not isinstance(info, dict) or info.get("sub") != subject:
            raise IdTokenInvalid("The provider's user information belongs to another subject than the id token.")
        return info

    def _claims(self, token: CheckedToken, info: dict[str, Any] | None) -> VerifiedClaims:
        subject = self.accept_subject(token.subject)
        told = token.claims | {k: v for k, v in (info or {}).items() if k in ("name", "preferred_username", "nickname")}
        claims = VerifiedClaims(self.name, subject, _text(told, "name"), _text(told, "preferred_username", "nickname"))
        # Address and verification must come from one document, so that neither can borrow the other's word.
        return replace(claims, email=verified_email(info or {}) or verified_email(token.claims))


def read_metadata(document: Any, issuer: str) -> Metadata:
    """Check a discovery document: it is the configured issuer's, and its endpoints are safe to call."""
    told = own_document(document, issuer)
    methods = told.get("token_endpoint_auth_methods_supported")
    methods = methods if isinstance(methods, list) else ["client_secret_basic"]
    return Metadata(
        authorization_endpoint=endpoint(told, "authorization_endpoint", issuer),
        token_endpoint=endpoint(told, "token_endpoint", issuer),
        jwks_uri=endpoint(told, "jwks_uri", issuer),
        userinfo_endpoint=endpoint(told, "userinfo_endpoint", issuer) if told.get("userinfo_endpoint") else None,
        iss_in_answer=told.get("authorization_response_iss_parameter_supported") is True,
        secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
    )


def own_document(document: Any, issuer: str) -> dict[str, Any]:
    """The members of a discovery document that is this issuer's own; raises `ProviderAnswerInvalid`."""
    told = document if isinstance(document, dict) else {}
    if told.get("issuer") != issuer:
        raise ProviderAnswerInvalid("The provider's discovery document names another issuer than the one configured.")
    return told


def endpoint(told: dict[str, Any], name: str, issuer: str) -> str:
    """An address of a discovery document that may be called; raises `ProviderAnswerInvalid`."""
    value, base = told.get(name), parse_url(issuer)
    if not isinstance(value, str) or base is None or not is_safe_endpoint(value, base):
        raise ProviderAnswerInvalid(
            f"The provider's discovery document has no usable {name}: https is needed, or loopback for both."
        )
    return value


def _text(told: dict[str, Any], *names: str) -> str:
    return next((value for value in map(told.get, names) if isinstance(value, str) and value.strip()), "")
