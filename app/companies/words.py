# SPDX-License-Identifier: Apache-2.0
"""The words of companies' changes: what stands beside the box and the button, and each change in one plain line."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from app.agreements.render import Consent
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
)
from app.platform.formats import KIND_NAMES

BUTTON = "Sign and record"
KEEP = "Leave it as it is"
DISCLOSURE = (
    "This is an electronic signature. It covers only the one change named on this page.",
    "It counts from its signature on, never backwards. It is kept for ever, and a later change can undo what follows.",
    "The public log gets a digest of it, and no name, address or reason.",
)
_CONFIRM = (
    "I am the person named here, I work for this company, and I give for it what its agreement covers and what I say "
    "belongs to it."
)
_BOXES: dict[type[Change], str] = {
    ManagerJoined: "I am the person named here, this company asked me to manage its list, and I accept.",
    AffiliationConfirmed: _CONFIRM,
    AffiliationEnded: "I am the person named here, and I give nothing more for this company.",
    EndedByFoundation: "I am the person named here, and I end the company’s acceptance for the foundation.",
    SignatoryAdmitted: (
        "I am the person named here, and I admit this signatory for the foundation, which has seen the proof of that "
        "person’s power to sign."
    ),
    Released: (
        "I am the person named here, I know these files or their list, I have read the answers given with them, and I "
        "confirm the answers and release the files for the company."
    ),
}
_ANY_BOX = "I am the person named here, I may make this change for the company, and I make it."


def consent_to(change: Change, beside: str) -> Consent:
    """The words beside the box and the button for one change."""
    box = _BOXES.get(type(change), _ANY_BOX)
    text = "\n".join((box, *DISCLOSURE))
    return Consent(text, hashlib.sha256(text.encode()).hexdigest(), box, DISCLOSURE, BUTTON, KEEP, beside)


def named_in(changes: Iterable[Change]) -> dict[str, str]:
    """Whom each entry and each invitation means, by its id, as far as these changes made them."""
    names = {}
    for change in changes:
        if isinstance(change, EntryAdded):
            names[change.entry] = who(change.rule)
        elif isinstance(change, ManagerInvited):
            names[change.invitation] = change.email
    return names


def told(change: Change, names: Mapping[str, str]) -> str:  # noqa: C901 - one line for each kind of change
    """The change in a line, as the list's history and the review page show it; `names` are those of `named_in`."""
    match change:
        case ManagerInvited(_, email):
            return f"Invites {email} to manage the list"
        case ManagerJoined():
            return "Becomes a manager"
        case ManagerRemoved():
            return (
                f"Removes {names.get(change.invitation, change.invitation)} as a manager, or takes the invitation back"
            )
        case EntryAdded(_, rule, kinds, valid_from, valid_to):
            return f"Lists {who(rule)} for {kinds_text(kinds)}{_dates(valid_from, valid_to)}"
        case EntryRemoved():
            return f"Removes {names.get(change.entry, change.entry)} from the list"
        case AffiliationConfirmed():
            return f"Confirms to give for the company, as {names.get(change.entry, change.entry)}"
        case AffiliationEnded():
            return f"Gives for the company no more, as {names.get(change.entry, change.entry)}"
        case ReleaseAsked(kinds):
            if not kinds:
                return "Asks for no release by a second person any more"
            return f"Asks for a second person’s release of {kinds_text(kinds)}"
        case EndedByFoundation():
            return "Ends what was accepted for the company, for the foundation"
        case SignatoryAdmitted(email):
            return f"Admits {email} to sign for the company, for the foundation"
        case Released(project, kind, root):
            return f"Releases {KIND_NAMES[kind].lower()} for {project}, list {root[:12]}…"


def who(rule: Rule) -> str:
    """Whom a rule means."""
    match rule:
        case Account(provider, subject):
            return f"account {subject} at {provider}"
        case Address(email):
            return email
        case Domain(domain, include_subdomains):
            return f"everybody at @{domain}{' and its subdomains' if include_subdomains else ''}"
        case Organisation(provider, number, name):
            return f"members of {name}, number {number} at {provider}"


def kinds_text(kinds: tuple[str, ...]) -> str:
    """Kinds in words."""
    return ", ".join(KIND_NAMES[kind].lower() for kind in kinds)


def _dates(valid_from: datetime | None, valid_to: datetime | None) -> str:
    start = f" from {valid_from:%Y-%m-%d}" if valid_from else ""
    return f"{start} until {valid_to:%Y-%m-%d}" if valid_to else start
