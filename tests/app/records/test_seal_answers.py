# SPDX-License-Identifier: Apache-2.0
"""What others say of a seal decides: of its certificate that it was not revoked (PAdES B-LT), and of its time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import ocsp as asn1
from certomancer.registry import CertLabel
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from outside_authorities import Outside, outside_authorities, real_now
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from app.platform.keys import Authority
from app.platform.keys.certificates import read_chain
from app.records.render import render
from app.records.seal import seal
from mcla.records.errors import SealInvalid
from mcla.records.seal import Seal, check_bytes, check_seal, read_sealed, to_asn1
from mcla.signer import P256Key
from mcla.verify.trust import TrustedAuthority, TrustedRoot, Validity


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside_authorities(tmp_path_factory.mktemp("authorities")) as made:
        yield made


@pytest.fixture(scope="module")
def believed(outside: Outside, trust: TrustedRoot) -> TrustedRoot:
    """A trust file with the outside sealer and timestamper."""
    since = Validity(real_now() - timedelta(days=1))
    sealer = TrustedAuthority("https://outside.example", read_chain(outside.document_chain), since)
    return replace(trust, sealers=(sealer,), timestampers=(replace(sealer, chain=read_chain(outside.tsa_chain)),))


Seals = Callable[..., Seal]


@pytest.fixture
def sealed_with(
    outside: Outside, believed: TrustedRoot, make_acceptance: Any, monkeypatch: pytest.MonkeyPatch
) -> Seals:
    """Seals a record that keeps these OCSP answers about its certificate, and checks that seal.

    With `listed` it keeps the root's list of revoked certificates too, which clears the issuer. That of the issuer
    itself, which the library may have asked for as well, is never kept: it would stand in for the answers.
    """
    chain = believed.sealers[0].chain
    key: Any = serialization.load_pem_private_key((outside.folder / "sealer.key.pem").read_bytes(), None)
    certificates = [one for authority in (*believed.sealers, *believed.timestampers) for one in authority.chain]
    context = ValidationContext(
        trust_roots=[to_asn1(chain[-1])],
        other_certs=[to_asn1(one) for one in certificates],
        allow_fetching=True,
        revocation_mode="hard-fail",
        fetcher_backend=RequestsFetcherBackend(),
    )

    pages = render(make_acceptance())

    def sealed(*answers: Any, listed: bool = True) -> Seal:
        def kept(found: Any, _held: Any) -> Any:
            lists = [one for one in found.crls_to_embed if listed and one.issuer == to_asn1(chain[-1]).subject]
            return replace(found, ocsps_to_embed=list(answers), crls_to_embed=lists)

        monkeypatch.setattr("app.records.seal._without", kept)
        authority = Authority(P256Key(key), chain)
        stamper = HTTPTimeStamper(outside.tsa_url)
        pdf = seal(pages, authority, real_now(), stamper=stamper, revocation=context)
        signed = check_bytes(pdf, believed)
        return check_seal(read_sealed(signed), signed, believed, real_now())

    return sealed


def answer(
    outside: Outside,
    *,
    about: str = "sealer",
    since: timedelta = timedelta(0),
    by: str = "interm-ocsp",
    revoked: datetime | None = None,
) -> Any:
    """An OCSP answer (RFC 6960) that counts for a day from `since` ago on."""
    one, issuer, responder = (
        x509.load_der_x509_certificate(outside.arch.get_cert(CertLabel(name)).dump()) for name in (about, "interm", by)
    )
    key: Any = serialization.load_pem_private_key((outside.folder / f"{by}.key.pem").read_bytes(), None)
    made = ocsp.OCSPResponseBuilder().add_response(
        one,
        issuer,
        hashes.SHA1(),  # noqa: S303  as it names certificates, RFC 6960, 4.1.1
        ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
        real_now() - since,
        real_now() - since + timedelta(days=1),
        revoked,
        x509.ReasonFlags.key_compromise if revoked else None,
    )
    made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, responder).certificates([responder])
    signed = made.sign(key, hashes.SHA256())
    return asn1.OCSPResponse.load(signed.public_bytes(serialization.Encoding.DER))


def test_a_good_answer_that_the_file_keeps_is_enough(outside: Outside, sealed_with: Seals) -> None:
    assert sealed_with(answer(outside)).level == "B-LT"


@pytest.mark.parametrize(
    "told",
    [
        {"since": timedelta(days=400)},
        {"about": "interm-ocsp"},
        {"by": "tsa"},
        {"revoked": real_now() - timedelta(days=30)},
    ],
    ids=["stale", "about another certificate", "by somebody else", "revoked"],
)
def test_an_answer_that_does_not_clear_the_certificate_is_refused(
    outside: Outside, sealed_with: Seals, told: dict[str, Any]
) -> None:
    with pytest.raises(SealInvalid, match="not valid when it sealed, or was revoked") as caught:
        sealed_with(answer(outside, **told))
    assert caught.value.check == "root"


def test_no_answer_or_none_about_the_issuer_is_refused(outside: Outside, sealed_with: Seals) -> None:
    with pytest.raises(SealInvalid, match="not valid when it sealed, or was revoked"):
        sealed_with()
    with pytest.raises(SealInvalid, match="not valid when it sealed, or was revoked"):
        sealed_with(answer(outside), listed=False)


def test_a_timestamp_by_another_key_under_the_names_of_the_trust_file_is_refused(
    outside: Outside, believed: TrustedRoot, make_acceptance: Any, tmp_path: Path
) -> None:
    key: Any = serialization.load_pem_private_key((outside.folder / "sealer.key.pem").read_bytes(), None)
    authority = Authority(P256Key(key), believed.sealers[0].chain)
    with outside_authorities(tmp_path) as namesake:
        pdf = seal(render(make_acceptance()), authority, real_now(), stamper=HTTPTimeStamper(namesake.tsa_url))
    signed = check_bytes(pdf, believed)
    with pytest.raises(SealInvalid, match="timestamp does not hold under the trust file") as caught:
        check_seal(read_sealed(signed), signed, believed, real_now())
    assert caught.value.check == "time"
