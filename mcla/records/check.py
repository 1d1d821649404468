# SPDX-License-Identifier: Apache-2.0
"""The one rule for a sealed record, offline, as `mcla verify FILE.pdf`, the verify page and the service apply it.

Exactly one seal, intact, by a sealer of the trust file, over the whole file, forbidding changes, at a time that counts;
the attached files are those that `record.json` names; the attached bundle proves the signature; `record.json` says what
was signed; the pages show what is attached. Needs the extra `pdf`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mcla.records.agreeing import check_agreeing
from mcla.records.contents import Contents, read_contents
from mcla.records.errors import RecordUndecided, SealInvalid
from mcla.records.names import BUNDLE_JSON, COUNTER_JSON
from mcla.records.seal import Seal, check_bytes, check_seal, read_sealed
from mcla.records.text import check_pages
from mcla.verify.answers import answered
from mcla.verify.offers import Answer, counted
from mcla.verify.run import Run
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Reason, Verdict, Word
from mcla.verify.verifier import verify_bundle


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record whose seal and attached files hold."""

    seal: Seal
    contents: Contents

    @property
    def certificate_sha256(self) -> str:
        return self.seal.certificate_sha256

    @property
    def record(self) -> dict[str, Any]:
        return self.contents.record

    @property
    def attachments(self) -> dict[str, bytes]:
        return self.contents.attachments


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """The verdict on a record, by its own steps; `proof` is that on its bundle, `found` is set once its seal holds."""

    verdict: Verdict
    found: SealedRecord | None = None
    proof: Verdict | None = None
    answer: Answer | None = None
    """Of a record about an offer: the foundation's counter-signature, which is attached to it."""

    def record(self) -> dict[str, Any] | None:
        """What is told of the record beside the verdict: its ids, its seal and the steps of the attached proof.

        Of a redacted copy also what it withholds, and the SHA-256 of the record that it was made of.
        None where the seal does not hold.
        """
        if self.found is None:
            return None
        said, seal = self.found.record, self.found.seal.to_dict()
        steps = [step.to_dict() for step in self.proof.steps] if self.proof else None
        told = {"id": said["recordId"], "type": said["type"], "about": said["id"], "seal": seal, "proof": steps}
        return told | ({"redacted": said["redacted"]} if "redacted" in said else {})


def check_sealed(pdf: bytes, trust: TrustedRoot, now: datetime) -> SealedRecord:
    """The seal and the attached files alone; raises `SealInvalid` naming the check that failed."""
    signed = check_bytes(pdf, trust)
    reader = read_sealed(signed)
    seal = check_seal(reader, signed, trust, now)
    return SealedRecord(seal, read_contents(reader, seal))


def verify_record(pdf: bytes, trust: TrustedRoot, now: datetime, **asked: Any) -> RecordVerdict:
    """The whole rule. `now` counts for a seal without timestamp alone.

    What is `asked` beyond it is asked of the attached bundle, by the names that `verify_bundle` has.
    """
    run = Run()
    signed = run.step("sealed-bytes", lambda: check_bytes(pdf, trust), say=lambda _: "one seal, over the whole file")
    reader = run.step("pdf", read_sealed, signed, say=lambda _: "well-formed")
    seal = run.step("seal", lambda one, by: check_seal(one, by, trust, now), reader, signed)
    contents = run.step("attachments", read_contents, reader, seal, say=_named)
    proof = run.step("proof", lambda one: _proof(one, trust, asked), contents, say=_proven)
    run.step("record", check_agreeing, contents)
    run.step("pages", lambda one: check_pages(pdf, one), contents)
    found = SealedRecord(seal, contents) if seal and contents else None
    verdict, answer = proof or (None, None)
    return RecordVerdict(_concluded(run, verdict), found, verdict, answer)


class _Unproven(SealInvalid):
    """The proof that is attached to a record does not hold."""

    code = "record-unproven"

    def __init__(self, verdict: Verdict) -> None:
        reason = verdict.reasons[0]
        super().__init__("proof", f"the attached proof does not hold: {reason.message}", hint=reason.hint)


def _proof(contents: Contents, trust: TrustedRoot, asked: Mapping[str, Any]) -> tuple[Verdict, Answer | None]:
    """The verdict on the attached bundle, with the attached counter-signature of an offer."""
    if BUNDLE_JSON not in contents.attachments:
        raise SealInvalid("proof", "no proof is attached")
    verdict, answer = verify_bundle(contents.attachments[BUNDLE_JSON], trust, **asked), None
    if verdict.proof and COUNTER_JSON in contents.attachments:
        answer = answered(verdict, contents.attachments[COUNTER_JSON], trust, asked.get("policy"))
        verdict = counted(verdict, answer, NOT_LOOKED_AT)
    if not verdict.verified:
        raise _Unproven(verdict)
    return verdict, answer


def _proven(proof: tuple[Verdict, Answer | None]) -> str:
    return proof[0].reasons[0].message


def _named(contents: Contents) -> str:
    return f"{len(contents.attachments)} files, as record.json names them"


def _concluded(run: Run, proof: Verdict | None) -> Verdict:
    steps = tuple(run.steps)
    if run.faults:
        undecided = all(isinstance(fault, RecordUndecided) for fault in run.faults)
        word: Word = "unknown" if undecided else "not-verified"
        reasons = tuple(Reason(_code(fault), fault.message, fault.hint) for fault in run.faults)
        return Verdict(word, reasons, steps)
    if proof is None or any(step.outcome != "yes" for step in steps):
        raise AssertionError("a step was left out although none failed")
    return replace(proof, steps=steps)


def _code(fault: Any) -> str:
    """`record-` and the check that failed, for those of the record itself."""
    return f"record-{fault.check}" if isinstance(fault, SealInvalid) else str(fault.code)
