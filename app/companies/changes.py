# SPDX-License-Identifier: Apache-2.0
"""The changes that somebody can sign for a company; `app.companies.document` holds one as bytes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, cast

from mcla.statements.parts import KINDS, Kind

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


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whoever the provider confirms as a member of this organisation, by its id there; the name is a label."""

    type: ClassVar[str] = "organisation"
    provider: str
    number: str
    name: str = field(compare=False)

    @property
    def key(self) -> str:
        return f"{self.provider}:{self.number}"


Rule = Account | Address | Domain | Organisation


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
    """A second person releases exactly these files, of one kind, by one giver, to one project, with these answers.

    `declarations` is the digest of the answers (`app.companies.document.answers_sha256`): other answers need another
    release. So does another agreement: `agreement` is the one for these files alone under which they are offered, None
    for the one that the company accepted.
    """

    type: ClassVar[str] = "released"
    project: str
    kind: Kind
    root: str
    declarations: str
    giver: Account
    agreement: str | None = None


@dataclass(frozen=True, slots=True)
class ParticularsChanged:
    """The same legal entity has this name and register number from now on; the country of its register stays.

    The old ones are those that whoever signs saw: if another change came first, this one is refused.
    """

    type: ClassVar[str] = "particulars-changed"
    name: str
    registration: str
    old_name: str
    old_registration: str


@dataclass(frozen=True, slots=True)
class EndedByFoundation:
    """The foundation ends every acceptance of the company that is in force; what was given before stays given."""

    type: ClassVar[str] = "ended-by-foundation"


@dataclass(frozen=True, slots=True)
class SignatoryAdmitted:
    """The foundation has seen that whoever has this verified address may sign in the signatory's place."""

    type: ClassVar[str] = "signatory-admitted"
    email: str


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
    | ParticularsChanged
    | EndedByFoundation
    | SignatoryAdmitted
)
OF_STAFF = (EndedByFoundation, SignatoryAdmitted)
"""The changes that the foundation's staff make, also while no acceptance is in force."""


REASONED = (ManagerRemoved, EntryAdded, EntryRemoved, ReleaseAsked, *OF_STAFF)
"""The changes that need a reason: those of `mcla-corporate` 5.2, and those of the staff."""


def ordered(kinds: object) -> tuple[Kind, ...]:
    """Kinds in the vocabulary's order, each once."""
    wanted = set(cast("tuple[str, ...]", kinds))
    return cast("tuple[Kind, ...]", tuple(kind for kind in KINDS if kind in wanted))
