# SPDX-License-Identifier: Apache-2.0
"""What `mcla verify` finds out about a target: the proof, what it is measured against, and whom to ask for the rest.

Cheap things that may be missing are looked for before gigabytes are read. What needs a service, a seal or a policy is
loaded when it is asked for, so that the command starts with click and cryptography alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mcla.artifacts.digest import shown_path
from mcla.cli.ends import Known, Wanted, known_ends
from mcla.cli.failure import Undecided
from mcla.cli.output import Output
from mcla.cli.record import Later, judged, redaction, told_by_newer, told_by_service
from mcla.cli.report import RecordTold
from mcla.cli.target import (
    TRUST_NAME,
    TRUST_PATH,
    BundleMissing,
    Target,
    TrustMissing,
    beside,
    bundle_place,
    is_pdf,
    manifest_beside,
    measure,
    read_file,
    trust_place,
)
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.artifacts.manifest import Manifest
    from mcla.cli.service import Service
    from mcla.log.policy import Policy
    from mcla.verify.offers import Answer
    from mcla.verify.trust import TrustedRoot
    from mcla.verify.verdict import Verdict


class TrustUnusable(Undecided):
    """The trust file is there but says nothing that can be used."""

    code = "trust-unusable"


class PolicyUnusable(Undecided):
    """The policy is there but does not say who is to be believed."""

    code = "policy-unusable"


class ManifestUnusable(Undecided):
    """The manifest is there but is no list of files."""

    code = "manifest-unusable"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is demanded of the proof beyond being sound: the verifier's own words."""

    identity: str | None
    issuer: str | None
    policy: "Policy | None"
    passkey: str | None
    earlier: tuple[bytes, ...]

    @classmethod
    def of(
        cls,
        identity: str | None,
        issuer: str | None,
        policy: Path | None,
        passkey: str | None,
        earlier: Sequence[Path],
    ) -> Self:
        """As told on the command line; the files it names are read."""
        believed = read_policy(policy) if policy else None
        named = tuple(read_file(place, "bundle of an earlier signature") for place in earlier)
        return cls(identity, issuer, believed, passkey, named)

    @property
    def named(self) -> dict[str, Any]:
        """By the names of the verifier's arguments."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Question:
    """The target and what it is to be measured against."""

    target: Target
    bundle: Path | None
    trust: Path | None
    manifest: Path | None
    counter: Path | None
    asked: Asked
    url: str | None
    ends: Wanted
    with_git: bool


def of_record(question: Question, pdf: bytes, newer: Path | None) -> "tuple[Verdict, RecordTold]":
    """The verdict on a sealed record, with what is known of withdrawals, and what is told of the record itself."""
    from mcla.cli.service import Service

    trust = trust_at(question.trust)
    known, found = _known(question, trust), judged(pdf, trust, question.asked.named)
    later = told_by_newer(found, newer, trust) if newer and found.verdict.verified else Later()
    if question.url and found.verdict.verified:
        with Service(question.url) as service:
            asked = told_by_service(pdf, found.verdict, service, trust)
        later = replace(asked, superseded=asked.superseded if later.superseded is None else later.superseded)
    record = found.record()
    lines = (*redaction(record), *later.lines())
    told = RecordTold(None if record is None else record | later.to_dict(), lines)
    return known.complete(found.verdict, found.answer), told


def answer(question: Question, output: Output) -> "Verdict":
    """The verdict; cheap things that may be missing are looked for before gigabytes are read."""
    place = question.bundle or beside(question.target)
    if place is None and question.url is None:
        why = f"expected --bundle FILE{_expected_beside(question.target)}, got neither"
        hint = "Ask whoever gave you the files for the bundle, or add --service URL to ask a service."
        if is_pdf(question.target):
            hint = "This PDF carries no seal, so it is no record of a signature, or it was cut off. " + hint
        elif question.target.path is not None and question.target.path.suffix.lower() == ".pdf":
            hint = "This is no PDF file, whatever its name says: unpack it, or get the record again. " + hint
        if (stamped := _stamp_in(question.target)) is not None:
            hint = f"The file names its bundle: curl -fo BUNDLE {stamped}  and then: mcla verify … --bundle BUNDLE"
        raise BundleMissing(f"There is no bundle for {question.target.name}.", why=why, hint=hint)
    if place is None:
        return _ask_service(question, output)
    trust = trust_at(question.trust)
    bundle, known = read_file(place, "bundle"), _known(question, trust)
    measured = measure(question.target, output, git=question.with_git or _is_list(bundle), bundle=bundle)
    verdict = _judge(question, measured, bundle, trust, _manifest_for(question, place, measured))
    return known.complete(verdict, _answer_to(verdict, question, place, trust))


def _answer_to(verdict: "Verdict", question: Question, place: Path, trust: "TrustedRoot") -> "Answer | None":
    """The foundation's answer to an offer: of the files first, else of the service where one is named."""
    from mcla.cli.offers import answer_at, answer_in_files, is_offer

    if not is_offer(verdict) and question.counter is None:
        return None
    found = answer_in_files(verdict, question.counter, place, trust, question.asked.policy)
    if found is not None or question.url is None:
        return found
    from mcla.cli.service import Service

    with Service(question.url) as service:
        return answer_at(verdict, service, trust, question.asked.policy)


def _stamp_in(target: Target) -> str | None:
    """Where the file says that its bundle is; nothing is fetched because a file asks for it."""
    from mcla.cli.stamps import stamped_file

    found = stamped_file(target.path, None) if target.path is not None and target.path.is_file() else None
    return found.stamp.url if found is not None else None


def _is_list(bundle: bytes) -> bool:
    """Whether it holds a list of files by another tool (OMS), for which every file counts; ADR 13."""
    from mcla.envelope.bundle import parse_bundle
    from mcla.envelope.dsse import Envelope
    from mcla.verify.oms import is_oms

    try:
        content = parse_bundle(bundle).content
    except MclaError:
        return False  # the verdict says why
    return isinstance(content, Envelope) and is_oms(content.payload)


def _known(question: Question, trust: "TrustedRoot") -> Known:
    if question.url is None:
        return known_ends(question.ends, None, trust)
    from mcla.cli.service import Service

    with Service(question.url) as service:
        return known_ends(question.ends, service, trust)


def _expected_beside(target: Target) -> str:
    return f" or {shown_path(bundle_place(target.path))}" if target.path else " or --service URL"


def _judge(
    question: Question,
    measured: "str | Manifest | None",
    bundle: bytes,
    trust: "TrustedRoot",
    manifest: "Manifest | None",
) -> "Verdict":
    from mcla.verify.verifier import verify_artifact, verify_bundle

    target, asked = manifest if measured is None else measured, question.asked.named
    if target is None:
        return verify_bundle(bundle, trust, **asked)
    return verify_artifact(target, bundle, trust, manifest, **asked)


def read_policy(place: Path) -> "Policy":
    from mcla.log.policyfile import PolicyInvalid, parse_policy

    try:
        return parse_policy(read_file(place, "policy"))
    except PolicyInvalid as error:
        raise PolicyUnusable("The policy cannot be used.", why=error.message, hint=error.hint) from error


def _manifest_for(question: Question, place: Path, measured: "str | Manifest | None") -> "Manifest | None":
    """The list of files that was given, or lies beside the bundle where a single file may need it."""
    from mcla.artifacts.manifest import parse_manifest

    found = question.manifest or (manifest_beside(place) if isinstance(measured, str) else None)
    data = read_file(found, "manifest") if found else None
    try:
        return None if data is None else parse_manifest(data)
    except MclaError as error:
        raise ManifestUnusable("The manifest cannot be used.", why=error.message, hint=error.hint) from error


def _ask_service(question: Question, output: Output) -> "Verdict":
    from mcla.cli.offers import answer_at
    from mcla.cli.remote import offered
    from mcla.cli.service import Service

    with Service(question.url or "") as service:
        trust = read_trust(_trust_for(question, service, output))
        known = known_ends(question.ends, service, trust)
        measured = measure(question.target, output, git=question.with_git)
        verdicts: list[Verdict] = []
        for offer in offered(service, question.target, measured or ""):
            verdict = _judge(question, measured, offer.bundle, trust, offer.manifest)
            verdicts.append(known.complete(verdict, answer_at(verdict, service, trust, question.asked.policy)))
            if verdicts[-1].verified and verdicts[-1].withdrawal.state == "in-force":
                break
        return min(reversed(verdicts), key=lambda each: (not each.verified, each.withdrawal.state != "in-force"))


def _trust_for(question: Question, service: "Service", output: Output) -> bytes:
    try:
        return read_file(trust_place(question.trust), "trust file")
    except TrustMissing:
        output.say(
            f"There is no trust file: using the keys that {service.origin} states now. To rely on them, keep them:\n"
            f"  curl -fo {TRUST_NAME} {service.origin}{TRUST_PATH}"
        )
        return service.get_bytes(TRUST_PATH)


def trust_at(place: Path | None) -> "TrustedRoot":
    """What is believed: the trust file at `place`, or where it is looked for."""
    return read_trust(read_file(trust_place(place), "trust file"))


def read_trust(data: bytes) -> "TrustedRoot":
    from mcla.verify.trust import TrustedRoot

    try:
        return TrustedRoot.from_json(data)
    except MclaError as error:
        raise TrustUnusable("The trust file cannot be used.", why=error.message, hint=TrustMissing.hint) from error
