# SPDX-License-Identifier: Apache-2.0
"""The service's own trust file: what `/.well-known/mcla/trusted_root.json` publishes and our verifier is given.

It names every key that ever signed, each with the time that it counts for, and those that will sign next.
"""

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.platform.keys import Generation, ServiceKeys
from app.platform.keys.certificates import read_chain
from app.platform.settings import Settings
from mcla.verify.trust import TrustedAuthority, TrustedCt, TrustedLog, TrustedRoot, Validity


def trusted_root(keys: ServiceKeys, settings: Settings) -> TrustedRoot:
    """The trust in this service's keys; the same keys give the same object, and the same bytes in every process."""
    outside = _outside(settings.tsa_url, settings.tsa_chain) if settings.tsa_chain else None
    return _trusted_root(keys, settings.origin, settings.host, outside)


@lru_cache(maxsize=2)
def _trusted_root(keys: ServiceKeys, origin: str, host: str, outside: TrustedAuthority | None) -> TrustedRoot:
    published = [(one, one.public_key, _validity(one)) for one in keys.generations if one.published]
    return TrustedRoot(
        logs=tuple(
            TrustedLog(origin, host, key, v)
            for one, key, v in published
            if one.kind == "log" and isinstance(key, Ed25519PublicKey)
        ),
        authorities=tuple(TrustedAuthority(origin, one.chain, v) for one, _, v in published if one.kind == "ca"),
        ct_logs=tuple(
            TrustedCt(origin, key, v)
            for one, key, v in published
            if one.kind == "ct" and isinstance(key, EllipticCurvePublicKey)
        ),
        timestampers=(
            *(TrustedAuthority(origin, one.chain, v) for one, _, v in published if one.kind == "tsa"),
            *((outside,) if outside else ()),
        ),
        sealers=tuple(TrustedAuthority(origin, one.chain, v) for one, _, v in published if one.kind == "document"),
    )


@lru_cache(maxsize=2)
def _outside(url: str, path: Path) -> TrustedAuthority:
    """The outside timestamp authority of the settings, trusted for as long as its own certificate lives."""
    chain = read_chain(path)
    return TrustedAuthority(url, chain, Validity(chain[0].not_valid_before_utc, chain[0].not_valid_after_utc))


def _validity(one: Generation) -> Validity:
    return Validity(one.start, one.end)
