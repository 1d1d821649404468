# SPDX-License-Identifier: Apache-2.0
"""The service's own trust file: what `/.well-known/mcla/trusted_root.json` publishes and our verifier is given."""

from app.platform.keys import ServiceKeys
from app.platform.settings import Settings
from mcla.verify.trust import TrustedRoot


def trusted_root(keys: ServiceKeys, settings: Settings) -> TrustedRoot:
    """The trust in this service's keys, from the day its certificates begin; the same keys give the same bytes."""
    start = min(certificate.not_valid_before_utc for certificate in (*keys.ca.chain, *keys.tsa.chain))
    return TrustedRoot.of(
        origin=settings.origin,
        log_name=settings.host,
        log_key=keys.log.public_key(),
        ca_chain=keys.ca.chain,
        ct_key=keys.ct.public_key(),
        tsa_chain=keys.tsa.chain,
        start=start,
    )
