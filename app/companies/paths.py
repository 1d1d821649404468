# SPDX-License-Identifier: Apache-2.0
"""The way by which somebody may give for a company now, or the error that says what is missing and where to get it."""

from collections.abc import Sequence

from app.companies.changes import Organisation
from app.companies.coverage import Covered, Reason, covering
from app.companies.errors import AddressNotVerified, CompanyNotInForce, MembershipMissing, NotAffiliated
from app.companies.models import Company
from app.companies.roster import Person, Roster
from mcla.wording import Worded


def covered(roster: Roster, row: Company, persons: Sequence[Person], kind: str, origin: str) -> Covered:
    """The three records; raises `CompanyNotInForce`, `NotAffiliated`, `AddressNotVerified` or `MembershipMissing`.

    An address or a membership that the person has no more carries nothing new, even before its confirmation is over.
    """
    found = covering(roster, [each.account for each in persons], kind)
    if not isinstance(found, Covered):
        if roster.accepted is None:
            raise CompanyNotInForce(_of(row, found))
        page = f"{origin}/companies/{row.id}/confirm"
        raise NotAffiliated(_of(row, found), confirm_url=page, reason=found.code)
    person = next(each for each in persons if each.account == found.account)
    if not found.entry.names(person):
        if isinstance(found.entry.rule, Organisation):
            raise MembershipMissing(
                Worded("The code host names you as a member of %(name)s no more.", name=found.entry.rule.name)
            )
        raise AddressNotVerified("Your account does not show the address any more by which the company lists you.")
    return found


def _of(row: Company, why: Reason) -> str:
    return Worded("%(name)s: %(sentence)s", name=row.name, sentence=why.sentence)
