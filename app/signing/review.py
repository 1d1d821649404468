# SPDX-License-Identifier: Apache-2.0
"""What the review page says of a statement, in plain lines; every line is read from the statement's own bytes.

The page must not be able to show something else than what is signed, so nothing here comes from the form before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.agreements.service import PublishedVersion
from app.identity.ports import Actor
from app.platform.formats import kind_name
from app.projects.service import ProjectInfo
from mcla.statements.company import AffiliationRef, CompanyRef
from mcla.statements.statement import Acceptance, AnyStatement, CompanyChange, Contribution, Withdrawal
from mcla.terms import Schedule
from mcla.terms.words import Told, tell

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


POWER_NAMES = {
    "by-law": "by law or by the company’s statutes",
    "by-register": "by an entry in the register",
    "by-proxy": "by a written proxy",
}


def acceptance_rows(
    statement: Acceptance, actor: Actor, account: str, version: PublishedVersion, title: str = ""
) -> list[Row]:
    """The summary of an acceptance, for self or for a company; the statement commits to the `title`."""
    if statement.company is not None:
        return [*_for_company(statement.company, title, actor, account, version), *_agreement(statement, version)]
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
    company: str = "",
) -> list[Row]:
    """The summary of a contribution with its answers; `change` leads back with everything kept.

    `company` is the name of the company whose acceptance the statement names, empty for the person's own.
    """
    return [
        *_who(actor, account, company),
        Row("Project", project.name, change=change),
        Row("Kind", kind_name(statement.kind), change=change),
        *_answers(statement, schedule, change),
        Row("Files", f"{statement.manifest.files:,}", change=change),
        Row("Root of the file list", digest=statement.manifest.root),
        *_tensors(statement),
        *_earlier(statement),
        *_offered(statement, project),
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
        if statement.acceptance:
            yield "The acceptance", f"log entry {statement.acceptance.log_index:,}, {statement.acceptance.statement}"
        if statement.offer:
            yield "An offer to", f"{statement.offer.to}, for {statement.offer.days} days"
    if isinstance(statement, Acceptance | Contribution) and statement.company:
        yield from _company_parts(statement.company)
    if isinstance(statement, CompanyChange):
        accepted = statement.acceptance
        yield "The company’s acceptance", f"log entry {accepted.log_index:,}, {accepted.statement}"
    if isinstance(statement, Withdrawal):
        yield "Ends", f"{statement.ends.type}, log entry {statement.ends.log_index:,}, {statement.ends.statement}"
        yield "Reason", statement.reason
        yield "Stage", statement.stage or "not known"
    for subject in statement.subjects[:50]:
        yield subject.name, subject.sha256
    if len(statement.subjects) > 50:
        yield "…", f"and {len(statement.subjects) - 50:,} more files in the bytes below"


def _company_parts(company: CompanyRef | AffiliationRef) -> Iterator[tuple[str, str]]:
    if isinstance(company, CompanyRef):
        yield from ((name.capitalize(), str(value)) for name, value in company.to_dict().items())
        return
    yield "Your confirmation", f"log entry {company.confirmed.log_index:,}, {company.confirmed.statement}"
    if company.released:
        yield "The release", f"log entry {company.released.log_index:,}, {company.released.statement}"


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


def _offered(statement: Contribution, project: ProjectInfo) -> Iterator[Row]:
    if statement.offer is not None:
        note = "until then nothing is licensed, and you can take the offer back at any time"
        yield Row(
            "Counts when", f"{project.foundation.name} signs it too, within {statement.offer.days} days", note=note
        )


def _who(actor: Actor, account: str, company: str = "") -> list[Row]:
    acting = f"for {company}" if company else "for yourself, not for a company"
    return [Row("You", f"{actor.name or actor.login}, {account}"), Row("Acting", acting)]


def _for_company(company: CompanyRef, title: str, actor: Actor, account: str, version: PublishedVersion) -> list[Row]:
    change = f"/sign/{version.slug}/company"
    register = f"{company.registration}, {company.jurisdiction}"
    return [
        *_who(actor, account, company.name),
        Row("Legal name", company.name, change=change),
        Row("Register number and country", register, change=change),
        Row("Your title", title, change=change, note="only as a commitment in the statement, so nobody reads it there"),
        Row("You may sign", POWER_NAMES[company.power], change=change),
    ]


def change_rows(
    statement: CompanyChange, actor: Actor, account: str, company: str, what: str, reason: str
) -> list[Row]:
    """The summary of a company's change, which stands in the document whose digest the statement names."""
    why = [Row("Why", reason)] if reason else []
    digest = Row("Digest of the change", digest=statement.subjects[1].sha256, note="all that the public log gets of it")
    return [*_who(actor, account, company), Row("You sign", what), *why, digest]


def _agreement(statement: AnyStatement, version: PublishedVersion) -> list[Row]:
    href = f"/agreements/{version.slug}/{version.version}"
    return [
        Row("Agreement", f"{version.title} {version.version}", href=href),
        Row("Its digest", digest=statement.agreement.digest),
    ]
