# SPDX-License-Identifier: Apache-2.0
"""What the review page says of a statement, in plain lines; every line is read from the statement's own bytes.

The page must not be able to show something else than what is signed, so nothing here comes from the form before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.agreements.service import PublishedVersion
from app.identity.ports import Actor
from app.projects.service import ProjectInfo
from mcla.statements.statement import Acceptance, AnyStatement, Contribution, Withdrawal
from mcla.terms import Schedule
from mcla.terms.words import Told, tell

KIND_NAMES = {
    "code": "Code",
    "data": "Data",
    "synthetic": "Synthetic data",
    "eval": "Evaluation data",
    "weights": "Model weights",
    "adapter": "Adapter",
    "tokenizer": "Tokenizer",
    "recipe": "Training recipe",
    "safety": "Safety contribution",
}
HOLDERS = {
    "browser": "this browser",
    "cli": "the command line on your computer",
    "service": "this service, once",
    "passkey": "this browser, and your passkey confirms it",
}
REASON_NAMES = {
    "none-given": "No reason",
    "consent-withdrawn": "A person in it has withdrawn consent, or wants their data erased",
    "court-order": "A court or an authority ordered it",
    "rights-claim": "Somebody else claims rights in it",
    "unlawful-content": "It holds unlawful content",
    "child-data": "It holds data about a child",
}
STAGE_NAMES = {
    "": "I do not know",
    "S0": "Handed in, not merged",
    "S1": "Merged into the project",
    "S2": "Part of a released dataset",
    "S3": "Used to train a model",
    "S4": "Part of a released model",
}
STANDARDS = {
    "flat": "You promise this outright.",
    "checked": "You promise this after the checks that you name.",
    "knowledge": "You promise this as far as you know.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary: a label, one of text, answer or digest, and where to change it (empty: not here)."""

    label: str
    text: str = ""
    answer: Told | None = None
    digest: str = ""
    href: str = ""
    change: str = ""
    note: str = ""


def acceptance_rows(statement: Acceptance, actor: Actor, account: str, version: PublishedVersion) -> list[Row]:
    """The summary of an acceptance."""
    return [
        *_who(actor, account),
        Row("Ownership", "I own what I will give", change=f"/sign/{version.slug}/declare"),
        *_agreement(statement, version),
    ]


def contribution_rows(
    statement: Contribution,
    actor: Actor,
    account: str,
    version: PublishedVersion,
    project: ProjectInfo,
    schedule: Schedule | None,
    change: str,
) -> list[Row]:
    """The summary of a contribution with its answers; `change` leads back with everything kept."""
    return [
        *_who(actor, account),
        Row("Project", project.name, change=change),
        Row("Kind", KIND_NAMES.get(statement.kind, statement.kind), change=change),
        *_answers(statement, schedule, change),
        Row("Files", f"{statement.manifest.files:,}", change=change),
        Row("Root of the file list", digest=statement.manifest.root),
        *_tensors(statement),
        *_earlier(statement),
        *_agreement(statement, version),
    ]


def withdrawal_rows(
    statement: Withdrawal, actor: Actor, account: str, version: PublishedVersion, change: str
) -> list[Row]:
    """The summary of a withdrawal; `change` leads back to its questions."""
    ends = statement.ends
    rows = [*_who(actor, account), Row("You end", f"your {ends.type}, log entry {ends.log_index:,}")]
    if ends.type == "contribution":
        rows.append(Row("Why", REASON_NAMES[statement.reason], change=change))
        rows.append(Row("How far it had come", STAGE_NAMES[statement.stage or ""], change=change))
    return [*rows, *_agreement(statement, version)]


def statement_parts(statement: AnyStatement) -> Iterator[tuple[str, str]]:
    """The statement itself as readable lines, for the fold-out above its exact bytes."""
    yield "Type", statement.TYPE
    yield "Signer", statement.signer
    yield "Service", statement.service
    yield "Foundation", statement.foundation
    yield "Capacity", statement.capacity
    yield "Agreement", f"{statement.agreement.slug} {statement.agreement.version}"
    yield "Agreement digest", statement.agreement.digest
    yield "Text digest", statement.agreement.text
    yield "Digest of the consent words", statement.consent.sha256
    yield "Button pressed", statement.consent.button
    yield "Key held by", HOLDERS.get(statement.key_holder, statement.key_holder)
    yield "Made at", f"{statement.created_at:%Y-%m-%dT%H:%M:%SZ}"
    yield "Commitment to your account", statement.identity_commitment
    if isinstance(statement, Contribution):
        yield "Project", statement.project
        yield "Kind", statement.kind
        yield "Schedule", statement.schedule or "none"
        yield "Root of the file list", statement.manifest.root
        yield "Tensor root", statement.tensors.root if statement.tensors else "none"
        for each in statement.earlier:
            yield "Signed before", f"log entry {each.log_index:,}, {each.entry}"
        yield "Your acceptance", f"log entry {statement.acceptance.log_index:,}, {statement.acceptance.statement}"
    if isinstance(statement, Withdrawal):
        yield "Ends", f"{statement.ends.type}, log entry {statement.ends.log_index:,}, {statement.ends.statement}"
        yield "Reason", statement.reason
        yield "Stage", statement.stage or "not known"
    for subject in statement.subjects[:50]:
        yield subject.name, subject.sha256
    if len(statement.subjects) > 50:
        yield "…", f"and {len(statement.subjects) - 50:,} more files in the bytes below"


def _answers(statement: Contribution, schedule: Schedule | None, change: str) -> Iterator[Row]:
    for field in schedule.fields if schedule else ():
        if field.key in statement.declarations:
            told = tell(field, statement.declarations[field.key])
            yield Row(field.label, answer=told, change=change, note=STANDARDS[field.standard])


def _tensors(statement: Contribution) -> Iterator[Row]:
    if statement.tensors is not None:
        note = (
            f"over {statement.tensors.count:,} tensors, measured on your side; it outlives renamed and resharded files"
        )
        yield Row("Root of the tensors", digest=statement.tensors.root, note=note)


def _earlier(statement: Contribution) -> Iterator[Row]:
    if statement.earlier:
        label, entries = "Signed before", tuple(f"log entry {each.log_index:,}" for each in statement.earlier)
        note = "with another tool; the statement names it, so that its time stays provable"
        yield Row(label, answer=Told(label, entries), note=note)


def _who(actor: Actor, account: str) -> list[Row]:
    return [Row("You", f"{actor.name or actor.login}, {account}"), Row("Acting", "for yourself, not for a company")]


def _agreement(statement: AnyStatement, version: PublishedVersion) -> list[Row]:
    href = f"/agreements/{version.slug}/{version.version}"
    return [
        Row("Agreement", f"{version.title} {version.version}", href=href),
        Row("Its digest", digest=statement.agreement.digest),
    ]
