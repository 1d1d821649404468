# SPDX-License-Identifier: Apache-2.0
"""The signature itself: a draft that says exactly what was asked, a one-use key, and a bundle that verifies here.

The service writes the statement; this module signs it only if every part that the signer decides (files, project,
kind, declarations, who holds the key) is what the command line asked for, and the text is the one named by the
digest. The key is made for this one signature, never stored, and forgotten with the process.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.artifacts.manifest import Manifest
from mcla.cli.declarations import agree
from mcla.cli.failure import Failure
from mcla.cli.service import AnswerInvalid, Service
from mcla.cli.steps import Step, silent
from mcla.envelope.dsse import PAYLOAD_TYPE, pae
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message
from mcla.errors import MclaError
from mcla.statements.oms import oms_statement
from mcla.statements.parts import TensorsRef
from mcla.statements.statement import Contribution, manifest_subjects, parse_statement

KEY_HOLDER = "cli"


class StatementUnexpected(Failure):
    """The service wrote something else than what was asked, or than what its digest names."""

    code = "statement-unexpected"
    hint = "Nothing was signed. Tell the operator of the service; do not sign there meanwhile."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the signer wants to sign."""

    project: str
    kind: str
    manifest: Manifest
    declarations: Mapping[str, Any]
    tensors: TensorsRef | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "contribution",
            "project": self.project,
            "kind": self.kind,
            "files": [entry.to_dict() for entry in self.manifest.files],
            "declarations": dict(self.declarations),
            "tensors": self.tensors.to_dict() if self.tensors else None,
            "key_holder": KEY_HOLDER,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement that was checked against what was asked, with the words of consent that belong to it."""

    id: str
    payload: bytes
    statement: Contribution
    manifest: Manifest
    consent: str
    signer_name: str
    signer_account: str
    review_url: str

    @property
    def oms(self) -> bytes:
        """The list of the files, as it was made here, in the form of OpenSSF Model Signing."""
        return oms_statement(self.manifest, self.statement.project)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()


def open_draft(service: Service, asked: Asked) -> Draft:
    """Ask the service for the statement; raises `StatementUnexpected` if it is not what was asked."""
    answer = service.post("/api/v1/signings", asked.to_dict())
    try:
        draft = _read_draft(answer, asked.manifest)
    except StatementUnexpected:
        raise
    except (KeyError, TypeError, ValueError, MclaError) as error:
        reason = error.message if isinstance(error, MclaError) else f"{type(error).__name__}: {error}"
        raise StatementUnexpected("The service's statement cannot be read.", why=reason) from error
    _check_words(draft, answer)
    for what, expected, got in _comparisons(draft.statement, asked, service.origin, str(answer["signer"]["uri"])):
        if expected != got:
            raise StatementUnexpected(f"The statement names another {what}.", why=f"expected {expected}, got {got}")
    if not agree(asked.declarations, draft.statement.declarations):
        why = f"expected {json.dumps(dict(asked.declarations))}, got {json.dumps(dict(draft.statement.declarations))}"
        raise StatementUnexpected("The statement carries other declarations.", why=why)
    return draft


def sign_draft(service: Service, draft: Draft, step: Step = silent) -> dict[str, Any]:
    """Certify a fresh key for the draft, sign it and record it; returns the service's answer with the bundle.

    The same key signs the plain list of the files too.
    The last step may be repeated as often as needed: the same signature of the same signing is recorded once.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    at = f"/api/v1/signings/{draft.id}"
    proof = _sign(key, possession_message(draft.id, draft.sha256))
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    wanted = {"public_key": encode_base64(spki), "proof": encode_base64(proof), "statement_sha256": draft.sha256}
    with step("Certifying a key for this signature…"):
        service.post(f"{at}/certificate", wanted)
    signature, listed = (_sign(key, pae(payload)) for payload in (draft.payload, draft.oms))
    signed = {"signature": encode_base64(signature), "oms_signature": encode_base64(listed), "consent": True}
    with step("Recording…"):
        done = service.post(f"{at}/signature", signed, again=True)
    _check_bundle_is_ours(done.get("bundle"), draft, signature)
    return done


def _read_draft(answer: Mapping[str, Any], manifest: Manifest) -> Draft:
    payload = str(answer["statement"]).encode()
    statement = parse_statement(payload)
    if not isinstance(statement, Contribution):
        raise StatementUnexpected("The statement is not a contribution.")
    signer = answer["signer"]
    identifier = str(answer["id"])
    if not identifier.replace("_", "").isalnum() or not identifier.isascii():
        raise ValueError("expected an id of letters and digits")
    return Draft(
        id=identifier,
        payload=payload,
        statement=statement,
        manifest=manifest,
        consent=str(answer["consent"]["text"]),
        signer_name=str(signer["name"]),
        signer_account=str(signer["account"]),
        review_url=str(answer.get("review_url", "")),
    )


def _check_words(draft: Draft, answer: Mapping[str, Any]) -> None:
    if answer.get("statement_sha256") != draft.sha256:
        why = f"expected {draft.sha256} as the text has it, got {answer.get('statement_sha256')}"
        raise StatementUnexpected("The statement's digest is not that of its text.", why=why)
    if answer.get("payload_type") != PAYLOAD_TYPE:
        raise StatementUnexpected(
            "The statement has another type.", why=f"expected {PAYLOAD_TYPE}, got {answer.get('payload_type')}"
        )
    words = hashlib.sha256(draft.consent.encode()).hexdigest()
    if words != draft.statement.consent.sha256:
        why = f"expected {draft.statement.consent.sha256} as the statement has it, got {words}"
        raise StatementUnexpected("The consent words are not those of the statement.", why=why)


def _comparisons(stated: Contribution, asked: Asked, origin: str, signer: str) -> list[tuple[str, object, object]]:
    manifest = asked.manifest
    return [
        ("project", asked.project, stated.project),
        ("kind", asked.kind, stated.kind),
        ("key holder", KEY_HOLDER, stated.key_holder),
        ("service", origin, stated.service),
        ("signer", signer, stated.signer),
        ("manifest root", manifest.root, stated.manifest.root),
        ("number of files", len(manifest.files), stated.manifest.files),
        ("number of bytes", manifest.total_bytes, stated.manifest.bytes),
        ("list of files", manifest_subjects(manifest), stated.subjects),
        ("set of tensors", asked.tensors, stated.tensors),
    ]


def _check_bundle_is_ours(bundle: object, draft: Draft, signature: bytes) -> None:
    try:
        envelope = bundle["dsseEnvelope"]  # type: ignore[index]
        payload, signatures = base64.b64decode(envelope["payload"], validate=True), envelope["signatures"]
        same = payload == draft.payload and [base64.b64decode(item["sig"], validate=True) for item in signatures] == [
            signature
        ]
    except (KeyError, TypeError, binascii.Error, ValueError) as error:
        raise AnswerInvalid(
            "The service's bundle has another shape.", why=f"expected a Sigstore bundle, got: {error}"
        ) from error
    if not same:
        raise AnswerInvalid(
            "The service's bundle holds something else.", why="expected the statement and signature of this run"
        )


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))
