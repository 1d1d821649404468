# SPDX-License-Identifier: Apache-2.0
"""The state of a company at any time: a fold over its signed events up to that time. Pure; knows no database.

Events are only ever added, in the order in which they were signed. So the state at a time T never changes later, and
"who was a manager in March" is answered in the same way as "who is one now".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from app.companies.addresses import domain_of, inside
from app.companies.changes import (
    Account,
    Address,
    AffiliationConfirmed,
    AffiliationEnded,
    Change,
    Domain,
    EndedByFoundation,
    EntryAdded,
    EntryRemoved,
    ManagerInvited,
    ManagerJoined,
    ManagerRemoved,
    Organisation,
    ReleaseAsked,
    Released,
    Rule,
    SignatoryAdmitted,
    ordered,
)
from app.identity.ports import ConfirmedMembership
from mcla.statements.parts import Kind

CONFIRMED_FOR = timedelta(days=180)
"""How long a confirmation carries that rests on an address: an address was verified at sign-in only, and may be given
to somebody else. One that rests on an account carries until the entry ends."""
MEMBER_FOR = timedelta(days=90)
"""The same for one that rests on a membership: nobody tells us when somebody leaves an organisation."""
ASKED_WITHIN = timedelta(days=1)
"""How old a provider's word of a membership may be when something is signed that rests on it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the contributor here, the account signed in with, and the address that its provider has verified.

    The address is in the form of `app.companies.addresses.parse_address`, None where none was verified.
    """

    contributor_id: str
    account: Account
    email: str | None = None
    memberships: tuple[ConfirmedMembership, ...] = ()
    staff: bool = False
    """Whether this account acts for the foundation that the company signed with."""

    def member_of(self, organisation: Organisation) -> ConfirmedMembership | None:
        """What the provider of this account has confirmed of the organisation."""
        wanted = (organisation.provider, organisation.number)
        if self.account.provider != organisation.provider:
            return None
        return next((each for each in self.memberships if (each.provider, each.organisation) == wanted), None)


@dataclass(frozen=True, slots=True)
class Place:
    """A recorded statement: its digest (64 hex) and its log index; the index is None while the log is being asked."""

    statement: str
    log_index: int | None

    def before(self, log_index: int) -> bool:
        """Whether it stands in the log before this entry; what is still being recorded comes later."""
        return self.log_index is not None and self.log_index < log_index


@dataclass(frozen=True, slots=True)
class Accepted:
    """A version of the agreement that the company accepted through its signatory; `ended_at` None while in force.

    It counts from `at` on, the time of its log entry, as a person's own acceptance does: until then it can still be
    void. An end, and every change of the list, counts from its signature on, because nothing undoes it any more.
    """

    slug: str
    version: str
    version_id: str
    kinds: tuple[Kind, ...]
    managers: int
    """How many must be there before the list grows; one alone can only remove."""
    second_release: tuple[Kind, ...]
    """Kinds that the agreement itself wants a second person to release."""
    own_signature: bool
    """Whether whoever gives has signed an individual agreement too."""
    signatory: str
    signature_id: str
    place: Place
    at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One signed change: `position` counts from 0 within the company, `at` is the time of its signature."""

    position: int
    at: datetime
    by: Person
    change: Change
    place: Place
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """From `at` on the provider named an account as a member of an organisation, known by its number, no more."""

    account: Account
    organisation: str
    at: datetime

    def ends(self, rule: Rule) -> bool:
        """Whether nothing rests on this rule any more."""
        return isinstance(rule, Organisation) and rule.number == self.organisation


@dataclass(frozen=True, slots=True)
class Moved:
    """From `at` on the provider told this verified address of an account, in its compared form; None for none."""

    account: Account
    email: str | None
    at: datetime

    def ends(self, rule: Rule) -> bool:
        """Whether nothing rests on this rule any more."""
        return isinstance(rule, Address | Domain) and not fits(rule, self.email)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was ever signed for a company, in order: what the state at any time is folded from.

    `news`: what providers told later of the accounts that confirmed under an entry.
    """

    company_id: str
    accepted: tuple[Accepted, ...]
    events: tuple[Event, ...]
    news: tuple[Left | Moved, ...] = ()

    @classmethod
    def of(
        cls, company_id: str, accepted: Sequence[Accepted], events: Sequence[Event], news: Sequence[Left | Moved] = ()
    ) -> "Ledger":
        """With the acceptances ended that the foundation has ended."""
        ends = [each for each in events if isinstance(each.change, EndedByFoundation)]
        return cls(company_id, tuple(_ended(each, ends) for each in accepted), tuple(events), tuple(news))

    def reached(self, now: datetime) -> datetime:
        """`now`, or the time of the last change: one may have been signed since the time was taken."""
        return max([now, *(each.at for each in self.events[-1:])])

    def admits(self, contributor_id: str, emails: Collection[str]) -> bool:
        """Whether this person may sign for the company, who has these verified addresses.

        Who signed last for it may sign again. Somebody else has to be admitted by the foundation first, and so has
        everybody once the foundation has ended it.
        """
        if not self.accepted:
            return True
        last = self.accepted[-1]
        later = [each for each in self.events if not each.place.before(last.place.log_index or 0)]
        ended = [each for each in later if isinstance(each.change, EndedByFoundation)]
        if not ended and contributor_id == last.signatory:
            return True
        admitted = later[later.index(ended[-1]) :] if ended else later
        return any(isinstance(each.change, SignatoryAdmitted) and each.change.email in emails for each in admitted)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to be a manager that nobody has used yet."""

    email: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager, named by the invitation that made one."""

    contributor_id: str
    account: Account
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule of the list that was not removed; it counts from `valid_from` up to, not including, `valid_to`."""

    rule: Rule
    kinds: tuple[Kind, ...]
    by: str
    valid_from: datetime
    valid_to: datetime | None

    def counts_at(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    def names(self, person: Person) -> bool:
        """Whether the rule means this account, or what its provider has confirmed: an address or a membership."""
        rule, email = self.rule, person.email
        if isinstance(rule, Account):
            return rule == person.account
        if isinstance(rule, Organisation):
            return person.member_of(rule) is not None
        return fits(rule, email)


def fits(rule: Address | Domain, email: str | None) -> bool:
    """Whether a verified address is one that the rule means; no address is none."""
    if email is None:
        return False
    if isinstance(rule, Domain):
        return inside(domain_of(email), rule.domain, subdomains=rule.include_subdomains)
    return rule.email == email


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A listed person's own confirmation under one entry; it carries up to, not including, `until` (None: no end).

    `lost`: the account had lost the address or the membership that it rested on, so it is to be made anew.
    """

    contributor_id: str
    place: Place
    since: datetime
    until: datetime | None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A second person's release of exactly these files."""

    by: str
    place: Place
    released: Released


@dataclass(frozen=True, slots=True)
class Roster:
    """The state of a company at one time."""

    at: datetime
    accepted: Accepted | None
    """The newest acceptance, while in force; None: nothing can be given or changed."""
    invitations: Mapping[str, Invitation] = field(default_factory=dict)
    managers: Mapping[str, Manager] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    affiliations: Mapping[tuple[str, Account], Affiliation] = field(default_factory=dict)
    """By entry and account."""
    asked_release: tuple[Kind, ...] = ()
    """Kinds for which the company asks for a release beyond the agreement."""
    releases: tuple[Release, ...] = ()

    @property
    def release_kinds(self) -> tuple[Kind, ...]:
        """Kinds that a second person must release: by the agreement, or because the company asks."""
        by_agreement = self.accepted.second_release if self.accepted else ()
        return ordered({*by_agreement, *self.asked_release})

    def manages(self, contributor_id: str) -> bool:
        return any(each.contributor_id == contributor_id for each in self.managers.values())

    def signed_by(self, contributor_id: str) -> bool:
        return self.accepted is not None and self.accepted.signatory == contributor_id


def _ended(accepted: Accepted, ends: Sequence[Event]) -> Accepted:
    """The acceptance, ended by the first of these that came after it if it was in force until then."""
    for end in ends:
        if not end.place.before(accepted.place.log_index or 0) and (
            accepted.ended_at is None or end.at < accepted.ended_at
        ):
            return replace(accepted, ended_at=end.at)
    return accepted


def fold(ledger: Ledger, at: datetime) -> Roster:
    """The state at `at`: everything signed up to then, and nothing that came later.

    The newest acceptance stands for the company: what it replaced does not come back when it is ended.
    """
    newest = next((each for each in reversed(ledger.accepted) if each.at <= at), None)
    in_force = newest is not None and (newest.ended_at is None or at < newest.ended_at)
    folding = _Folding([each for each in ledger.news if each.at <= at])
    for event in ledger.events:
        if event.at <= at:
            folding.take(event)
    return Roster(
        at=at,
        accepted=newest if in_force else None,
        invitations=MappingProxyType(folding.invitations),
        managers=MappingProxyType(folding.managers),
        entries=MappingProxyType(folding.entries),
        affiliations=MappingProxyType(folding.affiliations),
        asked_release=folding.asked_release,
        releases=tuple(folding.releases),
    )


@dataclass(slots=True)
class _Folding:
    """A state while it is folded: the same parts as a `Roster`, still open."""

    news: Sequence[Left | Moved]
    invitations: dict[str, Invitation] = field(default_factory=dict)
    managers: dict[str, Manager] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    affiliations: dict[tuple[str, Account], Affiliation] = field(default_factory=dict)
    asked_release: tuple[Kind, ...] = ()
    releases: list[Release] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Go on by one event; each was decided upon (`app.companies.deciding`) before it was signed.

        What the foundation's staff change is about acceptances: see `Ledger`.
        """
        by = event.by
        match event.change:
            case ManagerInvited(invitation, email):
                self.invitations[invitation] = Invitation(email, event.at, by.contributor_id)
            case ManagerJoined(invitation):
                email = self.invitations.pop(invitation).email
                self.managers[invitation] = Manager(by.contributor_id, by.account, email, event.at)
            case ManagerRemoved(invitation):
                self.invitations.pop(invitation, None)
                self.managers.pop(invitation, None)
            case EntryAdded(entry, rule, kinds, valid_from, valid_to):
                start = max(valid_from or event.at, event.at)
                self.entries[entry] = Entry(rule, kinds, by.contributor_id, start, valid_to)
            case EntryRemoved(entry):
                self.entries.pop(entry, None)
            case AffiliationConfirmed(entry):
                self.affiliations[entry, by.account] = self._affiliation(event, entry)
            case AffiliationEnded(entry):
                self.affiliations.pop((entry, by.account), None)
            case ReleaseAsked(kinds):
                self.asked_release = kinds
            case Released() as released:
                self.releases.append(Release(by.contributor_id, event.place, released))

    def _affiliation(self, event: Event, entry: str) -> Affiliation:
        rule, account = self.entries[entry].rule, event.by.account
        ends = [each.at for each in self.news if each.account == account and each.at >= event.at and each.ends(rule)]
        until = min(ends) if ends else _until(rule, event.at)
        return Affiliation(event.by.contributor_id, event.place, event.at, until, bool(ends))


def _until(rule: Rule, since: datetime) -> datetime | None:
    """When a confirmation under this rule is over."""
    if isinstance(rule, Account):
        return None
    return since + (MEMBER_FOR if isinstance(rule, Organisation) else CONFIRMED_FOR)
