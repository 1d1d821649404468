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
from mcla.terms.compute import held_against_base
from mcla.terms.words import COMPARED, Told, tell
from mcla.wording import Worded

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
        Row("Ownership", Worded("I own what I will give"), change=f"/sign/{version.slug}/declare"),
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
    title: str = "",
) -> list[Row]:
    """The summary of a contribution with its answers; `change` leads back with everything kept.

    `company` is the name of the company that it is given for, empty for self; `title` what an offer for one commits to.
    """
    return [
        *_who(actor, account, company),
        *(_bound(statement.grantor, title, change) if statement.grantor else ()),
        Row("Project", project.name, change=change),
        Row("Kind", Worded(kind_name(statement.kind)), change=change),
        *_answers(statement, schedule, change),
        Row("Files", f"{statement.manifest.files:,}", change=change),
        Row("Root of the file list", digest=statement.manifest.root),
        *_tensors(statement),
        *_earlier(statement),
        *_offered(statement, project),
        *_agreement(statement, version),
    ]


def withdrawal_rows(
    statement: Withdrawal, actor: Actor, account: str, version: PublishedVersion, change: str, company: str = ""
) -> list[Row]:
    """The summary of a withdrawal; `change` leads back to its questions, `company` is whose it is, empty for own."""
    ends = statement.ends
    rows = [*_who(actor, account, company), Row("You end", _ending(ends.type, ends.log_index, company))]
    if ends.type == "contribution":
        rows.append(Row("Why", Worded(REASON_NAMES[statement.reason]), change=change))
        rows.append(Row("How far it had come", Worded(STAGE_NAMES[statement.stage or ""]), change=change))
    return [*rows, *_agreement(statement, version)]


def statement_parts(statement: AnyStatement) -> Iterator[tuple[str, str]]:
    """The statement itself as readable lines, for the fold-out above its exact bytes."""
    yield Worded("Type"), statement.TYPE
    yield Worded("Signer"), statement.signer
    yield Worded("Service"), statement.service
    yield Worded("Foundation"), statement.foundation
    yield Worded("Capacity"), statement.capacity
    yield Worded("Agreement"), f"{statement.agreement.slug} {statement.agreement.version}"
    yield Worded("Agreement digest"), statement.agreement.digest
    yield Worded("Text digest"), statement.agreement.text
    yield Worded("Digest of the consent words"), statement.consent.sha256
    yield Worded("Button pressed"), statement.consent.button
    yield Worded("Key held by"), Worded(HOLDERS.get(statement.key_holder, statement.key_holder))
    yield Worded("Made at"), f"{statement.created_at:%Y-%m-%dT%H:%M:%SZ}"
    yield Worded("Commitment to your account"), statement.identity_commitment
    if isinstance(statement, Contribution):
        yield from _contribution_parts(statement)
    if isinstance(statement, Acceptance | Contribution) and statement.company:
        yield from _company_parts(statement.company)
    if isinstance(statement, CompanyChange):
        accepted = statement.acceptance
        yield Worded("The company’s acceptance"), f"log entry {accepted.log_index:,}, {accepted.statement}"
    if isinstance(statement, Withdrawal):
        yield (
            Worded("Ends"),
            f"{statement.ends.type}, log entry {statement.ends.log_index:,}, {statement.ends.statement}",
        )
        yield Worded("Reason"), statement.reason
        yield Worded("Stage"), statement.stage or "not known"
    for subject in statement.subjects[:50]:
        yield subject.name, subject.sha256
    if len(statement.subjects) > 50:
        more = f"{len(statement.subjects) - 50:,}"
        yield "…", Worded("and %(more)s more files in the bytes below", more=more)


def _contribution_parts(statement: Contribution) -> Iterator[tuple[str, str]]:
    yield Worded("Project"), statement.project
    yield Worded("Kind"), statement.kind
    yield Worded("Schedule"), statement.schedule or "none"
    yield Worded("Root of the file list"), statement.manifest.root
    yield Worded("Tensor root"), statement.tensors.root if statement.tensors else "none"
    for each in statement.earlier:
        yield Worded("Signed before"), f"log entry {each.log_index:,}, {each.entry}"
    if statement.acceptance:
        rests = statement.acceptance
        yield Worded("The acceptance"), f"log entry {rests.log_index:,}, {rests.statement}"
    if statement.offer:
        yield Worded("An offer to"), f"{statement.offer.to}, for {statement.offer.days} days"
    if statement.grantor:
        yield from _company_parts(statement.grantor)


def _company_parts(company: CompanyRef | AffiliationRef) -> Iterator[tuple[str, str]]:
    if isinstance(company, CompanyRef):
        yield from ((name.capitalize(), str(value)) for name, value in company.to_dict().items())
        return
    yield Worded("Your confirmation"), f"log entry {company.confirmed.log_index:,}, {company.confirmed.statement}"
    if company.released:
        yield Worded("The release"), f"log entry {company.released.log_index:,}, {company.released.statement}"


def _ending(what: str, log_index: int, company: str) -> str:
    if company and what == "contribution":
        return Worded("the company’s contribution, log entry %(log_index)s", log_index=f"{log_index:,}")
    if company:
        return Worded("the company’s acceptance, log entry %(log_index)s", log_index=f"{log_index:,}")
    if what == "contribution":
        return Worded("your contribution, log entry %(log_index)s", log_index=f"{log_index:,}")
    return Worded("your acceptance, log entry %(log_index)s", log_index=f"{log_index:,}")


def _entry(log_index: int) -> str:
    return Worded("log entry %(log_index)s", log_index=f"{log_index:,}")


def _answers(statement: Contribution, schedule: Schedule | None, change: str) -> Iterator[Row]:
    for field in schedule.fields if schedule else ():
        if field.key in statement.declarations:
            told = tell(field, statement.declarations[field.key])
            yield Row(field.label, answer=told, change=change, note=STANDARDS[field.standard])
    if compared := held_against_base(statement.declarations):
        yield Row(COMPARED, answer=Told(COMPARED, (compared,)), change=change)


def _tensors(statement: Contribution) -> Iterator[Row]:
    if statement.tensors is not None:
        note = Worded(
            "over %(tensors)s tensors, measured on your side; it outlives renamed and resharded files",
            tensors=f"{statement.tensors.count:,}",
        )
        yield Row("Root of the tensors", digest=statement.tensors.root, note=note)


def _earlier(statement: Contribution) -> Iterator[Row]:
    if statement.earlier:
        label, entries = "Signed before", tuple(_entry(each.log_index) for each in statement.earlier)
        note = "with another tool; the statement names it, so that its time stays provable"
        yield Row(label, answer=Told(label, entries), note=note)


def _offered(statement: Contribution, project: ProjectInfo) -> Iterator[Row]:
    if statement.offer is not None:
        when = Worded(
            "%(foundation)s signs it too, within %(days)s days",
            foundation=project.foundation.name,
            days=statement.offer.days,
        )
        note = Worded("until then nothing is licensed, and you can take the offer back at any time")
        yield Row("Counts when", when, note=note)


def _who(actor: Actor, account: str, company: str = "") -> list[Row]:
    acting = Worded("for %(name)s", name=company) if company else Worded("for yourself, not for a company")
    return [Row("You", f"{actor.name or actor.login}, {account}"), Row("Acting", acting)]


def _for_company(company: CompanyRef, title: str, actor: Actor, account: str, version: PublishedVersion) -> list[Row]:
    return [*_who(actor, account, company.name), *_bound(company, title, f"/sign/{version.slug}/company")]


def _bound(company: CompanyRef, title: str, change: str) -> list[Row]:
    """Which company is bound, and by what power."""
    register = f"{company.registration}, {company.jurisdiction}"
    return [
        Row("Legal name", company.name, change=change),
        Row("Register number and country", register, change=change),
        Row("Your title", title, change=change, note="only as a commitment in the statement, so nobody reads it there"),
        Row("You may sign", Worded(POWER_NAMES[company.power]), change=change),
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
