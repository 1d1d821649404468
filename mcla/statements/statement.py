# SPDX-License-Identifier: Apache-2.0
"""The statements a person signs: `Acceptance` of an agreement version, `Contribution` of files, `Withdrawal` of either.

A person signs for self or, in `capacity` company, for a company; a `CompanyChange` changes who may give for it.

in-toto Statement v1 in RFC 8785 bytes. `to_bytes` and `parse_statement` are inverse to each other: bytes that are not
exactly what we would write are refused, so that a digest of a statement names one content. The first subject is
always the manifest root; single files follow only up to 512, because verifiers refuse more than 1,024 subjects.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from mcla.artifacts.manifest import Manifest
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.canonical import canonical_json
from mcla.statements.company import (
    AffiliationRef,
    CompanyRef,
    members_for,
    read_affiliation,
    read_company,
    read_record,
)
from mcla.statements.parts import (
    END_REASONS,
    KEY_HOLDERS,
    KINDS,
    SCHEDULES,
    STAGES,
    TENSOR_KINDS,
    AcceptanceRef,
    AgreementRef,
    ConsentRef,
    EarlierRef,
    EndedRef,
    ManifestRef,
    StatementInvalid,
    Subject,
    TensorsRef,
    check_hex,
    check_origin,
    check_signer,
    check_slug,
    format_time,
    parse_time,
    require,
)
from mcla.statements.passkey import PasskeyRef, read_passkey
from mcla.statements.shapes import (
    as_object,
    check_earlier,
    check_members,
    check_subjects,
    check_writable,
    part_of,
    read_base64,
    read_earlier,
    read_subjects,
)
from mcla.statements.strict import parse_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
ACCEPTANCE_TYPE = "https://w3id.org/mcla/acceptance/v1"
CONTRIBUTION_TYPE = "https://w3id.org/mcla/contribution/v1"
WITHDRAWAL_TYPE = "https://w3id.org/mcla/withdrawal/v1"
COMPANY_CHANGE_TYPE = "https://w3id.org/mcla/company-change/v1"
CAPACITIES = ("individual", "company")
ENDED_NAME = "statement.json"
"""The subject of a withdrawal that is the ended statement itself."""
CHANGE_NAME = "company-change.json"
"""The one file of a company change."""
SCHEMA = "1"
SALT_BYTES = 32
MAX_FILE_SUBJECTS = 512
MAX_STATEMENT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What every statement says: by which signer, at which service, under which agreement, with whose key."""

    TYPE: ClassVar[str]

    subjects: tuple[Subject, ...]
    salt: bytes = field(repr=False)
    service: str
    foundation: str
    signer: str
    identity_commitment: str
    key_holder: str
    agreement: AgreementRef
    consent: ConsentRef
    created_at: datetime
    capacity: str = "individual"
    passkey: PasskeyRef | None = None
    """With `key_holder` passkey and never without: the passkey that confirms this statement."""

    def __post_init__(self) -> None:
        check_subjects(self.subjects)
        require(isinstance(self.salt, bytes) and len(self.salt) == SALT_BYTES, "a salt of 32 bytes", "another length")
        check_signer(self.signer, check_origin(self.service))
        check_slug(self.foundation, "the foundation")
        check_hex(self.identity_commitment, "identity commitment")
        require(self.key_holder in KEY_HOLDERS, f"keyHolder to be one of {', '.join(KEY_HOLDERS)}", self.key_holder)
        by_passkey = self.key_holder == "passkey"
        require(by_passkey == (self.passkey is not None), "a passkey with keyHolder passkey alone", self.key_holder)
        require(self.capacity in CAPACITIES, f"capacity to be one of {', '.join(CAPACITIES)}", self.capacity)
        require(self.created_at.tzinfo is not None, "a time with its zone", self.created_at)

    @property
    def root(self) -> str:
        """The Merkle root of the manifest, 64 hex digits."""
        return self.subjects[0].sha256

    @property
    def confirmed(self) -> bool:
        """Whether nothing is missing: a passkey that the statement names has given its assertion."""
        return self.passkey is None or self.passkey.assertion is not None

    def inner_bytes(self) -> bytes:
        """What a passkey's assertion covers: this statement without the assertion."""
        return replace(self, passkey=self.passkey and replace(self.passkey, assertion=None)).to_bytes()

    def predicate(self) -> dict[str, Any]:
        return {
            **({"contributorKey": self.passkey.to_dict()} if self.passkey else {}),
            "schema": SCHEMA,
            "salt": base64.b64encode(self.salt).decode(),
            "service": self.service,
            "foundation": self.foundation,
            "signer": self.signer,
            "identityCommitment": self.identity_commitment,
            "keyHolder": self.key_holder,
            "capacity": self.capacity,
            "agreement": self.agreement.to_dict(),
            "consent": self.consent.to_dict(),
            "createdAt": format_time(self.created_at),
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            "_type": STATEMENT_TYPE,
            "subject": [subject.to_dict() for subject in self.subjects],
            "predicateType": self.TYPE,
            "predicate": self.predicate(),
        }

    def to_bytes(self) -> bytes:
        """The exact bytes that are shown, hashed and signed."""
        return canonical_json(self.to_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(Statement):
    """A person accepts an agreement version; the subjects are the version's digest and its documents.

    In the capacity `company` the person binds the `company` named here.
    """

    TYPE: ClassVar[str] = ACCEPTANCE_TYPE

    company: CompanyRef | None = None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        _check_capacity(self.capacity, self.company)
        require(self.root == self.agreement.digest, "the digest of the agreement version as first subject", self.root)

    def predicate(self) -> dict[str, Any]:
        return Statement.predicate(self) | _for_company(self.company)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution(Statement):
    """A person gives files of one kind to a project, under an acceptance and with its schedule's declarations.

    `earlier` names signatures that the same signer made before over these bytes with tools of others, if there are any.
    In the capacity `company` the acceptance is the company's, and `company` names what lets this person give.
    """

    TYPE: ClassVar[str] = CONTRIBUTION_TYPE

    project: str
    kind: str
    schedule: str | None
    manifest: ManifestRef
    acceptance: AcceptanceRef
    declarations: Mapping[str, Any]
    tensors: TensorsRef | None = None
    earlier: tuple[EarlierRef, ...] = ()
    company: AffiliationRef | None = None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        _check_capacity(self.capacity, self.company)
        check_slug(self.project, "the project")
        require(self.kind in KINDS, f"kind to be one of {', '.join(KINDS)}", self.kind)
        require(self.schedule is None or self.schedule in SCHEDULES, "schedule D, W, S or none", self.schedule)
        require(isinstance(self.declarations, Mapping), "declarations by name", self.declarations)
        check_writable(self.declarations)
        check_earlier(self.earlier)
        _check_tensors(self.tensors, self.kind, self.manifest)
        require(self.root == self.manifest.root, "the manifest root as first subject", self.root)
        listed = self.manifest.files if self.manifest.files <= MAX_FILE_SUBJECTS else 0
        require(len(self.subjects) == 1 + listed, f"{1 + listed} subjects", len(self.subjects))

    def predicate(self) -> dict[str, Any]:
        earlier = {"earlier": [each.to_dict() for each in self.earlier]} if self.earlier else {}
        return Statement.predicate(self) | {
            "project": self.project,
            "kind": self.kind,
            "schedule": self.schedule,
            "manifest": self.manifest.to_dict(),
            "acceptance": self.acceptance.to_dict(),
            "declarations": dict(self.declarations),
            "tensors": self.tensors.to_dict() if self.tensors else None,
            **earlier,
            **_for_company(self.company),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Statement):
    """A signer ends an own acceptance or contribution, from this statement's own place in the log on and not before.

    The subjects are the root and the statement of what is ended; `stage` is how far a contribution had come as far as
    the signer knows, None for not known.
    """

    TYPE: ClassVar[str] = WITHDRAWAL_TYPE

    ends: EndedRef
    reason: str
    stage: str | None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        require(self.capacity == "individual", "capacity individual", self.capacity)
        require(self.reason in END_REASONS, f"reason to be one of {', '.join(END_REASONS)}", self.reason)
        require(self.stage is None or self.stage in STAGES, "stage S0 to S4 or none", self.stage)
        require(self.stage is None or self.ends.type == "contribution", "a stage of contributions only", self.stage)
        ended = ended_subjects(self.ends)
        require(self.subjects == ended, "root and statement of what is ended as subjects", self.subjects)

    def predicate(self) -> dict[str, Any]:
        return Statement.predicate(self) | {"ends": self.ends.to_dict(), "reason": self.reason, "stage": self.stage}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyChange(Statement):
    """Somebody changes who may give for a company, from this statement's signature on and never backwards.

    What changes stands in a document of its own with a salt, kept by the service: here and in the log is its digest
    alone, as a manifest of one file. `acceptance` is the company's.
    """

    TYPE: ClassVar[str] = COMPANY_CHANGE_TYPE

    manifest: ManifestRef
    acceptance: AcceptanceRef

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        require(self.capacity == "company", "capacity company", self.capacity)
        require(self.manifest.files == 1, "a manifest of one file", self.manifest.files)
        require(self.root == self.manifest.root, "the manifest root as first subject", self.root)
        names = [subject.name for subject in self.subjects]
        require(names == [MANIFEST_NAME, CHANGE_NAME], f"{CHANGE_NAME} as the one other subject", names)

    def predicate(self) -> dict[str, Any]:
        refs = {"manifest": self.manifest.to_dict(), "acceptance": self.acceptance.to_dict()}
        return Statement.predicate(self) | refs


AnyStatement = Acceptance | Contribution | Withdrawal | CompanyChange


def ended_subjects(ends: EndedRef) -> tuple[Subject, ...]:
    """The subjects of a withdrawal: the root and the statement of what is ended."""
    return (Subject(name=MANIFEST_NAME, sha256=ends.root), Subject(name=ENDED_NAME, sha256=ends.statement))


def manifest_subjects(manifest: Manifest) -> tuple[Subject, ...]:
    """The subjects for `manifest`: its root, then every file if there are at most 512."""
    root = Subject(name=MANIFEST_NAME, sha256=manifest.root)
    if len(manifest.files) > MAX_FILE_SUBJECTS:
        return (root,)
    return (root, *(Subject(name=entry.path, sha256=entry.sha256) for entry in manifest.files))


def parse_statement(data: bytes) -> AnyStatement:
    """Read a statement; raises `StatementInvalid` or `JsonInvalid`. `to_bytes()` of the result equals `data`."""
    statement = parse_draft(data)
    require(statement.confirmed, "the passkey's assertion (contributorKey.webauthn) with keyHolder passkey", "none")
    return statement


def parse_draft(data: bytes) -> AnyStatement:
    """The same of a statement that may still wait for its passkey's assertion: no finished one does."""
    value = as_object(parse_json(data, max_bytes=MAX_STATEMENT_BYTES), "statement")
    check_members(value, {"_type", "subject", "predicateType", "predicate"}, "the statement")
    require(value["_type"] == STATEMENT_TYPE, f"_type {STATEMENT_TYPE}", value["_type"])
    subjects = read_subjects(value["subject"])
    predicate = as_object(value["predicate"], "predicate")
    statement = _read_predicate(value["predicateType"], subjects, predicate)
    if statement.to_bytes() != data:
        raise StatementInvalid("expected the canonical form (RFC 8785), got the same content in another spelling")
    return statement


def _read_predicate(kind: object, subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> AnyStatement:
    if kind == ACCEPTANCE_TYPE:
        check_members(predicate, _common(predicate) | members_for(predicate), "the predicate")
        return Acceptance(subjects=subjects, **_read_common(predicate), company=read_company(predicate))
    if kind == WITHDRAWAL_TYPE:
        return _read_withdrawal(subjects, predicate)
    if kind == COMPANY_CHANGE_TYPE:
        return _read_change(subjects, predicate)
    known = f"{ACCEPTANCE_TYPE}, {CONTRIBUTION_TYPE}, {WITHDRAWAL_TYPE} or {COMPANY_CHANGE_TYPE}"
    require(kind == CONTRIBUTION_TYPE, f"predicateType {known}", kind)
    members = _common(predicate) | _OF_CONTRIBUTION | members_for(predicate) | ({"earlier"} & set(predicate))
    check_members(predicate, members, "the predicate")
    return Contribution(
        subjects=subjects,
        **_read_common(predicate),
        project=predicate["project"],
        kind=predicate["kind"],
        schedule=predicate["schedule"],
        manifest=_read_manifest(predicate),
        acceptance=read_record(predicate, "acceptance"),
        declarations=as_object(predicate["declarations"], "declarations"),
        tensors=None if predicate["tensors"] is None else read_tensors_ref(predicate["tensors"]),
        earlier=read_earlier(predicate["earlier"]) if "earlier" in predicate else (),
        company=read_affiliation(predicate),
    )


def _read_change(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> CompanyChange:
    check_members(predicate, _common(predicate) | {"manifest", "acceptance"}, "the predicate")
    return CompanyChange(
        subjects=subjects,
        **_read_common(predicate),
        manifest=_read_manifest(predicate),
        acceptance=read_record(predicate, "acceptance"),
    )


def _read_manifest(predicate: dict[str, Any]) -> ManifestRef:
    return ManifestRef(**part_of(predicate, "manifest", {"root", "files", "bytes"}))


def _read_withdrawal(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> Withdrawal:
    check_members(predicate, _common(predicate) | {"ends", "reason", "stage"}, "the predicate")
    ends = part_of(predicate, "ends", {"type", "statement", "root", "logIndex"})
    return Withdrawal(
        subjects=subjects,
        **_read_common(predicate),
        ends=EndedRef(ends["type"], ends["statement"], ends["root"], ends["logIndex"]),
        reason=predicate["reason"],
        stage=predicate["stage"],
    )


_COMMON = {
    *("schema", "salt", "service", "foundation", "signer", "identityCommitment"),
    *("keyHolder", "capacity", "agreement", "consent", "createdAt"),
}
_OF_CONTRIBUTION = {"project", "kind", "schedule", "manifest", "acceptance", "declarations", "tensors"}


def _common(predicate: dict[str, Any]) -> set[str]:
    return _COMMON | ({"contributorKey"} if predicate.get("keyHolder") == "passkey" else set())


def _read_common(predicate: dict[str, Any]) -> dict[str, Any]:
    require(predicate["schema"] == SCHEMA, f"schema {SCHEMA}", predicate["schema"])
    return {
        "salt": read_base64(predicate["salt"], "the salt"),
        "service": predicate["service"],
        "foundation": predicate["foundation"],
        "signer": predicate["signer"],
        "identity_commitment": predicate["identityCommitment"],
        "key_holder": predicate["keyHolder"],
        "capacity": predicate["capacity"],
        "agreement": AgreementRef(**part_of(predicate, "agreement", {"slug", "version", "digest", "text"})),
        "consent": ConsentRef(**part_of(predicate, "consent", {"sha256", "button"})),
        "created_at": parse_time(predicate["createdAt"]),
        "passkey": read_passkey(predicate),
    }


def _check_capacity(capacity: str, company: object) -> None:
    expected = "company" if company is not None else "individual"
    require(capacity == expected, f"capacity {expected}", capacity)


def _for_company(company: CompanyRef | AffiliationRef | None) -> dict[str, Any]:
    """The member that a statement has only when it is made for a company: others keep their bytes."""
    return {"company": company.to_dict()} if company else {}


def _check_tensors(tensors: TensorsRef | None, kind: str, manifest: ManifestRef) -> None:
    if tensors is not None:
        require(kind in TENSOR_KINDS, f"tensors with kind {' or '.join(TENSOR_KINDS)} only", kind)
        require(tensors.bytes <= manifest.bytes, "no more bytes of tensors than of files", tensors.bytes)


def read_tensors_ref(value: object) -> TensorsRef:
    """A `{"root", "count", "bytes"}` object as it comes from JSON; raises `StatementInvalid`."""
    part = as_object(value, "tensors")
    check_members(part, {"root", "count", "bytes"}, "tensors")
    return TensorsRef(**part)
