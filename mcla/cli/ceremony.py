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
from typing import Any, Generic, Protocol, TypeVar

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.artifacts.manifest import Manifest
from mcla.cli.declarations import agree
from mcla.cli.earlier import Earlier
from mcla.cli.failure import Failure
from mcla.cli.service import AnswerInvalid, Service
from mcla.cli.steps import Step, silent
from mcla.envelope.dsse import PAYLOAD_TYPE, pae
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message
from mcla.errors import MclaError
from mcla.statements.oms import oms_statement
from mcla.statements.parts import EndedRef, TensorsRef
from mcla.statements.statement import (
    AnyStatement,
    CompanyChange,
    Contribution,
    Withdrawal,
    manifest_subjects,
    parse_statement,
)

KEY_HOLDER = "cli"


class StatementUnexpected(Failure):
    """The service wrote something else than what was asked, or than what its digest names."""

    code = "statement-unexpected"
    hint = "Nothing was signed. Tell the operator of the service; do not sign there meanwhile."


S_co = TypeVar("S_co", Contribution, Withdrawal, CompanyChange, covariant=True)


class Wish(Protocol[S_co]):
    """What somebody wants to sign: the request for it, and how the service's statement is held against it."""

    def to_dict(self) -> dict[str, Any]: ...

    def check(self, stated: AnyStatement) -> S_co:
        """The statement, if it says what was asked; raises `StatementUnexpected`."""
        ...

    def listed(self) -> bytes | None:
        """The list of files, as it was made here, that is signed beside the statement; None without files."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A contribution that the signer wants to give."""

    project: str
    kind: str
    manifest: Manifest
    declarations: Mapping[str, Any]
    tensors: TensorsRef | None = None
    earlier: tuple[Earlier, ...] = ()
    company: str | None = None
    """The id of the company that it is given for."""
    agreement: str | None = None
    """One for these files alone, under which they are offered; None for what the signer has accepted."""
    office: Mapping[str, str] | None = None
    """Of such an offer for a company: the signer's title there, and whence the power to sign comes."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "contribution",
            "project": self.project,
            "kind": self.kind,
            "files": [entry.to_dict() for entry in self.manifest.files],
            "declarations": dict(self.declarations),
            "tensors": self.tensors.to_dict() if self.tensors else None,
            "earlier": [each.to_dict() for each in self.earlier],
            "company": self.company,
            "agreement": self.agreement,
            "office": dict(self.office) if self.office else None,
            "key_holder": KEY_HOLDER,
        }

    def check(self, stated: AnyStatement) -> Contribution:
        if not isinstance(stated, Contribution):
            raise StatementUnexpected("The statement is not a contribution.")
        manifest = self.manifest
        compare(
            ("capacity", "company" if self.company else "individual", stated.capacity),
            ("project", self.project, stated.project),
            ("kind", self.kind, stated.kind),
            ("manifest root", manifest.root, stated.manifest.root),
            ("number of files", len(manifest.files), stated.manifest.files),
            ("number of bytes", manifest.total_bytes, stated.manifest.bytes),
            ("list of files", manifest_subjects(manifest), stated.subjects),
            ("set of tensors", self.tensors, stated.tensors),
            ("agreement to offer under", self.agreement, stated.agreement.slug if stated.offer else None),
            ("power to sign", (self.office or {}).get("power"), stated.grantor.power if stated.grantor else None),
            ("earlier signature", tuple(each.ref for each in self.earlier), stated.earlier),
        )
        if not agree(self.declarations, stated.declarations):
            why = f"expected {json.dumps(dict(self.declarations))}, got {json.dumps(dict(stated.declarations))}"
            raise StatementUnexpected("The statement carries other declarations.", why=why)
        return stated

    def listed(self) -> bytes:
        return oms_statement(self.manifest, self.project)


@dataclass(frozen=True, slots=True)
class Ending:
    """An acceptance or contribution, `ended_id`, that the signer wants to end, own or of the company acted for.

    `ends` and `capacity` were read from its bundle: what was made for a company is ended for the company.
    """

    ended_id: str
    ends: EndedRef
    capacity: str
    reason: str
    stage: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "withdrawal",
            "ends": self.ended_id,
            "reason": self.reason,
            "stage": self.stage,
            "key_holder": KEY_HOLDER,
        }

    def check(self, stated: AnyStatement) -> Withdrawal:
        if not isinstance(stated, Withdrawal):
            raise StatementUnexpected("The statement is not a withdrawal.")
        compare(
            ("thing to end", self.ends, stated.ends),
            ("capacity", self.capacity, stated.capacity),
            ("reason", self.reason, stated.reason),
            ("stage", self.stage, stated.stage),
        )
        return stated

    def listed(self) -> None:
        return None


def compare(*parts: tuple[str, object, object]) -> None:
    """Raise `StatementUnexpected` for the first (what, expected, got) that differs."""
    for what, expected, got in parts:
        if expected != got:
            raise StatementUnexpected(f"The statement names another {what}.", why=f"expected {expected}, got {got}")


@dataclass(frozen=True, slots=True)
class Draft(Generic[S_co]):
    """A statement that was checked against what was asked, with the words of consent that belong to it."""

    id: str
    payload: bytes
    statement: S_co
    oms: bytes | None
    """The list of the files in the form of OpenSSF Model Signing, signed too where there are files."""
    consent: str
    signer_name: str
    signer_account: str
    review_url: str
    document: str = ""
    """What a company's change says, which its statement names by digest."""
    not_drawn: tuple[str, ...] = ()
    """Characters, such as U+1F600, that the PDF record will show by their numbers."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()


def open_draft(service: Service, asked: Wish[S_co], at: str = "/api/v1/signings") -> Draft[S_co]:
    """Ask the service for the statement; raises `StatementUnexpected` if it is not what was asked."""
    answer = service.post(at, asked.to_dict())
    try:
        draft = _read_draft(answer, asked)
    except StatementUnexpected:
        raise
    except (KeyError, TypeError, ValueError, MclaError) as error:
        reason = error.message if isinstance(error, MclaError) else f"{type(error).__name__}: {error}"
        raise StatementUnexpected("The service's statement cannot be read.", why=reason) from error
    _check_words(draft, answer)
    stated = draft.statement
    compare(
        ("key holder", KEY_HOLDER, stated.key_holder),
        ("service", service.origin, stated.service),
        ("signer", str(answer["signer"]["uri"]), stated.signer),
    )
    return draft


def sign_draft(service: Service, draft: Draft[Any], step: Step = silent) -> dict[str, Any]:
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
    signature = _sign(key, pae(draft.payload))
    signed: dict[str, Any] = {"signature": encode_base64(signature), "consent": True}
    if draft.oms is not None:
        signed["oms_signature"] = encode_base64(_sign(key, pae(draft.oms)))
    with step("Recording…"):
        done = service.post(f"{at}/signature", signed, again=True)
    _check_bundle_is_ours(done.get("bundle"), draft, signature)
    return done


def _read_draft(answer: Mapping[str, Any], asked: Wish[S_co]) -> Draft[S_co]:
    payload = str(answer["statement"]).encode()
    statement = asked.check(parse_statement(payload))
    signer = answer["signer"]
    identifier = str(answer["id"])
    if not identifier.replace("_", "").isalnum() or not identifier.isascii():
        raise ValueError("expected an id of letters and digits")
    return Draft(
        id=identifier,
        payload=payload,
        statement=statement,
        oms=asked.listed(),
        consent=str(answer["consent"]["text"]),
        signer_name=str(signer["name"]),
        signer_account=str(signer["account"]),
        review_url=str(answer.get("review_url", "")),
        document=str(answer.get("document", "")),
        not_drawn=tuple(str(each) for each in answer.get("not_drawn", ())),
    )


def _check_words(draft: Draft[Any], answer: Mapping[str, Any]) -> None:
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


def _check_bundle_is_ours(bundle: object, draft: Draft[Any], signature: bytes) -> None:
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
