# SPDX-License-Identifier: Apache-2.0
"""Is somebody covered by a company for a kind at a time? A pure function of everything that was signed for it.

Three records by three people carry it: the company's acceptance by its signatory, an entry of the list by a manager,
and the person's own confirmation. Nothing is answered yes by default: whatever is missing is named.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.companies.changes import Account, Organisation, Released
from app.companies.roster import Accepted, Affiliation, Entry, Ledger, Release, Roster, fold
from mcla.wording import Worded


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is not covered: a stable code and a sentence that says what is missing."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Covered:
    """The three records that cover somebody for a kind."""

    accepted: Accepted
    entry_id: str
    entry: Entry
    account: Account
    affiliation: Affiliation


NO_ACCEPTANCE = Reason("company-not-in-force", Worded("The company had no acceptance of the agreement in force."))
NOT_CONFIRMED = Reason(
    "affiliation-unconfirmed", Worded("Nobody of these accounts has confirmed to give for the company.")
)
ENTRY_OVER = Reason(
    "list-entry-over", Worded("The entry of the company's list was removed, is over, or has not begun.")
)
OTHER_KIND = Reason("kind-not-listed", Worded("The company's list lets this account give other kinds only."))
CONFIRMATION_OLD = Reason(
    "confirmation-old", Worded("The confirmation rested on an address or a membership and is too old.")
)
MEMBERSHIP_OVER = Reason(
    "membership-over",
    Worded("The code host had named the account as a member no more. Who is one again confirms it anew."),
)
ADDRESS_OVER = Reason(
    "address-over",
    Worded("The account had shown another address than the company lists. Who has that one again confirms it anew."),
)
SAME_PEOPLE = Reason("same-actor", Worded("Signatory, manager and giver are not three people."))
LOST = (MEMBERSHIP_OVER, ADDRESS_OVER)
_WORST_FIRST = (NOT_CONFIRMED, ENTRY_OVER, SAME_PEOPLE, CONFIRMATION_OLD, *LOST, OTHER_KIND)


def covered_at(ledger: Ledger, identities: Collection[Account], kind: str, at: datetime) -> Covered | Reason:
    """The records that covered any of `identities` for `kind` at the time `at`, or why none did."""
    return covering(fold(ledger, at), identities, kind)


def covering(roster: Roster, identities: Collection[Account], kind: str) -> Covered | Reason:
    """The same for a state that is folded already."""
    if roster.accepted is None:
        return NO_ACCEPTANCE
    found = list(_paths(roster, roster.accepted, identities, kind))
    covered = [each for each in found if isinstance(each, Covered)]
    if covered:
        return max(covered, key=lambda each: each.affiliation.since)
    reasons = [each for each in found if isinstance(each, Reason)]
    return max(reasons, key=_WORST_FIRST.index, default=NOT_CONFIRMED)


def why_not(roster: Roster, identities: Collection[Account], kind: str) -> Reason | None:
    """Why none of `identities` is covered, None if one is."""
    found = covering(roster, identities, kind)
    return found if isinstance(found, Reason) else None


def release_of(roster: Roster, wanted: Released) -> Release | None:
    """The newest release of exactly this by somebody who was a manager when it was signed."""
    return next((each for each in reversed(roster.releases) if each.released == wanted), None)


def _paths(
    roster: Roster, accepted: Accepted, identities: Collection[Account], kind: str
) -> Iterator[Covered | Reason]:
    for (entry_id, account), affiliation in roster.affiliations.items():
        if account in identities:
            entry = roster.entries.get(entry_id)
            why = _fault(roster, accepted, entry, affiliation, kind)
            if entry is None or why is not None:
                yield why or ENTRY_OVER
            else:
                yield Covered(accepted, entry_id, entry, account, affiliation)


def _fault(
    roster: Roster, accepted: Accepted, entry: Entry | None, affiliation: Affiliation, kind: str
) -> Reason | None:
    if entry is None or not entry.counts_at(roster.at):
        return ENTRY_OVER
    if len({accepted.signatory, entry.by, affiliation.contributor_id}) < 3:
        return SAME_PEOPLE
    if affiliation.lost:
        return MEMBERSHIP_OVER if isinstance(entry.rule, Organisation) else ADDRESS_OVER
    if affiliation.until is not None and roster.at >= affiliation.until:
        return CONFIRMATION_OLD
    return None if kind in entry.kinds and kind in accepted.kinds else OTHER_KIND
