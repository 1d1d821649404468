# SPDX-License-Identifier: Apache-2.0
"""Collects a record's data from the database, and refuses what does not agree with the signed statement.

The bundle is the evidence, so it is verified first, and the statement inside it is what the record tells. Rows only
add what the statement commits to: the person (opened against the identity commitment), the documents (against their
digests), the files (against the manifest root).
"""

import base64
import hashlib
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.agreements.models import AgreementVersion
from app.agreements.render import consent_words
from app.contributions.models import Contribution as ContributionRow
from app.grants.models import OfferAnswer as OfferRow
from app.identity.models import Identity, PersonDetail
from app.log.models import LogEntry as LogRow
from app.projects.models import Foundation, Project
from app.records.companies import detail_of, named_in
from app.records.data import RecordData
from app.records.declared import declared_in
from app.records.errors import RecordContentInvalid, RecordUnknown
from app.records.files import file_then
from app.records.models import Record
from app.records.parts import (
    Act,
    AgreementText,
    CompanyDetail,
    ContributionDetail,
    CounterDetail,
    FileRow,
    LogFacts,
    ReplacedDetail,
    SignerDetail,
)
from app.records.seen import course_of, how_seen
from app.signing.models import Circumstance, Signature, Signing
from app.signing.values import title_in
from mcla.artifacts.manifest import parse_manifest
from mcla.envelope.bundle import Bundle, LogEntry, parse_bundle
from mcla.envelope.timestamp import read_timestamp
from mcla.log.merkle import leaf_hash
from mcla.statements.canonical import canonical_json
from mcla.statements.commitment import Person, commit_title, opens
from mcla.statements.statement import Acceptance, CompanyChange, Contribution, OfferAnswer, Withdrawal, parse_statement
from mcla.terms import parse_terms
from mcla.verify.answers import answered
from mcla.verify.offers import counted
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle

Statement = Acceptance | Contribution


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that one record is made of."""

    record: Record
    signing: Signing
    version: AgreementVersion
    foundation: Foundation
    identity: Identity
    person: PersonDetail
    result: Signature | ContributionRow
    project: Project | None
    circumstance: Circumstance | None


def load(session: Session, record_id: str, trust: TrustedRoot, seal_fingerprint: str) -> RecordData:
    """The data of a record; raises `RecordUnknown`, or `RecordContentInvalid` naming what disagrees."""
    rows = _rows(session, record_id)
    stored = canonical_json(rows.result.bundle)
    bundle, verdict = _verified(stored, trust, rows)
    statement = parse_statement(bundle.envelope.payload)
    if isinstance(statement, Withdrawal | CompanyChange | OfferAnswer):
        raise RecordContentInvalid(f"a statement of type {statement.TYPE} has no record of its own")
    agreement = _agreement(statement, rows.version)
    return RecordData(
        record_id=rows.record.id,
        signature_id=rows.result.id,
        origin=statement.service,
        foundation_slug=rows.foundation.slug,
        foundation_name=rows.foundation.name,
        agreement=agreement,
        signer=_signer(session, statement, rows),
        act=_act(session, statement, bundle, agreement, rows),
        log=_log(bundle.entry),
        bundle=stored,
        seal_fingerprint=seal_fingerprint,
        contribution=_contribution(statement, rows, agreement),
        counter=_counter(session, verdict, trust, rows),
        replaces=_replaced(session, rows.record),
    )


def record_of(session: Session, contributor_id: str, record_id: str) -> Record | None:
    """A record of this person, in one statement: as much work for another person's record as for one that never was."""
    mine = (
        exists().where(row.signing_id == Record.signing_id, row.contributor_id == contributor_id)
        for row in (Signature, ContributionRow)
    )
    return session.scalar(select(Record).where(Record.id == record_id, or_(*mine)))


def _replaced(session: Session, record: Record) -> ReplacedDetail | None:
    if record.replaces is None:
        return None
    old = file_then(session, record.replaces, record.created_at)
    if old is None:
        raise RecordContentInvalid(f"{record.replaces} is replaced by {record.id} and was never sealed")
    return ReplacedDetail(old.record_id, old.sha256, record.reason or "", record.corrected_name)


def _rows(session: Session, record_id: str) -> _Rows:
    record = session.get(Record, record_id)
    if record is None:
        raise RecordUnknown(f"there is no record {record_id}")
    signing_id, signing = record.signing_id, session.get_one(Signing, record.signing_id)
    version = session.get_one(AgreementVersion, signing.agreement_version_id)
    person = session.get(PersonDetail, signing.person_detail_id)
    if person is None:
        raise RecordContentInvalid("the person's details were erased, so nobody can be named in a record")
    result: Signature | ContributionRow | None = session.scalar(
        select(Signature).where(Signature.signing_id == signing_id)
    ) or session.scalar(select(ContributionRow).where(ContributionRow.signing_id == signing_id))
    if result is None:
        raise RecordContentInvalid(f"signing {signing_id} is not complete: there is nothing to certify yet")
    return _Rows(
        record=record,
        signing=signing,
        version=version,
        foundation=session.get_one(Foundation, version.agreement.foundation_id),
        identity=session.get_one(Identity, signing.identity_id),
        person=person,
        result=result,
        project=session.get(Project, signing.project_id) if signing.project_id else None,
        circumstance=session.get(Circumstance, signing_id),
    )


def _verified(stored: bytes, trust: TrustedRoot, rows: _Rows) -> tuple[Bundle, Verdict]:
    """The stored bundle, after our own verifier accepted it; a record never certifies one that does not verify."""
    verdict = verify_bundle(stored, trust)
    if not verdict.sound:
        reasons = ", ".join(reason.code for reason in verdict.reasons)
        raise RecordContentInvalid(f"the stored bundle of {rows.result.id} does not verify: {reasons}")
    bundle = parse_bundle(stored)
    if bundle.envelope.payload != rows.signing.statement:
        raise RecordContentInvalid(f"the stored bundle of {rows.result.id} holds another statement than its signing")
    _agree("log index", str(bundle.entry.log_index), str(rows.result.log_index))
    return bundle, verdict


def _agreement(statement: Statement, version: AgreementVersion) -> AgreementText:
    documents = {document.path: bytes(document.content) for document in version.documents}
    meant = statement.agreement
    _agree("agreement version", meant.digest, version.digest)
    _agree("agreement text", meant.text, hashlib.sha256(documents.get("agreement.md", b"")).hexdigest())
    return AgreementText(
        slug=meant.slug,
        title=version.agreement.title,
        version=meant.version,
        digest=meant.digest,
        text_sha256=meant.text,
        documents=documents,
        language=parse_terms(documents["terms.toml"]).agreement.language,
        published_at=version.published_at,
    )


def _signer(session: Session, statement: Statement, rows: _Rows) -> SignerDetail:
    identity, detail = rows.identity, rows.person
    person = Person(identity.provider, identity.subject, detail.name, detail.login, detail.email)
    salt = base64.b64encode(statement.salt).decode()
    if not opens(statement.identity_commitment, detail.secret, person, salt):
        raise RecordContentInvalid("the stored person does not open the statement's identity commitment")
    return SignerDetail(
        uri=statement.signer,
        name=person.name,
        provider=person.provider,
        subject=person.subject,
        login=person.login,
        email=person.email,
        capacity=statement.capacity,
        commitment=statement.identity_commitment,
        salt=salt,
        secret=detail.secret,
        company=_company(session, statement, rows, salt),
        issuer=rows.circumstance.issuer if rows.circumstance else "",
    )


def _company(session: Session, statement: Statement, rows: _Rows, salt: str) -> CompanyDetail | None:
    """The company that it was signed for, with its changes of name; None for who signed for themselves."""
    named = named_in(statement)
    if named is not None:
        title = title_in(rows.signing.document or b"{}")
        _agree("title of the signatory", named.title_commitment, commit_title(rows.person.secret, title, salt))
    return detail_of(session, statement, rows.signing, rows.record.created_at)


def _act(session: Session, statement: Statement, bundle: Bundle, agreement: AgreementText, rows: _Rows) -> Act:
    seen, logged = rows.circumstance, session.get_one(LogRow, rows.result.log_index).appended_at
    files = statement.manifest.files if isinstance(statement, Contribution) else 0
    words = consent_words(agreement.documents, "", files)
    _agree("consent words", statement.consent.sha256, words.sha256)
    return Act(
        key_holder=statement.key_holder,
        consent_sha256=words.sha256,
        consent_text=words.text,
        button=statement.consent.button,
        signed_at=read_timestamp(bundle.timestamp).time,
        statement_sha256=hashlib.sha256(bundle.envelope.payload).hexdigest(),
        circumstance=how_seen(seen) if seen else None,
        events=tuple(course_of(statement, bundle, seen, logged, rows.record.created_at)),
    )


def _log(entry: LogEntry) -> LogFacts:
    return LogFacts(
        origin=entry.checkpoint.split("\n", 1)[0],
        index=entry.log_index,
        tree_size=entry.tree_size,
        root=entry.root.hex(),
        leaf=leaf_hash(entry.body).hex(),
        proof=tuple(each.hex() for each in entry.proof),
    )


def _contribution(statement: Statement, rows: _Rows, agreement: AgreementText) -> ContributionDetail | None:
    if not isinstance(statement, Contribution) or not isinstance(rows.result, ContributionRow):
        return None
    manifest = parse_manifest(rows.result.manifest)
    _agree("manifest root", statement.manifest.root, manifest.root)
    return ContributionDetail(
        id=rows.result.id,
        project_slug=statement.project,
        project_name=rows.project.name if rows.project else statement.project,
        kind=statement.kind,
        schedule=statement.schedule,
        manifest=rows.result.manifest,
        manifest_root=manifest.root,
        files=FileRow.all_of(manifest),
        declarations=declared_in(statement, agreement),
        acceptance=statement.acceptance,
        tensors=statement.tensors,
        earlier=statement.earlier,
    )


def _counter(session: Session, verdict: Verdict, trust: TrustedRoot, rows: _Rows) -> CounterDetail | None:
    """The foundation's counter-signature of an offer, proven too; None for what needs none."""
    if not (verdict.statement or {}).get("offer"):
        return None
    row = session.scalar(select(OfferRow).where(OfferRow.signing_id == rows.signing.id))
    if row is None or row.bundle is None:
        raise RecordContentInvalid("the foundation has not counter-signed: the record of an offer waits for that")
    stored = canonical_json(row.bundle)
    answer = answered(verdict, stored, trust)
    counts = counted(verdict, answer, NOT_LOOKED_AT)
    if not counts.verified:
        raise RecordContentInvalid(f"the offer does not count: {counts.reasons[0].message}")
    statement = hashlib.sha256(row.statement).hexdigest()
    return CounterDetail(parse_statement(row.statement).signer, answer.time, answer.log_index, statement, stored)


def _agree(what: str, signed: str, stored: str) -> None:
    if signed != stored:
        raise RecordContentInvalid(f"{what}: {signed} was signed, {stored} is stored")
