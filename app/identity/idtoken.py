# SPDX-License-Identifier: Apache-2.0
"""Checking an OpenID Connect id token, every check in sight (OIDC Core 3.1.3.7, RFC 7515, RFC 7519, RFC 8725).

The algorithm list is ours and fixed: neither the token nor the provider's metadata can add to it. Sizes are
checked before anything is decoded. Nothing in a token's header can bring its own key.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from app.identity.errors import IdTokenInvalid
from app.identity.jwks import KEY_TYPE, KeySource
from app.identity.reading import base64url, json_object

ALGORITHMS = tuple(KEY_TYPE)
MAX_TOKEN = 16 * 1024
MAX_SUBJECT = 255
SKEW = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=24)
KEY_BEARING = ("jwk", "jku", "x5u", "x5c")
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say. `nonce` is None only for a token that was asked for by somebody else (RFC 7523)."""

    issuer: str
    client_id: str
    nonce: str | None
    access_token: str | None = None
    code: str | None = None
    longest_subject: int = MAX_SUBJECT


@dataclass(frozen=True, slots=True)
class CheckedToken:
    """The claims of a token that passed every check."""

    claims: dict[str, Any]
    subject: str
    expires_at: datetime
    signed_sha256: str


def check_id_token(token: object, keys: KeySource, expected: Expected, now: datetime) -> CheckedToken:
    """Check signature and claims; raises `IdTokenInvalid` naming the first check that failed."""
    header, payload, signing_input = _open(token)
    _check_signature(str(token), header, keys)
    claims = json_object(payload, "The id token's payload", IdTokenInvalid)
    if claims.get("iss") != expected.issuer:
        raise IdTokenInvalid("The id token was issued by another issuer than the one configured.")
    _check_audience(claims, expected.client_id)
    expires_at = _check_times(claims, now)
    _check_nonce(claims, expected.nonce)
    digest = f"sha{str(header['alg'])[2:]}"
    _check_hash(claims, "at_hash", expected.access_token, digest)
    _check_hash(claims, "c_hash", expected.code, digest)
    subject = check_subject(claims.get("sub"), expected.longest_subject)
    return CheckedToken(claims, subject, expires_at, hashlib.sha256(signing_input).hexdigest())


def peek_issuer(token: str) -> tuple[str, list[str]]:
    """The issuer and audiences that a token claims, unchecked: only to choose the provider that then checks it."""
    _, payload, _ = _open(token)
    claims = json_object(payload, "The id token's payload", IdTokenInvalid)
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    return str(claims.get("iss", "")), [a for a in audiences if isinstance(a, str)] if isinstance(
        audiences, list
    ) else []


def check_subject(subject: object, longest: int = MAX_SUBJECT) -> str:
    """A subject of 1 to 255 characters without control characters (OIDC Core 8); raises `IdTokenInvalid`."""
    if not isinstance(subject, str) or not 1 <= len(subject) <= longest:
        raise IdTokenInvalid(f"The id token's subject is not a text of 1 to {longest} characters.")
    if not subject.isprintable() or subject != subject.strip():
        raise IdTokenInvalid("The id token's subject has control characters or spaces around it.")
    return subject


def _open(token: object) -> tuple[dict[str, Any], bytes, bytes]:
    """Split and decode a compact JWS; returns header, payload bytes and the bytes that were signed."""
    if not isinstance(token, str) or not token.isascii():
        raise IdTokenInvalid("The provider sent no id token.")
    if len(token) > MAX_TOKEN:
        raise IdTokenInvalid(f"The id token is longer than {MAX_TOKEN // 1024} KiB.")
    if token.count(".") != 2:
        raise IdTokenInvalid("The id token is not a signed token of three parts.")
    head, body, _ = token.split(".")
    header = json_object(
        base64url(head, "The id token's header", IdTokenInvalid), "The id token's header", IdTokenInvalid
    )
    payload = base64url(body, "The id token's payload", IdTokenInvalid)
    return header, payload, f"{head}.{body}".encode("ascii")


def _check_signature(token: str, header: dict[str, Any], keys: KeySource) -> None:
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in ALGORITHMS:
        raise IdTokenInvalid(f"The id token's algorithm is not one of {', '.join(ALGORITHMS)}.")
    if "crit" in header or "b64" in header:
        raise IdTokenInvalid("The id token's header has critical extensions, and none is known here.")
    if any(name in header for name in KEY_BEARING):
        raise IdTokenInvalid("The id token's header brings its own key; only the provider's published keys count.")
    if not isinstance(kid, str | None):
        raise IdTokenInvalid("The id token's key id is not a text.")
    if not _verifies(token, keys, alg, kid):
        keys.refresh()  # a provider may have replaced a key under the same id
        if not _verifies(token, keys, alg, kid):
            raise IdTokenInvalid("The id token's signature does not verify.")


def _verifies(token: str, keys: KeySource, alg: str, kid: str | None) -> bool:
    key = keys.find(alg, kid).key
    try:
        jws.deserialize_compact(token, key, algorithms=[alg], registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience, azp = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(a, str) for a in audiences) or client_id not in audiences:
        raise IdTokenInvalid("The id token was made for another audience.")
    if azp is not None and azp != client_id:
        raise IdTokenInvalid("The id token was issued to another client (azp).")
    if set(audiences) != {client_id} and azp != client_id:
        raise IdTokenInvalid(
            "The id token names strangers as audience and does not say that it was issued to this service."
        )


def _check_times(claims: dict[str, Any], now: datetime) -> datetime:
    expires_at, issued_at = _time(claims, "exp"), _time(claims, "iat")
    if expires_at + SKEW <= now:
        raise IdTokenInvalid("The id token has expired; is this machine's clock right?")
    if issued_at - SKEW > now:
        raise IdTokenInvalid("The id token was issued in the future; is this machine's clock right?")
    if not timedelta(0) < expires_at - issued_at <= LONGEST_LIFE:
        raise IdTokenInvalid(
            f"The id token's life is not between zero and {LONGEST_LIFE.total_seconds() / 3600:.0f} hours."
        )
    if "nbf" in claims and _time(claims, "nbf") - SKEW > now:
        raise IdTokenInvalid("The id token is not valid yet.")
    return expires_at


def _time(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**33:
        raise IdTokenInvalid(f"The id token's {name} is missing or not a time.")
    return datetime.fromtimestamp(value, UTC)


def _check_nonce(claims: dict[str, Any], nonce: str | None) -> None:
    if nonce is None:
        return
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode("utf-8", "replace"), nonce.encode()):
        raise IdTokenInvalid("The id token does not carry this sign-in's nonce.")


def _check_hash(claims: dict[str, Any], name: str, value: str | None, digest: str) -> None:
    """`at_hash` and `c_hash`, when present: the left half of the digest that the token's algorithm uses."""
    if name not in claims or value is None:  # None: the token came alone, so there is nothing it could belong to
        return
    whole = hashlib.new(digest, value.encode("utf-8", "replace")).digest()
    if claims[name] != base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode("ascii"):
        raise IdTokenInvalid(f"The id token's {name} does not belong to what came with it.")
