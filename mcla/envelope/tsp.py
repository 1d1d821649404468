# SPDX-License-Identifier: Apache-2.0
"""The ASN.1 of RFC 3161 timestamps and the part of CMS (RFC 5652) that they use, as declarations.

Two shapes are worth a word: `[n] EXPLICIT X` and `[n] IMPLICIT SEQUENCE { X }` have the same bytes, which is how an
optional element of any type is written here; and `SET OF ANY` is kept as raw elements, so that what was signed can be
written again byte for byte.
"""

import hashlib
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
ID_TST_INFO = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
ID_CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
ID_MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
ID_SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
ID_SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
ID_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
ID_ECDSA_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")

DIGESTS = {
    ID_SHA256: hashlib.sha256,
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): hashlib.sha384,
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): hashlib.sha512,
}


@asn1.sequence
class AlgorithmIdentifier:
    algorithm: ObjectIdentifier
    parameters: asn1.Null | None = None


@asn1.sequence
class MessageImprint:
    hash_algorithm: AlgorithmIdentifier
    hashed_message: bytes


@asn1.sequence
class Accuracy:
    seconds: int | None = None
    millis: Annotated[int | None, asn1.Implicit(0)] = None
    micros: Annotated[int | None, asn1.Implicit(1)] = None


@asn1.sequence
class AnyElement:
    element: asn1.TLV


@asn1.sequence
class TstInfo:
    version: int
    policy: ObjectIdentifier
    message_imprint: MessageImprint
    serial_number: int
    gen_time: asn1.GeneralizedTime
    accuracy: Accuracy | None = None
    ordering: Annotated[bool, asn1.Default(False)] = False  # noqa: FBT003 - the DEFAULT of the ASN.1 module
    nonce: int | None = None
    tsa: Annotated[AnyElement | None, asn1.Implicit(0)] = None
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)] = None


@asn1.sequence
class TimeStampRequest:
    version: int
    message_imprint: MessageImprint
    policy: ObjectIdentifier | None = None
    nonce: int | None = None
    cert_req: Annotated[bool, asn1.Default(False)] = False  # noqa: FBT003 - the DEFAULT of the ASN.1 module
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)] = None


@asn1.sequence
class Attribute:
    type: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class IssuerAndSerialNumber:
    issuer: asn1.TLV
    serial_number: int


@asn1.sequence
class SignerInfo:
    version: int
    sid: IssuerAndSerialNumber
    digest_algorithm: AlgorithmIdentifier
    signed_attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned_attributes: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)] = None


@asn1.sequence
class EncapsulatedContentInfo:
    content_type: ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    version: int
    digest_algorithms: asn1.SetOf[AlgorithmIdentifier]
    encapsulated: EncapsulatedContentInfo
    certificates: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(0)] = None
    revocation: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)] = None
    signer_infos: asn1.SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    content_type: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class PkiStatusInfo:
    status: int
    status_string: list[str] | None = None
    failure: asn1.BitString | None = None


@asn1.sequence
class TimeStampResponse:
    status: PkiStatusInfo
    token: ContentInfo | None = None


@asn1.sequence
class EssCertIdV2:
    hash_algorithm: AlgorithmIdentifier | None = None  # absent means SHA-256
    certificate_hash: bytes
    issuer_serial: IssuerAndSerialNumber | None = None


@asn1.sequence
class SigningCertificateV2:
    certificates: list[EssCertIdV2]


def any_element(der: bytes) -> asn1.TLV:
    """One DER element of any type."""
    return asn1.decode_der(asn1.TLV, der)
