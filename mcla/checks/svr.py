# SPDX-License-Identifier: Apache-2.0
"""A signed answer: an in-toto Statement v1 with the Simple Verification Result v0.2, for a merge gate to keep.

Its subjects are the change's head and the files that were asked about; what did not hold has no property. It binds the
whole answer by digest. A one-use key signs it, certified by the service for `<origin>/checks`, with a timestamp and no
log entry: asking writes nothing. So it rests on the service's word alone, which a log entry would not change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.jsontext import JsonInvalid, canonical_json, parse_json
from mcla.checks.answer import Answer, read_answer, worst
from mcla.checks.change import MAX_BYTES, MAX_VALUES
from mcla.envelope.certificate import read_leaf
from mcla.envelope.dsse import Envelope, check_signature, parse_envelope
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.errors import MclaError
from mcla.statements.parts import check_origin, format_time, parse_time
from mcla.verify import checks
from mcla.verify.trust import TrustedRoot

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2"
EXTENSION = "mclaCheck"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
CHANGE_COVERED, PEOPLE_COVERED, FILES_COVERED = "MCLA_CHANGE_COVERED", "MCLA_PEOPLE_COVERED", "MCLA_FILES_COVERED"
MAX_FILE_SUBJECTS = 512
"""Of more files none is a subject; the answer that is bound has them all."""


class SignedAnswerInvalid(MclaError):
    """A signed answer is malformed, was changed, or is not by the service whose trust file was given."""

    code = "signed-answer-invalid"
    hint = "Ask the service for the answer again, and keep its JSON exactly as it came."


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """An answer whose signature holds: about the commit `head`, by the service `origin`, signed at `time`."""

    answer: Answer
    head: str
    origin: str
    time: datetime
    properties: tuple[str, ...]


def result_of(answer: Answer, head: str, origin: str, now: datetime) -> bytes:
    """The statement (RFC 8785) that is signed for an answer on a change with this head."""
    files = [each for each in answer.artifacts if each.sha256]
    named = files if len(files) <= MAX_FILE_SUBJECTS else []
    used = answer.policy.sha256
    policy = {"uri": f"{origin}/api/v1/checks", **({"digest": {"sha256": used}} if used else {})}
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": "head", "digest": {"gitCommit": head}},
                *({"name": each.path, "digest": {"sha256": each.sha256}} for each in named),
            ],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {"id": origin, "policies": [policy]},
                "timeCreated": format_time(now),
                "properties": list(properties_of(answer)),
                EXTENSION: {"answer": {"sha256": _digest(answer.to_dict())}, "project": answer.project},
            },
        }
    )


def properties_of(answer: Answer) -> tuple[str, ...]:
    """What held; what did not is left out, as the result's specification wants it."""
    people = worst(each.said.word for each in answer.subjects if each.required) == "covered"
    files = bool(answer.artifacts) and worst(each.said.word for each in answer.artifacts) == "covered"
    held = ((answer.verdict == "covered", CHANGE_COVERED), (people, PEOPLE_COVERED), (files, FILES_COVERED))
    return tuple(name for holds, name in held if holds)


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


def is_signed_answer(data: bytes) -> bool:
    """Whether a file is meant as the answer to a check with its signature."""
    try:
        value = parse_json(data, max_bytes=2 * MAX_BYTES, max_values=2 * MAX_VALUES)
    except JsonInvalid:
        return False
    return isinstance(value, dict) and {"envelope", "verdict", "subjects", "as_of"} <= value.keys()


def verify_answer(data: bytes, trust: TrustedRoot) -> SignedAnswer:
    """Read an answer with its `envelope` and check that the trust file's service signed exactly it.

    Raises `SignedAnswerInvalid`, or what the failing part raises (`MclaError`).
    """
    value = parse_json(data, max_bytes=2 * MAX_BYTES, max_values=2 * MAX_VALUES)
    if not isinstance(value, dict) or "envelope" not in value:
        raise SignedAnswerInvalid("expected the answer to a check with its envelope, got something else")
    told = {name: each for name, each in value.items() if name != "envelope"}
    payload, origin, time = _proven(value["envelope"], trust)
    statement = _statement(payload)
    said = statement["predicate"]
    if said["verifier"]["id"] != origin:
        raise SignedAnswerInvalid(f"expected a result by {origin}, whose certificate signs it, got one by another")
    if said[EXTENSION]["answer"]["sha256"] != _digest(told):
        raise SignedAnswerInvalid("expected the answer that was signed, got one that was changed")
    answer = read_answer(told)
    if tuple(said["properties"]) != properties_of(answer) or parse_time(said["timeCreated"]) > time:
        raise SignedAnswerInvalid("expected the properties and time of this answer, got others")
    return SignedAnswer(answer, statement["subject"][0]["digest"]["gitCommit"], origin, time, properties_of(answer))


def _proven(value: Any, trust: TrustedRoot) -> tuple[bytes, str, datetime]:
    """Payload, service and time of a bundle whose every part holds."""
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
    if leaf.signer_uri != f"{check_origin(leaf.issuer)}/checks":
        raise SignedAnswerInvalid(f"expected a certificate for answers to checks, got one for {leaf.signer_uri}")
    return envelope.payload, leaf.issuer, stamped.time


def _statement(payload: bytes) -> dict[str, Any]:
    """The statement in the one form that is written here; anything else is refused."""
    value = parse_json(payload)
    try:
        said = value["predicate"]
        shaped = (
            value["_type"] == STATEMENT_TYPE
            and value["predicateType"] == PREDICATE_TYPE
            and isinstance(value["subject"][0]["digest"]["gitCommit"], str)
            and isinstance(said["verifier"]["id"], str)
            and isinstance(said["properties"], list)
            and isinstance(said[EXTENSION]["answer"]["sha256"], str)
        )
    except (KeyError, IndexError, TypeError):
        shaped = False
    if not shaped:
        raise SignedAnswerInvalid(f"expected an in-toto statement with a {PREDICATE_TYPE}, got something else")
    checked: dict[str, Any] = value
    return checked


def _digest(answer: dict[str, Any]) -> str:
    return sha256_hex(canonical_json(answer))
