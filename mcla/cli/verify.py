# SPDX-License-Identifier: Apache-2.0
"""`mcla verify`: is this file, folder, digest or bundle what somebody signed for? Offline unless `--service`.

Needs no more than click and cryptography. The answer is one of three: verified (exit 0), not verified (1), and
unknown (3) when something needed for an answer is missing; unknown is never taken for yes.
"""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mcla.artifacts.digest import DigestInvalid, check_sha256, shown_path
from mcla.cli.ends import Known, Wanted, known_ends
from mcla.cli.failure import Exit, Failure, ServiceRefused, Undecided, WrongUsage, code_of, exit_code_of
from mcla.cli.options import with_git
from mcla.cli.output import Output, current, speaks
from mcla.cli.record import Later, judged, record_in, told_by_newer, told_by_service
from mcla.cli.report import RecordTold, report
from mcla.cli.signed_answer import signed_answer_in, verify_signed
from mcla.cli.target import (
    TRUST_NAME,
    TRUST_PATH,
    BundleMissing,
    Target,
    TrustMissing,
    beside,
    bundle_place,
    is_pdf,
    look,
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


@click.command("verify")
@click.argument("text", metavar="TARGET")
@click.option(
    "--bundle",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The proof. Default: TARGET.sigstore.json.",
)
@click.option(
    "--trust",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The service's trusted_root.json, fetched once.",
)
@click.option(
    "--manifest",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The list of files of a large contribution. Default: beside the bundle.",
)
@click.option(
    "--counter-signature",
    "counter",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The foundation's counter-signature of an offer. Default: NAME.answer.sigstore.json beside the bundle.",
)
@click.option("--identity", metavar="URI", help="Demand this signer, to the letter; together with --issuer.")
@click.option("--issuer", metavar="URL", help="Demand that this service vouched for the signer.")
@click.option(
    "--policy",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="Demand that witnesses saw the log, as this C2SP tlog-policy says.",
)
@click.option(
    "--passkey",
    metavar="SHA256",
    callback=lambda _context, _option, text: _fingerprint(text),
    help="Demand that the passkey whose key has this SHA-256 confirmed it.",
)
@click.option(
    "--earlier",
    multiple=True,
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="Check this bundle by another tool, which the contribution names as signed before. May be repeated.",
)
@click.option(
    "--service",
    "url",
    metavar="URL",
    help="Fetch from this service what was ended, and the bundle when there is none here.",
)
@click.option(
    "--withdrawals",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="The service's signed list of what was ended, fetched before.",
)
@click.option(
    "--max-age", type=click.IntRange(0, 3650), default=7, metavar="DAYS", help="How old that list may be. Default: 7."
)
@click.option(
    "--newer",
    type=click.Path(exists=True, readable=False, dir_okay=False, path_type=Path),
    help="A record issued anew: say whether it took the place of this PDF record.",
)
@click.option("--require-in-force", is_flag=True, help="Say yes only if it is known that it has not been ended.")
@click.option("--then", is_flag=True, help="Ask what was valid when it was signed: an end since is told, and is no no.")
@click.option(
    "--head", metavar="SHA", help="Demand that the signed answer to a check is about this commit, as it then was."
)
@with_git
@speaks
def command(
    text: str,
    bundle: Path | None,
    trust: Path | None,
    manifest: Path | None,
    counter: Path | None,
    identity: str | None,
    issuer: str | None,
    policy: Path | None,
    passkey: str | None,
    earlier: tuple[Path, ...],
    url: str | None,
    withdrawals: Path | None,
    max_age: int,
    newer: Path | None,
    require_in_force: bool,
    then: bool,
    head: str | None,
    with_git: bool,
) -> None:
    """Check a file, folder, digest or bundle, offline; or the signed answer to a check.

    TARGET is a path, also of a PDF record, or sha256:HEX. The sentence on top is the answer; the rows say what was
    checked and who had to be believed.
    """
    if (identity is None) != (issuer is None):
        raise WrongUsage(
            "--identity and --issuer belong together.",
            why="expected both or neither, got one",
            hint="Name the service that vouches: --issuer https://SERVICE",
        )
    if require_in_force and then:
        raise WrongUsage(
            "--require-in-force and --then are two questions.",
            why="expected one of them, got both",
            hint="Leave out --then to ask about now.",
        )
    output = current()
    ends = Wanted(withdrawals, max_age, require_in_force)
    target = look(text, bundle_given=bundle is not None)
    if bundle is None and url is None and (signed := signed_answer_in(target)) is not None:
        if identity or policy or passkey or earlier or require_in_force or counter or manifest:
            raise WrongUsage(
                "This is the signed answer to a check, which has no signer, witness or end.",
                why="expected --trust and --head alone, got what is demanded of a proof",
                hint=f"mcla verify {target.name} --trust FILE --head SHA",
            )
        believed = _read_trust(read_file(trust_place(trust), "trust file"))
        raise click.exceptions.Exit(verify_signed(signed, believed, target, output, head))
    if head is not None:
        raise WrongUsage(
            "--head belongs to the signed answer to a check.",
            why="expected such an answer, got something else",
            hint="Keep one:  mcla check … --answer FILE",
        )
    told = None
    try:
        demanded = _read_policy(policy) if policy else None
        named = tuple(read_file(place, "bundle of an earlier signature") for place in earlier)
        asked = Asked(identity, issuer, demanded, passkey, named)
        question = Question(target, bundle, trust, manifest, counter, asked, url, ends, with_git)
        if bundle is None and beside(target) is None and (pdf := record_in(target)) is not None:
            verdict, told = _of_record(question, pdf, newer)
        else:
            verdict = answer(question, output)
    except MclaError as error:
        if isinstance(error, ServiceRefused):
            error.exit_code = Exit.UNKNOWN  # what a service refuses to give says nothing about the proof
        if exit_code_of(error) is Exit.USAGE or not output.json:
            raise
        verdict = _as_verdict(error)
    raise click.exceptions.Exit(report(verdict, target, output, then=then, record=told))


def _fingerprint(text: str | None) -> str | None:
    try:
        return None if text is None else check_sha256(text)
    except DigestInvalid as error:
        hint = "The signer finds it under “Your account”, beside the passkey."
        raise WrongUsage("--passkey takes the SHA-256 of a passkey's key.", why=error.message, hint=hint) from error


@dataclass(frozen=True, slots=True)
class Asked:
    """What is demanded of the proof beyond being sound: the verifier's own words."""

    identity: str | None
    issuer: str | None
    policy: "Policy | None"
    passkey: str | None
    earlier: tuple[bytes, ...]

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


def _of_record(question: Question, pdf: bytes, newer: Path | None) -> "tuple[Verdict, RecordTold]":
    """The verdict on a sealed record, with what is known of withdrawals, and what is told of the record itself."""
    from mcla.cli.service import Service

    trust = _read_trust(read_file(trust_place(question.trust), "trust file"))
    known, found = _known(question, trust), judged(pdf, trust, question.asked.named)
    later = told_by_newer(pdf, found, newer, trust) if newer and found.verdict.verified else Later()
    if question.url and found.verdict.verified:
        with Service(question.url) as service:
            asked = told_by_service(pdf, found.verdict, service, trust)
        later = replace(asked, superseded=asked.superseded if later.superseded is None else later.superseded)
    record = found.record()
    told = RecordTold(None if record is None else record | later.to_dict(), tuple(later.lines()))
    return known.complete(found.verdict, found.answer), told


def answer(question: Question, output: Output) -> "Verdict":
    """The verdict; cheap things that may be missing are looked for before gigabytes are read."""
    place = question.bundle or beside(question.target)
    if place is None and question.url is None:
        why = f"expected --bundle FILE{_expected_beside(question.target)}, got neither"
        hint = "Ask whoever gave you the files for the bundle, or add --service URL to ask a service."
        if is_pdf(question.target):
            hint = "This PDF carries no seal, so it is no record of a signature. " + hint
        if (stamped := _stamp_in(question.target)) is not None:
            hint = f"The file names its bundle: curl -fo BUNDLE {stamped}  and then: mcla verify … --bundle BUNDLE"
        raise BundleMissing(f"There is no bundle for {question.target.name}.", why=why, hint=hint)
    if place is None:
        return _ask_service(question, output)
    trust = _read_trust(read_file(trust_place(question.trust), "trust file"))
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


def _read_policy(place: Path) -> "Policy":
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
        trust = _read_trust(_trust_for(question, service, output))
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


def _read_trust(data: bytes) -> "TrustedRoot":
    from mcla.verify.trust import TrustedRoot

    try:
        return TrustedRoot.from_json(data)
    except MclaError as error:
        raise TrustUnusable("The trust file cannot be used.", why=error.message, hint=TrustMissing.hint) from error


def _as_verdict(error: MclaError) -> "Verdict":
    from mcla.verify.verdict import Reason, Verdict

    why = error.why if isinstance(error, Failure) else ""
    message = f"{error.message} {why}".strip()
    word: Literal["unknown", "not-verified"] = "unknown" if exit_code_of(error) is Exit.UNKNOWN else "not-verified"
    return Verdict(word, (Reason(code_of(error), message, error.hint),))
