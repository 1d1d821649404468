# SPDX-License-Identifier: Apache-2.0
"""What a verdict says of the statement and its proof: sentences for people, members for machines.

Nothing is judged here. What a bundle says is told whether it is believed or not; the steps tell which it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import Bundle, MessageSignature
from mcla.envelope.certificate import Leaf
from mcla.envelope.chain import shown
from mcla.statements.oms import OmsStatement
from mcla.statements.statement import (
    Acceptance,
    AnyStatement,
    CompanyChange,
    Contribution,
    OfferAnswer,
    Withdrawal,
)
from mcla.verify import earlier, message, offers, oms
from mcla.verify.passkey import Confirmed
from mcla.verify.verdict import Reason

Statement = AnyStatement | OmsStatement | MessageSignature

_TYPES: dict[type, str] = {
    Acceptance: "acceptance",
    CompanyChange: "company-change",
    Contribution: "contribution",
    OfferAnswer: "offer-answer",
    Withdrawal: "withdrawal",
}
_HOLDERS = {
    "browser": Reason("key-held-by-browser", "The signer's browser made and held the key, which never left it."),
    "cli": Reason("key-held-by-cli", "The signer's own command line made and held the key."),
    "service": Reason(
        "key-held-by-service",
        "The service made, held and used the one-use key for a signer without JavaScript: this proves what the service "
        "recorded of a signed-in person's act, not that the signer's own device signed.",
    ),
}
_ACTED = Reason(
    "key-held-by-service",
    "The service made, held and used the one-use key in the foundation's name: this proves what the service recorded "
    "of the act of a person who acts for the foundation.",
)


def reasons_of(
    statement: Statement, leaf: Leaf, at: datetime, confirmed: Confirmed | None, proven: Sequence[earlier.Proven]
) -> tuple[Reason, ...]:
    """Why the answer is yes, and what it leaves open."""
    if isinstance(statement, OmsStatement):
        return oms.reasons_of(statement, leaf.signer_uri, shown(at))
    if isinstance(statement, MessageSignature):
        return message.reasons_of(statement, leaf.signer_uri, shown(at))
    holder = confirmed.reason if confirmed else _HOLDERS[statement.key_holder]
    holder = _ACTED if isinstance(statement, OfferAnswer) else holder
    return (_summary(statement, at), holder, *earlier.reasons_of(statement, proven))


def statement_said(statement: Statement) -> str:
    """The step that reads the statement, in words."""
    if isinstance(statement, OmsStatement):
        return f"OpenSSF Model Signing, {len(statement.files)} files"
    if isinstance(statement, MessageSignature):
        return "none, one file was signed"
    return f"{_TYPES[type(statement)]}, canonical, {len(statement.subjects)} subjects"


def _summary(statement: AnyStatement, at: datetime) -> Reason:
    agreement = f"{statement.agreement.slug} {statement.agreement.version}"
    if isinstance(statement, Withdrawal):
        whose = "a company's" if statement.capacity == "company" else "an own"
        act = f"ended {whose} {statement.ends.type} (log entry {statement.ends.log_index}) under"
    elif isinstance(statement, Acceptance):
        act = f"accepted for {statement.company.name}" if statement.company else "accepted"
    elif isinstance(statement, CompanyChange):
        act = f"changed who may give for a company (log entry {statement.acceptance.log_index}) under"
    elif isinstance(statement, OfferAnswer):
        act = f"{statement.answer} the offer in log entry {statement.answers.log_index} under"
    elif statement.offer:
        act = f"offered {statement.kind}{f' for {statement.grantor.name}' if statement.grantor else ''} under"
    else:
        act = f"contributed {statement.kind}{' for a company' if statement.company else ''} under"
    return Reason("signed", f"{statement.signer} {act} {agreement} on {shown(at)}; every step of the proof holds.")


def said_of(
    statement: Statement, bundle: Bundle, leaf: Leaf | None, at: datetime | None, proven: Sequence[earlier.Proven]
) -> dict[str, Any]:
    """The statement as members of the verdict."""
    if isinstance(statement, OmsStatement):
        digest = {"statement_sha256": sha256_hex(bundle.envelope.payload)}
        return oms.said_of(statement) | digest | _proven(bundle, leaf, at)
    if isinstance(statement, MessageSignature):
        return message.said_of(statement) | _proven(bundle, leaf, at)
    said: dict[str, Any] = {
        "type": _TYPES[type(statement)],
        "predicate_type": statement.TYPE,
        "statement_sha256": sha256_hex(bundle.envelope.payload),
        "root": statement.root,
        "signer": statement.signer,
        "service": statement.service,
        "foundation": statement.foundation,
        "capacity": statement.capacity,
        "agreement": statement.agreement.to_dict(),
        "key_holder": statement.key_holder,
        "passkey": statement.passkey.fingerprint if statement.passkey else None,
        "time": shown(at) if at else None,
        "log_index": bundle.entry.log_index,
        "entry_kind": bundle.entry.kind.kind,
    }
    if isinstance(statement, Acceptance | Contribution):
        said["company"] = statement.company.to_dict() if statement.company else None
    if isinstance(statement, CompanyChange):
        said["acceptance"] = statement.acceptance.to_dict()
    if isinstance(statement, Contribution):
        said |= {
            "project": statement.project,
            "kind": statement.kind,
            "schedule": statement.schedule,
            "files": statement.manifest.files,
            "bytes": statement.manifest.bytes,
            "declarations": dict(statement.declarations),
            "tensors": statement.tensors.to_dict() if statement.tensors else None,
            "acceptance": statement.acceptance.to_dict() if statement.acceptance else None,
            "offer": _offer_said(statement, at),
            "grantor": statement.grantor.to_dict() if statement.grantor else None,
            "earlier": earlier.said_of(statement, proven),
        }
    if isinstance(statement, Withdrawal):
        said |= {"ends": statement.ends.to_dict(), "reason": statement.reason, "stage": statement.stage}
    if isinstance(statement, OfferAnswer):
        said |= {"answers": statement.answers.to_dict(), "answer": statement.answer, "reason": statement.reason}
    return said


def _offer_said(statement: Contribution, at: datetime | None) -> dict[str, Any] | None:
    """The days of an offer, who may answer it, and the last moment for that; None for what is none."""
    if statement.offer is None:
        return None
    return statement.offer.to_dict() | {"until": shown(offers.stands_until(at, statement.offer.days)) if at else None}


def _proven(bundle: Bundle, leaf: Leaf | None, at: datetime | None) -> dict[str, Any]:
    """What the proof alone says, for what names no signer itself."""
    return {
        "signer": leaf.signer_uri if leaf else None,
        "service": leaf.issuer if leaf else None,
        "time": shown(at) if at else None,
        "log_index": bundle.entry.log_index,
    }


def bundle_said(bundle: Bundle) -> str:
    """The step that reads the bundle, in words."""
    if isinstance(bundle.content, MessageSignature):
        return "Sigstore bundle v0.3, a signature over a file"
    return f"Sigstore bundle v0.3, {len(bundle.envelope.payload)} bytes of statement"
