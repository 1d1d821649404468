# SPDX-License-Identifier: Apache-2.0
"""Certificates by the real authority whose parts are not those of a signer's: one exchanged, left out or added."""

from collections.abc import Callable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from interop.private_sigstore import NOW, ORIGIN, SIGNER, PrivateSigstore

from mcla.envelope import certificate as module
from mcla.envelope.issue import sign_certificate, to_be_signed
from mcla.envelope.sct import make_sct_list
from mcla.signer import P256Signer

KEY = ec.generate_private_key(ec.SECP256R1())


def odd_certificate(service: PrivateSigstore, **changes: object) -> bytes:
    """The DER of a certificate for KEY with parts exchanged by name; None leaves a part out. It carries no SCT."""
    return _der(sign_certificate(_builder(service, changes), service.keys.ca.key))


def odd_but_logged(service: PrivateSigstore, ct_key: P256Signer | None = None, **changes: object) -> bytes:
    """The same with a sound SCT, by the service's CT key or another; `copies` of it if asked."""
    copies = changes.pop("copies", 1)
    builder = _builder(service, changes)
    scts = make_sct_list(to_be_signed(builder), service.keys.ca.key.public_key(), ct_key or service.keys.ct, NOW)
    one = scts[2:]
    all_ = (copies * len(one)).to_bytes(2) + copies * one  # type: ignore[operator,attr-defined]
    listed = x509.UnrecognizedExtension(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, asn1.encode_der(all_))
    return _der(sign_certificate(builder.add_extension(listed, critical=False), service.keys.ca.key))


def _builder(service: PrivateSigstore, changes: dict[str, object]) -> x509.CertificateBuilder:
    issuer = service.keys.ca.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(changes.get("key", KEY).public_key())  # type: ignore[attr-defined]
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(minutes=10))
    )
    for extension, critical in _parts(issuer, changes):
        builder = builder.add_extension(extension, critical) if extension is not None else builder
    return builder


def _parts(issuer: x509.Certificate, changes: dict[str, object]) -> list[tuple[x509.ExtensionType | None, bool]]:
    usage = {name.removeprefix("_"): False for name in vars(module._SIGNING_ONLY)}
    usage[str(changes.get("usage", "digital_signature"))] = True
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return [
        (x509.KeyUsage(**usage) if changes.get("usage", "") is not None else None, True),
        (_if(x509.ExtendedKeyUsage, changes.get("eku", [ExtendedKeyUsageOID.CODE_SIGNING])), False),
        (by if changes.get("by", True) else None, False),
        (_if(x509.SubjectAlternativeName, changes.get("san", [x509.UniformResourceIdentifier(SIGNER)])), True),
        (_other(module.ISSUER_RAW, changes.get("issuer_raw", ORIGIN.encode())), False),
        (_other(module.ISSUER_TEXT, changes.get("issuer_text", asn1.encode_der(ORIGIN))), False),
        (x509.BasicConstraints(ca=True, path_length=None) if changes.get("ca") else None, True),
        (_other(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00" if changes.get("unknown") else None), True),
        (_other(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, changes.get("scts")), False),
    ]


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _if(kind: Callable[[object], x509.ExtensionType], value: object) -> x509.ExtensionType | None:
    return None if value is None else kind(value)


def _other(oid: x509.ObjectIdentifier, value: object) -> x509.ExtensionType | None:
    return None if value is None else x509.UnrecognizedExtension(oid, value)  # type: ignore[arg-type]
