# SPDX-License-Identifier: Apache-2.0
"""What the API asks to change, read into the change that would be signed. Nothing is decided here."""

from collections.abc import Sequence
from datetime import datetime

from app.companies import schemas
from app.companies.addresses import parse_address, parse_domain
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
    ManagerRemoved,
    Organisation,
    ReleaseAsked,
    Rule,
    SignatoryAdmitted,
    ordered,
)
from app.companies.errors import MembershipMissing, RuleUnfit
from app.companies.particulars import particulars_changed
from app.companies.values import CompanyInfo
from app.identity.ports import ConfirmedMembership
from app.platform.clock import new_id
from mcla.statements.parts import StatementInvalid, parse_time
from mcla.wording import Worded

Asked = (
    schemas.ManagerInvitedIn
    | schemas.ManagerRemovedIn
    | schemas.EntryAddedIn
    | schemas.EntryRemovedIn
    | schemas.AffiliationConfirmedIn
    | schemas.AffiliationEndedIn
    | schemas.ReleaseAskedIn
    | schemas.ParticularsChangedIn
    | schemas.EndedByFoundationIn
    | schemas.SignatoryAdmittedIn
)


def read_change(  # noqa: C901 - one case for each kind of change
    asked: Asked, company: CompanyInfo, memberships: Sequence[ConfirmedMembership]
) -> Change:
    """The change of a company; an organisation gets its name from the own `memberships`.

    Raises `RuleUnfit` and its kin, `CompanyNameUnfit` or `RegisterNumberUnfit`.
    """
    match asked:
        case schemas.ManagerInvitedIn():
            return ManagerInvited(new_id("inv"), parse_address(asked.email))
        case schemas.ManagerRemovedIn():
            return ManagerRemoved(asked.invitation)
        case schemas.EntryAddedIn():
            start, stop = _time(asked.valid_from), _time(asked.valid_to)
            return EntryAdded(new_id("ent"), _rule(asked.rule, memberships), ordered(asked.kinds), start, stop)
        case schemas.EntryRemovedIn():
            return EntryRemoved(asked.entry)
        case schemas.AffiliationConfirmedIn():
            return AffiliationConfirmed(asked.entry)
        case schemas.AffiliationEndedIn():
            return AffiliationEnded(asked.entry)
        case schemas.ReleaseAskedIn():
            return ReleaseAsked(ordered(asked.kinds))
        case schemas.ParticularsChangedIn():
            return particulars_changed(company, asked.name, asked.registration)
        case schemas.EndedByFoundationIn():
            return EndedByFoundation()
        case schemas.SignatoryAdmittedIn():
            return SignatoryAdmitted(parse_address(asked.email))


def _rule(
    asked: schemas.AccountIn | schemas.AddressIn | schemas.DomainIn | schemas.OrganisationIn,
    memberships: Sequence[ConfirmedMembership],
) -> Rule:
    match asked:
        case schemas.AccountIn():
            if not asked.subject.isprintable():
                raise RuleUnfit("expected an account's number, got something unprintable")
            return Account(asked.provider, asked.subject)
        case schemas.AddressIn():
            return Address(parse_address(asked.email))
        case schemas.DomainIn():
            return Domain(parse_domain(asked.domain), asked.include_subdomains)
        case schemas.OrganisationIn():
            for each in memberships:
                if (each.provider, each.organisation) == (asked.provider, asked.number):
                    return Organisation(each.provider, each.organisation, each.name)
            raise MembershipMissing("The code host has not confirmed that you are a member of this organisation.")


def _time(text: str | None) -> datetime | None:
    try:
        return parse_time(text) if text else None
    except (ValueError, StatementInvalid):
        raise RuleUnfit(
            Worded("expected a day and time in UTC, got %(text)s", text=repr(text)),
            hint="Write it as 2030-01-31T00:00:00Z, or leave it out.",
        ) from None
