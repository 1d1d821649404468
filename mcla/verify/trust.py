# SPDX-License-Identifier: Apache-2.0
"""The trust file: whose certificates, logs and timestamps a verifier believes (Sigstore trusted_root.json v0.1).

It is the only thing a verifier must get from a source it trusts. Keys of kinds that this protocol does not use are
passed over, so that files of other Sigstore services can be read; nothing is ever trusted because it is absent.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from mcla.artifacts.jsontext import parse_json
from mcla.envelope.encoding import decode_base64, der_of, encode_base64, refused_as
from mcla.envelope.sct import key_digest
from mcla.errors import MclaError
from mcla.log.note import key_id

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
CONFIG_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
SIGNING_CONFIG_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
MAX_TRUST_BYTES = 4 * 1024 * 1024
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:[0-5]\d)", re.ASCII)
Part = TypeVar("Part")


class TrustInvalid(MclaError):
    """A trust file cannot be used."""

    code = "trust-invalid"
    hint = "Get trusted_root.json again from the service (/.well-known/mcla/trusted_root.json) and compare its SHA-256."


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when something is trusted, both ends included; `end` None means still."""

    start: datetime
    end: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment <= self.end)

    def to_dict(self) -> dict[str, str]:
        ends = {"start": self.start} if self.end is None else {"start": self.start, "end": self.end}
        return {name: moment.astimezone(UTC).isoformat().replace("+00:00", "Z") for name, moment in ends.items()}


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A transparency log: `name` is its checkpoint origin and the host of `base_url`."""

    base_url: str
    name: str
    key: ed25519.Ed25519PublicKey
    validity: Validity

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.key)

    def to_dict(self) -> dict[str, Any]:
        return _key_to_dict(self.base_url, self.key, "PKIX_ED25519", self.key_id, self.validity)


@dataclass(frozen=True, slots=True)
class TrustedCt:
    """A certificate transparency key."""

    base_url: str
    key: ec.EllipticCurvePublicKey
    validity: Validity

    def to_dict(self) -> dict[str, Any]:
        return _key_to_dict(self.base_url, self.key, "PKIX_ECDSA_P256_SHA_256", key_digest(self.key), self.validity)


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """An authority by its certificate chain, root last."""

    uri: str
    chain: tuple[x509.Certificate, ...]
    validity: Validity

    def to_dict(self) -> dict[str, Any]:
        subject = {"organization": _name(self.chain[-1], "O"), "commonName": _name(self.chain[-1], "CN")}
        certificates = [{"rawBytes": encode_base64(der_of(item))} for item in self.chain]
        return {
            "subject": subject,
            "uri": self.uri,
            "certChain": {"certificates": certificates},
            "validFor": self.validity.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class TrustedRoot:
    """Everything a trust file says. `authorities` certify signers, `timestampers` stamp signatures.

    `sealers` seal records: the sealing certificate itself comes first in each chain. The file lists them among its
    certificate authorities, where they are known by that: a certificate that may not issue others.
    """

    logs: tuple[TrustedLog, ...]
    authorities: tuple[TrustedAuthority, ...]
    ct_logs: tuple[TrustedCt, ...]
    timestampers: tuple[TrustedAuthority, ...]
    sealers: tuple[TrustedAuthority, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        origin: str,
        log_name: str,
        log_key: ed25519.Ed25519PublicKey,
        ca_chain: Sequence[x509.Certificate],
        ct_key: ec.EllipticCurvePublicKey,
        tsa_chain: Sequence[x509.Certificate],
        start: datetime,
    ) -> "TrustedRoot":
        """The trust file of the service at `origin`, keys valid from `start`; `log_name` is the host of `origin`."""
        validity = Validity(start.replace(microsecond=0))
        if urlsplit(origin).hostname != log_name:
            raise TrustInvalid(f"expected the log to be named like the host of {origin}, got {log_name}")
        return cls(
            logs=(TrustedLog(origin, log_name, log_key, validity),),
            authorities=(TrustedAuthority(origin, tuple(ca_chain), validity),),
            ct_logs=(TrustedCt(origin, ct_key, validity),),
            timestampers=(TrustedAuthority(origin, tuple(tsa_chain), validity),),
        )

    @classmethod
    def from_json(cls, data: bytes) -> "TrustedRoot":
        """Read trusted_root.json, or the client trust config that holds one; raises `TrustInvalid` or `JsonInvalid`."""
        value = parse_json(data, max_bytes=MAX_TRUST_BYTES)
        if isinstance(value, dict) and value.get("mediaType") == CONFIG_TYPE:
            value = value.get("trustedRoot")
        if not isinstance(value, dict) or value.get("mediaType") != MEDIA_TYPE:
            raise TrustInvalid(f"expected a file with mediaType {MEDIA_TYPE}")
        authorities = _known(_read_authority(item) for item in _items(value, "certificateAuthorities"))
        root = cls(
            logs=_known(_read_log(item) for item in _items(value, "tlogs")),
            authorities=tuple(one for one in authorities if not _seals(one)),
            ct_logs=_known(_read_ct(item) for item in _items(value, "ctlogs")),
            timestampers=_known(_read_authority(item) for item in _items(value, "timestampAuthorities")),
            sealers=tuple(one for one in authorities if _seals(one)),
        )
        if not (root.logs and root.authorities and root.ct_logs and root.timestampers):
            raise TrustInvalid("expected a log, a certificate authority, a CT log and a timestamp authority, got fewer")
        return root

    def to_dict(self) -> dict[str, Any]:
        return {
            "mediaType": MEDIA_TYPE,
            "tlogs": [item.to_dict() for item in self.logs],
            "certificateAuthorities": [item.to_dict() for item in (*self.authorities, *self.sealers)],
            "ctlogs": [item.to_dict() for item in self.ct_logs],
            "timestampAuthorities": [item.to_dict() for item in self.timestampers],
        }

    def to_json(self) -> bytes:
        """The text of trusted_root.json; the same trust gives the same bytes, so that they can be pinned by digest."""
        return _text(self.to_dict())


def client_trust_config(
    root: TrustedRoot, origin: str, certifier: str | None = None, issuers: Sequence[str] = ()
) -> bytes:
    """The text of client_trust_config.json: `root` and where to sign, for `sigstore --trust-config`.

    `certifier` is the address of the certificate service where it is not `origin`; `issuers` are identity providers
    whose ID tokens it takes, the preferred one first.
    """
    # Stock clients refuse a config without a log and a certificate authority, even to verify.
    start = min(log.validity.start for log in root.logs)

    def service(version: int) -> dict[str, Any]:
        return {"url": origin, "majorApiVersion": version, "validFor": Validity(start).to_dict(), "operator": origin}

    signing = {
        "mediaType": SIGNING_CONFIG_TYPE,
        "caUrls": [{**service(1), "url": certifier or origin}],
        "oidcUrls": [{**service(1), "url": issuer} for issuer in issuers or [origin]],
        "rekorTlogUrls": [service(2)],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [{**service(1), "url": f"{origin}/api/v1/timestamp"}],
        "tsaConfig": {"selector": "ANY"},
    }
    return _text({"mediaType": CONFIG_TYPE, "trustedRoot": root.to_dict(), "signingConfig": signing})


def _read_log(item: dict[str, Any]) -> TrustedLog | None:
    key, validity = _read_key(item)
    if not isinstance(key, ed25519.Ed25519PublicKey):
        return None
    log = TrustedLog(_url(item, "baseUrl"), urlsplit(_url(item, "baseUrl")).hostname or "", key, validity)
    if _read_id(item) != log.key_id:
        raise TrustInvalid(f"expected the log's key id to follow from its host and key: {log.base_url}")
    return log


def _read_ct(item: dict[str, Any]) -> TrustedCt | None:
    key, validity = _read_key(item)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    if _read_id(item) != key_digest(key):
        raise TrustInvalid("expected the CT log's id to be the SHA-256 of its key")
    return TrustedCt(_url(item, "baseUrl"), key, validity)


def _read_authority(item: dict[str, Any]) -> TrustedAuthority | None:
    chain = item.get("certChain")
    certificates = _items(chain, "certificates") if isinstance(chain, dict) else []
    if not 1 <= len(certificates) <= 8:
        raise TrustInvalid("expected an authority with 1 to 8 certificates")
    uri, validity = _url(item, "uri"), _read_validity(item)
    with refused_as(TrustInvalid, "certificates in DER"):
        try:
            return TrustedAuthority(uri, tuple(map(_read_certificate, certificates)), validity)
        except UnsupportedAlgorithm:
            return None  # well formed, with a key of a kind that nobody here uses


def _seals(authority: TrustedAuthority) -> bool:
    """Whether the chain begins with a certificate for sealing, not with one that may issue others."""
    try:
        constraints = authority.chain[0].extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return not constraints.value.ca


def _read_certificate(item: dict[str, Any]) -> x509.Certificate:
    """Read to its last part, because loading alone leaves names, key and extensions to whoever asks for them first."""
    certificate = x509.load_der_x509_certificate(decode_base64(item.get("rawBytes"), "a certificate"))
    for name in (certificate.issuer, certificate.subject):
        name.public_bytes()
    certificate.extensions  # noqa: B018 - read for what it raises
    certificate.public_key()
    return certificate


def _read_key(item: dict[str, Any]) -> tuple[object, Validity]:
    public = item.get("publicKey")
    if not isinstance(public, dict) or item.get("hashAlgorithm") != "SHA2_256":
        raise TrustInvalid("expected a log with a public key and SHA2_256")
    validity, raw = _read_validity(public), decode_base64(public.get("rawBytes"), "a public key")
    try:
        return serialization.load_der_public_key(raw), validity
    except UnsupportedAlgorithm:
        return None, validity  # well formed, of a kind that nobody here uses
    except (ValueError, TypeError, MclaError) as error:
        # Other services list RSA keys in an older form (PKCS #1); this protocol never uses them.
        if str(public.get("keyDetails", "")).startswith("PKCS1_RSA"):
            return None, validity
        raise TrustInvalid("expected a public key as DER SubjectPublicKeyInfo") from error


def _read_id(item: dict[str, Any]) -> bytes:
    holder = item.get("logId")
    if not isinstance(holder, dict):
        raise TrustInvalid("expected a log with its logId")
    return decode_base64(holder.get("keyId"), "the log's key id")


def _read_validity(item: dict[str, Any]) -> Validity:
    value = item.get("validFor")
    if not isinstance(value, dict) or "start" not in value:
        raise TrustInvalid("expected validFor with a start")
    return Validity(_time(value["start"]), _time(value["end"]) if value.get("end") is not None else None)


def _time(value: object) -> datetime:
    text = str(value)
    # What Python reads beyond RFC 3339 (weeks, seconds in the offset) other verifiers would refuse.
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC) if _RFC3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise TrustInvalid(f"expected an RFC 3339 time, got {text[:40]!a}")
    return moment


def _items(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = value.get(name, [])
    if not isinstance(items, list) or len(items) > 64 or not all(isinstance(item, dict) for item in items):
        raise TrustInvalid(f"expected {name} as a list of at most 64 objects")
    return items


def _url(item: dict[str, Any], name: str) -> str:
    url = item.get(name)
    try:
        host = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        host = None
    if not isinstance(url, str) or not host:
        raise TrustInvalid(f"expected {name} as a URL with a host")
    return url


def _known(items: Any) -> tuple[Any, ...]:
    return tuple(item for item in items if item is not None)


def _key_to_dict(
    url: str, key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey, details: str, identifier: bytes, life: Validity
) -> dict[str, Any]:
    raw = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    public = {"rawBytes": encode_base64(raw), "keyDetails": details, "validFor": life.to_dict()}
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": public,
        "logId": {"keyId": encode_base64(identifier)},
    }


def _name(certificate: x509.Certificate, attribute: str) -> str:
    values = [item.value for item in certificate.subject if item.rfc4514_attribute_name == attribute]
    return str(values[0]) if values else ""


def _text(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()
