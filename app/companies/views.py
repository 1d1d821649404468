# SPDX-License-Identifier: Apache-2.0
"""Pages of companies: signing for one, its page, inviting, the list, and confirming to work there.

Each form leads to a statement that is reviewed and signed on its own page; nothing changes before that.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.companies.addresses import parse_address
from app.companies.changes import (
    AffiliationConfirmed,
    AffiliationEnded,
    Change,
    EntryRemoved,
    ManagerInvited,
    ManagerRemoved,
)
from app.companies.errors import CompanyKnown, CompanyUnknown
from app.companies.forms import Fault, FormUnfit, read_company, read_entry, told
from app.companies.letters import join_address
from app.companies.pages import as_head, as_manager, drafted, form_page, holder, seen
from app.companies.values import CompanyView, ManagerLine
from app.companies.words import kinds_text, who
from app.identity.actor import signed_in
from app.identity.ports import ConfirmedMembership
from app.platform.clock import new_id
from app.platform.security import WRITES, Access, access, limiter
from app.signing.errors import SigningError
from app.signing.review import POWER_NAMES
from app.wiring import services

bp = APIBlueprint("companies", __name__, enable_openapi=False, template_folder="templates")


@bp.get("/sign/<slug>/company")
@access(Access.SESSION)
def facts(slug: str) -> str:
    """For which company do you sign, and by what power?"""
    return _facts(slug, [])


@bp.post("/sign/<slug>/company")
@limiter.limit(WRITES)
@access(Access.SESSION)
def sign_for(slug: str) -> Any:
    """Make the statement that would bind the company."""
    version = services().agreements.version_to_sign(slug)
    try:
        company = read_company(request.form)
        draft = services().companies.draft_acceptance(signed_in(), slug, version.version, company, holder())
    except FormUnfit as error:
        return _facts(slug, error.faults), 422
    except SigningError as error:
        return _facts(slug, [told("registration" if isinstance(error, CompanyKnown) else "name", error)]), error.status
    return redirect(f"/sign/{slug}/review/{draft.id}", code=303)


@bp.get("/companies")
@access(Access.SESSION)
def mine() -> str:
    """Which companies do I have a part in?"""
    offered = [each for each in services().agreements.agreements() if each.for_companies]
    return render_template("companies/mine.html", companies=services().companies.mine(signed_in()), agreements=offered)


@bp.get("/companies/<company_id>")
@access(Access.SESSION)
def company(company_id: str) -> str:
    """Who may contribute for us?"""
    return _company(company_id)


@bp.get("/companies/<company_id>/managers/new")
@access(Access.SESSION)
def inviting(company_id: str) -> str:
    """Whom do you want as a manager?"""
    return form_page("companies/invite.html", as_head(company_id), [])


@bp.post("/companies/<company_id>/managers/new")
@limiter.limit(WRITES)
@access(Access.SESSION)
def invite(company_id: str) -> Any:
    """Make the statement that invites a manager."""
    view = as_head(company_id)

    def wanted() -> Change:
        return ManagerInvited(new_id("inv"), parse_address(request.form.get("email", "")))

    return drafted(view, wanted, "companies/invite.html", "email")


@bp.post("/companies/invitations/<invitation_id>/link")
@limiter.limit(WRITES)
@access(Access.SESSION)
def link(invitation_id: str) -> str:
    """Make the invitation's link and show it this once."""
    token = services().companies.invitations.make_link(signed_in(), invitation_id)
    view, invitation = services().companies.manager(signed_in(), invitation_id)
    g.foundation = view.info.foundation
    address = join_address(services().settings.origin, token)
    mailed = services().companies.invitations.mailed
    return render_template("companies/link.html", view=view, invitation=invitation, address=address, mailed=mailed)


@bp.get("/companies/join/<token>")
@access(Access.SESSION)
def joining(token: str) -> str:
    """Do you want to manage this company's list?"""
    invited = services().companies.invitations.invited(token)
    g.foundation = invited.info.foundation
    return render_template("companies/join.html", invited=invited, faults=[])


@bp.post("/companies/join/<token>")
@limiter.limit(WRITES)
@access(Access.SESSION)
def join(token: str) -> Any:
    """Make the statement by which the invited person becomes a manager."""
    invited = services().companies.invitations.invited(token)
    g.foundation = invited.info.foundation
    try:
        draft = services().companies.invitations.draft_join(signed_in(), token, holder())
    except SigningError as error:
        return render_template("companies/join.html", invited=invited, faults=[told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


@bp.get("/companies/managers/<invitation_id>/remove")
@access(Access.SESSION)
def removing_manager(invitation_id: str) -> str:
    """Remove this manager, or take the invitation back?"""
    view, subject = _manager(invitation_id)
    return form_page("companies/remove.html", view, [], subject=subject)


@bp.post("/companies/managers/<invitation_id>/remove")
@limiter.limit(WRITES)
@access(Access.SESSION)
def remove_manager(invitation_id: str) -> Any:
    """Make the statement that removes a manager."""
    view, subject = _manager(invitation_id)
    return drafted(view, lambda: ManagerRemoved(invitation_id), "companies/remove.html", "reason", subject=subject)


@bp.get("/companies/<company_id>/list/new")
@access(Access.SESSION)
def adding(company_id: str) -> str:
    """Who may give for the company, what, and until when?"""
    return form_page("companies/entry.html", as_manager(company_id), [], memberships=_memberships())


@bp.post("/companies/<company_id>/list/new")
@limiter.limit(WRITES)
@access(Access.SESSION)
def add(company_id: str) -> Any:
    """Make the statement that adds to the list."""
    view, now, own = as_manager(company_id), services().clock.now(), _memberships()

    def wanted() -> Change:
        return read_entry(request.form, now, own)

    field = request.form.get("who", "who")
    return drafted(view, wanted, "companies/entry.html", field, memberships=own)


@bp.get("/companies/entries/<entry_id>/remove")
@access(Access.SESSION)
def removing(entry_id: str) -> str:
    """Remove this entry from the list?"""
    view, subject = _entry(entry_id)
    return form_page("companies/remove.html", view, [], subject=subject)


@bp.post("/companies/entries/<entry_id>/remove")
@limiter.limit(WRITES)
@access(Access.SESSION)
def remove(entry_id: str) -> Any:
    """Make the statement that removes an entry."""
    view, subject = _entry(entry_id)
    return drafted(view, lambda: EntryRemoved(entry_id), "companies/remove.html", "reason", subject=subject)


@bp.get("/companies/<company_id>/confirm")
@access(Access.SESSION)
def confirming(company_id: str) -> str:
    """Do you work for this company, and give for it?"""
    return _confirming(company_id, [])


@bp.post("/companies/<company_id>/confirm")
@limiter.limit(WRITES)
@access(Access.SESSION)
def confirm(company_id: str) -> Any:
    """Make the statement by which a listed person confirms, or gives for the company no more."""
    entry = request.form.get("entry", "")
    change: Change = AffiliationEnded(entry) if request.form.get("act") == "end" else AffiliationConfirmed(entry)
    try:
        draft = services().companies.draft_change(signed_in(), company_id, change, "", holder())
    except CompanyUnknown:
        raise
    except SigningError as error:
        return _confirming(company_id, [told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


def _facts(slug: str, faults: list[Fault]) -> str:
    version = services().agreements.version_to_sign(slug)
    g.foundation = version.foundation
    return render_template(
        "companies/facts.html", version=version, powers=POWER_NAMES, given=request.form, faults=faults
    )


def _company(company_id: str) -> str:
    view = seen(company_id)
    waiting = services().companies.releases.waiting(signed_in(), company_id) if "manager" in view.roles else ()
    return render_template(
        "companies/company.html",
        view=view,
        waiting=waiting,
        who=who,
        kinds_text=kinds_text,
        origin=services().settings.origin,
    )


def _confirming(company_id: str, faults: list[Fault]) -> str:
    info, entries = services().companies.confirmable(signed_in(), company_id)
    g.foundation = info.foundation
    return render_template(
        "companies/confirm.html", info=info, entries=entries, who=who, kinds_text=kinds_text, faults=faults
    )


def _manager(invitation_id: str) -> tuple[CompanyView, dict[str, str]]:
    """The company, and what the page of removing says of a manager or an invitation."""
    view, line = services().companies.manager(signed_in(), invitation_id)
    g.foundation = view.info.foundation
    if isinstance(line, ManagerLine):
        return view, {"what": "manager", "name": line.who.name or line.email}
    return view, {"what": "invitation", "name": line.email}


def _entry(entry_id: str) -> tuple[CompanyView, dict[str, str]]:
    """The company, and what the page of removing says of an entry."""
    view, line = services().companies.entry(signed_in(), entry_id)
    g.foundation = view.info.foundation
    return view, {"what": "entry", "name": who(line.rule)}


def _memberships() -> list[ConfirmedMembership]:
    """What the provider of the account in use has confirmed."""
    actor = signed_in()
    known = services().identity.memberships(actor.contributor_id)
    return [each for each in known if each.provider == actor.provider]
