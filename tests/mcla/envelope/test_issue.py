# SPDX-License-Identifier: Apache-2.0
"""Certificates through the signing port: the same as made in one step, and never one whose signature does not fit."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from interop.private_sigstore import NOW

from mcla.envelope.issue import IssuingFailed, sign_certificate, to_be_signed
from mcla.signer import P256Key

KEY = P256Key(ec.generate_private_key(ec.SECP256R1()))
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example")])
BUILDER = (
    x509.CertificateBuilder()
    .subject_name(NAME)
    .issuer_name(NAME)
    .public_key(KEY.public_key())
    .serial_number(7)
    .not_valid_before(NOW)
    .not_valid_after(NOW + timedelta(days=1))
)


def test_the_port_signs_the_same_bytes_as_the_library_in_one_step() -> None:
    at_once, through = BUILDER.sign(KEY.private, hashes.SHA256()), sign_certificate(BUILDER, KEY)
    assert through.tbs_certificate_bytes == at_once.tbs_certificate_bytes == to_be_signed(BUILDER)
    assert through.signature_algorithm_oid == at_once.signature_algorithm_oid
    through.verify_directly_issued_by(through)


class Faulty:
    """A key whose home answers with a signature over something else."""

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return KEY.public_key()

    def sign(self, data: bytes, /) -> bytes:
        return KEY.sign(data + b".")


def test_a_signature_that_does_not_fit_makes_no_certificate() -> None:
    with pytest.raises(IssuingFailed, match="does not verify"):
        sign_certificate(BUILDER, Faulty())
