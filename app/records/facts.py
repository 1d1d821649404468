# SPDX-License-Identifier: Apache-2.0
"""What the certificate page tells, block by block: a label, a value and a remark for each fact; pure."""

from collections.abc import Iterable, Iterator, Sequence

from app.records.ceremony import ceremony
from app.records.data import RecordData
from app.records.declared import answer_of
from app.records.parts import (
    CompanyDetail,
    ContributionDetail,
    CounterDetail,
    Declaration,
    RedactedCopy,
    ReplacedDetail,
    SignerDetail,
    Work,
)
from app.records.redaction import WITHHELD
from app.records.rows import Block, Row, time_text
from mcla.records.fields import WORDS
from mcla.records.names import COUNTER_JSON
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef

SHOWN_EARLIER, HASHES_A_ROW = 10, 8
KEY_HOLDERS = {
    "browser": "The signer’s browser: made there for this one signature and never left it",
    "cli": "The signer’s own computer, by the mcla command: made there for this one signature",
    "passkey": "The signer’s browser, for this one signature, which the signer’s passkey confirmed",
    "service": "The service, on the signer’s behalf (page without JavaScript), for this one signature",
}
CAPACITIES = {"individual": "As an individual, for themselves", "company": "For a company"}


def blocks_of(data: RecordData) -> Iterable[Block]:
    """Every block of the page, in its order."""
    if data.copy is not None:
        yield Block("Redacted copy", tuple(_copy_rows(data.copy)))
    yield Block("Record", _record_rows(data))
    yield Block("Agreement", _agreement_rows(data))
    yield Block("Signer", _signer_rows(data))
    yield Block("Act of signing", _act_rows(data))
    yield from ceremony(data)
    if data.contribution is not None:
        yield Block("Contribution", _contribution_rows(data.contribution))
        yield from _declared(data.contribution.declarations)
    if data.counter is not None:
        yield Block("Counter-signature of the foundation", _counter_rows(data.counter))
    yield Block("Transparency log", _log_rows(data))


def _copy_rows(copy: RedactedCopy) -> Iterable[Row]:
    names = [WORDS[name] for name in copy.personal.withheld]
    note = "the digest of each, with the salt that the signer has, shows what it says"
    yield Row("Withheld", ", ".join(names), note)
    for name in copy.personal.withheld:
        yield Row(f"Digest: {WORDS[name]}", copy.personal.digests[name], mono=True)
    yield Row("The record itself, SHA-256", copy.original_sha256, "of the whole sealed file", mono=True)


def _record_rows(data: RecordData) -> tuple[Row, ...]:
    about = "Acceptance of an agreement" if data.contribution is None else "Contribution under an accepted agreement"
    about = "Grant of one set of files, signed by both sides" if data.counter else about
    return (
        Row("Record id", data.record_id, mono=True),
        Row("About", f"{about}, {data.signature_id}"),
        Row("Issued by", f"{data.foundation_name} ({data.foundation_slug}), through {data.origin}"),
        Row("Seal certificate, SHA-256", data.seal_fingerprint, mono=True),
        Row("Personal fields, root", data.personal.root, "the same in every redacted copy", mono=True),
        *_replaced_rows(data.replaces),
    )


def _replaced_rows(old: ReplacedDetail | None) -> Iterable[Row]:
    if old is not None:
        yield Row("Replaces the record", old.record_id, "which stays valid and is superseded", mono=True)
        yield Row("Its file, SHA-256", old.sha256, mono=True)
        yield Row("Issued anew because", old.reason, "by the foundation")
        if old.corrected_name:
            yield Row("Name, put right", old.corrected_name, "the foundation’s word; the name below is signed with")


def _agreement_rows(data: RecordData) -> tuple[Row, ...]:
    text = data.agreement
    published = f"published {time_text(text.published_at)}; language of the text: {text.language}"
    return (
        Row("Agreement", f"{text.title}, version {text.version} ({text.slug})", published),
        Row("Digest of the version", text.digest, "over every document of the version and its terms", mono=True),
        Row("Text, SHA-256", text.text_sha256, mono=True),
    )


def _signer_rows(data: RecordData) -> tuple[Row, ...]:
    signer = data.signer
    verified = f"verified by {signer.provider}, as it said at sign-in" if signer.email != WITHHELD else ""
    return (
        Row("Name", signer.name or f"none given by {signer.provider}"),
        Row("Capacity", _capacity(signer)),
        *_company_rows(signer.company),
        Row("Identity provider", signer.provider, signer.issuer),
        Row("Account", f"{signer.login} at {signer.provider}", f"account number {signer.subject}"),
        Row("E-mail", signer.email, verified) if signer.email else Row("E-mail", "none that the provider had verified"),
        Row("Public name", signer.uri, "the only name in the public log", mono=True),
    )


def _act_rows(data: RecordData) -> tuple[Row, ...]:
    act = data.act
    return (
        Row("Meaning", _meaning(data)),
        Row("Words agreed to", " ".join(act.consent_text.split()), "beside a box that was empty until ticked"),
        Row("Their SHA-256", act.consent_sha256, mono=True),
        Row("Button pressed", f"“{act.button}”"),
        Row("Key held by", KEY_HOLDERS.get(act.key_holder, act.key_holder)),
        Row("Statement, SHA-256", act.statement_sha256, mono=True),
    )


def _meaning(data: RecordData) -> str:
    if data.contribution is None:
        return "Agrees to be bound by the agreement above for contributions made under it."
    gives = "Gives exactly the files named below under the agreement above"
    return f"{gives}, and makes the declarations below." if data.contribution.declarations else f"{gives}."


def _contribution_rows(given: ContributionDetail) -> tuple[Row, ...]:
    schedule = f"Schedule {given.schedule}" if given.schedule else "none"
    return (
        Row("Project", f"{given.project_name} ({given.project_slug})"),
        Row("Kind and schedule", f"{given.kind}; {schedule}"),
        Row("Size", f"{count(len(given.files), 'file')}, {count(given.total_bytes, 'byte')}"),
        Row("Manifest root", given.manifest_root, "binds path, digest and size of every file", mono=True),
        *_tensor_rows(given),
        *_acceptance_rows(given),
        *_earlier_rows(given),
    )


def _acceptance_rows(given: ContributionDetail) -> Iterable[Row]:
    if given.acceptance is not None:
        yield _named("Acceptance it rests on", given.acceptance)


def _counter_rows(counter: CounterDetail) -> tuple[Row, ...]:
    return (
        Row("Meaning", "The foundation accepts exactly the files above; from this log entry on they are licensed."),
        Row("Time", time_text(counter.signed_at), f"log entry {counter.log_index:,}"),
        Row("Signed in the name of", counter.signer, "the foundation’s own name, as the offer names it", mono=True),
        Row("Statement, SHA-256", counter.statement_sha256, f"proven by the attached {COUNTER_JSON}", mono=True),
    )


def _earlier_rows(given: ContributionDetail) -> Iterable[Row]:
    if given.earlier:
        shown = ", ".join(f"{each.log_index:,}" for each in given.earlier[:SHOWN_EARLIER])
        more = f" and {len(given.earlier) - SHOWN_EARLIER} more" if len(given.earlier) > SHOWN_EARLIER else ""
        note = (
            "with another tool; the signer names these entries, and only their own bundles prove their time and content"
        )
        yield Row("Signed before", f"log entry {shown}{more}", note)


def _tensor_rows(given: ContributionDetail) -> Iterable[Row]:
    if given.tensors is not None:
        note = f"by the signer: {count(given.tensors.count, 'tensor')}, {count(given.tensors.bytes, 'byte')}"
        yield Row("Tensor root", given.tensors.root, note, mono=True)


def _declared(answers: Sequence[Declaration]) -> Iterable[Block]:
    """The licence lineage by itself, as far as it was asked for, then every other answer."""
    for answer in answers:
        if answer.works:
            yield Block(f"Licence lineage: {answer.label}", tuple(map(_work_row, answer.works)))
    others = tuple(Row(each.label, answer_of(each)) for each in answers if not each.works)
    if others:
        yield Block("Declarations of the contributor", others)


def _work_row(work: Work) -> Row:
    return Row(work.name, work.licence, " · ".join(work.details), hashes=(work.sha256,) if work.sha256 else ())


def _named(label: str, entry: AcceptanceRef) -> Row:
    """A row about another statement, by its digest and its place in the log."""
    return Row(label, entry.statement, f"log entry {entry.log_index:,}", mono=True)


def _log_rows(data: RecordData) -> tuple[Row, ...]:
    log = data.log
    where = f"index {log.index:,} in a tree of {count(log.tree_size, 'entry')}"
    return (
        Row("Log", log.origin),
        Row("Entry", where, "the first is index 0; the signed checkpoint is in the attached bundle"),
        Row("Hash of the entry", log.leaf, mono=True),
        *_proof_rows(log.proof),
        Row("Root of that tree", log.root, "the hashes above, joined by RFC 9162, 2.1.3, give this one", mono=True),
    )


def _proof_rows(proof: tuple[str, ...]) -> Iterator[Row]:
    """In rows of a few hashes, as a page ends between two rows only: a whole proof would leave a third of it empty."""
    if len(proof) <= HASHES_A_ROW:
        yield Row("Inclusion proof", "" if proof else "none needed: it is the only entry", hashes=proof)
        return
    for start in range(0, len(proof), HASHES_A_ROW):
        hashes = proof[start : start + HASHES_A_ROW]
        last = f" to {start + len(hashes)}" if len(hashes) > 1 else ""
        yield Row(f"Inclusion proof, {start + 1}{last}", "", hashes=hashes)


def _capacity(signer: SignerDetail) -> str:
    return CAPACITIES.get(signer.capacity, signer.capacity)


def for_whom(signer: SignerDetail) -> str:
    """How the sentence ends that says who accepted."""
    return f"for {signer.company.name}, as {signer.company.title}" if signer.company else _capacity(signer).lower()


def _company_rows(company: CompanyDetail | None) -> tuple[Row, ...]:
    if company is None:
        return ()
    named = Row("Company", company.name, f"{company.registration}, {company.jurisdiction}")
    office = (Row("Title", company.title), Row("Power to sign", company.power)) if company.title else ()
    listed = _affiliation_rows(company.affiliation) if company.affiliation else ()
    return (named, *_changes(company), *office, *listed)


def _changes(company: CompanyDetail) -> Iterable[Row]:
    """Each change of its name or number, which the company signed: before the signature above, and after it."""
    for each in company.changes:
        told = f"{each.name}, {each.registration}; before: {each.old_name}, {each.old_registration}"
        note = f"since {time_text(each.at)}; the company’s own word, log entry {each.record.log_index:,}"
        yield Row("Change of name", told, note, hashes=(each.record.statement,))


def _affiliation_rows(affiliation: AffiliationRef) -> Iterable[Row]:
    yield _named("Employee’s acknowledgement", affiliation.confirmed)
    if affiliation.released is not None:
        yield _named("Released by a second person", affiliation.released)


def count(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`, `3 entries`."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"
