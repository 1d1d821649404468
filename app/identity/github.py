# SPDX-License-Identifier: Apache-2.0
"""GitHub: plain OAuth 2.0 with PKCE, then the REST API for the account number and the verified primary e-mail.

There is no id token. What binds the answer to this sign-in is state, PKCE and the client secret; the subject is
the numeric account id, which survives renames and is never given to another account.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2

from app.identity.callback import authorization_code, plain_word, verified_email
from app.identity.errors import IdentityError, ProviderAnswerInvalid
from app.identity.http import TIMEOUT, ProviderHttp
from app.identity.ports import FlowSecrets, OrganisationTold, Params, VerifiedClaims
from app.identity.secret import s256

SITE = "https://github.com"
API = "https://api.github.com"
SCOPE = "read:user user:email"
SCOPE_OF_MEMBERSHIP = f"{SCOPE} read:org"
"""Reads memberships, and no repository: the least by which those are told that a member does not show in public."""
PAGE, MOST_PAGES = 100, 10
VERSION = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True, slots=True)
class GitHubConfig:
    """One OAuth app. `site` and `api` differ from the public ones for an enterprise server."""

    name: str
    label: str
    client_id: str
    client_secret: str
    redirect_uri: str
    site: str = SITE
    api: str = API


class GitHubProvider:
    """GitHub, hosted or one's own."""

    reads = "We read your account number, name and verified e-mail address. We ask for no access to code."

    def __init__(self, config: GitHubConfig, transport: httpx2.BaseTransport) -> None:
        self._config = config
        self._http = ProviderHttp(transport, config.label)

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def label(self) -> str:
        return self._config.label

    def authorization_url(self, flow: FlowSecrets) -> str:
        """Where to send the browser; GitHub knows no nonce, so state and PKCE carry the binding."""
        return self._authorization_url(flow, SCOPE)

    def membership_url(self, flow: FlowSecrets) -> str:
        """The same, with the scope that reads memberships."""
        return self._authorization_url(flow, SCOPE_OF_MEMBERSHIP)

    def _authorization_url(self, flow: FlowSecrets, scope: str) -> str:
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": self._config.redirect_uri,
            "scope": scope,
            "state": flow.state,
            "code_challenge": s256(flow.code_verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._config.site}/login/oauth/authorize?{urlencode(query)}"

    def finish(self, params: Params, flow: FlowSecrets) -> VerifiedClaims:
        """Redeem the code and read the account; a missing e-mail never stops a sign-in."""
        return self._account(self._headers(params, flow))

    def finish_membership(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, list[OrganisationTold]]:
        """The same, and the organisations with an active membership; one that is only offered is none."""
        headers = self._headers(params, flow)
        return self._account(headers), self._organisations(headers)

    def _headers(self, params: Params, flow: FlowSecrets) -> dict[str, str]:
        code = authorization_code(params, f"{self._config.site}/login/oauth", iss_required=False, label=self.label)
        return VERSION | {"Authorization": f"Bearer {self._token(code, flow)}"}

    def _account(self, headers: dict[str, str]) -> VerifiedClaims:
        user = self._http.get_json(f"{self._config.api}/user", "the account", headers)
        number = _number(user)
        if number is None:
            raise ProviderAnswerInvalid(f"{self.label} sent an account without a number.")
        return VerifiedClaims(self.name, number, _text(user, "name"), _text(user, "login"), self._email(headers))

    def _organisations(self, headers: dict[str, str]) -> list[OrganisationTold]:
        """`GET /user/memberships/orgs`, page by page; whatever is not understood is refused as a whole."""
        found: list[OrganisationTold] = []
        for page in range(1, MOST_PAGES + 1):
            query = urlencode({"state": "active", "per_page": PAGE, "page": page})
            told = self._http.get_json(f"{self._config.api}/user/memberships/orgs?{query}", "the memberships", headers)
            if not isinstance(told, list):
                raise ProviderAnswerInvalid(f"{self.label} sent memberships that are no list.")
            found += [self._organisation(each) for each in told if not _only_offered(each)]
            if len(told) < PAGE:
                return found
        raise ProviderAnswerInvalid(f"{self.label} names more than {PAGE * MOST_PAGES} organisations.")

    def _organisation(self, told: object) -> OrganisationTold:
        organisation = told.get("organization") if isinstance(told, dict) else None
        number = _number(organisation)
        if number is None or not isinstance(organisation, dict) or not _text(organisation, "login"):
            raise ProviderAnswerInvalid(f"{self.label} sent a membership without the organisation's number.")
        return OrganisationTold(number, _text(organisation, "login"))

    def _token(self, code: str, flow: FlowSecrets) -> str:
        form = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
            "code": code,
            "redirect_uri": self._config.redirect_uri,
            "code_verifier": flow.code_verifier,
            "grant_type": "authorization_code",
        }
        with httpx2.Client(transport=self._http.transport, timeout=TIMEOUT, follow_redirects=False) as client:
            try:
                url = f"{self._config.site}/login/oauth/access_token"
                response = client.post(url, data=form, headers={"Accept": "application/json"})
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise self._http.unreachable("the token answer", error) from error
        answer = self._http.json_of(response, "the token answer")
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not re.fullmatch(r"[A-Za-z0-9_.~+/=-]{1,1024}", token):
            told = answer.get("error") if isinstance(answer, dict) else None  # GitHub sends errors with status 200
            raise ProviderAnswerInvalid(f"{self.label} did not accept the sign-in's code ({plain_word(told)}).")
        return token

    def _email(self, headers: dict[str, str]) -> str | None:
        """The verified primary address; None when there is none or GitHub does not say."""
        try:
            emails = self._http.get_json(f"{self._config.api}/user/emails", "the addresses", headers)
        except IdentityError:
            return None
        for entry in emails if isinstance(emails, list) else []:
            if isinstance(entry, dict) and entry.get("primary") is True:
                return verified_email({"email": entry.get("email"), "email_verified": entry.get("verified")})
        return None


def _number(told: object) -> str | None:
    number = told.get("id") if isinstance(told, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
        return None
    return str(number)


def _only_offered(membership: object) -> bool:
    return isinstance(membership, dict) and membership.get("state") != "active"


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
