# SPDX-License-Identifier: Apache-2.0
"""The parts of what a record says, as plain values: the agreement, who signed, the act, what was given, the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.artifacts.manifest import Manifest
from mcla.records.fields import Personal
from mcla.records.names import Step
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef, EarlierRef, TensorsRef


@dataclass(frozen=True, slots=True)
class AgreementText:
    """The agreement version that was accepted. `documents` are the exact bytes, by path; digests are 64 hex."""

    slug: str
    title: str
    version: str
    digest: str
    text_sha256: str
    documents: dict[str, bytes]
    language: str
    """A BCP 47 tag."""
    published_at: datetime


@dataclass(frozen=True, slots=True)
class NameChange:
    """From `at` on the same company had another name or register number; `record` is the signed change."""

    old_name: str
    old_registration: str
    name: str
    registration: str
    at: datetime
    record: AcceptanceRef


@dataclass(frozen=True, slots=True)
class CompanyDetail:
    """The company that somebody signed for; `title` and `power` are theirs, empty where they gave for it as listed.

    Name and number are those that the statement names, or that the company had when somebody gave for it.
    `power` is told in words; `signed_power` is the name of it that the statement has.
    Who gave as listed has `affiliation`: their own confirmation, and the release by a second person where one is asked.
    """

    name: str
    jurisdiction: str
    registration: str
    title: str = ""
    power: str = ""
    affiliation: AffiliationRef | None = None
    signed_power: str = ""
    changes: tuple[NameChange, ...] = ()
    """Every change of its particulars until the record was asked for, before and after the signature."""


@dataclass(frozen=True, slots=True)
class SignerDetail:
    """Who signed, as the provider said it at that sign-in; `secret` keys the identity commitment (32 bytes)."""

    uri: str
    name: str
    provider: str
    subject: str
    login: str
    email: str | None
    """Only an address that the provider said is verified."""
    capacity: str
    commitment: str
    salt: str
    secret: bytes
    company: CompanyDetail | None = None
    issuer: str = ""
    """Where the provider is found (OIDC issuer or site), empty where the service no longer knows it."""


@dataclass(frozen=True, slots=True)
class CircumstanceDetail:
    """From where somebody signed, as the service saw it: nobody signed this, and only the private record tells it."""

    signed_in_at: datetime | None
    address: str
    """IP address, empty where none was seen."""
    agent: str
    """The browser's or program's own name for itself."""
    session: str = ""
    """A keyed digest (64 hex), the same for all that was signed in one sign-in; empty without a browser's session."""
    zone: str = ""
    """The browser's time zone as it said, `UTC+01:00`; empty where it said none."""
    page: "PageDetail | None" = None


@dataclass(frozen=True, slots=True)
class PageDetail:
    """The page that somebody signed on, as it was made for them; `text` are its words, empty in a redacted copy."""

    shown_at: datetime
    language: str
    build: str
    sha256: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One step on the way of a signature, and when it was."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What the person did. `signed_at` is the time of the RFC 3161 timestamp; digests are 64 hex."""

    key_holder: str
    consent_sha256: str
    consent_text: str
    """The words beside the box that was ticked, whose digest the statement carries."""
    button: str
    signed_at: datetime
    statement_sha256: str
    circumstance: CircumstanceDetail | None = None
    events: tuple[Event, ...] = ()
    """In the order of the way, beside the sign-in and the counter-signature, which stand for themselves."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the manifest: path, 64 hex digits, bytes."""

    path: str
    sha256: str
    size: int

    @classmethod
    def all_of(cls, manifest: Manifest) -> "tuple[FileRow, ...]":
        """Every file, in the order of the manifest."""
        return tuple(cls(entry.path, entry.sha256, entry.size) for entry in manifest.files)


@dataclass(frozen=True, slots=True)
class Work:
    """One work that a contribution builds on, in the words of the schedule; `sha256` is 64 hex digits or empty."""

    name: str
    licence: str
    details: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """One answer of the schedule: its key, its question as shown, its value, and the value in words.

    `works` are what the answer says of works that the contribution builds on: name, licence or ground, the rest.
    """

    key: str
    label: str
    value: Any
    shown: str = ""
    works: tuple[Work, ...] = ()


@dataclass(frozen=True, slots=True)
class ContributionDetail:
    """What was given. `manifest` holds the exact canonical bytes, `files` the same content in its order."""

    id: str
    project_slug: str
    project_name: str
    kind: str
    schedule: str | None
    manifest: bytes
    manifest_root: str
    files: tuple[FileRow, ...]
    declarations: tuple[Declaration, ...]
    acceptance: AcceptanceRef | None
    """What it rests on; None for an offer, which rests on its counter-signature."""
    tensors: TensorsRef | None
    earlier: tuple[EarlierRef, ...]

    @property
    def total_bytes(self) -> int:
        return sum(row.size for row in self.files)


@dataclass(frozen=True, slots=True)
class CounterDetail:
    """The foundation's counter-signature of an offer; `bundle` proves it as the other one proves the offer."""

    signer: str
    signed_at: datetime
    log_index: int
    statement_sha256: str
    bundle: bytes


@dataclass(frozen=True, slots=True)
class LogFacts:
    """Where the signature stands in the log: 0-based index, tree size and root (64 hex) of the bundle's checkpoint.

    `leaf` is the RFC 6962 hash of the entry; `proof` leads from it to the root (RFC 9162, 2.1.3), 64 hex digits each.
    """

    origin: str
    index: int
    tree_size: int
    root: str
    leaf: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedactedCopy:
    """What makes a record's data those of a redacted copy: what it tells, and the SHA-256 of the sealed record."""

    personal: Personal
    original_sha256: str


@dataclass(frozen=True, slots=True)
class ReplacedDetail:
    """The record that this one takes the place of: id and SHA-256 (64 hex) of its file, why, and a name put right.

    The name that was signed with stays where it is: it opens the signature. The right one is the foundation's word.
    """

    record_id: str
    sha256: str
    reason: str
    corrected_name: str | None = None
