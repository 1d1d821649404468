# SPDX-License-Identifier: Apache-2.0
"""What the company service answers, as plain values: nothing here holds a database row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.companies.changes import Account, Rule
from app.projects.service import FoundationInfo
from app.signing.values import Office
from mcla.artifacts.manifest import Manifest
from mcla.statements.parts import Kind

Role = Literal["signatory", "manager", "listed", "confirmed", "staff"]


@dataclass(frozen=True, slots=True)
class CompanyInfo:
    """A company by its public facts."""

    id: str
    name: str
    jurisdiction: str
    registration: str
    foundation: FoundationInfo


@dataclass(frozen=True, slots=True)
class Who:
    """An account with the name that its provider said last; empty once that was erased."""

    account: Account
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class ManagerLine:
    """A manager, by the invitation that made one."""

    id: str
    who: Who
    email: str
    since: datetime
    me: bool


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that nobody has used; `link_until` None while it has no link that works."""

    id: str
    email: str
    at: datetime
    link_until: datetime | None


@dataclass(frozen=True, slots=True)
class ConfirmedLine:
    """Somebody who confirmed under an entry; `until` None: no end. `over`: it carries nothing until made anew."""

    who: Who
    since: datetime
    until: datetime | None
    over: bool


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the list with those who confirmed under it. `state`: counts, begins later, or is over."""

    id: str
    rule: Rule
    kinds: tuple[Kind, ...]
    valid_from: datetime
    valid_to: datetime | None
    state: Literal["counts", "later", "over"]
    confirmed: tuple[ConfirmedLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One signed change; `log_index` None while the log is being asked."""

    id: str
    at: datetime
    who: Who
    what: str
    reason: str
    log_index: int | None


@dataclass(frozen=True, slots=True)
class FormerLine:
    """What a company was called, and its register number, until a signed change; `log_index` as in `HistoryLine`."""

    name: str
    registration: str
    until: datetime
    change_id: str
    log_index: int | None


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """Files that wait for a second person's release, or have it."""

    id: str
    company: CompanyInfo
    giver: Who
    mine: bool
    project: str
    kind: Kind
    manifest: Manifest
    answers: Mapping[str, Any]
    tensors: Mapping[str, Any] | None
    created_at: datetime
    released: bool
    agreement: str | None = None
    """The one for these files alone under which they are to be offered, None for what the company accepted."""
    office: Office | None = None
    """Of such an offer, in which office its giver signs it."""


@dataclass(frozen=True, slots=True)
class CompanyView:
    """A company as one person sees it: managers and the foundation's staff all of it, its signatory not the list."""

    info: CompanyInfo
    roles: frozenset[Role]
    version: str
    """The agreement version in force, empty for none."""
    slug: str
    accepted_at: datetime | None
    signature_id: str
    managers: tuple[ManagerLine, ...]
    invitations: tuple[InvitationLine, ...]
    entries: tuple[EntryLine, ...]
    release_kinds: tuple[Kind, ...]
    history: tuple[HistoryLine, ...]
    kinds: tuple[Kind, ...]
    """Those that the agreement covers."""
    former: tuple[FormerLine, ...] = ()
    """Names and numbers that it had before, the newest first: everybody with a part in it sees these."""
    may_sign: bool = False
    """Whether this person may sign the agreement for the company again, as far as its last signature goes."""

    @property
    def full(self) -> bool:
        """Whether this person sees the list and its history."""
        return bool(self.roles & {"manager", "staff"})


@dataclass(frozen=True, slots=True)
class MyCompany:
    """A company in somebody's own list."""

    info: CompanyInfo
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Confirmable:
    """An entry that means this person, with why it cannot be confirmed now (empty: it can)."""

    entry_id: str
    line: EntryLine
    confirmed: ConfirmedLine | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as the one who opened its link sees it."""

    info: CompanyInfo
    invitation_id: str
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """Since when an acceptance for a company counts no more, although its signer did not end it.

    `why`: the foundation ended it, or a later acceptance stands in its place, by the same signatory or by another.
    `log_index` None while the log is being asked.
    """

    why: Literal["foundation", "replaced"]
    signed_at: datetime
    log_index: int | None
    version: str = ""
    """Of what replaced it."""
    by_another: bool = False


@dataclass(frozen=True, slots=True)
class Giving:
    """A company that somebody may give for, with the kinds."""

    info: CompanyInfo
    kinds: Sequence[str]
