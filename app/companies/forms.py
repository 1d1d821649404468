# SPDX-License-Identifier: Apache-2.0
"""What the forms of companies' pages say, read into changes; each fault names its field.

Nothing is decided here: that is done where the change is drafted and signed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from werkzeug.datastructures import MultiDict

from app.companies.addresses import parse_address, parse_domain
from app.companies.changes import MAX_REASON, Account, Address, Domain, EntryAdded, Organisation, Rule, ordered
from app.companies.errors import RuleUnfit
from app.companies.facts import company_facts
from app.identity.ports import ConfirmedMembership
from app.platform.clock import new_id
from app.signing.errors import SigningError
from app.signing.values import CompanyFacts
from mcla.statements.company import POWERS
from mcla.statements.parts import StatementInvalid
from mcla.wording import Joined, Worded

Form = MultiDict[str, str]
Fault = dict[str, str]


class FormUnfit(Exception):
    """A form cannot be read; `faults` are the pointers and sentences for its page."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def fault(name: str, detail: str) -> Fault:
    """What is wrong in one field."""
    return {"pointer": f"/{name}", "detail": detail}


def told(name: str, error: SigningError) -> Fault:
    """An error of the service as the fault of a field, with what to do."""
    begun = (
        error.message if error.message[:1].isupper() else f"{error.message[:1].upper()}{error.message[1:].rstrip('.')}."
    )
    return fault(name, Joined(" ", (begun, error.hint)))


def read_company(form: Form) -> CompanyFacts:
    """The company that somebody signs for; raises `FormUnfit`."""
    faults = []
    for name, words in (
        ("name", Worded("Type the company’s legal name.")),
        ("jurisdiction", Worded("Type the country of the register in two letters, such as DE.")),
        ("registration", Worded("Type the number under which the register has the company.")),
        ("title", Worded("Say what you are in the company, such as managing director.")),
    ):
        if not form.get(name, "").strip():
            faults.append(fault(name, words))
    if form.get("power") not in POWERS:
        faults.append(fault("power", Worded("Say where your power to sign comes from.")))
    if faults:
        raise FormUnfit(faults)
    values = [form.get(name, "") for name in ("name", "jurisdiction", "registration", "title", "power")]
    try:
        return company_facts(*values)
    except SigningError as error:
        raise FormUnfit([told("name", error)]) from error
    except StatementInvalid as error:
        where = "jurisdiction" if "jurisdiction" in error.message else "registration"
        raise FormUnfit([fault(where, f"{error.message[:1].upper()}{error.message[1:]}.")]) from error


def read_entry(form: Form, now: datetime, memberships: Sequence[ConfirmedMembership]) -> EntryAdded:
    """The entry that a manager adds, who can choose among the own `memberships`; raises `FormUnfit`."""
    faults: list[Fault] = []
    rule, start, stop = None, None, None
    try:
        rule = _rule(form, memberships)
    except SigningError as error:
        faults.append(told(form.get("who") or "who", error))
    kinds = ordered(form.getlist("kind"))
    if not kinds:
        faults.append(fault("kind", Worded("Choose at least one kind that may be given.")))
    try:
        start, stop = _day(form.get("valid_from", "")), _day(form.get("valid_to", ""))
    except ValueError:
        faults.append(
            fault("valid_from", Worded("Write each date as year, month and day, such as 2030-01-31, or leave it out."))
        )
    if faults or rule is None:
        raise FormUnfit(faults)
    if start is not None and start.date() == now.date():
        start = None  # today: from the signature on
    last = stop + timedelta(days=1) if stop else None  # the day named is the last one that counts
    return EntryAdded(new_id("ent"), rule, kinds, start, last)


def read_reason(form: Form) -> str:
    """The reason that goes into the history; raises `FormUnfit`."""
    reason = form.get("reason", "").strip()
    if len(reason) > MAX_REASON:
        raise FormUnfit([fault("reason", Worded("Give the reason in at most %(most)s characters.", most=MAX_REASON))])
    return reason


def _rule(form: Form, memberships: Sequence[ConfirmedMembership]) -> Rule:
    match form.get("who"):
        case "account":
            provider, subject = form.get("provider", "").strip(), form.get("subject", "").strip()
            if not provider or not 1 <= len(subject) <= 255 or not subject.isprintable():
                raise RuleUnfit("Choose the provider and type the number of the account.", hint="")
            return Account(provider, subject)
        case "address":
            return Address(parse_address(form.get("email", "")))
        case "domain":
            return Domain(parse_domain(form.get("domain", "")), form.get("include_subdomains") == "yes")
        case "organisation":
            return _organisation(form.get("organisation", ""), memberships)
        case _:
            raise RuleUnfit("Say whom the entry means.", hint="")


def _organisation(chosen: str, memberships: Sequence[ConfirmedMembership]) -> Organisation:
    for each in memberships:
        rule = Organisation(each.provider, each.organisation, each.name)
        if rule.key == chosen:
            return rule
    raise RuleUnfit("Choose an organisation in which a code host has confirmed you.", hint="")


def _day(text: str) -> datetime | None:
    return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) if text.strip() else None
