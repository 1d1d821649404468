# SPDX-License-Identifier: Apache-2.0
"""The signer's certificate: one shape is issued and read, every other is refused; its SCT binds every other byte."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from hypothesis import given
from hypothesis import strategies as st
from interop.odd_certificates import KEY, odd_certificate
from interop.private_sigstore import NOW, ORIGIN, SIGNER, PrivateSigstore

from mcla.envelope.certificate import CertificateInvalid, issue_leaf, read_leaf
from mcla.envelope.chain import ChainInvalid, check_chain
from mcla.envelope.sct import SctInvalid, check_sct
from mcla.errors import MclaError
from mcla.signer import P256Key

URI = x509.UniformResourceIdentifier


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def der(service: PrivateSigstore) -> bytes:
    return service.certify(KEY.public_key(), SIGNER, ORIGIN, NOW)


def test_a_leaf_has_the_shape_that_stock_verifiers_read(service: PrivateSigstore, der: bytes) -> None:
    certificate = x509.load_der_x509_certificate(der)
    extensions = list(certificate.extensions)
    assert certificate.subject == x509.Name([])
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=1)
    assert certificate.not_valid_after_utc == NOW + timedelta(minutes=10)
    assert [item.oid.dotted_string for item in extensions if item.critical] == ["2.5.29.15", "2.5.29.17"]
    assert extensions[-1].oid == ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
    assert ORIGIN.encode() in der
    leaf = read_leaf(der)
    assert (leaf.signer_uri, leaf.issuer, leaf.public_key) == (SIGNER, ORIGIN, KEY.public_key())
    certificate.verify_directly_issued_by(service.keys.ca.certificate)


def test_two_certificates_of_one_moment_have_two_serial_numbers(service: PrivateSigstore) -> None:
    serials = {
        x509.load_der_x509_certificate(service.certify(KEY.public_key(), SIGNER, ORIGIN, NOW)).serial_number
        for _ in range(20)
    }
    assert len(serials) == 20


def test_no_leaf_is_issued_for_another_curve(service: PrivateSigstore) -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(CertificateInvalid, match="P-256"):
        issue_leaf(service.keys.ca.key, service.keys.ca.chain, service.keys.ct, other, SIGNER, ORIGIN, NOW)


def test_the_sct_is_signed_by_the_ct_key_over_this_certificate(service: PrivateSigstore, der: bytes) -> None:
    leaf, issuer = read_leaf(der), service.keys.ca.key.public_key()
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert check_sct(leaf.certificate, issuer, [stranger, service.keys.ct.public_key()]) == NOW
    with pytest.raises(SctInvalid, match="in the trust file"):
        check_sct(leaf.certificate, issuer, [stranger])
    with pytest.raises(SctInvalid, match="in the trust file"):
        check_sct(leaf.certificate, issuer, [])
    with pytest.raises(SctInvalid, match="over this certificate"):
        check_sct(leaf.certificate, stranger, [service.keys.ct.public_key()])


def test_an_sct_carried_over_from_another_certificate_is_refused(service: PrivateSigstore, der: bytes) -> None:
    scts = _raw(x509.load_der_x509_certificate(der), ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS)
    moved = odd_certificate(service, scts=scts)
    with pytest.raises(SctInvalid, match="over this certificate"):
        check_sct(read_leaf(moved).certificate, service.keys.ca.key.public_key(), [service.keys.ct.public_key()])


@pytest.mark.parametrize("scts", [None, b"", b"\x00\x00", b"\x00\x02\x00\x00", b"\x00\x05\x00\x03abc"])
def test_no_sct_or_a_malformed_one_is_refused(service: PrivateSigstore, scts: bytes | None) -> None:
    made = odd_certificate(service, scts=None if scts is None else asn1.encode_der(scts))
    with pytest.raises(MclaError):
        check_sct(read_leaf(made).certificate, service.keys.ca.key.public_key(), [service.keys.ct.public_key()])


def test_two_scts_are_refused(service: PrivateSigstore, der: bytes) -> None:
    raw = asn1.decode_der(
        bytes, _raw(x509.load_der_x509_certificate(der), ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS)
    )
    one = raw[2:]
    twice = asn1.encode_der((2 * len(one)).to_bytes(2) + one + one)
    with pytest.raises(SctInvalid, match="exactly one"):
        check_sct(
            read_leaf(odd_certificate(service, scts=twice)).certificate,
            service.keys.ca.key.public_key(),
            [service.keys.ct.public_key()],
        )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"san": None}, "signing statements"), ({"san": []}, "one URI"),
        ({"san": [URI(SIGNER), URI(SIGNER)]}, "one URI"),
        ({"san": [x509.DNSName("mcla.example.org")]}, "one URI"),
        ({"san": [x509.RFC822Name("a@example.org")]}, "one URI"),
        ({"san": [URI(SIGNER), x509.RFC822Name("a@example.org")]}, "one URI"), ({"eku": None}, "signing statements"),
        ({"eku": [ExtendedKeyUsageOID.SERVER_AUTH]}, "codeSigning alone"),
        ({"eku": [ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.SERVER_AUTH]}, "codeSigning alone"),
        ({"eku": [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]}, "codeSigning alone"),
        ({"usage": None}, "signing statements"),
        ({"usage": "key_cert_sign"}, "digitalSignature"), ({"usage": "content_commitment"}, "digitalSignature"),
        ({"issuer_raw": None}, "signing statements"), ({"issuer_text": None}, "signing statements"),
        ({"issuer_raw": b"https://other.example"}, "two"), ({"issuer_raw": b"\xff"}, "signing statements"),
        ({"issuer_text": b"raw"}, "signing statements"), ({"ca": True}, "authority"), ({"unknown": True}, "critical"),
        ({"key": ec.generate_private_key(ec.SECP384R1())}, "P-256"),
        ({"key": ed25519.Ed25519PrivateKey.generate()}, "P-256"),
    ],
)  # fmt: skip
def test_a_certificate_of_another_shape_is_refused(
    service: PrivateSigstore, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(MclaError, match=why):
        read_leaf(odd_certificate(service, **changes))


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"\x00", lambda _: b"", lambda d: d * 20, lambda d: d[:200]]
)
def test_bytes_that_are_not_one_certificate_are_refused(der: bytes, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(CertificateInvalid):
        read_leaf(change(der))


def test_a_serial_number_below_zero_is_refused(der: bytes) -> None:
    number = x509.load_der_x509_certificate(der).serial_number
    serial = number.to_bytes(number.bit_length() // 8 + 1)
    below = b"\xfe" + serial[1:]
    assert der.count(serial) == 1
    with pytest.raises(CertificateInvalid, match="above zero"):
        read_leaf(der.replace(serial, below))


@given(st.data())
def test_a_certificate_with_one_byte_changed_is_refused_or_untrusted(data: st.DataObject) -> None:
    der = _fixed_der()
    place = data.draw(st.integers(0, len(der) - 1))
    bad = der[:place] + bytes([der[place] ^ data.draw(st.integers(1, 255))]) + der[place + 1 :]
    with suppress(MclaError):
        leaf = read_leaf(bad)
        check_chain(leaf.certificate, _SERVICE[0].keys.ca.chain, NOW, ExtendedKeyUsageOID.CODE_SIGNING)
        raise AssertionError("a changed certificate was trusted")


_SERVICE: list[PrivateSigstore] = []
_DER: list[bytes] = []


@pytest.fixture(autouse=True, scope="module")
def _remember(service: PrivateSigstore, der: bytes) -> None:
    _SERVICE.append(service)
    _DER.append(der)


def _fixed_der() -> bytes:
    return _DER[0]


def test_a_chain_holds_only_at_its_time_through_its_issuers_and_for_its_purpose(
    service: PrivateSigstore, der: bytes, tmp_path: Path
) -> None:
    leaf, chain = read_leaf(der).certificate, service.keys.ca.chain
    signing = ExtendedKeyUsageOID.CODE_SIGNING
    for at in (NOW - timedelta(minutes=1), NOW, NOW + timedelta(minutes=10)):
        check_chain(leaf, chain, at, signing)
    impostor = PrivateSigstore.create(tmp_path).keys.ca.chain  # same names, other keys
    assert impostor[0].subject == chain[0].subject
    bad = [
        (chain, NOW - timedelta(seconds=61)), (chain, NOW + timedelta(seconds=601)),
        (chain, NOW + timedelta(days=9000)),
        (impostor, NOW), (chain[:1], NOW), (chain[1:], NOW), (chain[::-1], NOW), ((), NOW),
        ((chain[0], impostor[1]), NOW),
        ((leaf, *chain), NOW),
    ]  # fmt: skip
    for issuers, at in bad:
        with pytest.raises(ChainInvalid):
            check_chain(leaf, issuers, at, signing)


def test_a_certificate_issued_by_a_signers_own_key_is_refused(service: PrivateSigstore, der: bytes) -> None:
    leaf = x509.load_der_x509_certificate(der)
    forged = issue_leaf(P256Key(KEY), [leaf], service.keys.ct, KEY.public_key(), SIGNER, ORIGIN, NOW)
    with pytest.raises(ChainInvalid):
        check_chain(forged, (leaf, *service.keys.ca.chain), NOW, ExtendedKeyUsageOID.CODE_SIGNING)


def _raw(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bytes:
    return certificate.extensions.get_extension_for_oid(oid).value.public_bytes()
