# SPDX-License-Identifier: Apache-2.0
"""A signed result: an in-toto Statement v1 with the Simple Verification Result v0.2, in a bundle without a log entry.

A one-use key signs it, certified by the service for one purpose (`<origin>/<purpose>`), with a timestamp and no log
entry: asking writes nothing. So it rests on the service's word alone, which a log entry would not change. What did not
hold has no property. What it is the result of is bound by digest, in an extension named for its kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.artifacts.jsontext import canonical_json, parse_json
from mcla.envelope.certificate import read_leaf
from mcla.envelope.dsse import Envelope, check_signature, parse_envelope
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.errors import MclaError
from mcla.statements.parts import check_origin, format_time
from mcla.verify import checks
from mcla.verify.trust import TrustedRoot

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


class SignedAnswerInvalid(MclaError):
    """A signed answer is malformed, was changed, or is not by the service whose trust file was given."""

    code = "signed-answer-invalid"
    hint = "Ask the service for the answer again, and keep its JSON exactly as it came."


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a result is about: the last part of the certified name, the statement's extension, and both in words."""

    segment: str
    extension: str
    words: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A result whose signature holds: the statement's subjects and predicate, by `origin`, signed at `time`."""

    subjects: Sequence[Mapping[str, Any]]
    predicate: Mapping[str, Any]
    origin: str
    time: datetime


def statement_of(
    purpose: Purpose,
    origin: str,
    now: datetime,
    subjects: Sequence[Mapping[str, Any]],
    policies: Sequence[Mapping[str, Any]],
    properties: Sequence[str],
    bound: Mapping[str, Any],
) -> bytes:
    """The statement (RFC 8785) that is signed; `bound` is what the purpose's extension holds."""
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": list(subjects),
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {"id": origin, "policies": list(policies)},
                "timeCreated": format_time(now),
                "properties": list(properties),
                purpose.extension: bound,
            },
        }
    )


def envelope_of(payload: bytes, signature: bytes, certificate: bytes, timestamp: bytes) -> dict[str, Any]:
    """The Sigstore bundle of a signed statement without a log entry; `certificate` and `timestamp` are DER."""
    stamps = [{"signedTimestamp": encode_base64(timestamp)}]
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {
            "certificate": {"rawBytes": encode_base64(certificate)},
            "timestampVerificationData": {"rfc3161Timestamps": stamps},
        },
        "dsseEnvelope": Envelope(payload, signature).to_dict(),
    }


def proven(value: Any, trust: TrustedRoot, purpose: Purpose) -> Proven:
    """The result in a bundle whose every part holds; raises `SignedAnswerInvalid` or what the failing part raises."""
    try:
        material = value["verificationMaterial"]
        der = decode_base64(material["certificate"]["rawBytes"], "the certificate")
        stamps: Sequence[Any] = material["timestampVerificationData"]["rfc3161Timestamps"]
        stamp = decode_base64(stamps[0]["signedTimestamp"], "the timestamp")
        envelope = parse_envelope(value["dsseEnvelope"])
    except (KeyError, IndexError, TypeError) as error:
        raise SignedAnswerInvalid("expected an envelope with certificate, timestamp and signature") from error
    leaf = read_leaf(der)
    checks.payload_type(envelope)
    check_signature(envelope, leaf.public_key)
    stamped = checks.stamped(stamp, envelope.signature, trust)
    checks.certificate_life(leaf, stamped)
    issuer = checks.chain(leaf, stamped.time, trust)
    checks.transparency(leaf, issuer, trust, stamped.time)
    if leaf.signer_uri != f"{check_origin(leaf.issuer)}/{purpose.segment}":
        raise SignedAnswerInvalid(f"expected a certificate for {purpose.words}, got one for {leaf.signer_uri}")
    return _read(envelope.payload, leaf.issuer, stamped.time, purpose)


def _read(payload: bytes, origin: str, time: datetime, purpose: Purpose) -> Proven:
    """The statement in the one form that is written here; anything else is refused."""
    value = parse_json(payload)
    try:
        said = value["predicate"]
        shaped = (
            value["_type"] == STATEMENT_TYPE
            and value["predicateType"] == PREDICATE_TYPE
            and isinstance(value["subject"], list)
            and isinstance(said["verifier"]["id"], str)
            and isinstance(said["properties"], list)
            and isinstance(said["timeCreated"], str)
            and isinstance(said[purpose.extension], dict)
        )
    except (KeyError, IndexError, TypeError):
        shaped = False
    if not shaped:
        raise SignedAnswerInvalid(f"expected an in-toto statement with a {PREDICATE_TYPE}, got something else")
    if said["verifier"]["id"] != origin:
        raise SignedAnswerInvalid(f"expected a result by {origin}, whose certificate signs it, got one by another")
    return Proven(value["subject"], said, origin, time)
