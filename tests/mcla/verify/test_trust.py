# SPDX-License-Identifier: Apache-2.0
"""The trust file is read strictly, written reproducibly, and never trusts what it leaves out."""

import base64
import copy
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from any_member import replace_any_member
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import HOST, ORIGIN, PrivateSigstore

from mcla.errors import MclaError
from mcla.verify.trust import TrustedRoot, TrustInvalid, client_trust_config

_MADE: list[dict[str, Any]] = []


@pytest.fixture(autouse=True, scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> TrustedRoot:
    root = PrivateSigstore.create(tmp_path_factory.mktemp("keys")).trust
    _MADE.append(root.to_dict())
    return root


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_trust_file_survives_reading_and_writing_byte_for_byte(trust: TrustedRoot) -> None:
    again = TrustedRoot.from_json(trust.to_json())
    assert again.to_json() == trust.to_json()
    assert [log.name for log in again.logs] == [HOST]
    assert [len(one.chain) for one in (*again.authorities, *again.timestampers)] == [2, 2]


def test_the_client_trust_config_holds_the_same_trust(trust: TrustedRoot) -> None:
    config = client_trust_config(trust, ORIGIN)
    assert TrustedRoot.from_json(config).to_json() == trust.to_json()
    assert json.loads(config)["signingConfig"]["rekorTlogUrls"][0]["majorApiVersion"] == 2


def test_a_log_named_otherwise_than_its_host_cannot_be_published(tmp_path: Path) -> None:
    service = PrivateSigstore.create(tmp_path)
    service.origin = "https://other.example.org"
    with pytest.raises(TrustInvalid, match="host"):
        _ = service.trust


def test_a_key_of_an_algorithm_that_nobody_knows_is_passed_over(trust: TrustedRoot) -> None:
    value = trust.to_dict()
    strange = copy.deepcopy(value["tlogs"][0])
    raw = bytearray(base64.b64decode(strange["publicKey"]["rawBytes"]))
    raw[raw.index(b"\x06\x03\x2b\x65\x70") + 3] = 0x55  # 1.3.101.112 (Ed25519) becomes 1.3.85.112
    strange["publicKey"]["rawBytes"] = base64.b64encode(raw).decode()
    value["tlogs"].append(strange)
    assert TrustedRoot.from_json(text(value)).logs == trust.logs
    value["tlogs"] = [strange]
    with pytest.raises(TrustInvalid, match="expected a log"):
        TrustedRoot.from_json(text(value))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", ["certificateAuthorities", "timestampAuthorities"])
def test_an_authority_with_a_key_of_an_algorithm_that_nobody_knows_is_passed_over_and_trusted_for_nothing(
    trust: TrustedRoot, name: str, number: int
) -> None:
    value = trust.to_dict()
    strange = copy.deepcopy(value[name][0])
    item = strange["certChain"]["certificates"][number]
    raw = bytearray(base64.b64decode(item["rawBytes"]))
    raw[raw.index(b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01") + 8] = 0x55  # no id-ecPublicKey any more (RFC 5480)
    item["rawBytes"] = base64.b64encode(raw).decode()
    value[name].insert(0, strange)
    assert TrustedRoot.from_json(text(value)) == trust
    value[name] = [strange]
    with pytest.raises(TrustInvalid, match="a timestamp authority, got fewer"):
        TrustedRoot.from_json(text(value))


def test_keys_of_kinds_that_the_protocol_does_not_use_are_passed_over(trust: TrustedRoot) -> None:
    value = trust.to_dict()
    public = rsa.generate_private_key(65537, 2048).public_key()
    raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    old = copy.deepcopy(value["ctlogs"][0])
    old["publicKey"] |= {"rawBytes": base64.b64encode(raw).decode(), "keyDetails": "PKCS1_RSA_PKCS1V5"}
    value["ctlogs"].insert(0, old)
    assert TrustedRoot.from_json(text(value)).to_json() == trust.to_json()


def test_a_trust_file_without_one_of_the_four_kinds_is_refused(trust: TrustedRoot) -> None:
    for name in ("tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"):
        for change in ([], None):
            value = trust.to_dict() | {name: change}
            if change is None:
                del value[name]
            with pytest.raises(TrustInvalid, match="got fewer"):
                TrustedRoot.from_json(text(value))


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.update(mediaType="application/vnd.dev.sigstore.trustedroot.v0.2+json"),
        lambda v: v.pop("mediaType"),
        lambda v: v.update(tlogs={}), lambda v: v.update(tlogs=[1]), lambda v: v.update(tlogs=v["tlogs"] * 65),
        lambda v: v["tlogs"][0].update(baseUrl="https://other.example.org"), lambda v: v["tlogs"][0].update(baseUrl=""),
        lambda v: v["tlogs"][0].update(baseUrl="https://["), lambda v: v["tlogs"][0].pop("baseUrl"),
        lambda v: v["tlogs"][0].update(hashAlgorithm="SHA2_512"), lambda v: v["tlogs"][0].pop("logId"),
        lambda v: v["tlogs"][0].update(logId={"keyId": "AAAA"}), lambda v: v["tlogs"][0].update(logId={"keyId": None}),
        lambda v: v["tlogs"][0].pop("publicKey"), lambda v: v["tlogs"][0]["publicKey"].update(rawBytes="AAAA"),
        lambda v: v["tlogs"][0]["publicKey"].update(rawBytes="%"), lambda v: v["tlogs"][0]["publicKey"].pop("validFor"),
        lambda v: v["tlogs"][0]["publicKey"].update(validFor={}),
        lambda v: v["tlogs"][0]["publicKey"].update(validFor={"start": "yesterday"}),
        lambda v: v["tlogs"][0]["publicKey"].update(validFor={"start": "2026-01-01T00:00:00"}),
        lambda v: v["tlogs"][0]["publicKey"].update(validFor={"start": 5}),
        lambda v: v["tlogs"][0]["publicKey"].update(validFor={"start": "2026-01-01T00:00:00Z", "end": "x"}),
        lambda v: v["ctlogs"][0].update(logId={"keyId": base64.b64encode(bytes(32)).decode()}),
        lambda v: v["certificateAuthorities"][0].pop("certChain"), lambda v: v["certificateAuthorities"][0].pop("uri"),
        lambda v: v["certificateAuthorities"][0].update(certChain={"certificates": []}),
        lambda v: v["certificateAuthorities"][0]["certChain"]["certificates"].extend([{}] * 9),
        lambda v: v["certificateAuthorities"][0]["certChain"]["certificates"][0].update(rawBytes="AAAA"),
        lambda v: v["timestampAuthorities"][0].pop("validFor"),
    ],
)  # fmt: skip
def test_a_trust_file_that_is_malformed_is_refused(
    trust: TrustedRoot, change: Callable[[dict[str, Any]], object]
) -> None:
    value = copy.deepcopy(trust.to_dict())
    change(value)
    with pytest.raises(MclaError) as caught:
        TrustedRoot.from_json(text(value))
    assert caught.value.hint


@pytest.mark.parametrize("end", ["start", "end"])
@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00+23:59:59.999999",
        "2026-01-01T00:00:00+01:00:01", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60",
        "2026-01-01T00:00:00+0100", "2026-W01-1T00:00:00Z", "20260101T000000Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z", "2026-13-01T00:00:00Z", "\u0662026-01-01T00:00:00Z", "2026-01-01T00:00:00Z\n",
    ],
)  # fmt: skip
def test_a_time_that_is_not_rfc_3339_or_has_no_moment_in_utc_is_refused(
    trust: TrustedRoot, time: str, end: str
) -> None:
    for name in ("tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"):
        value = copy.deepcopy(trust.to_dict())
        value[name][0].get("publicKey", value[name][0])["validFor"][end] = time
        with pytest.raises(TrustInvalid, match="expected an RFC 3339 time"):
            TrustedRoot.from_json(text(value))


def test_a_time_with_an_offset_and_a_fraction_is_the_same_moment_in_utc(trust: TrustedRoot) -> None:
    value = copy.deepcopy(trust.to_dict())
    value["tlogs"][0]["publicKey"]["validFor"]["start"] = "2026-01-01T01:30:00.250+01:30"
    moment = TrustedRoot.from_json(text(value)).logs[0].validity.start
    assert (moment.isoformat(), moment.tzinfo) == ("2026-01-01T00:00:00.250000+00:00", UTC)


def _spoil_name(der: bytearray, name: x509.Name, at: int) -> None:
    place = der.index(name.public_bytes(), at)
    der[der.index(next(iter(name)).value.encode(), place)] = 0xFF  # no UTF-8


def _spoil_issuer(der: bytearray, certificate: x509.Certificate) -> None:
    _spoil_name(der, certificate.issuer, 0)


def _spoil_subject(der: bytearray, certificate: x509.Certificate) -> None:
    _spoil_name(der, certificate.subject, der.index(certificate.issuer.public_bytes()) + 1)


def _spoil_key(der: bytearray, certificate: x509.Certificate) -> None:
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der[der.index(spki) + len(spki) - 1] ^= 1  # no point of the curve


def _spoil_extension(der: bytearray, _: x509.Certificate) -> None:
    der[der.index(b"\x06\x03\x55\x1d\x0f") + 8] ^= 0x10  # the value of the key usage


@pytest.mark.parametrize("spoil", [_spoil_issuer, _spoil_subject, _spoil_key, _spoil_extension])
@pytest.mark.parametrize("name", ["certificateAuthorities", "timestampAuthorities"])
def test_a_certificate_with_one_spoiled_byte_in_a_part_is_refused_when_the_file_is_read(
    trust: TrustedRoot, name: str, spoil: Callable[[bytearray, x509.Certificate], None]
) -> None:
    for number in range(2):
        value = copy.deepcopy(trust.to_dict())
        item = value[name][0]["certChain"]["certificates"][number]
        der = bytearray(base64.b64decode(item["rawBytes"]))
        spoil(der, x509.load_der_x509_certificate(bytes(der)))
        item["rawBytes"] = base64.b64encode(der).decode()
        with pytest.raises(TrustInvalid, match="expected certificates in DER"):
            TrustedRoot.from_json(text(value))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b'{"mediaType":1,"mediaType":1}', b"\xff", b"[" * 9999])
def test_bytes_that_are_no_trust_file_are_refused(data: bytes) -> None:
    with pytest.raises(MclaError):
        TrustedRoot.from_json(data)


@given(st.data())
def test_a_trust_file_with_any_member_replaced_is_read_or_refused_with_a_code(data: st.DataObject) -> None:
    value = copy.deepcopy(_MADE[0])
    replace_any_member(data, value)
    with suppress(MclaError):
        TrustedRoot.from_json(text(value))
