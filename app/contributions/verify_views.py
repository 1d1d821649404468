# SPDX-License-Identifier: Apache-2.0
"""Pages that check: a digest, a list of digests, a proof file, a sealed record; and what is known of one artifact.

All answers come from the services and from `mcla.verify`, the same as the API's. The page says one sentence first,
then what was checked, what that does not say, and how to check without us.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any

from apiflask import APIBlueprint
from flask import json, redirect, render_template, request

from app.agreements.views import agreement_title
from app.contributions.covering import HIDDEN_NAME
from app.contributions.given_file import fault_of, is_record
from app.contributions.schemas.bundle import BundleIn
from app.contributions.values import ArtifactAnswer, best
from app.log.witness_policy import recognised
from app.platform.formats import moment, short_digest
from app.platform.languages import day, number, time, translated
from app.platform.security import Access, access, limiter
from app.wiring import services
from mcla.artifacts.digest import parse_digest
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.errors import MclaError
from mcla.verify.standing import Standing, State
from mcla.verify.verdict import Outcome, Verdict
from mcla.verify.verifier import verify_artifact
from mcla.wording import Joined, Worded

bp = APIBlueprint("verify", __name__, enable_openapi=False, template_folder="templates")
MAX_LINES = 1000
_LINE = re.compile(r"(?:sha256:)?([0-9A-Fa-f]{64})(?:\s+(.*))?")
Claims = tuple[tuple[str, tuple[str, ...]], ...]
"""Sentences with the names of the steps that each stands for."""
CLAIMS: Claims = (
    ("Fingerprint is in the signed statement", ("artifact",)),
    ("Proof is whole and readable", ("bundle", "payload-type", "statement")),
    ("Signature is valid", ("signature",)),
    (
        "Key was certified for this signer",
        ("certificate", "certificate-life", "certificate-chain", "certificate-transparency", "signer"),
    ),
    ("Signature is time-stamped", ("timestamp",)),
    ("Signature is in the public log", ("log-entry", "log", "checkpoint", "inclusion")),
)
RECORD_CLAIMS: Claims = (
    ("One seal, over the whole file", ("sealed-bytes", "pdf")),
    ("Sealed with a key of the foundation", ("seal",)),
    ("Attached files are those that it names", ("attachments",)),
    ("Attached proof of the signature holds", ("proof",)),
    ("Record says what was signed", ("record",)),
    ("Pages show what is attached", ("pages",)),
)
NOT_VERIFIED = Worded("Not verified.")
UNTOLD = Worded("This cannot be told from the file alone.")


@dataclass(frozen=True, slots=True)
class Check:
    """One row of a result: a claim, whether it holds, and one line about it."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    """A result as the page shows it: tone and sentence first."""

    tone: str
    sentence: str
    text: str
    checks: tuple[Check, ...] = ()
    answer: ArtifactAnswer | None = None
    verdict: Verdict | None = None


@bp.get("/verify")
@access(Access.PUBLIC)
def verify() -> Any:
    """What do you want checked?"""
    digest = request.args.get("digest", "").strip()
    if not digest:
        return _page()
    try:
        return _page(digest=digest, result=of_acceptance(digest) or of_digest(digest))
    except MclaError as error:
        return _page(
            digest=digest, faults=[{"pointer": "/digest", "detail": Joined(" ", (error.message, error.hint))}]
        ), 400


@bp.post("/verify")
@limiter.limit("120/minute")
@access(Access.PUBLIC)
def verify_form() -> Any:
    """A pasted digest or list of them, a proof file, or a sealed record; no file is kept."""
    pasted, file = request.form.get("digest", "").strip(), request.files.get("bundle")
    if file:
        return _file_page(file.read(BundleIn.max_bytes + 1), pasted)
    lines = [line.strip() for line in pasted.splitlines() if line.strip()]
    if len(lines) == 1:
        return redirect(f"/verify?digest={_first_digest(lines[0])}", code=303)
    if not lines:
        return _page(faults=[{"pointer": "/digest", "detail": "Paste a SHA-256, or choose a proof file."}]), 400
    return _many_page(pasted, lines)


def of_digest(digest: str) -> Result:
    """The result for `sha256:<hex>` or bare hex; raises `DigestInvalid`."""
    answer = services().contributions.artifact(digest.lower())
    if not answer.contributions:
        text = Worded(
            "That does not say that it is bad. It may never have been given, or it may have been changed by one byte."
        )
        sentence = Worded("Unknown. No contribution recorded here covers this file.")
        return Result("unknown", sentence, text, answer=answer)
    first = best(answer.contributions)
    stored = services().contributions.proof_to_check(first.id)
    data, policy = json.dumps(stored).encode(), recognised(services().policy)
    verdict = verify_artifact(answer.digest, data, services().trust, policy=policy).standing(first.standing)
    if first.shown_to != "everybody":
        verdict = _without_names(verdict)
    project = services().projects.project(first.project).name
    if answer.state == "pending":
        sentence = Worded("Offered to %(project)s, not in force yet.", project=project)
        return Result("unknown", sentence, first.standing.sentence, checks_of(verdict), answer, verdict)
    if answer.verdict != "verified":
        why = Joined("; ", (reason.message for reason in answer.reasons))
        return Result("no", NOT_VERIFIED, why, checks_of(verdict), answer, verdict)
    name = {MANIFEST_NAME: Worded("this set of files"), HIDDEN_NAME: Worded("this file")}.get(first.path, first.path)
    text = Worded(
        "Signer %(signer)s gave it on %(day)s under %(agreement)s. It is unchanged since.",
        signer=first.signer.rpartition("/")[2],
        day=day(moment(first.time)),
        agreement=f"{agreement_title(first.agreement['slug'])} {first.agreement['version']}",
    )
    if answer.state == "ended":
        sentence = Worded(
            "Taken back: %(name)s was given to %(project)s, and is in force no more.", name=name, project=project
        )
        more = Joined(" ", (text, _until(first.standing)))
        return Result("care", sentence, more, checks_of(verdict), answer, verdict)
    sentence = Worded("Covered: %(name)s was given to %(project)s.", name=name, project=project)
    return Result("yes", sentence, text, checks_of(verdict), answer, verdict)


def _without_names(verdict: Verdict) -> Verdict:
    """The verdict without what it says of the artifact beyond yes and no, which names files."""
    steps = (replace(step, detail="not public") if step.name == "artifact" else step for step in verdict.steps)
    return replace(verdict, steps=tuple(steps))


def of_acceptance(digest: str) -> Result | None:
    """The result for the statement of an accepted agreement, which a record's QR code names; None for all others."""
    stored = services().signing.acceptance_of(parse_digest(_first_digest(digest)))
    if stored is None:
        return None
    verdict = services().contributions.verify_bundle(json.dumps(stored).encode())
    if not verdict.verified or verdict.statement is None:
        why = Joined("; ", (reason.message for reason in verdict.reasons))
        return Result("no", NOT_VERIFIED, why, checks_of(verdict), verdict=verdict)
    said = verdict.statement
    version = services().agreements.version(said["agreement"]["slug"], said["agreement"]["version"])
    text: str = Worded(
        "Signer %(signer)s accepted this agreement on %(day)s. This is a statement that was signed, and not a file.",
        signer=str(said["signer"]).rpartition("/")[2],
        day=day(moment(said["time"])),
    )
    which = {"title": version.title, "version": version.version}
    sentence = Worded("Accepted: %(title)s, version %(version)s.", **which)
    if verdict.withdrawal.state == "ended":
        sentence = Worded("Ended: %(title)s, version %(version)s, was accepted and is in force no more.", **which)
        text = Joined(" ", (text, _until(verdict.withdrawal)))
        return Result("care", sentence, text, checks_of(verdict), None, verdict)
    return Result("yes", sentence, text, checks_of(verdict), None, verdict)


def of_bundle(content: bytes, digest: str) -> Result:
    """The result for an uploaded proof, about `digest` where one was given; raises `DigestInvalid`."""
    if digest:
        verdict = services().contributions.verify_bundle(content, parse_digest(_first_digest(digest)))
    else:
        verdict = services().contributions.verify_bundle(content)
    sentence, tone = {
        "verified": (Worded("The proof holds."), "yes"),
        "not-verified": (NOT_VERIFIED, "no"),
        "unknown": (UNTOLD, "unknown"),
    }[verdict.verdict]
    if verdict.verified and digest:
        covers = short_digest(_first_digest(digest))
        sentence = Worded("The proof holds, and it covers %(digest)s.", digest=covers)
    if verdict.verified and verdict.withdrawal.state == "ended":
        sentence, tone = Worded("The proof holds, and what it gave has been ended or taken back."), "care"
    return Result(tone, sentence, _reasons(verdict), checks_of(verdict), verdict=verdict)


def of_record(pdf: bytes) -> Result:
    """The result for an uploaded PDF, by the rule that `mcla verify` applies."""
    found = services().records.verify(pdf)
    verdict = found.verdict
    if not verdict.verified or found.found is None:
        sentence, tone = (NOT_VERIFIED, "no") if verdict.verdict == "not-verified" else (UNTOLD, "unknown")
        return Result(tone, sentence, _reasons(verdict), checks_of(verdict, RECORD_CLAIMS), verdict=verdict)
    seal, withheld = found.found.seal, found.found.record.get("redacted")
    text: str = Worded(
        "It was sealed on %(day)s and has not been changed by a single byte since. %(signer)s.",
        day=day(seal.time),
        signer=Worded("Signer %(signer)s", signer=str((verdict.statement or {})["signer"]).rpartition("/")[2]),
    )
    tone, sentence = "yes", Worded("The record holds.")
    if withheld:
        sentence = Worded("The redacted copy holds.")
        text = Joined(" ", (text, Worded("It withholds personal data of the signer, and says which.")))
    if services().records.superseded(withheld["original"] if withheld else hashlib.sha256(pdf).hexdigest()):
        tone, sentence = "care", Worded("The record holds, and a newer one has taken its place.")
        text = Joined(" ", (text, Worded("The newer record is of the same signature, and says why.")))
    if verdict.withdrawal.state == "ended":
        tone, sentence = "care", Worded("The record holds, and what it records has been ended or taken back.")
        text = Joined(" ", (text, _until(verdict.withdrawal)))
    return Result(tone, sentence, text, checks_of(verdict, RECORD_CLAIMS), verdict=verdict)


def _reasons(verdict: Verdict) -> str:
    """Why, in whole sentences: in the page's language where it has them."""
    own = [translated(reason.message) for reason in verdict.reasons]
    if None not in own and not verdict.verified:
        return Joined(" ", (reason.message for reason in verdict.reasons))
    text = " ".join(
        reason.message if reason.message[-1:] == "." else f"{reason.message}." for reason in verdict.reasons
    )
    return f"Signer {text}" if verdict.verified else text[:1].upper() + text[1:]


def checks_of(verdict: Verdict, claims: Claims = CLAIMS) -> tuple[Check, ...]:
    """The verifier's steps gathered into the claims that people ask about; the worst step speaks for each."""
    steps = {step.name: step for step in verdict.steps}
    rows = []
    for name, members in claims:
        found = [steps[member] for member in members if member in steps]
        if not found or (members == ("artifact",) and found[0].detail == "not asked"):
            continue
        worst = next((step for step in found if step.outcome == "no"), None)
        worst = worst or next((step for step in found if step.outcome == "not-checked"), found[-1])
        rows.append(Check(name, worst.outcome, worst.detail))
    return (*rows, _still(verdict.withdrawal))


def _until(standing: Standing) -> str:
    if standing.since is None:
        return Worded("It was ended. It was valid until then, and what was released before stays licensed.")
    return Worded(
        "It was ended on %(time)s (log entry %(log_index)s). "
        "It was valid until then, and what was released before stays licensed.",
        time=time(standing.since.time),
        log_index=number(standing.since.log_index),
    )


def _still(standing: Standing) -> Check:
    outcomes: dict[State, Outcome] = {"in-force": "yes", "unknown": "not-checked"}
    return Check(Worded("Still in force"), outcomes.get(standing.state, "no"), standing.sentence)


def _file_page(content: bytes, digest: str) -> Any:
    fault = fault_of(content, BundleIn.max_bytes)
    if fault is not None:
        detail, status = fault
        return _page(digest=digest, faults=[{"pointer": "/bundle", "detail": detail}]), status
    if is_record(content):
        return _page(result=of_record(content))
    try:
        return _page(digest=digest, result=of_bundle(content, digest))
    except MclaError as error:
        return _page(
            digest=digest, faults=[{"pointer": "/digest", "detail": Joined(" ", (error.message, error.hint))}]
        ), 400


def _many_page(pasted: str, lines: list[str]) -> Any:
    found = [_LINE.fullmatch(line) for line in lines]
    bad = [number for number, match in enumerate(found, 1) if match is None]
    fault = ""
    if bad:
        fault = Worded("Line %(line)s does not begin with a SHA-256 of 64 hex digits.", line=bad[0])
    elif len(lines) > MAX_LINES:
        fault = Worded(
            "At most %(most)s digests are checked at once; these are %(given)s.",
            most=number(MAX_LINES),
            given=number(len(lines)),
        )
    if fault:
        return _page(digest=pasted, faults=[{"pointer": "/digest", "detail": fault}]), 400
    matches = [match for match in found if match]
    answers = services().contributions.artifacts([f"sha256:{match[1].lower()}" for match in matches])
    rows = [(match[2] or "", answer) for match, answer in zip(matches, answers, strict=True)]
    return _page(digest=pasted, rows=rows)


def _first_digest(text: str) -> str:
    """A digest without what tools print around it; what is no digest stays as it is, to be refused by name."""
    match = _LINE.fullmatch(text.strip())
    return f"sha256:{match[1].lower()}" if match else text.strip()[:200]


def _page(
    digest: str = "",
    result: Result | None = None,
    faults: list[dict[str, str]] | None = None,
    rows: list[tuple[str, ArtifactAnswer]] | None = None,
) -> str:
    return render_template(
        "contributions/verify.html",
        digest=digest,
        result=result,
        faults=faults or [],
        rows=rows,
    )
