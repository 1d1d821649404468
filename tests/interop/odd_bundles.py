# SPDX-License-Identifier: Apache-2.0
"""Our bundles in all their forms, and odd ones that are consistent in themselves: what a signer or an authority may do.

`interop.mutations` has the faults that everybody refuses for the reason named there. Here, and in
`interop.odd_proofs`, are the forms on which verifiers may differ; what each says is in `interop.differences`.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cosigning import cosigner
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID
from interop.mutations import Notaries
from interop.odd_certificates import KEY, odd_but_logged, odd_certificate
from interop.private_sigstore import (
    FILES,
    NOW,
    ORIGIN,
    PAYLOAD,
    SIGNER,
    Parts,
    PrivateSigstore,
    acceptance,
    contribution,
    manifest_of,
    retargeted,
    withdrawal,
)
from passkeys import SoftPasskey

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import Bundle, LogEntry, MessageSignature
from mcla.envelope.dsse import pae
from mcla.envelope.encoding import P256_ORDER
from mcla.envelope.entry import DSSE, digest_body
from mcla.envelope.timestamp import issue_timestamp
from mcla.log.note import parse_note
from mcla.statements.oms import oms_statement
from mcla.verify.trust import TrustedRoot, Validity

FILE = b"weights"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
URI = x509.UniformResourceIdentifier
Value = dict[str, Any]
Odd = Iterator[tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class Form:
    """One of our bundles; `artifact` is what a message signature is over."""

    value: Value
    artifact: bytes | None = None

    @property
    def data(self) -> bytes:
        return json.dumps(self.value).encode()


def our_forms(service: PrivateSigstore) -> dict[str, Form]:
    """Every form of bundle that the service makes."""
    oms = oms_statement(FILES, "tiny-llm")
    given, documents = contribution(FILES), manifest_of({"agreement.md": b"the text"})
    witnessed = service.sign(PAYLOAD)
    text = parse_note(witnessed.checkpoint).text
    lines = "".join(cosigner(n, post_quantum=n > 1).sign(text, 1_795_000_000).line for n in (1, 2, 3))
    return {
        "contribution": Form(service.sign(PAYLOAD).bundle()),
        "contribution, twin": Form(service.sign(PAYLOAD, kind=DSSE).bundle(kind=DSSE)),
        "acceptance": Form(service.sign(acceptance(documents).to_bytes()).bundle()),
        "withdrawal": Form(service.sign(withdrawal(given).to_bytes()).bundle()),
        "confirmed with a passkey": Form(service.sign(SoftPasskey(ORIGIN).confirm(given).to_bytes()).bundle()),
        "key held by the service": Form(service.sign(contribution(FILES, key_holder="service").to_bytes()).bundle()),
        "list of files (OMS)": Form(service.sign(oms).bundle()),
        "list of files, twin": Form(service.sign(oms, kind=DSSE).bundle(kind=DSSE)),
        "with witnesses": Form(witnessed.bundle(checkpoint=witnessed.checkpoint + lines)),
        "file": Form(signed_file(service, FILE), FILE),
    }


def signed_file(service: PrivateSigstore, data: bytes) -> Value:
    """A bundle over the bytes of a file, as stock clients make it."""
    parts = service.sign(b"{}", signed=data)
    digest = bytes.fromhex(sha256_hex(data))
    parts.body = digest_body(digest, parts.signature, parts.certificate)
    parts = service.log(parts)
    proof = (parts.log_id, parts.log_index, parts.tree_size, parts.root, tuple(parts.proof), parts.checkpoint)
    entry = LogEntry(parts.body, *proof)
    return Bundle(MessageSignature(digest, parts.signature), parts.certificate, parts.timestamp, entry).to_dict()


def odd_signers(all_: Notaries) -> Odd:
    """Certificates by the real authority, logged by CT, for the signer's name: with other contents."""
    service, code = all_.service, ExtendedKeyUsageOID.CODE_SIGNING
    contents: dict[str, Value] = {
        "as it should be": {},
        "e-mail": {"san": [x509.RFC822Name("a@example.org")]},
        "two names": {"san": [URI(SIGNER), URI(f"{SIGNER}x")]},
        "two names, the other first": {"san": [URI(f"{SIGNER}x"), URI(SIGNER)]},
        "host name": {"san": [x509.DNSName("mcla.example.org")]},
        "no name": {"san": None},
        "no purpose": {"eku": None},
        "purpose of servers": {"eku": [ExtendedKeyUsageOID.SERVER_AUTH]},
        "any purpose": {"eku": [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]},
        "two purposes": {"eku": [code, ExtendedKeyUsageOID.SERVER_AUTH]},
        "no usage": {"usage": None},
        "usage of an issuer": {"usage": "key_cert_sign"},
        "usage to commit": {"usage": "content_commitment"},
        "no first issuer": {"issuer_raw": None},
        "no second issuer": {"issuer_text": None},
        "another first issuer": {"issuer_raw": b"https://other.example"},
        "another second issuer": {"issuer_text": asn1.encode_der("https://other.example")},
        "right to issue": {"ca": True},
        "unknown critical part": {"unknown": True},
        "authority's key not named": {"by": None},
        "two SCTs": {"copies": 2},
        "no SCT": {"copies": 0},
    }
    for name, changes in contents.items():
        yield f"certificate: {name}", _certified(all_, odd_but_logged(service, **changes))
    yield "certificate: SCT by a stranger", _certified(all_, odd_but_logged(service, all_.impostor.keys.ct))
    yield "certificate: no list of SCTs", _certified(all_, odd_certificate(service))
    yield "certificate: bytes after it", _certified(all_, odd_but_logged(service) + b"\0")
    other = ec.generate_private_key(ec.SECP384R1())
    yield "certificate: key on P-384", _certified(all_, odd_but_logged(service, key=other), other)
    yield (
        "certificate: of an authority",
        _certified(all_, service.keys.ca.certificate.public_bytes(serialization.Encoding.DER)),
    )


def odd_times(all_: Notaries) -> Odd:
    """Stamps at the very ends of the certificate's life, and one second beyond."""
    for name, at in (("first", -MINUTE), ("last", 10 * MINUTE)):
        beyond = -SECOND if at < timedelta() else SECOND
        for what, offset in ((f"the {name} moment", at), (f"a second beyond the {name} moment", at + beyond)):
            certified = NOW + timedelta(hours=1)
            parts = all_.service.sign(PAYLOAD, certified_at=certified, stamped_at=certified + offset)
            yield f"stamp at {what}", parts.bundle()


def odd_statements(all_: Notaries) -> Odd:
    """Soundly signed, stamped and logged, and not one of our statements, or not signed in the one form."""
    sign = all_.service.sign
    statements = {
        "of somebody else": b'{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"x","subject":[]}',
        "that is no JSON": b"hello",
        "empty": b"",
        "with spaces": PAYLOAD.replace(b'":', b'": '),
        "of another signer": retargeted(contribution(FILES), signer=f"{SIGNER}x"),
        "with one more member": retargeted(contribution(FILES), more="x"),
        "with a passkey's word on another": _confirmed_elsewhere(),
    }
    for name, payload in statements.items():
        yield f"statement: {name}", sign(payload).bundle()
    yield "statement: PAE of another type", sign(PAYLOAD, signed=pae(PAYLOAD, "text/plain")).bundle()
    yield "statement: signed without PAE", sign(PAYLOAD, signed=PAYLOAD).bundle()
    yield "another signer's certificate", sign(PAYLOAD, signer=f"{SIGNER}x").bundle()
    yield "another service's certificate", sign(PAYLOAD, issuer="https://other.example").bundle()


def odd_signatures(all_: Notaries) -> Odd:
    """Another spelling of the signature: put in alone, or stamped and logged as it is spelt."""
    parts = all_.service.sign(PAYLOAD)
    good = parts.signature
    r, s = decode_dss_signature(good)
    spellings = {
        "with the other half of s": encode_dss_signature(r, P256_ORDER - s),
        "with a byte after it": good + b"\0",
        "with a length in two bytes": good[:1] + b"\x81" + good[1:],
        "with a zero before r": _padded(good),
        "as r and s": r.to_bytes(32) + s.to_bytes(32),
        "with s beyond the order": encode_dss_signature(r, s + P256_ORDER),
    }
    for name, spelt in spellings.items():
        yield f"signature {name}", parts.bundle(signature=spelt)
        yield f"signature {name}, stamped and logged so", stamped_and_logged(all_, replace(parts, signature=spelt))
    envelope = parts.bundle()
    (one,) = envelope["dsseEnvelope"]["signatures"]
    for name, signatures in {
        "twice": [one, one],
        "with an empty keyid": [one | {"keyid": ""}],
        "with a keyid": [one | {"keyid": "x"}],
        "and a second that is wrong": [one, {"sig": base64.b64encode(encode_dss_signature(1, 1)).decode()}],
        "after one that is wrong": [{"sig": base64.b64encode(encode_dss_signature(1, 1)).decode()}, one],
    }.items():
        yield f"signature {name}", envelope | {"dsseEnvelope": envelope["dsseEnvelope"] | {"signatures": signatures}}


def _confirmed_elsewhere() -> bytes:
    passkey, given = SoftPasskey(ORIGIN), contribution(FILES)
    other = passkey.confirm(contribution(FILES, kind="adapter"))
    return replace(passkey.asked(given), passkey=other.passkey).to_bytes()


def stamped_and_logged(all_: Notaries, parts: Parts) -> Value:
    """The bundle of these parts, with a stamp and a log entry that fit them."""
    tsa = all_.service.keys.tsa
    parts.timestamp = issue_timestamp(parts.signature, tsa.key, tsa.chain, NOW, 7)
    parts.body = all_.body(parts, parts.payload)
    return all_.service.log(parts).bundle()


@dataclass(frozen=True, slots=True)
class Validities:
    """When a trust file trusts each part; NOW is when everything happens."""

    start: datetime = NOW - timedelta(days=1)
    end: datetime | None = None
    part: str = "logs"

    def of(self, trust: TrustedRoot) -> TrustedRoot:
        life = Validity(self.start, self.end)
        return replace(trust, **{self.part: tuple(replace(one, validity=life) for one in getattr(trust, self.part))})


def odd_trust(trust: TrustedRoot) -> Iterator[tuple[str, TrustedRoot]]:
    """The trust file with other validities: not yet, no longer, until the very moment."""
    for part in ("logs", "authorities", "ct_logs", "timestampers"):
        yield f"trust: {part} not yet", Validities(start=NOW + SECOND, part=part).of(trust)
        yield f"trust: {part} from this moment on", Validities(start=NOW, part=part).of(trust)
        yield f"trust: {part} until this moment", Validities(end=NOW, part=part).of(trust)
        yield f"trust: {part} no longer", Validities(end=NOW - SECOND, part=part).of(trust)


def odd_authorities(all_: Notaries) -> Iterator[tuple[str, TrustedRoot, Value]]:
    """Trust files whose chains are not whole or in another order, and a stamp by a key for another use."""
    trust, ca = all_.service.trust, all_.service.keys.ca
    value = all_.service.sign(PAYLOAD).bundle()
    for part in ("authorities", "timestampers"):
        (one,) = getattr(trust, part)
        for name, held in (("without the root", one.chain[:1]), ("the root first", one.chain[::-1])):
            yield f"trust: {part} {name}", replace(trust, **{part: (replace(one, chain=held),)}), value
    parts = all_.service.sign(PAYLOAD)
    parts.timestamp = issue_timestamp(parts.signature, ca.key, ca.chain, NOW, 7)
    stamping = (replace(trust.timestampers[0], chain=tuple(ca.chain)),)
    yield "trust: the issuing authority stamps too", replace(trust, timestampers=stamping), parts.bundle()


def _certified(all_: Notaries, der: bytes, key: ec.EllipticCurvePrivateKey = KEY) -> Value:
    return all_.service.sign(PAYLOAD, key=key, certificate=der).bundle()


def _padded(signature: bytes) -> bytes:
    """BER: r with one zero more than DER allows."""
    length = signature[3]
    inner = b"\x02" + bytes([length + 1]) + b"\0" + signature[4 : 4 + length] + signature[4 + length :]
    return b"\x30" + bytes([len(inner)]) + inner
