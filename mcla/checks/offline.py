# SPDX-License-Identifier: Apache-2.0
"""What a folder of proofs knows, for a check without any service: files that were given, and of people nothing.

A contribution counts for the project that it names. Its proof says neither what its agreement lets the project use nor
the sizes of single files; the first is unknown then, the second is compared where the manifest is at hand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mcla.artifacts.manifest import Manifest
from mcla.checks.answer import Answer, Basis, Said
from mcla.checks.change import Change
from mcla.checks.deciding import decide
from mcla.checks.deciding_licences import cited, with_signs
from mcla.checks.facts import Facts, Given, OutboundTerms
from mcla.checks.people import people_of
from mcla.checks.policy import Policy, choose
from mcla.licences.claimed import Judged, judge_declarations
from mcla.statements.parts import parse_time
from mcla.statements.statement import Contribution
from mcla.terms.kinds import schedule_letter
from mcla.verify.standing import AsOf
from mcla.verify.verdict import Verdict

PEOPLE_NEED_A_SERVICE = Said(
    "unknown",
    "people-need-a-service",
    "Who has signed stands in no file: that takes the service.",
    "Ask the service too (--service URL), or about files alone (--only artifacts).",
)
UNTOLD = OutboundTerms("unknown", ())


@dataclass(frozen=True, slots=True)
class Proof:
    """A contribution's bundle: its file's `name`, what it states, and what became of checking it.

    `sound`: every step of the proof held. `verdict` says besides how it stands as far as is known. `manifest` is the
    list of its files, if it was at hand and is the signed one.
    """

    name: str
    statement: Contribution
    sound: bool
    verdict: Verdict
    manifest: Manifest | None = None


def digests_of(statement: Contribution, manifest: Manifest | None) -> Mapping[str, int | None]:
    """The files of a contribution by digest, with the size where it is known."""
    if manifest is not None:
        return {entry.sha256: entry.size for entry in manifest.files}
    only = statement.manifest.bytes if statement.manifest.files == 1 else None
    return {subject.sha256: only for subject in statement.subjects[1:]}


def decide_offline(change: Change, proofs: Sequence[Proof], as_of: AsOf) -> Answer:
    """The answer on files by these proofs alone; everybody who is asked about stays unknown."""
    policy, used = choose(None, change.policy)
    given: dict[str, tuple[Given, ...]] = {}
    tensors: dict[str, tuple[Given, ...]] = {}
    for proof in proofs:
        if proof.statement.project != change.project:
            continue
        for digest, size in digests_of(proof.statement, proof.manifest).items():
            given[digest] = (*given.get(digest, ()), _given(proof, size))
        if (same := proof.statement.tensors) is not None:
            tensors[same.root] = (*tensors.get(same.root, ()), replace(_given(proof, None), found="same-tensors"))
    facts = Facts(change.project, as_of, policy, used, given=given, tensors=tensors, unseen=PEOPLE_NEED_A_SERVICE)
    answer = decide(change, people_of(change, ()), facts)
    if policy is not None and policy.licences is not None:
        found, then = _judged(answer, proofs, policy), change.as_of is not None
        answer = with_signs(answer, policy.licences, found, then=then, files=change.licence_files)
    people = tuple(replace(each, said=PEOPLE_NEED_A_SERVICE, kinds={}, sign_url=None) for each in answer.subjects)
    return replace(answer, subjects=people)


def _judged(answer: Answer, proofs: Iterable[Proof], policy: Policy) -> dict[str, Judged]:
    """What is seen in what givers declared; what others gave before is not at hand."""
    wanted = cited(answer)
    told = {proof.name: proof.statement for proof in proofs if proof.name in wanted}
    stance = policy.stance
    return {name: judge_declarations(each.manifest.root, each.declarations, stance) for name, each in told.items()}


def _given(proof: Proof, size: int | None) -> Given:
    statement, said = proof.statement, proof.verdict.statement or {}
    agreement, standing = statement.agreement, proof.verdict.withdrawal
    return Given(
        contribution=proof.name,
        kind=statement.kind,
        schedule=schedule_letter(statement.kind) if statement.schedule else None,  # type: ignore[arg-type]  # so is this
        key_holder=statement.key_holder,  # type: ignore[arg-type]  # checked when it was read
        basis=Basis(
            path="contribution",
            slug=agreement.slug,
            version=agreement.version,
            digest=agreement.digest,
            log_index=int(said["log_index"]),
            since=parse_time(said["time"]) if said.get("time") else statement.created_at,
        ),
        outbound=UNTOLD,
        found="file" if statement.manifest.files == 1 else "member",
        size=size,
        proven=proof.sound,
        state=standing.state,
        sentence=standing.sentence if proof.sound else proof.verdict.reasons[0].message,
    )
