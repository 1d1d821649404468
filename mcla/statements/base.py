# SPDX-License-Identifier: Apache-2.0
"""What every statement says, and how that much of one is read.

in-toto Statement v1 in RFC 8785 bytes; the first subject is always a root, as in `mcla.artifacts.manifest`.
"""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from mcla.statements.canonical import canonical_json
from mcla.statements.company import AffiliationRef, CompanyRef
from mcla.statements.parts import (
    KEY_HOLDERS,
    AgreementRef,
    ConsentRef,
    ManifestRef,
    Subject,
    check_hex,
    check_origin,
    check_signer,
    check_slug,
    format_time,
    parse_time,
    require,
)
from mcla.statements.passkey import PasskeyRef, read_passkey
from mcla.statements.shapes import check_subjects, part_of, read_base64

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
CAPACITIES = ("individual", "company", "foundation")
SCHEMA = "1"
SALT_BYTES = 32

_COMMON = {
    *("schema", "salt", "service", "foundation", "signer", "identityCommitment"),
    *("keyHolder", "capacity", "agreement", "consent", "createdAt"),
}


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


def check_capacity(capacity: str, company: object) -> None:
    expected = "company" if company is not None else "individual"
    require(capacity == expected, f"capacity {expected}", capacity)


def for_company(company: CompanyRef | AffiliationRef | None) -> dict[str, Any]:
    """The member that a statement has only when it is made for a company: others keep their bytes."""
    return {"company": company.to_dict()} if company else {}


def common_members(predicate: dict[str, Any]) -> set[str]:
    return _COMMON | ({"contributorKey"} if predicate.get("keyHolder") == "passkey" else set())


def read_common(predicate: dict[str, Any]) -> dict[str, Any]:
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


def read_manifest_ref(predicate: dict[str, Any]) -> ManifestRef:
    return ManifestRef(**part_of(predicate, "manifest", {"root", "files", "bytes"}))
