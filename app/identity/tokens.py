# SPDX-License-Identifier: Apache-2.0
"""OAuth for the command line: authorization codes with PKCE and short-lived tokens (RFC 6749, 7636, 8252, 7523).

One client, `mcla-cli`, which is public: what protects it is S256, a loopback redirect and codes that live two
minutes and work once. A code used twice takes the token that came of it with it (RFC 6749 section 4.1.2).
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.identity import people, sessions
from app.identity.errors import IdentityError, IdTokenInvalid, OAuthTokenError
from app.identity.idtoken import peek_issuer
from app.identity.models import AccessToken, AuthorizationCode
from app.identity.ports import Actor, AssertionProvider, CheckedAssertion, Provider
from app.identity.secret import at_rest, new_secret, s256
from app.identity.sql import changed_rows
from app.identity.urls import is_cli_redirect
from app.identity.used import use_up
from app.platform.clock import Clock, new_id
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database

CLIENT_ID = "mcla-cli"
SIGSTORE_AUDIENCE = "sigstore"
CODE_LIFE = timedelta(minutes=2)
TOKEN_LIFE = timedelta(minutes=15)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A bearer token as told to its client, once; `expires_in` in seconds."""

    access_token: str
    expires_in: int


class TokenDesk:
    """Issues codes and tokens, and says who a token acts as."""

    def __init__(self, db: Database, clock: Clock, watch: ClockWatch, providers: Mapping[str, Provider]) -> None:
        self._db, self._clock, self._watch, self._providers = db, clock, watch, providers

    def issue_code(self, actor: Actor, redirect_uri: str, code_challenge: str) -> str:
        """A one-use code for a person who has just consented; the caller has checked the request already."""
        if not is_cli_redirect(redirect_uri) or not CHALLENGE.fullmatch(code_challenge):
            raise OAuthTokenError("invalid_request", "The redirect address or the code challenge is not acceptable.")
        self._watch.look()
        code, now = new_secret(), self._clock.now()
        with self._db.write() as session:
            # A code is kept as long as its token may live, so that a replay still finds it.
            session.execute(delete(AuthorizationCode).where(AuthorizationCode.expires_at <= now - TOKEN_LIFE))
            session.execute(delete(AccessToken).where(AccessToken.expires_at <= now))
            session.add(
                AuthorizationCode(
                    code_sha256=at_rest(code),
                    identity_id=actor.identity_id,
                    redirect_uri=redirect_uri,
                    code_challenge=code_challenge,
                    created_at=now,
                    expires_at=now + CODE_LIFE,
                )
            )
        return code

    def redeem_code(self, code: str, redirect_uri: str, client_id: str, verifier: str) -> IssuedToken:
        """A token for a code; raises `OAuthTokenError`. A replayed code also ends the token it gave before."""
        if client_id != CLIENT_ID:
            raise OAuthTokenError("invalid_client", f"The only client known here is {CLIENT_ID}.")
        if not VERIFIER.fullmatch(verifier):
            raise OAuthTokenError(
                "invalid_request", "code_verifier must be 43 to 128 unreserved characters (RFC 7636)."
            )
        self._watch.look()
        now, digest = self._clock.now(), at_rest(code)
        with self._db.write() as session:
            row = session.get(AuthorizationCode, digest)
            if row is None:
                raise OAuthTokenError("invalid_grant", "The code is unknown.")
            if row.used_at is None:
                _check_code(row, redirect_uri, verifier, now)
                unused = update(AuthorizationCode).where(
                    AuthorizationCode.code_sha256 == digest, AuthorizationCode.used_at.is_(None)
                )
                if changed_rows(session, unused.values(used_at=now)) == 1:
                    return _issue(session, row.identity_id, now, digest)
            _end_tokens_of(session, digest, now)
        # Outside the block, so that ending the tokens is committed.
        raise OAuthTokenError("invalid_grant", "The code was used before; the token that came of it was ended.")

    def redeem_assertion(self, assertion: str) -> IssuedToken:
        """A token for a provider's id token made for this service (RFC 7523); each assertion works once."""
        try:
            checked = self._check_assertion(assertion)
        except OAuthTokenError:
            raise
        except IdentityError as error:
            raise OAuthTokenError("invalid_grant", error.message) from error
        self._watch.look()
        now = self._clock.now()
        with self._db.write() as session:
            if not use_up(session, checked, now):
                raise OAuthTokenError("invalid_grant", "The identity token was used here before; each one works once.")
            identity = people.record_sign_in(session, checked.claims, now)
            return _issue(session, identity.id, now, None)

    def actor_of_token(self, token: str) -> Actor | None:
        """The person a bearer token acts as, or None when it is unknown, ended or expired."""
        self._watch.look()
        query = select(AccessToken).where(AccessToken.token_sha256 == at_rest(token))
        with self._db.read() as session:
            row = session.scalars(query).first()
            if row is None or row.ended_at is not None or row.expires_at <= self._clock.now():
                return None
            return sessions.actor_of(session, row)

    def sigstore_issuers(self) -> list[str]:
        """The providers whose ID tokens Sigstore clients may present, those with the usual audience first."""
        taken = [provider for provider in self._providers.values() if _takes_assertions(provider)]
        return [provider.issuer for provider in sorted(taken, key=lambda provider: not provider.sigstore)]

    def check_sigstore_token(self, token: str) -> CheckedAssertion:
        """Check an id token that a Sigstore client presents; raises an `IdentityError`. Nothing is stored.

        Its audience is our registration at the provider, or `sigstore` where the operator allows that.
        """
        issuer, audiences = peek_issuer(token)
        for provider in self._providers.values():
            if not _takes_assertions(provider) or provider.issuer != issuer:
                continue
            if provider.client_id in audiences:
                return provider.check_assertion(token)
            if provider.sigstore and SIGSTORE_AUDIENCE in audiences:
                return provider.check_assertion(token, SIGSTORE_AUDIENCE)
        raise IdTokenInvalid("No provider set up here issued this identity token for this service.")

    def _check_assertion(self, assertion: str) -> CheckedAssertion:
        issuer, audiences = peek_issuer(assertion)
        for provider in self._providers.values():
            if _takes_assertions(provider) and provider.issuer == issuer and provider.client_id in audiences:
                return provider.check_assertion(assertion)
        raise OAuthTokenError("invalid_grant", "No provider set up here issued this identity token for this service.")


def _check_code(row: AuthorizationCode, redirect_uri: str, verifier: str, now: datetime) -> None:
    if row.expires_at <= now:
        raise OAuthTokenError("invalid_grant", "The code is older than two minutes.")
    if row.redirect_uri != redirect_uri or not hmac.compare_digest(s256(verifier), row.code_challenge):
        raise OAuthTokenError("invalid_grant", "The code was issued for another redirect address or code challenge.")


def _takes_assertions(provider: Provider) -> TypeGuard[AssertionProvider]:
    return hasattr(provider, "check_assertion")


def _issue(session: Session, identity_id: str, now: datetime, code_sha256: str | None) -> IssuedToken:
    token = new_secret()
    session.add(
        AccessToken(
            id=new_id("tok"),
            token_sha256=at_rest(token),
            identity_id=identity_id,
            code_sha256=code_sha256,
            created_at=now,
            expires_at=now + TOKEN_LIFE,
        )
    )
    session.flush()
    return IssuedToken(token, int(TOKEN_LIFE.total_seconds()))


def _end_tokens_of(session: Session, code_sha256: str, now: datetime) -> None:
    change = update(AccessToken).where(AccessToken.code_sha256 == code_sha256, AccessToken.ended_at.is_(None))
    session.execute(change.values(ended_at=now))
