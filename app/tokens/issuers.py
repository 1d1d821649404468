# SPDX-License-Identifier: Apache-2.0
"""The issuers of forges: their keys, and the check of an ID token that one of their jobs brings.

An issuer of workload tokens has no sign-in page, so of its discovery document the address of the keys is all we use.
Only issuers of the settings are ever asked: no rule of a project leads this service to an address of its choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from app.identity.http import ProviderHttp
from app.identity.idtoken import Expected, check_id_token
from app.identity.jwks import KeySource
from app.identity.kept import KeptDocument
from app.identity.oidc import METADATA_AT_WORST, METADATA_LIFE, endpoint, own_document
from app.identity.providers import check_issuer, pooled_transport
from app.platform.clock import Clock
from app.platform.settings import Settings

MAX_SUBJECT = 2000
"""Of a workload: it holds the paths of a repository and a branch."""
AFTER = timedelta(minutes=2)
"""Past the skew that the check forgives."""


@dataclass(frozen=True, slots=True)
class WorkloadClaims:
    """What a forge said of one of its jobs, after every check but the rule's."""

    claims: Mapping[str, Any]
    sha256: str
    """Digest of the bytes that were signed."""
    expires_at: datetime


class WorkloadIssuer:
    """One forge; `issuer` exactly as it writes itself."""

    def __init__(self, issuer: str, transport: httpx2.BaseTransport, clock: Clock) -> None:
        self.issuer, self._clock = issuer, clock
        label = urlsplit(issuer).netloc
        self._http = ProviderHttp(transport, label)
        self._keys_at = KeptDocument(self._read_document, clock, label)
        self._keys = KeySource(self._read_keys, clock, label)

    def check(self, token: str, audience: str) -> WorkloadClaims:
        """Check signature, issuer, audience and times of a token; raises an `IdentityError`."""
        expected = Expected(self.issuer, audience, None, longest_subject=MAX_SUBJECT)
        checked = check_id_token(token, self._keys, expected, self._clock.now())
        return WorkloadClaims(checked.claims, checked.signed_sha256, checked.expires_at + AFTER)

    def _read_document(self) -> str:
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        told = own_document(self._http.get_json(url, "its discovery document"), self.issuer)
        return endpoint(told, "jwks_uri", self.issuer)

    def _read_keys(self) -> Any:
        return self._http.get_json(self._keys_at.get(METADATA_LIFE, METADATA_AT_WORST), "its key set")


def build_issuers(settings: Settings, clock: Clock) -> dict[str, WorkloadIssuer]:
    """The issuers of the settings; raises `SettingsInvalid` for one that is neither https nor on loopback."""
    for issuer in settings.workload_issuers:
        check_issuer(f"MCLA_WORKLOAD_ISSUERS: {issuer!r}", issuer)
    transport = pooled_transport()
    return {issuer: WorkloadIssuer(issuer, transport, clock) for issuer in settings.workload_issuers}
