# SPDX-License-Identifier: Apache-2.0
"""How well a record can be sealed now: with timestamp and revocation data where they are to be had, else without.

An outside authority that is away must not hold up a record: it is then sealed B-B, which says so of itself, and sealed
again later (`app.records.service`). A certificate that is revoked or about to end seals nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from asn1crypto import tsp
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import RevokedError
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from app.platform.keys.values import SealAuthority
from app.records.errors import SealFailed
from app.records.seal import seal
from app.signing.ports import Ports
from app.sigstore.stamping import stamp_query
from mcla.records.seal import Level, to_asn1

TIMEOUT = 10
"""Seconds for each question to an outside authority."""
log = structlog.get_logger()


class OwnStamper(TimeStamper):
    """The service's own timestamp authority, asked as it answers everybody."""

    def __init__(self, ports: Ports) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._ports = ports

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(stamp_query(self._ports, req.dump()))


class Sealer:
    """Seals with the document key of the moment."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @property
    def wanted(self) -> Level:
        """The level that the settings ask for: B-LT under an outside authority, which can revoke what it certified."""
        return "B-LT" if _can_be_revoked(self._ports.keys.document) else "B-T"

    def check_life(self, now: datetime) -> None:
        """Raise `SealFailed` if the document certificate ends too soon to seal with."""
        authority, days = self._ports.keys.document, self._ports.settings.seal_days
        end = min(one.not_valid_after_utc for one in authority.chain)
        if end - now < timedelta(days=days):
            raise SealFailed(
                f"the document certificate ends on {end:%Y-%m-%d}, and nothing is sealed in its last {days} days",
                hint="Run: mcla-server keys rotate document",
            )

    def seal(self, pdf: bytes, now: datetime, *, foundation: str) -> bytes:
        """`pdf` sealed as well as it can be now; raises `SealFailed`."""
        self.check_life(now)
        authority, wanted = self._ports.keys.document, self.wanted
        context = self._revocation(authority) if wanted == "B-LT" else None
        try:
            return seal(pdf, authority, now, foundation=foundation, stamper=self._stamper(), revocation=context)
        except SealFailed as error:
            if any(isinstance(one, RevokedError) for one in _causes(error)):
                hint = "Ask the authority why. With a new certificate: mcla-server keys rotate document"
                raise SealFailed("a certificate that the seal needs was revoked", hint=hint) from error
            if not self._rests_on_others(wanted):
                raise
            log.warning("record.seal_degraded", wanted=wanted, failure=error.message)
        return seal(pdf, authority, now, foundation=foundation)

    def _rests_on_others(self, wanted: Level) -> bool:
        return wanted == "B-LT" or bool(self._ports.settings.tsa_url)

    def _stamper(self) -> TimeStamper:
        url = self._ports.settings.tsa_url
        return HTTPTimeStamper(url, timeout=TIMEOUT) if url else OwnStamper(self._ports)

    def _revocation(self, authority: SealAuthority) -> ValidationContext:
        """Asks for OCSP answers and lists of revoked certificates wherever the chains name a place for them."""
        stampers = self._ports.trust.timestampers
        roots = [authority.chain[-1], *(one.chain[-1] for one in stampers)]
        others = [*authority.chain[1:-1], *(certificate for one in stampers for certificate in one.chain[:-1])]
        return ValidationContext(
            trust_roots=[to_asn1(one) for one in roots],
            other_certs=[to_asn1(one) for one in others],
            allow_fetching=True,
            revocation_mode="hard-fail",
            fetcher_backend=RequestsFetcherBackend(per_request_timeout=TIMEOUT),
        )


def _can_be_revoked(authority: SealAuthority) -> bool:
    """Whether the certificate names a place that knows of its revocation."""
    certificate = to_asn1(authority.certificate)
    return bool(certificate.crl_distribution_points or certificate.ocsp_urls)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
