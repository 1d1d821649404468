# SPDX-License-Identifier: Apache-2.0
"""SigstoreService: what stock Sigstore clients are answered, after the protocols of Fulcio v2, RFC 3161 and Rekor v2.

What they sign is logged in the signer's name and proves who signed which bytes and when. It becomes a contribution
when the signer gives it to a project: a stock signature names no project, kind, declaration or consent, so none may be
read into it (ADR 13).
"""

from typing import Any

from app.signing.ports import Ports
from app.sigstore import certifying, entries, stamping
from app.sigstore.certifying import Possession
from app.sigstore.entries import Signed
from mcla.envelope.timestamp import StampWish


class SigstoreService:
    """Certificate, timestamp and log entry for clients of others; nothing here makes a contribution."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def certify(self, token: str, possession: Possession, project: str | None = None) -> list[str]:
        """The chain as PEM, leaf first; `project` (a slug) says for which foundation. See `certifying.certify`."""
        found = self._ports.projects.project(project) if project is not None else None
        return certifying.pem_chain(certifying.certify(self._ports, token, possession, found))

    def stamp_query(self, der: bytes) -> bytes:
        """A timestamp for a request in DER; see `stamping.stamp_query`."""
        return stamping.stamp_query(self._ports, der)

    def stamp_digest(self, digest: bytes) -> bytes:
        """A timestamp over a SHA-256 digest (32 bytes)."""
        return stamping.stamp(self._ports, StampWish(digest))

    def log_entry(self, signed: Signed) -> dict[str, Any]:
        """Log a signature; see `entries.log_entry`."""
        return entries.log_entry(self._ports, signed)
