# SPDX-License-Identifier: Apache-2.0
"""The certificates of the service's own keys: a root that signs once and is forgotten, and the key's certificate.

Nobody can steal a root key that is nowhere. A new key gets a new root; both stay in the trust file.
"""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from app.platform.keys.errors import KeyUnusable
from app.platform.keys.values import Kind, PublicKey

YEARS = timedelta(days=365)
LEEWAY = timedelta(minutes=5)
"""Certificates begin a little in the past, for verifiers whose clock is behind."""
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_TITLES = {"ca": "signer certificates", "tsa": "timestamps", "document": "records"}
_OTHER_KEY = "Lay the key beside the others as document-N.key.pem, or name its home in MCLA_KEYS; see docs/operator.md."
_Certified = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_Extensions = list[tuple[x509.ExtensionType, bool]]


def make_chain(
    kind: Kind, number: int, host: str, key: _Certified, now: datetime
) -> tuple[x509.Certificate, x509.Certificate]:
    """The certificate of `key` for ten years, and its root of the same algorithm for twenty."""
    # Names differ between generations: some verifiers look for an issuer by its name alone.
    title = _TITLES[kind] if number == 1 else f"{_TITLES[kind]} {number}"
    root_key, start = _root_key(key), now - LEEWAY
    root_name, name = _name(host, f"{title} root"), _name(host, title)
    own = _ca_extensions(1 if kind == "ca" else 0)
    root = _sign(root_name, root_name, root_key.public_key(), root_key, start, 20 * YEARS, own)
    extensions = _ca_extensions(0) if kind == "ca" else _leaf_extensions(kind)
    return _sign(name, root_name, key, root_key, start, 10 * YEARS, extensions), root


def given_chain(path: Path, key: PublicKey, now: datetime) -> tuple[x509.Certificate, ...]:
    """The chain in a PEM file, the certificate of `key` first and the root last; raises `KeyUnusable`."""
    chain = read_chain(path)
    if chain[0].public_key() != key:
        raise KeyUnusable(f"{path.name} certifies another key than the next one", hint=_OTHER_KEY)
    if len(chain) < 2 or not chain[0].not_valid_before_utc <= now <= chain[0].not_valid_after_utc:
        raise KeyUnusable(f"expected in {path.name} a certificate that is valid now, its issuers and the root")
    return chain


def read_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file, each issued by the next; raises `KeyUnusable`."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(path.read_bytes()))
        for below, above in zip(chain, (*chain[1:], chain[-1]), strict=True):
            below.verify_directly_issued_by(above)
    except (OSError, ValueError, TypeError, InvalidSignature) as error:
        raise KeyUnusable(f"expected in {path.name} certificates that each next one issued: {error}") from error
    return chain


def _root_key(key: _Certified) -> _Private:
    """A new key of the algorithm of `key`: who cannot read one of two algorithms should need the other alone."""
    if isinstance(key, rsa.RSAPublicKey):
        return rsa.generate_private_key(65537, key.key_size)
    return ec.generate_private_key(ec.SECP256R1())


def _name(host: str, title: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, host), x509.NameAttribute(NameOID.COMMON_NAME, f"MCLA {title}")]
    )


def _usage(**true: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: true.get(name, False) for name in names})


def _ca_extensions(path_length: int) -> _Extensions:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage(key_cert_sign=True, crl_sign=True), True),
    ]


def _leaf_extensions(kind: Kind) -> _Extensions:
    common: _Extensions = [(x509.BasicConstraints(ca=False, path_length=None), True)]
    if kind == "tsa":
        return [
            *common,
            (_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
        ]
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, DOCUMENT_SIGNING])
    return [*common, (_usage(digital_signature=True, content_commitment=True), True), (usages, False)]


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: _Certified,
    issuer_key: _Private,
    start: datetime,
    life: timedelta,
    extensions: _Extensions,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())
