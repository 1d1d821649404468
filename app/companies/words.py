# SPDX-License-Identifier: Apache-2.0
"""The words of companies' changes: what stands beside the box and the button, and each change in one plain line."""

import hashlib
from collections.abc import Iterable, Mapping

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
    ParticularsChanged,
    ReleaseAsked,
    Released,
    Rule,
    SignatoryAdmitted,
)
from app.platform.formats import KIND_NAMES
from mcla.wording import Joined, Worded

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
    ParticularsChanged: (
        "I am the person named here, I may say this for the company, and it is the same legal entity as before: it was "
        "not merged into another one, and none took its place."
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
            return Worded("Invites %(email)s to manage the list", email=email)
        case ManagerJoined():
            return Worded("Becomes a manager")
        case ManagerRemoved():
            manager = names.get(change.invitation, change.invitation)
            return Worded("Removes %(manager)s as a manager, or takes the invitation back", manager=manager)
        case EntryAdded():
            return _listed(change)
        case EntryRemoved():
            return Worded("Removes %(whom)s from the list", whom=names.get(change.entry, change.entry))
        case AffiliationConfirmed():
            return Worded("Confirms to give for the company, as %(whom)s", whom=names.get(change.entry, change.entry))
        case AffiliationEnded():
            return Worded("Gives for the company no more, as %(whom)s", whom=names.get(change.entry, change.entry))
        case ReleaseAsked(kinds):
            if not kinds:
                return Worded("Asks for no release by a second person any more")
            return Worded("Asks for a second person’s release of %(kinds)s", kinds=kinds_text(kinds))
        case ParticularsChanged():
            return _renamed(change)
        case EndedByFoundation():
            return Worded("Ends what was accepted for the company, for the foundation")
        case SignatoryAdmitted(email):
            return Worded("Admits %(email)s to sign for the company, for the foundation", email=email)
        case Released(project, kind, root):
            what = {"kind": kinds_text((kind,)), "project": project, "root": f"{root[:12]}…"}
            if change.agreement:
                return Worded(
                    "Releases %(kind)s to be offered to %(project)s under %(agreement)s, list %(root)s",
                    **what,
                    agreement=change.agreement,
                )
            return Worded("Releases %(kind)s for %(project)s, list %(root)s", **what)


def _renamed(change: ParticularsChanged) -> str:
    name, number = change.name != change.old_name, change.registration != change.old_registration
    parts = {"name": change.name, "old": change.old_name} if name else {}
    parts |= {"registration": change.registration, "old_registration": change.old_registration} if number else {}
    if name and number:
        return Worded(
            "Says that %(old)s, %(old_registration)s, is called %(name)s, %(registration)s, from now on", **parts
        )
    if number:
        return Worded("Says that the register number is %(registration)s, no more %(old_registration)s", **parts)
    return Worded("Says that %(old)s is called %(name)s from now on", **parts)


def _listed(change: EntryAdded) -> str:
    parts = {"whom": who(change.rule), "kinds": kinds_text(change.kinds)}
    first, last = (f"{day:%Y-%m-%d}" if day else "" for day in (change.valid_from, change.valid_to))
    if first and last:
        return Worded("Lists %(whom)s for %(kinds)s from %(first)s until %(last)s", **parts, first=first, last=last)
    if first:
        return Worded("Lists %(whom)s for %(kinds)s from %(first)s", **parts, first=first)
    if last:
        return Worded("Lists %(whom)s for %(kinds)s until %(last)s", **parts, last=last)
    return Worded("Lists %(whom)s for %(kinds)s", **parts)


def who(rule: Rule) -> str:
    """Whom a rule means."""
    match rule:
        case Account(provider, subject):
            return Worded("account %(subject)s at %(provider)s", subject=subject, provider=provider)
        case Address(email):
            return email
        case Domain(domain, include_subdomains):
            if include_subdomains:
                return Worded("everybody at @%(domain)s and its subdomains", domain=domain)
            return Worded("everybody at @%(domain)s", domain=domain)
        case Organisation(provider, number, name):
            parts = {"name": name, "number": number, "provider": provider}
            return Worded("members of %(name)s, number %(number)s at %(provider)s", **parts)


def kinds_text(kinds: tuple[str, ...]) -> str:
    """Kinds in words."""
    return Joined(", ", (Worded(KIND_NAMES[kind].lower()) for kind in kinds))
