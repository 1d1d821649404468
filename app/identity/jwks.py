# SPDX-License-Identifier: Apache-2.0
"""A provider's signing keys: fetched, cached, looked up by `kid`, refreshed once when a key is not there (rotation).

Only keys that could sign with one of our algorithms count; everything else in the set is passed over (RFC 7517 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app.identity.errors import IdTokenInvalid, ProviderAnswerInvalid
from app.identity.kept import KeptDocument
from app.identity.reading import base64url
from app.platform.clock import Clock

MAX_KEYS = 100
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
FRESH = timedelta(hours=1)
REFRESH_EVERY = timedelta(seconds=5)
"""A stranger's unknown `kid` must not make us hammer the provider."""
RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
KEY_TYPE = dict.fromkeys(RSA_ALGORITHMS, "RSA") | {"ES256": "P-256", "ES384": "P-384"}
"""Our fixed list of algorithms, each with the one type of key, or curve, that it goes with."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key with the limits its owner put on it."""

    key: RSAKey | ECKey
    kid: str | None
    alg: str | None


class KeySource:
    """The keys of one provider; `fetch` returns the parsed JWKS document.

    None is believed longer than `FRESH`, also while the provider does not answer: it may have been withdrawn.
    """

    def __init__(self, fetch: Callable[[], Any], clock: Clock, label: str) -> None:
        self._keys = KeptDocument(lambda: read_key_set(fetch()), clock, label)

    def find(self, alg: str, kid: str | None) -> SigningKey:
        """The one key for this header; raises `IdTokenInvalid` for none and for several."""
        matches = [k for k in self._keys.get(FRESH) if _fits(k, alg, kid)]
        if not matches:  # the provider may have rotated its keys a moment ago
            matches = [k for k in self._keys.get(REFRESH_EVERY) if _fits(k, alg, kid)]
        if not matches:
            raise IdTokenInvalid("The provider's key set has no key for the id token.")
        if len(matches) > 1:
            raise IdTokenInvalid("The provider's key set has several keys for the id token, and it does not say which.")
        return matches[0]

    def refresh(self) -> None:
        """Drop the cache if it is older than a few seconds: a signature that fails may mean a replaced key."""
        self._keys.get(REFRESH_EVERY)


def read_key_set(document: Any) -> list[SigningKey]:
    """The usable keys of a JWKS document; raises `ProviderAnswerInvalid` when it is none."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ProviderAnswerInvalid("The provider's key set has no list of keys.")
    if len(keys) > MAX_KEYS:
        raise ProviderAnswerInvalid(f"The provider's key set has {len(keys)} keys; at most {MAX_KEYS} are read.")
    return [key for key in map(_read_key, keys) if key is not None]


def _read_key(data: Any) -> SigningKey | None:
    if not isinstance(data, dict) or data.get("use", "sig") != "sig" or "verify" not in data.get("key_ops", ["verify"]):
        return None
    kid, alg = data.get("kid"), data.get("alg")
    if not isinstance(kid, str | None) or not isinstance(alg, str | None):
        return None
    public = {name: data[name] for name in ("kty", "n", "e", "crv", "x", "y") if isinstance(data.get(name), str)}
    try:
        if public.get("kty") == "RSA":
            if not MIN_RSA_BITS <= len(base64url(public["n"], "The key")) * 8 <= MAX_RSA_BITS:
                return None
            return SigningKey(RSAKey.import_key(public), kid, alg)
        if public.get("kty") == "EC" and public.get("crv") in KEY_TYPE.values():
            return SigningKey(ECKey.import_key(public), kid, alg)
    except (JoseError, ProviderAnswerInvalid, ValueError, TypeError, KeyError):
        return None  # a broken key cannot verify anything
    return None


def _fits(key: SigningKey, alg: str, kid: str | None) -> bool:
    same_type = KEY_TYPE[alg] == ("RSA" if isinstance(key.key, RSAKey) else key.key.curve_name)
    return same_type and key.alg in (None, alg) and (kid is None or key.kid == kid)
