# SPDX-License-Identifier: Apache-2.0
"""RFC 3161 timestamps: read by OpenSSL and by a Rust client, and refused by us when anything in them is changed."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from interop.private_sigstore import NOW, PrivateSigstore
from needs import needs
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from mcla.envelope import tsp
from mcla.envelope.chain import ChainInvalid
from mcla.envelope.timestamp import (
    MAX_TOKEN_BYTES,
    TimestampInvalid,
    check_timestamp,
    is_by,
    issue_timestamp,
    read_timestamp,
)
from mcla.errors import MclaError
from mcla.signer import P256Key

DATA = b"the bytes of a signature"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"), now=datetime(2026, 1, 1, tzinfo=UTC))


def issue(service: PrivateSigstore, at: datetime = NOW, serial: int = 7) -> bytes:
    return issue_timestamp(DATA, service.keys.tsa.key, service.keys.tsa.chain, at, serial)


def test_a_stamp_says_when_and_holds_for_what_was_stamped(service: PrivateSigstore) -> None:
    moment = datetime(2026, 11, 22, 13, 14, 15, 999_999, tzinfo=UTC)
    stamp = read_timestamp(issue(service, moment, 2**159 + 1))
    assert stamp.time == moment.replace(microsecond=0)
    assert stamp.serial == 2**159 + 1
    check_timestamp(stamp, DATA, service.keys.tsa.chain)
    assert is_by(stamp, service.keys.tsa.chain[0])
    assert not is_by(stamp, service.keys.tsa.chain[1])


@pytest.mark.parametrize("serial", [0, -1, 2**160])
def test_a_serial_number_out_of_range_is_not_used(service: PrivateSigstore, serial: int) -> None:
    with pytest.raises(TimestampInvalid):
        issue(service, serial=serial)


def test_openssl_verifies_a_stamp_and_refuses_it_for_other_bytes(service: PrivateSigstore, tmp_path: Path) -> None:
    openssl = needs("openssl")
    now = datetime.now(UTC)
    fresh = PrivateSigstore.create(tmp_path / "fresh", now=now)
    (tmp_path / "stamp.tsr").write_bytes(issue(fresh, now))
    (tmp_path / "root.pem").write_bytes(fresh.keys.tsa.chain[1].public_bytes(serialization.Encoding.PEM))
    for content, verified in ((DATA, True), (DATA + b".", False)):
        (tmp_path / "data").write_bytes(content)
        arguments = ["-in", "stamp.tsr", "-data", "data", "-CAfile", "root.pem"]
        done = subprocess.run(
            [openssl, "ts", "-verify", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ("Verification: OK" in done.stdout) is verified, done.stderr
        assert (done.returncode == 0) is verified


def test_a_rust_client_verifies_a_stamp(service: PrivateSigstore) -> None:
    leaf, root = service.keys.tsa.chain
    verifier = VerifierBuilder().tsa_certificate(leaf).add_root_certificate(root).build()
    response = decode_timestamp_response(issue(service))
    assert verifier.verify_message(response, DATA)
    assert response.tst_info.gen_time == NOW


def test_a_stamp_over_other_bytes_is_refused(service: PrivateSigstore) -> None:
    stamp = read_timestamp(issue(service))
    for other in (b"", DATA[:-1], DATA + b"\x00"):
        with pytest.raises(TimestampInvalid, match="other bytes"):
            check_timestamp(stamp, other, service.keys.tsa.chain)


def test_a_stamp_by_an_authority_of_the_same_names_is_refused(service: PrivateSigstore, tmp_path: Path) -> None:
    impostor = PrivateSigstore.create(tmp_path, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert impostor.keys.tsa.chain[0].subject == service.keys.tsa.chain[0].subject
    with pytest.raises(TimestampInvalid, match="by another"):
        check_timestamp(read_timestamp(issue(impostor)), DATA, service.keys.tsa.chain)


def test_a_stamp_signed_by_another_key_under_the_trusted_certificate_is_refused(service: PrivateSigstore) -> None:
    other = P256Key(ec.generate_private_key(ec.SECP256R1()))
    token = issue_timestamp(DATA, other, service.keys.tsa.chain, NOW, 7)
    with pytest.raises(TimestampInvalid, match="does not fit"):
        check_timestamp(read_timestamp(token), DATA, service.keys.tsa.chain)


def test_a_certificate_not_for_timestamps_does_not_stamp(service: PrivateSigstore) -> None:
    token = issue_timestamp(DATA, service.keys.ca.key, service.keys.ca.chain, NOW, 7)
    with pytest.raises(TimestampInvalid, match="timestamp"):
        check_timestamp(read_timestamp(token), DATA, service.keys.ca.chain)


@pytest.mark.parametrize("days", [-400, 3650 + 3650 + 3650])
def test_a_stamp_outside_the_life_of_its_certificates_is_refused(service: PrivateSigstore, days: int) -> None:
    stamp = read_timestamp(issue(service, NOW + timedelta(days=days)))
    with pytest.raises(ChainInvalid, match="valid at"):
        check_timestamp(stamp, DATA, service.keys.tsa.chain)


def _changed(token: bytes, change: Callable[[tsp.SignedData], None]) -> bytes:
    response = asn1.decode_der(tsp.TimeStampResponse, token)
    assert response.token is not None
    change(response.token.content)
    return asn1.encode_der(response)


def _two_signers(signed: tsp.SignedData) -> None:
    (signer,) = signed.signer_infos.as_list()
    signed.signer_infos = asn1.SetOf([signer, signer])


def _no_signer(signed: tsp.SignedData) -> None:
    signed.signer_infos = asn1.SetOf([])


def _other_time(signed: tsp.SignedData) -> None:
    info = asn1.decode_der(tsp.TstInfo, signed.encapsulated.content)
    info.gen_time = asn1.GeneralizedTime(NOW + timedelta(hours=1))
    signed.encapsulated.content = asn1.encode_der(info)


def _attributes(keep: Callable[[tsp.Attribute], bool]) -> Callable[[tsp.SignedData], None]:
    def change(signed: tsp.SignedData) -> None:
        (signer,) = signed.signer_infos.as_list()
        signer.signed_attributes = asn1.SetOf([one for one in signer.signed_attributes.as_list() if keep(one)])
        signed.signer_infos = asn1.SetOf([signer])

    return change


def _version(signed: tsp.SignedData) -> None:
    signed.version = 1


def _other_content(signed: tsp.SignedData) -> None:
    signed.encapsulated.content_type = tsp.ID_SIGNED_DATA


def _unsigned(signed: tsp.SignedData) -> None:
    (signer,) = signed.signer_infos.as_list()
    signer.unsigned_attributes = asn1.SetOf([tsp.any_element(asn1.encode_der(5))])
    signed.signer_infos = asn1.SetOf([signer])


def _algorithms(signed: tsp.SignedData) -> None:
    signed.digest_algorithms = asn1.SetOf([])


@pytest.mark.parametrize(
    "change",
    [
        _two_signers, _no_signer, _unsigned, _algorithms,
        _other_time, _version, _other_content, _attributes(lambda _: False),
        _attributes(lambda one: one.type != tsp.ID_MESSAGE_DIGEST),
        _attributes(lambda one: one.type != tsp.ID_CONTENT_TYPE),
        _attributes(lambda one: one.type != tsp.ID_SIGNING_CERTIFICATE_V2),
        _attributes(lambda one: one.type != tsp.ID_SIGNING_TIME),
    ],
)  # fmt: skip
def test_a_stamp_that_was_put_together_anew_is_refused(
    service: PrivateSigstore, change: Callable[[tsp.SignedData], None]
) -> None:
    with pytest.raises(MclaError):
        check_timestamp(read_timestamp(_changed(issue(service), change)), DATA, service.keys.tsa.chain)


@pytest.mark.parametrize("status", [1, 2, 3])
def test_a_stamp_that_was_not_granted_is_refused(service: PrivateSigstore, status: int) -> None:
    response = asn1.decode_der(tsp.TimeStampResponse, issue(service))
    response.status.status = status
    with pytest.raises(TimestampInvalid, match="granted"):
        read_timestamp(asn1.encode_der(response))
    rejected = tsp.TimeStampResponse(status=tsp.PkiStatusInfo(status=2, status_string=["no"]))
    with pytest.raises(TimestampInvalid, match="granted"):
        read_timestamp(asn1.encode_der(rejected))


def test_a_cut_or_lengthened_or_oversized_stamp_is_refused(service: PrivateSigstore) -> None:
    token = issue(service)
    for bad in (b"", token[:-1], token + b"\x00", token[1:], bytes(MAX_TOKEN_BYTES + 1), b"\x30\x80" + token[2:]):
        with pytest.raises(TimestampInvalid):
            read_timestamp(bad)


def test_a_stamp_with_any_one_byte_changed_is_refused(service: PrivateSigstore) -> None:
    token, chain = issue(service), service.keys.tsa.chain
    for place in range(len(token)):
        for bit in (1, 0x20, 0x80):
            bad = token[:place] + bytes([token[place] ^ bit]) + token[place + 1 :]
            with pytest.raises(MclaError):
                check_timestamp(read_timestamp(bad), DATA, chain)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_stamp_are_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(TimestampInvalid):
        read_timestamp(data)
