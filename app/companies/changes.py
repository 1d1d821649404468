# SPDX-License-Identifier: Apache-2.0
"""The changes that somebody can sign for a company, and the document that holds one.

The document is canonical JSON with a random salt: its digest goes into the statement, so that the log tells nothing of
a person, and whoever is shown the document can check it against the bundle. Bytes that are not exactly what we would
write are refused.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, cast

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import KINDS, Kind, format_time, parse_time
from mcla.statements.statement import CHANGE_NAME
from mcla.statements.strict import parse_json

SCHEMA = "mcla.company-change/1"
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Account:
    """Exactly one identity: the provider's name here and its account number."""

    type: ClassVar[str] = "account"
    provider: str
    subject: str

    @property
    def key(self) -> str:
        return f"{self.provider}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Address:
    """Whoever signs in with this verified address, as `app.companies.addresses` compares it."""

    type: ClassVar[str] = "address"
    email: str

    @property
    def key(self) -> str:
        return self.email


@dataclass(frozen=True, slots=True)
class Domain:
    """Whoever signs in with a verified address in this domain, below it too only if that is said."""

    type: ClassVar[str] = "domain"
    domain: str
    include_subdomains: bool

    @property
    def key(self) -> str:
        return self.domain


Rule = Account | Address | Domain


@dataclass(frozen=True, slots=True)
class ManagerInvited:
    """Somebody with this verified address may become a manager, by a link of this invitation."""

    type: ClassVar[str] = "manager-invited"
    invitation: str
    email: str


@dataclass(frozen=True, slots=True)
class ManagerJoined:
    """The invited person becomes a manager; the invitation's id names the manager from then on."""

    type: ClassVar[str] = "manager-joined"
    invitation: str


@dataclass(frozen=True, slots=True)
class ManagerRemoved:
    """A manager is one no more, or an invitation that nobody has used is taken back."""

    type: ClassVar[str] = "manager-removed"
    invitation: str


@dataclass(frozen=True, slots=True)
class EntryAdded:
    """The list gets a rule: who, which kinds, from and to when (None: from the signature on, without end)."""

    type: ClassVar[str] = "entry-added"
    entry: str
    rule: Rule
    kinds: tuple[Kind, ...]
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRemoved:
    """A rule ends now; what was given under it before stays given, and no individual agreement is touched."""

    type: ClassVar[str] = "entry-removed"
    entry: str


@dataclass(frozen=True, slots=True)
class AffiliationConfirmed:
    """The listed person says: I work for this company, and give for it under this entry."""

    type: ClassVar[str] = "affiliation-confirmed"
    entry: str


@dataclass(frozen=True, slots=True)
class AffiliationEnded:
    """The person gives for the company no more."""

    type: ClassVar[str] = "affiliation-ended"
    entry: str


@dataclass(frozen=True, slots=True)
class ReleaseAsked:
    """From now on these kinds need a second person's release (none: no kind does)."""

    type: ClassVar[str] = "release-asked"
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """A second person releases exactly these files, of one kind, by one giver, to one project."""

    type: ClassVar[str] = "released"
    project: str
    kind: Kind
    root: str
    giver: Account


Change = (
    ManagerInvited
    | ManagerJoined
    | ManagerRemoved
    | EntryAdded
    | EntryRemoved
    | AffiliationConfirmed
    | AffiliationEnded
    | ReleaseAsked
    | Released
)


REASONED = (ManagerRemoved, EntryAdded, EntryRemoved, ReleaseAsked)
"""The changes that need a reason (`mcla-corporate` 5.2)."""


@dataclass(frozen=True, slots=True)
class Document:
    """One change with who makes it and why, as it is stored and hashed."""

    company: str
    actor: Account
    reason: str
    change: Change
    salt: bytes

    @classmethod
    def of(cls, company: str, actor: Account, reason: str, change: Change) -> "Document":
        return cls(company, actor, reason, change, secrets.token_bytes(32))

    def to_bytes(self) -> bytes:
        return canonical_json(
            {
                "schema": SCHEMA,
                "salt": base64.b64encode(self.salt).decode(),
                "company": self.company,
                "actor": _plain(self.actor),
                "reason": self.reason,
                "change": _plain(self.change),
            }
        )


def parse_document(data: bytes) -> Document:
    """Read a stored document; `ValueError` or `KeyError` mean that it is none of ours."""
    value = parse_json(data)
    change = _change(value["change"])
    actor = Account(value["actor"]["provider"], value["actor"]["subject"])
    salt = base64.b64decode(value["salt"], validate=True)
    document = Document(value["company"], actor, value["reason"], change, salt)
    if document.to_bytes() != data:
        raise ValueError("expected a company change exactly as it was written, got other bytes")
    return document


def manifest_of(document: bytes) -> Manifest:
    """The manifest of one file whose root a statement names."""
    return Manifest.of([ManifestEntry(CHANGE_NAME, sha256_hex(document), len(document))])


def ordered(kinds: object) -> tuple[Kind, ...]:
    """Kinds in the vocabulary's order, each once."""
    wanted = set(cast("tuple[str, ...]", kinds))
    return cast("tuple[Kind, ...]", tuple(kind for kind in KINDS if kind in wanted))


def _plain(value: Change | Rule) -> dict[str, Any]:
    members = {name: _member(getattr(value, name)) for name in type(value).__dataclass_fields__}
    return {"type": value.type, **members}


def _member(value: object) -> object:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Account | Address | Domain):
        return _plain(value)
    return list(value) if isinstance(value, tuple) else value


_TYPES: Mapping[str, type[Change]] = {
    each.type: each
    for each in (
        ManagerInvited,
        ManagerJoined,
        ManagerRemoved,
        EntryAdded,
        EntryRemoved,
        AffiliationConfirmed,
        AffiliationEnded,
        ReleaseAsked,
        Released,
    )
}
_RULES: Mapping[str, type[Rule]] = {each.type: each for each in (Account, Address, Domain)}
ChangeType = Literal[
    "manager-invited",
    "manager-joined",
    "manager-removed",
    "entry-added",
    "entry-removed",
    "affiliation-confirmed",
    "affiliation-ended",
    "release-asked",
    "released",
]


def _change(value: Mapping[str, Any]) -> Change:
    return _TYPES[value["type"]](**{name: _read(name, member) for name, member in value.items() if name != "type"})


def _read(name: str, value: Any) -> Any:
    if name in ("rule", "giver"):
        return _RULES[value["type"]](**{key: member for key, member in value.items() if key != "type"})
    if name == "kinds":
        return tuple(value)
    return parse_time(value) if name in ("valid_from", "valid_to") and value is not None else value
