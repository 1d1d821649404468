# SPDX-License-Identifier: Apache-2.0
"""What a record says, as plain values: the one input of the renderer, without a database behind it.

`record.json` (schema `mcla.record/1`) is the same content for machines, in RFC 8785 form. It opens the identity
commitment of the statement (`mcla.statements.commitment`): whoever holds the PDF can show that the public bundle was
made by the person named on its certificate page. That is why a record is private to its signer and foundation.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from app.records.declared import in_words
from app.records.parts import (
    Act,
    AgreementText,
    CompanyDetail,
    ContributionDetail,
    CounterDetail,
    LogFacts,
    NameChange,
    RedactedCopy,
    ReplacedDetail,
    SignerDetail,
)
from mcla.records.fields import SECRET, Personal
from mcla.records.names import BUNDLE_JSON, COUNTER_JSON, MANIFEST_JSON, RECORD_JSON, SCHEMA, SHOWN_TXT
from mcla.statements.canonical import canonical_json

TEXT = "agreement.md"


@dataclass(frozen=True, slots=True)
class RecordData:
    """Everything that one record says."""

    record_id: str
    signature_id: str
    """The signature (acceptance) or contribution that this record is about."""
    origin: str
    foundation_slug: str
    foundation_name: str
    agreement: AgreementText
    signer: SignerDetail
    act: Act
    log: LogFacts
    bundle: bytes
    """The stored Sigstore bundle, as JSON bytes."""
    seal_fingerprint: str
    """SHA-256 (64 hex) of the certificate that seals this record."""
    contribution: ContributionDetail | None = None
    counter: CounterDetail | None = None
    copy: RedactedCopy | None = None
    replaces: ReplacedDetail | None = None

    @property
    def personal(self) -> Personal:
        """The personal fields: all of them told in a record, fewer in a redacted copy."""
        return self.copy.personal if self.copy else _personal(self)

    @property
    def shown_text(self) -> str:
        """The words of the page that was signed on, empty where there was none or where they are withheld."""
        seen = self.act.circumstance
        return seen.page.text if seen and seen.page else ""

    @property
    def type(self) -> str:
        return "acceptance" if self.contribution is None else "contribution"

    @property
    def texts(self) -> tuple[str, ...]:
        """The paths of the texts that the record prints and carries: the agreement, and every schedule of it.

        A contribution stands under its own schedule alone. The other documents of the version are named by digest.
        """
        paths = [path for path in self.agreement.documents if path.endswith(".md")]
        if self.contribution is not None:
            paths = [path for path in paths if path in (TEXT, f"schedules/{self.contribution.schedule}.md")]
        return tuple(sorted(paths, key=lambda path: (path != TEXT, path)))

    @property
    def page_url(self) -> str:
        """Where a reader checks this record: the verify page, about the files given or the statement of acceptance."""
        digest = self.act.statement_sha256
        if self.contribution is not None:
            files = self.contribution.files
            digest = files[0].sha256 if len(files) == 1 else self.contribution.manifest_root
        return f"{self.origin}/verify?digest=sha256:{digest}"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file inside the PDF; `relationship` is the AFRelationship of ISO 32000-2, 7.11.3."""

    name: str
    content: bytes
    relationship: str
    description: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def attached_files(data: RecordData) -> tuple[AttachedFile, ...]:
    """Every file that the record carries, `record.json` (which names the others by digest) last."""
    files = [AttachedFile(BUNDLE_JSON, data.bundle, "Data", "The signature: verifies without the service")]
    if data.shown_text:
        files.append(AttachedFile(SHOWN_TXT, data.shown_text.encode(), "Supplement", "The words of the page signed on"))
    for path in data.texts:
        content = data.agreement.documents[path]
        files.append(AttachedFile(attachment_name(path), content, "Source", f"The exact bytes of {path}"))
    if data.contribution is not None:
        files.append(AttachedFile(MANIFEST_JSON, data.contribution.manifest, "Data", "Every file that was given"))
    if data.counter is not None:
        files.append(AttachedFile(COUNTER_JSON, data.counter.bundle, "Data", "The foundation's counter-signature"))
    record = canonical_json(record_json(data, files))
    return (*files, AttachedFile(RECORD_JSON, record, "Data", "This record for machines"))


def attachment_name(path: str) -> str:
    """A flat name for a document of the agreement: tools that unpack attachments differ on slashes."""
    return path.replace("/", "-")


def record_json(data: RecordData, files: list[AttachedFile]) -> dict[str, Any]:
    """The content of `record.json`; `files` are the other attachments."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "recordId": data.record_id,
        "type": data.type,
        "id": data.signature_id,
        "service": data.origin,
        "foundation": {"slug": data.foundation_slug, "name": data.foundation_name},
        "agreement": _agreement(data.agreement, data.texts),
        "signer": _signer(data.signer),
        "personal": data.personal.to_dict(),
        "identityOpening": _opening(data.signer),
        "act": _act(data.act),
        "events": [{"event": each.step.value, "at": utc(each.at)} for each in data.act.events],
        "log": {
            "origin": data.log.origin,
            "index": data.log.index,
            "treeSize": data.log.tree_size,
            "root": data.log.root,
            "leaf": data.log.leaf,
            "proof": list(data.log.proof),
        },
        "seal": {"certificate": data.seal_fingerprint},
        "attachments": {file.name: file.sha256 for file in files},
    }
    if data.contribution is not None:
        document["contribution"] = _contribution(data.contribution)
    if data.counter is not None:
        document["counterSignature"] = _counter(data.counter)
    if data.replaces is not None:
        old = data.replaces
        named = {"correctedName": old.corrected_name} if old.corrected_name else {}
        document["supersedes"] = {"recordId": old.record_id, "sha256": old.sha256, "reason": old.reason, **named}
    if data.copy is not None:
        document["redacted"] = {"original": data.copy.original_sha256, "withheld": list(data.personal.withheld)}
    return document


def fingerprint(certificate: Certificate) -> str:
    """SHA-256 of the certificate's DER form, 64 hex digits."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second: `2026-11-22T14:05:09Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _agreement(text: AgreementText, attached: tuple[str, ...]) -> dict[str, Any]:
    """With every document by path, digest and size, from which the version's digest follows (`mcla.artifacts`)."""
    documents = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        | ({"attachment": attachment_name(path)} if path in attached else {})
        for path, content in sorted(text.documents.items())
    ]
    head: dict[str, Any] = {"slug": text.slug, "title": text.title, "version": text.version, "language": text.language}
    head |= {"publishedAt": utc(text.published_at), "mediaType": "text/markdown"}
    return head | {"digest": text.digest, "text": text.text_sha256, "documents": documents}


def _personal(data: RecordData) -> Personal:
    """Every personal field of a record, under names of `mcla.records.fields`; a contributor's own word is in none."""
    signer, seen = data.signer, data.act.circumstance
    page = seen.page if seen else None
    values: dict[str, str | None] = {
        "name": signer.name,
        "login": signer.login,
        "subject": signer.subject,
        "email": signer.email,
        "title": signer.company.title if signer.company else None,
        "signedInAt": utc(seen.signed_in_at) if seen and seen.signed_in_at else None,
        "address": seen.address if seen else None,
        "userAgent": seen.agent if seen else None,
        "zoneOffset": (seen.zone or None) if seen else None,
        "session": (seen.session or None) if seen else None,
        "pageText": page.sha256 if page else None,
        "pageLanguage": page.language if page else None,
        SECRET: base64.b64encode(signer.secret).decode(),
    }
    return Personal.of(values, signer.secret, data.record_id)


def _signer(signer: SignerDetail) -> dict[str, Any]:
    return {
        "uri": signer.uri,
        "account": {"provider": signer.provider, "issuer": signer.issuer},
        "capacity": signer.capacity,
        **({"company": _company(signer.company)} if signer.company else {}),
    }


def _company(company: CompanyDetail) -> dict[str, Any]:
    affiliation = company.affiliation
    named = {"name": company.name, "jurisdiction": company.jurisdiction, "registration": company.registration}
    named |= {"power": company.signed_power, "powerWords": company.power}
    changes = {"changes": [_name_change(each) for each in company.changes]} if company.changes else {}
    return named | {"affiliation": affiliation.to_dict() if affiliation else None} | changes


def _name_change(change: NameChange) -> dict[str, Any]:
    was = {"name": change.old_name, "registration": change.old_registration}
    now = {"name": change.name, "registration": change.registration, "was": was}
    return now | {"at": utc(change.at), **change.record.to_dict()}


def _opening(signer: SignerDetail) -> dict[str, Any]:
    """How the personal fields open the statement's commitment, where all of them are told."""
    return {
        "algorithm": "HMAC-SHA256 by secret over RFC 8785 JSON of provider, subject, name, login, email and salt",
        "commitment": signer.commitment,
        "salt": signer.salt,
    }


def _act(act: Act) -> dict[str, Any]:
    page = act.circumstance.page if act.circumstance else None
    return {
        "keyHolder": act.key_holder,
        "pageBuild": page.build if page else None,
        "consent": {"sha256": act.consent_sha256, "text": act.consent_text, "button": act.button},
        "signedAt": utc(act.signed_at),
        "statement": act.statement_sha256,
    }


def _contribution(given: ContributionDetail) -> dict[str, Any]:
    return {
        "id": given.id,
        "project": {"slug": given.project_slug, "name": given.project_name},
        "kind": given.kind,
        "schedule": given.schedule,
        "manifest": {"root": given.manifest_root, "files": len(given.files), "bytes": given.total_bytes},
        "declarations": {answer.key: answer.value for answer in given.declarations},
        "answers": [in_words(answer) for answer in given.declarations],
        "tensors": given.tensors.to_dict() if given.tensors else None,
        "earlier": [each.to_dict() for each in given.earlier],
        "acceptance": given.acceptance.to_dict() if given.acceptance else None,
    }


def _counter(counter: CounterDetail) -> dict[str, Any]:
    return {
        "signer": counter.signer,
        "signedAt": utc(counter.signed_at),
        "statement": counter.statement_sha256,
        "logIndex": counter.log_index,
    }
