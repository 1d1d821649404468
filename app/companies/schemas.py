# SPDX-License-Identifier: Apache-2.0
"""JSON of the companies' API: what is asked to be changed, and what a company's people are told."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from app.platform.bodies import Answer, Body
from app.signing.schemas import MAX_FILES, Declared, FileIn, KeyHolder, Kind, OfficeIn, SigningOut, Slug, TensorsIn

Provider = Annotated[str, Field(min_length=1, max_length=32, examples=["github"])]
Number = Annotated[str, Field(min_length=1, max_length=255, examples=["583231"])]
Entry = Annotated[str, Field(pattern=r"^ent_[0-9a-z]{26}$")]
Invitation = Annotated[str, Field(pattern=r"^inv_[0-9a-z]{26}$", description="It names a manager from then on.")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", examples=["2030-01-31T00:00:00Z"])]
Kinds = Annotated[list[Kind], Field(max_length=9)]


class AccountIn(Body):
    """One account, by its number at its provider."""

    type: Literal["account"]
    provider: Provider
    subject: Number


class AddressIn(Body):
    """Whoever signs in with this address, verified by the provider."""

    type: Literal["address"]
    email: str = Field(max_length=254, examples=["ada@example.com"])


class DomainIn(Body):
    """Whoever signs in with a verified address in this domain; you need one there yourself."""

    type: Literal["domain"]
    domain: str = Field(max_length=253, examples=["example.com"])
    include_subdomains: bool


class OrganisationIn(Body):
    """Whom the code host confirms as a member; it must have confirmed you within the last day."""

    type: Literal["organisation"]
    provider: Provider
    number: Number


RuleIn = Annotated[AccountIn | AddressIn | DomainIn | OrganisationIn, Field(discriminator="type")]


class ManagerInvitedIn(Body):
    """Invite whoever has this verified address to manage the list."""

    type: Literal["manager-invited"]
    email: str = Field(max_length=254)


class ManagerRemovedIn(Body):
    """Remove a manager, or take an invitation back."""

    type: Literal["manager-removed"]
    invitation: Invitation


class EntryAddedIn(Body):
    """Put a rule on the list; without dates from the signature on and without end."""

    type: Literal["entry-added"]
    rule: RuleIn
    kinds: Kinds
    valid_from: Time | None = None
    valid_to: Time | None = Field(default=None, description="The entry counts up to this moment and not at it.")


class EntryRemovedIn(Body):
    """Remove a rule; what was given under it stays given."""

    type: Literal["entry-removed"]
    entry: Entry


class AffiliationConfirmedIn(Body):
    """Say that you work for the company and give for it under this entry."""

    type: Literal["affiliation-confirmed"]
    entry: Entry


class AffiliationEndedIn(Body):
    """Say that you give for it no more."""

    type: Literal["affiliation-ended"]
    entry: Entry


class ReleaseAskedIn(Body):
    """Say which kinds need a second person's release beyond those that the agreement names."""

    type: Literal["release-asked"]
    kinds: Kinds


class ReleasedIn(Body):
    """Release the files and answers of a request, as somebody else than their giver."""

    type: Literal["released"]
    release: str = Field(pattern=r"^rel_[0-9a-z]{26}$")


class ParticularsChangedIn(Body):
    """Say that the same legal entity has another name, or as its signatory another register number too."""

    type: Literal["particulars-changed"]
    name: str = Field(max_length=1000, examples=["Example AG"])
    registration: str | None = Field(default=None, max_length=1000, description="Left out: the number stays.")


class EndedByFoundationIn(Body):
    """As staff of the foundation: end what was accepted for the company."""

    type: Literal["ended-by-foundation"]


class SignatoryAdmittedIn(Body):
    """As staff of the foundation: let whoever has this verified address sign in the signatory's place."""

    type: Literal["signatory-admitted"]
    email: str = Field(max_length=254)


ChangeIn = Annotated[
    ManagerInvitedIn
    | ManagerRemovedIn
    | EntryAddedIn
    | EntryRemovedIn
    | AffiliationConfirmedIn
    | AffiliationEndedIn
    | ReleaseAskedIn
    | ReleasedIn
    | ParticularsChangedIn
    | EndedByFoundationIn
    | SignatoryAdmittedIn,
    Field(discriminator="type"),
]


class CompanyChangeIn(Body):
    """A change to be signed, with the reason for the company's history; the log gets neither."""

    change: ChangeIn
    reason: str = Field(default="", max_length=500, description="Needed for changes of the list and of managers.")
    key_holder: KeyHolder


class CompanyChangeOut(SigningOut):
    """The signing, with the change itself."""

    document: str = Field(description="The exact text whose SHA-256 is that of the one file in the statement.")


class ReleaseIn(Body):
    """What you want to give for the company once somebody else has released it."""

    max_bytes: ClassVar[int] = 32 * 1024 * 1024

    project: Slug
    kind: Kind
    files: list[FileIn] = Field(min_length=1, max_length=MAX_FILES)
    declarations: dict[str, Declared] = Field(default_factory=dict)
    tensors: TensorsIn | None = None
    agreement: Slug | None = Field(default=None, description="The one for these files alone, for an offer.")
    office: OfficeIn | None = Field(default=None, description="With `agreement`: whence your power to sign comes.")


class ReleaseOut(Answer):
    """The request for a release: send its page to a manager of the company."""

    id: str
    url: str


class LinkOut(Answer):
    """An invitation's link, shown this once; the one before works no more."""

    url: str


class CompanyOut(Answer):
    """A company that you have a part in."""

    id: str
    name: str
    jurisdiction: str
    registration: str
    foundation: str
    url: str
    roles: list[Literal["signatory", "manager", "listed", "confirmed", "staff"]]


class CompaniesOut(Answer):
    """Your companies, by name."""

    companies: list[CompanyOut]


class ManagerOut(Answer):
    """A manager; `invitation` is what removes one."""

    invitation: str
    name: str
    email: str
    since: datetime


class InvitationOut(Answer):
    """An invitation that nobody has used."""

    invitation: str
    email: str
    link_until: datetime | None


class EntryOut(Answer):
    """An entry of the list."""

    entry: str
    rule: dict[str, Any]
    kinds: list[str]
    valid_from: datetime
    valid_to: datetime | None
    state: Literal["counts", "later", "over"]
    confirmed: int = Field(description="How many accounts have confirmed under it.")


class MineOut(Answer):
    """An entry that means your account."""

    entry: str
    rule: dict[str, Any]
    kinds: list[str]
    confirmed_until: datetime | None
    confirmed: bool
    why_not: str = Field(description="Why it cannot be confirmed now; empty if it can.")


class FormerOut(Answer):
    """What the company was called, and the register number that it had, until a signed change."""

    name: str
    registration: str
    until: datetime
    change: str = Field(description="Its bundle is at `/api/v1/company-changes/{id}/bundle`.")


class CompanyShownOut(CompanyOut):
    """A company as you may see it: the list is for its managers and the foundation's staff."""

    agreement: str
    version: str = Field(description="Empty while no acceptance is in force.")
    former: list[FormerOut] = Field(description="Former names and register numbers, the newest first.")
    kinds: list[str]
    release_kinds: list[str]
    managers: list[ManagerOut]
    invitations: list[InvitationOut]
    entries: list[EntryOut]
    mine: list[MineOut]
