# SPDX-License-Identifier: Apache-2.0
"""The signer's certificate: one P-256 key, one opaque signer URI, ten minutes (the shape of Sigstore's Fulcio leaves).

The certificate names no person. It carries the service as issuer in both Fulcio extensions, because verifiers differ
in which they read, and one embedded SCT as its last extension.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from mcla.envelope.chain import check_critical
from mcla.envelope.encoding import refused_as
from mcla.envelope.issue import sign_certificate, to_be_signed
from mcla.envelope.sct import make_sct_list
from mcla.errors import MclaError
from mcla.signer import P256Signer

LIFE = timedelta(minutes=10)
LEEWAY = timedelta(minutes=1)  # for verifiers and signers whose clock is a little behind
MAX_CERTIFICATE_BYTES = 16 * 1024
ISSUER_RAW = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_TEXT = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_Parts = Mapping[x509.ObjectIdentifier, x509.ExtensionType]
_Part = TypeVar("_Part", bound=x509.ExtensionType)
_SCT_LIST = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS


class CertificateInvalid(MclaError):
    """A signer's certificate is malformed or not made for signing statements."""

    code = "certificate-invalid"
    hint = "Download the bundle again from the service that made it; if it stays so, tell the service."


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a signer's certificate says: key, `signer_uri`, `issuer` (origin of the service), life (UTC)."""

    certificate: x509.Certificate
    der: bytes
    public_key: ec.EllipticCurvePublicKey
    signer_uri: str
    issuer: str
    not_before: datetime
    not_after: datetime


def issue_leaf(
    authority_key: P256Signer,
    issuer_chain: Sequence[x509.Certificate],
    ct_key: P256Signer,
    public_key: ec.EllipticCurvePublicKey,
    signer_uri: str,
    issuer_url: str,
    now: datetime,
) -> x509.Certificate:
    """Certify `public_key` (P-256) for `signer_uri` from `now` for ten minutes.

    `issuer_chain[0]` certifies `authority_key`. Raises `CertificateInvalid` for another curve.
    """
    if not isinstance(public_key.curve, ec.SECP256R1):
        raise CertificateInvalid(f"expected an ECDSA P-256 key, got one on {public_key.curve.name}")
    plain = _builder(issuer_chain[0], public_key, signer_uri, issuer_url, now.replace(microsecond=0))
    tbs = to_be_signed(plain)
    scts = make_sct_list(tbs, authority_key.public_key(), ct_key, now)
    stamped = plain.add_extension(x509.UnrecognizedExtension(_SCT_LIST, asn1.encode_der(scts)), critical=False)
    certificate = sign_certificate(stamped, authority_key)
    if certificate.tbs_precertificate_bytes != tbs:
        raise CertificateInvalid("expected the certificate to equal what the CT key signed, got another")
    return certificate


def read_leaf(der: bytes) -> Leaf:
    """Read a signer's certificate, trusted or not; raises `CertificateInvalid` for anything but the one shape."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise CertificateInvalid(f"expected a certificate of at most {MAX_CERTIFICATE_BYTES} bytes, got {len(der)}")
    with refused_as(CertificateInvalid, "a certificate (X.509 version 3, DER)"):
        certificate = x509.load_der_x509_certificate(der)
        if certificate.public_bytes(serialization.Encoding.DER) != der or certificate.version != x509.Version.v3:
            raise CertificateInvalid("expected one X.509 version 3 certificate in DER")
        if certificate.serial_number <= 0:
            raise CertificateInvalid("expected a serial number above zero (RFC 5280, 4.1.2.2)")
        check_critical(certificate)
        key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateInvalid("expected a certificate for an ECDSA P-256 key, got another kind of key")
    with refused_as(CertificateInvalid, "a certificate for signing statements"):
        parts = {extension.oid: extension.value for extension in certificate.extensions}
        _check_usage(parts)
        return Leaf(
            certificate=certificate,
            der=der,
            public_key=key,
            signer_uri=_read_uri(parts),
            issuer=_read_issuer(parts),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )


def _builder(
    issuer: x509.Certificate, public_key: ec.EllipticCurvePublicKey, signer_uri: str, issuer_url: str, now: datetime
) -> x509.CertificateBuilder:
    issuer_key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (_SIGNING_ONLY, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id), False),
        # Critical because the subject is empty (RFC 5280 4.2.1.6).
        (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(signer_uri)]), True),
        (x509.UnrecognizedExtension(ISSUER_RAW, issuer_url.encode()), False),
        (x509.UnrecognizedExtension(ISSUER_TEXT, asn1.encode_der(issuer_url)), False),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LEEWAY)
        .not_valid_after(now + LIFE)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder


_SIGNING_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _check_usage(parts: _Parts) -> None:
    usage = _extension(parts, x509.KeyUsage)
    if not usage.digital_signature or usage.key_cert_sign or usage.crl_sign:
        raise CertificateInvalid("expected the key usage digitalSignature and no right to issue certificates")
    if list(_extension(parts, x509.ExtendedKeyUsage)) != [ExtendedKeyUsageOID.CODE_SIGNING]:
        raise CertificateInvalid("expected the extended key usage codeSigning alone")
    constraints = parts.get(ExtensionOID.BASIC_CONSTRAINTS)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise CertificateInvalid("expected a signer's certificate, got one of an authority")


def _read_uri(parts: _Parts) -> str:
    names = list(_extension(parts, x509.SubjectAlternativeName))
    if len(names) != 1 or not isinstance(names[0], x509.UniformResourceIdentifier):
        raise CertificateInvalid("expected one URI as the signer's name in the certificate")
    return names[0].value


def _read_issuer(parts: _Parts) -> str:
    raw = _unrecognized(parts, ISSUER_RAW).decode("utf-8")
    text = asn1.decode_der(str, _unrecognized(parts, ISSUER_TEXT))
    if raw != text:
        raise CertificateInvalid("expected both issuer extensions to name one service, got two")
    return raw


def _extension(parts: _Parts, kind: type[_Part]) -> _Part:
    value = parts.get(kind.oid)
    if not isinstance(value, kind):
        raise CertificateInvalid(f"expected a certificate for signing statements, got one without {kind.__name__}")
    return value


def _unrecognized(parts: _Parts, oid: x509.ObjectIdentifier) -> bytes:
    value = parts.get(oid)
    if not isinstance(value, x509.UnrecognizedExtension):
        raise CertificateInvalid(f"expected a certificate for signing statements, got one without {oid.dotted_string}")
    return value.value
