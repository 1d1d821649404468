# SPDX-License-Identifier: Apache-2.0
"""Pages of companies: signing for one, its page, inviting, the list, and confirming to work there.

Each form leads to a statement that is reviewed and signed on its own page; nothing changes before that.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.companies.addresses import parse_address
from app.companies.changes import (
    AffiliationConfirmed,
    AffiliationEnded,
    Change,
    EndedByFoundation,
    EntryRemoved,
    ManagerInvited,
    ManagerRemoved,
    ReleaseAsked,
    SignatoryAdmitted,
    ordered,
)
from app.companies.errors import CompanyKnown, CompanyUnknown, NotAllowed, ReasonMissing
from app.companies.forms import Fault, FormUnfit, read_company, read_entry, read_reason, told
from app.companies.letters import join_address
from app.companies.values import CompanyView, ManagerLine
from app.companies.words import kinds_text, who
from app.identity.actor import signed_in
from app.identity.ports import ConfirmedMembership
from app.platform.clock import new_id
from app.platform.security import WRITES, Access, access, limiter
from app.signing.errors import SigningError
from app.signing.review import KIND_NAMES, POWER_NAMES
from app.wiring import services
from mcla.terms.words import tell

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
        draft = services().companies.draft_acceptance(signed_in(), slug, version.version, company, _holder())
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
    return _form("companies/invite.html", _heads(company_id), [])


@bp.post("/companies/<company_id>/managers/new")
@limiter.limit(WRITES)
@access(Access.SESSION)
def invite(company_id: str) -> Any:
    """Make the statement that invites a manager."""
    view = _heads(company_id)

    def wanted() -> Change:
        return ManagerInvited(new_id("inv"), parse_address(request.form.get("email", "")))

    return _draft(view, wanted, "companies/invite.html", "email")


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
        draft = services().companies.invitations.draft_join(signed_in(), token, _holder())
    except SigningError as error:
        return render_template("companies/join.html", invited=invited, faults=[told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


@bp.get("/companies/managers/<invitation_id>/remove")
@access(Access.SESSION)
def removing_manager(invitation_id: str) -> str:
    """Remove this manager, or take the invitation back?"""
    view, subject = _manager(invitation_id)
    return _form("companies/remove.html", view, [], subject=subject)


@bp.post("/companies/managers/<invitation_id>/remove")
@limiter.limit(WRITES)
@access(Access.SESSION)
def remove_manager(invitation_id: str) -> Any:
    """Make the statement that removes a manager."""
    view, subject = _manager(invitation_id)
    return _draft(view, lambda: ManagerRemoved(invitation_id), "companies/remove.html", "reason", subject=subject)


@bp.get("/companies/<company_id>/list/new")
@access(Access.SESSION)
def adding(company_id: str) -> str:
    """Who may give for the company, what, and until when?"""
    return _form("companies/entry.html", _managed(company_id), [], memberships=_memberships())


@bp.post("/companies/<company_id>/list/new")
@limiter.limit(WRITES)
@access(Access.SESSION)
def add(company_id: str) -> Any:
    """Make the statement that adds to the list."""
    view, now, own = _managed(company_id), services().clock.now(), _memberships()

    def wanted() -> Change:
        return read_entry(request.form, now, own)

    field = request.form.get("who", "who")
    return _draft(view, wanted, "companies/entry.html", field, memberships=own)


@bp.get("/companies/entries/<entry_id>/remove")
@access(Access.SESSION)
def removing(entry_id: str) -> str:
    """Remove this entry from the list?"""
    view, subject = _entry(entry_id)
    return _form("companies/remove.html", view, [], subject=subject)


@bp.post("/companies/entries/<entry_id>/remove")
@limiter.limit(WRITES)
@access(Access.SESSION)
def remove(entry_id: str) -> Any:
    """Make the statement that removes an entry."""
    view, subject = _entry(entry_id)
    return _draft(view, lambda: EntryRemoved(entry_id), "companies/remove.html", "reason", subject=subject)


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
        draft = services().companies.draft_change(signed_in(), company_id, change, "", _holder())
    except CompanyUnknown:
        raise
    except SigningError as error:
        return _confirming(company_id, [told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


@bp.get("/companies/<company_id>/release")
@access(Access.SESSION)
def releasing(company_id: str) -> str:
    """Which kinds wait for a second person?"""
    return _form("companies/release_rule.html", _managed(company_id), [])


@bp.post("/companies/<company_id>/release")
@limiter.limit(WRITES)
@access(Access.SESSION)
def ask_release(company_id: str) -> Any:
    """Make the statement that says which kinds wait for a second person."""
    kinds = ordered(request.form.getlist("kind"))
    return _draft(_managed(company_id), lambda: ReleaseAsked(kinds), "companies/release_rule.html", "kind")


@bp.get("/companies/<company_id>/end")
@access(Access.SESSION)
def ending(company_id: str) -> str:
    """End what was accepted for this company?"""
    return _form("companies/staff.html", _hosted(company_id), [], what="end")


@bp.post("/companies/<company_id>/end")
@limiter.limit(WRITES)
@access(Access.SESSION)
def end(company_id: str) -> Any:
    """Make the statement by which the foundation ends it."""
    return _draft(_hosted(company_id), EndedByFoundation, "companies/staff.html", "reason", what="end")


@bp.get("/companies/<company_id>/signatory")
@access(Access.SESSION)
def admitting(company_id: str) -> str:
    """Who may sign for this company in its signatory's place?"""
    return _form("companies/staff.html", _hosted(company_id), [], what="signatory")


@bp.post("/companies/<company_id>/signatory")
@limiter.limit(WRITES)
@access(Access.SESSION)
def admit(company_id: str) -> Any:
    """Make the statement by which the foundation admits somebody to sign."""

    def wanted() -> Change:
        return SignatoryAdmitted(parse_address(request.form.get("email", "")))

    return _draft(_hosted(company_id), wanted, "companies/staff.html", "email", what="signatory")


@bp.get("/companies/releases/<release_id>")
@access(Access.SESSION)
def release(release_id: str) -> str:
    """May these files be given for the company?"""
    return _release(release_id, [])


@bp.post("/companies/releases/<release_id>")
@limiter.limit(WRITES)
@access(Access.SESSION)
def sign_release(release_id: str) -> Any:
    """The second person's statement; or, once there is one, the giver's own statement of the contribution."""
    found = services().companies.releases.one(signed_in(), release_id)
    try:
        if found.mine:
            draft = services().companies.releases.draft_gift(signed_in(), release_id, _holder())
            return redirect(f"/contributions/review/{draft.id}", code=303)
        draft = services().companies.releases.draft_release(
            signed_in(), release_id, read_reason(request.form), _holder()
        )
    except FormUnfit as error:
        return _release(release_id, error.faults), 422
    except SigningError as error:
        if error.extra.get("url"):
            return redirect(urlsplit(error.extra["url"]).path, code=303)
        return _release(release_id, [told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


def _holder() -> str:
    return "browser" if request.form.get("key_holder") == "browser" else "service"


def _facts(slug: str, faults: list[Fault]) -> str:
    version = services().agreements.version_to_sign(slug)
    g.foundation = version.foundation
    return render_template(
        "companies/facts.html", version=version, powers=POWER_NAMES, given=request.form, faults=faults
    )


def _view(company_id: str) -> CompanyView:
    view = services().companies.view(signed_in(), company_id)
    g.foundation = view.info.foundation
    return view


def _heads(company_id: str) -> CompanyView:
    """The company as one of its managers or its signatory sees it."""
    view = _view(company_id)
    if not view.roles & {"manager", "signatory"}:
        raise NotAllowed("Only a manager of the company, or who signed for it, can do this.")
    return view


def _managed(company_id: str) -> CompanyView:
    """The company as one of its managers sees it."""
    view = _view(company_id)
    if "manager" not in view.roles:
        raise NotAllowed("Only a manager of the company can do this.")
    return view


def _hosted(company_id: str) -> CompanyView:
    """The company as staff of its foundation see it."""
    view = _view(company_id)
    if "staff" not in view.roles:
        raise NotAllowed(
            "Only staff of the foundation can do this.", hint="Write to the foundation that you signed with."
        )
    return view


def _company(company_id: str) -> str:
    view = _view(company_id)
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


def _release(release_id: str, faults: list[Fault]) -> str:
    found = services().companies.releases.one(signed_in(), release_id)
    g.foundation = found.company.foundation
    project = services().projects.project(found.project)
    view = services().companies.view(signed_in(), found.company.id)
    version = services().agreements.version(view.slug, view.version) if view.version else None
    schedule = services().agreements.declarations(version, found.kind) if version else None
    answers = [
        tell(each, found.answers[each.key])
        for each in (schedule.fields if schedule else ())
        if each.key in found.answers
    ]
    return render_template(
        "companies/release.html",
        release=found,
        project=project,
        kind_name=KIND_NAMES[found.kind],
        answers=answers,
        faults=faults,
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


def _form(template: str, view: CompanyView, faults: list[Fault], **more: Any) -> str:
    providers = {name: each.label for name, each in services().identity.providers.items()}
    return render_template(
        template, view=view, faults=faults, given=request.form, kinds=KIND_NAMES, providers=providers, **more
    )


def _draft(view: CompanyView, wanted: Callable[[], Change], template: str, field: str, **more: Any) -> Any:
    """Make a change's statement from a form, or show the form again with what is wrong."""
    try:
        reason = read_reason(request.form)
        draft = services().companies.draft_change(signed_in(), view.info.id, wanted(), reason, _holder())
    except FormUnfit as error:
        return _form(template, view, error.faults, **more), 422
    except SigningError as error:
        where = "reason" if isinstance(error, ReasonMissing) else field
        return _form(template, view, [told(where, error)], **more), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)
