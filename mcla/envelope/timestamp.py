# SPDX-License-Identifier: Apache-2.0
"""RFC 3161 timestamps over the bytes of a signature: issue, read, check.

A timestamp places the signature inside the certificate's ten minutes. The service stamps its own signatures, so a
stamp proves nothing against the service itself; the verdict says so. Tokens follow RFC 3161 and RFC 5816
(signingCertificateV2), signed with ECDSA.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from mcla.envelope import tsp
from mcla.envelope.chain import check_trusted_chain
from mcla.envelope.encoding import der_of, key_of, refused_as
from mcla.errors import MclaError
from mcla.signer import P256Signer

POLICY = x509.ObjectIdentifier("2.25.266334981973323492579713897933152049342")  # made from a random UUID (X.667)
MAX_TOKEN_BYTES = 64 * 1024
MAX_NONCE_BITS = 160
_GRANTED = 0
T = TypeVar("T")
_HASHES: dict[x509.ObjectIdentifier, type[hashes.HashAlgorithm]] = {
    tsp.ID_ECDSA_SHA256: hashes.SHA256,
    x509.ObjectIdentifier("1.2.840.10045.4.3.3"): hashes.SHA384,
    x509.ObjectIdentifier("1.2.840.10045.4.3.4"): hashes.SHA512,
}


class TimestampInvalid(MclaError):
    """A timestamp is malformed, over other bytes, or not by the authority."""

    code = "timestamp-invalid"
    hint = "Check that bundle and trust file come from one service; a stamp cannot be replaced afterwards."


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A token as read, not believed yet: `time` (UTC), `serial`, and the parts that `check_timestamp` compares."""

    time: datetime
    serial: int
    info: tsp.TstInfo
    info_der: bytes
    signer: tsp.SignerInfo
    certificates: tuple[bytes, ...]
    attributes: dict[x509.ObjectIdentifier, bytes]
    named: tuple[bytes, int, bytes]
    """The signer's certificate by issuer (DER), serial number and SHA-256."""


def issue_timestamp(
    signature: bytes,
    tsa_key: P256Signer,
    tsa_chain: Sequence[x509.Certificate],
    now: datetime,
    serial: int,
) -> bytes:
    """Return a granted TimeStampResp (DER) over SHA-256 of `signature` at `now` (whole seconds, UTC).

    `tsa_chain[0]` certifies `tsa_key` and is put into the token; `serial` must be fresh and positive.
    """
    return answer_wish(StampWish(hashlib.sha256(signature).digest()), tsa_key, tsa_chain, now, serial)


@dataclass(frozen=True, slots=True)
class StampWish:
    """What a client wants stamped: a SHA-256 digest, its own nonce, and whether the certificate in the token."""

    digest: bytes
    nonce: int | None = None
    certificate: bool = True


def read_wish(der: bytes) -> StampWish:
    """Read a TimeStampReq (RFC 3161 2.4.1); raises `TimestampInvalid` for all but version 1 over SHA-256."""
    with refused_as(TimestampInvalid, "an RFC 3161 timestamp request in DER"):
        asked = asn1.decode_der(tsp.TimeStampRequest, der)
    imprint = asked.message_imprint
    if asked.version != 1 or asked.extensions is not None:
        raise TimestampInvalid("expected a version 1 request without extensions")
    if imprint.hash_algorithm.algorithm != tsp.ID_SHA256 or len(imprint.hashed_message) != 32:
        raise TimestampInvalid("expected a request over a SHA-256 digest")
    if asked.policy not in (None, POLICY):
        raise TimestampInvalid(f"expected no policy, or {POLICY.dotted_string}")
    if asked.nonce is not None and (asked.nonce < 0 or asked.nonce.bit_length() > MAX_NONCE_BITS):
        raise TimestampInvalid(f"expected a nonce of at most {MAX_NONCE_BITS} bits, not below zero")
    return StampWish(imprint.hashed_message, asked.nonce, asked.cert_req)


def answer_wish(
    wish: StampWish,
    tsa_key: P256Signer,
    tsa_chain: Sequence[x509.Certificate],
    now: datetime,
    serial: int,
) -> bytes:
    """As `issue_timestamp`, over a digest, with the client's nonce and without the certificate if it wants none."""
    if serial <= 0 or serial.bit_length() > 160:
        raise TimestampInvalid("expected a positive serial number of at most 160 bits")
    at = now.astimezone(UTC).replace(microsecond=0)
    info = asn1.encode_der(
        tsp.TstInfo(
            version=1,
            policy=POLICY,
            message_imprint=tsp.MessageImprint(hash_algorithm=_sha256(), hashed_message=wish.digest),
            serial_number=serial,
            gen_time=asn1.GeneralizedTime(at),
            nonce=wish.nonce,
        )
    )
    content = tsp.EncapsulatedContentInfo(content_type=tsp.ID_TST_INFO, content=info)
    signed = tsp.SignedData(
        version=3,
        digest_algorithms=asn1.SetOf([_sha256()]),
        encapsulated=content,
        certificates=asn1.SetOf([tsp.any_element(der_of(tsa_chain[0]))]) if wish.certificate else None,
        signer_infos=asn1.SetOf([_sign(info, tsa_key, tsa_chain[0], at)]),
    )
    token = tsp.ContentInfo(content_type=tsp.ID_SIGNED_DATA, content=signed)
    return asn1.encode_der(tsp.TimeStampResponse(status=tsp.PkiStatusInfo(status=_GRANTED), token=token))


def read_timestamp(der: bytes) -> Timestamp:
    """Read a TimeStampResp; raises `TimestampInvalid` unless it was granted and has one signer."""
    if len(der) > MAX_TOKEN_BYTES:
        raise TimestampInvalid(f"expected a timestamp of at most {MAX_TOKEN_BYTES} bytes, got {len(der)}")
    with refused_as(TimestampInvalid, "an RFC 3161 timestamp in DER"):
        response = asn1.decode_der(tsp.TimeStampResponse, der)
        if response.status.status != _GRANTED or response.token is None:
            raise TimestampInvalid(f"expected a granted timestamp, got status {response.status.status}")
        signed = response.token.content
        signers = signed.signer_infos.as_list()
        if response.token.content_type != tsp.ID_SIGNED_DATA or signed.encapsulated.content_type != tsp.ID_TST_INFO:
            raise TimestampInvalid("expected a signed timestamp, got another kind of signed data")
        if signed.version != 3 or len(signers) != 1 or signers[0].version != 1:
            raise TimestampInvalid("expected a timestamp with exactly one signer")
        _check_nothing_added(response.status, signed, signers[0])
        info = asn1.decode_der(tsp.TstInfo, signed.encapsulated.content)
        if info.version != 1 or info.extensions is not None:
            raise TimestampInvalid("expected a version 1 timestamp without extensions")
        attributes = _attributes(signers[0])
        return Timestamp(
            time=info.gen_time.as_datetime().replace(tzinfo=UTC),
            serial=info.serial_number,
            info=info,
            info_der=signed.encapsulated.content,
            signer=signers[0],
            certificates=tuple(asn1.encode_der(one) for one in signed.certificates.as_list())
            if signed.certificates
            else (),
            attributes=attributes,
            named=_named_in(signers[0].sid, attributes),
        )


def check_timestamp(stamp: Timestamp, stamped: bytes, chain: Sequence[x509.Certificate]) -> None:
    """Raise `TimestampInvalid` or `ChainInvalid` unless `stamp` is over `stamped` by the stamping key of `chain[0]`.

    The chain is checked at the stamp's own time.
    """
    digest = tsp.DIGESTS.get(stamp.info.message_imprint.hash_algorithm.algorithm)
    if digest is None or digest(stamped).digest() != stamp.info.message_imprint.hashed_message:
        raise TimestampInvalid("expected a timestamp over this signature, got one over other bytes")
    _check_signer(stamp, chain[0])
    if not set(stamp.certificates) <= {der_of(certificate) for certificate in chain}:
        raise TimestampInvalid("expected no certificates in the timestamp but those of the trust file")
    _check_purpose(chain[0])
    check_trusted_chain(chain, stamp.time, ExtendedKeyUsageOID.TIME_STAMPING)


def is_by(stamp: Timestamp, certificate: x509.Certificate) -> bool:
    """Whether the token names `certificate` as its signer, by issuer, serial number and digest."""
    return stamp.named == _name_of(certificate)


@lru_cache(maxsize=256)
def _name_of(certificate: x509.Certificate) -> tuple[bytes, int, bytes]:
    digest = hashlib.sha256(der_of(certificate)).digest()
    return certificate.issuer.public_bytes(), certificate.serial_number, digest


@lru_cache(maxsize=256)
def _check_purpose(certificate: x509.Certificate) -> None:
    with refused_as(TimestampInvalid, "a timestamping certificate"):
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise TimestampInvalid("expected a certificate for timestamping alone")


def _check_nothing_added(status: tsp.PkiStatusInfo, signed: tsp.SignedData, signer: tsp.SignerInfo) -> None:
    # What no signature covers must be empty or follow from what one covers: a stamp has one spelling.
    algorithms = [one.algorithm for one in signed.digest_algorithms.as_list()]
    added = (status.status_string, status.failure, signed.revocation, signer.unsigned_attributes)
    if algorithms != [signer.digest_algorithm.algorithm] or any(part is not None for part in added):
        raise TimestampInvalid("expected a timestamp with nothing beside its one signer")


def _check_signer(stamp: Timestamp, certificate: x509.Certificate) -> None:
    if not is_by(stamp, certificate):
        raise TimestampInvalid("expected a timestamp by the authority in the trust file, got one by another")
    signer = stamp.signer
    digest = tsp.DIGESTS.get(signer.digest_algorithm.algorithm)
    algorithm, key = _HASHES.get(signer.signature_algorithm.algorithm), key_of(certificate)
    if digest is None or algorithm is None or not isinstance(key, ec.EllipticCurvePublicKey):
        raise TimestampInvalid("expected a timestamp signed in ECDSA with SHA-2")
    if _value(stamp.attributes, tsp.ID_MESSAGE_DIGEST, bytes) != digest(stamp.info_der).digest():
        raise TimestampInvalid("expected the signed digest of the timestamp's content, got another")
    if _value(stamp.attributes, tsp.ID_CONTENT_TYPE, x509.ObjectIdentifier) != tsp.ID_TST_INFO:
        raise TimestampInvalid("expected a signed content type of timestamp")
    try:
        key.verify(signer.signature, asn1.encode_der(signer.signed_attributes), ec.ECDSA(algorithm()))
    except InvalidSignature as error:
        raise TimestampInvalid("expected a signature by the trusted key, got one that does not fit") from error


def _sign(info: bytes, key: P256Signer, certificate: x509.Certificate, at: datetime) -> tsp.SignerInfo:
    named = tsp.SigningCertificateV2(
        certificates=[tsp.EssCertIdV2(certificate_hash=hashlib.sha256(der_of(certificate)).digest())]
    )
    attributes = asn1.SetOf(
        [
            _attribute(tsp.ID_CONTENT_TYPE, tsp.ID_TST_INFO),
            # RFC 5652 11.3: two-digit years end with 2049.
            _attribute(tsp.ID_SIGNING_TIME, asn1.UTCTime(at) if at.year < 2050 else asn1.GeneralizedTime(at)),
            _attribute(tsp.ID_MESSAGE_DIGEST, hashlib.sha256(info).digest()),
            _attribute(tsp.ID_SIGNING_CERTIFICATE_V2, named),
        ]
    )
    return tsp.SignerInfo(
        version=1,
        sid=tsp.IssuerAndSerialNumber(
            issuer=tsp.any_element(certificate.issuer.public_bytes()), serial_number=certificate.serial_number
        ),
        digest_algorithm=_sha256(),
        signed_attributes=attributes,
        signature_algorithm=tsp.AlgorithmIdentifier(algorithm=tsp.ID_ECDSA_SHA256),
        # RFC 5652 5.4: signed as a plain SET OF, not under the tag it has in the message.
        signature=key.sign(asn1.encode_der(attributes)),
    )


def _attribute(kind: x509.ObjectIdentifier, value: object) -> tsp.Attribute:
    return tsp.Attribute(type=kind, values=asn1.SetOf([tsp.any_element(asn1.encode_der(value))]))


def _attributes(signer: tsp.SignerInfo) -> dict[x509.ObjectIdentifier, bytes]:
    found: dict[x509.ObjectIdentifier, bytes] = {}
    for attribute in signer.signed_attributes.as_list():
        values = attribute.values.as_list()
        if len(values) != 1 or attribute.type in found:
            raise TimestampInvalid("expected each signed attribute once, with one value")
        found[attribute.type] = asn1.encode_der(values[0])
    return found


def _value(attributes: dict[x509.ObjectIdentifier, bytes], kind: x509.ObjectIdentifier, as_type: type[T]) -> T:
    with refused_as(TimestampInvalid, f"the signed attribute {kind.dotted_string}"):
        return asn1.decode_der(as_type, attributes.get(kind, b""))


def _named_in(
    sid: tsp.IssuerAndSerialNumber, attributes: dict[x509.ObjectIdentifier, bytes]
) -> tuple[bytes, int, bytes]:
    first = _value(attributes, tsp.ID_SIGNING_CERTIFICATE_V2, tsp.SigningCertificateV2).certificates[:1]
    if not first or (first[0].hash_algorithm is not None and first[0].hash_algorithm.algorithm != tsp.ID_SHA256):
        raise TimestampInvalid("expected the timestamp to name its certificate by SHA-256")
    return asn1.encode_der(sid.issuer), sid.serial_number, first[0].certificate_hash


def _sha256() -> tsp.AlgorithmIdentifier:
    return tsp.AlgorithmIdentifier(algorithm=tsp.ID_SHA256)
