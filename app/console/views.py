# SPDX-License-Identifier: Apache-2.0
"""Pages of the console. Every one is for staff, and shows only what belongs to the foundations they act for."""

import difflib
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.agreements.errors import AgreementUnknown
from app.agreements.service import MAX_GRACE
from app.console.versions import carried, carry, read_files
from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.projects.service import FoundationInfo
from app.projects.staff import NotStaff
from app.records.standing import Standing
from app.succession.service import Preview
from app.wiring import services
from mcla.errors import MclaError
from mcla.wording import Joined, Worded

bp = APIBlueprint("console", __name__, url_prefix="/console", enable_openapi=False, template_folder="templates")


@bp.get("")
@access(Access.STAFF)
def front() -> str:
    """What each foundation publishes, and what can be done here."""
    offered = services().agreements.agreements()
    of = {each.id: [one for one in offered if one.foundation_id == each.id] for each in g.staff_of}
    waiting = services().cases.waiting_for([each.id for each in g.staff_of])
    late = sum(each.overdue(services().clock.now()) for each in waiting)
    offers = len(services().grants.offers([each.id for each in g.staff_of]))
    counts = {"waiting": len(waiting), "late": late, "offers": offers, "records": records_of_staff()}
    return render_template("console/front.html", foundations=g.staff_of, offered=of, **counts)


@bp.get("/agreements/new")
@access(Access.STAFF)
def files() -> str:
    """Which version is to be published?"""
    return _files(request.args.get("slug", ""), [])


@bp.post("/agreements/preview")
@limiter.limit(WRITES)
@access(Access.STAFF)
def preview() -> Any:
    """What publishing these files would do; nothing is stored."""
    slug = request.form.get("slug", "").strip()
    given = [(each.filename or "", each.read()) for each in request.files.getlist("documents") if each.filename]
    try:
        read = read_files(slug, given)
        found = services().succession.preview(read, _publisher(slug))
    except NotStaff:
        raise
    except MclaError as error:
        return _files(slug, [{"pointer": "/documents", "detail": error.message}]), 422
    return _preview(found, {}, [])


@bp.post("/agreements/publish")
@limiter.limit(WRITES)
@access(Access.STAFF)
def publish() -> Any:
    """Publish what the preview showed, if the number is typed and nothing was published meanwhile."""
    form = request.form
    read = carried(form.get("slug", ""), form.get("documents", ""), form.get("digest", ""))
    foundation = _publisher(read.slug)
    faults = _publish_faults(read.version) + _founding_faults(read.slug)
    if not faults:
        try:
            services().succession.publish(
                read,
                foundation,
                grace_days=int(form.get("grace_days") or 0),
                reason=form.get("reason", "").strip() if form.get("word") == "yes" else "",
                although=form.get("although") or None,
                replaces=form.get("replaces") or None,
                contributor_id=signed_in().contributor_id,
            )
            return redirect(f"/agreements/{read.slug}/{read.version}", code=303)
        except MclaError as error:
            faults = [{"pointer": "", "detail": Joined(" ", (error.message, error.hint))}]
    return _preview(services().succession.preview(read, foundation), dict(form), faults), 422


def _publish_faults(version: str) -> list[dict[str, str]]:
    faults, days = [], request.form.get("grace_days") or "0"
    if request.form.get("typed", "").strip() != version:
        faults.append(
            {
                "pointer": "/typed",
                "detail": Worded("Type the number %(version)s: it can never be changed afterwards.", version=version),
            }
        )
    if not (days.isascii() and days.isdigit() and len(days) <= 6 and int(days) <= MAX_GRACE):
        faults.append(
            {"pointer": "/grace_days", "detail": Worded("Give 0 to %(max_grace)s days.", max_grace=MAX_GRACE)}
        )
    return faults


def _founding_faults(slug: str) -> list[dict[str, str]]:
    """A new name may be a slip of the pen, and what is published under it stays: a box of its own confirms it."""
    if slug in services().agreements.titles() or request.form.get("found") == slug:
        return []
    return [
        {
            "pointer": "/found",
            "detail": Worded("No agreement is called %(slug)s yet. Tick the box if you mean a new one.", slug=slug),
        }
    ]


def _publisher(slug: str) -> FoundationInfo:
    """The foundation that publishes this agreement: the one that has it, else the one that the account acts for."""
    try:
        return acting_for(services().agreements.version(slug).foundation_id)
    except AgreementUnknown:
        wanted = request.form.get("foundation", g.staff_of[0].id)
        return acting_for(wanted)


def _files(slug: str, faults: list[dict[str, str]]) -> str:
    mine = {each.id for each in g.staff_of}
    offered = [each for each in services().agreements.agreements() if each.foundation_id in mine]
    return render_template("console/files.html", slug=slug, offered=offered, foundations=g.staff_of, faults=faults)


def _preview(found: Preview, entered: dict[str, str], faults: list[dict[str, str]]) -> str:
    titles = services().agreements.titles()
    near = difflib.get_close_matches(found.read.slug, titles, n=1) if found.read.slug not in titles else []
    shown = {"documents": carry(found.read), "entered": entered, "faults": faults, "most": MAX_GRACE}
    return render_template("console/preview.html", found=found, near=near, titles=titles, **shown)


def records_of_staff() -> Standing:
    """How the records stand of the foundations that the account acts for."""
    limit = timedelta(minutes=services().settings.record_age)
    return services().foundation_records.standing(services().clock.now(), limit, [each.id for each in g.staff_of])


def acting_for(foundation_id: str) -> FoundationInfo:
    """The foundation, if the signed-in account acts for it; raises `NotStaff`."""
    for each in g.staff_of:
        if each.id == foundation_id:
            g.foundation = each
            return each  # type: ignore[no-any-return]
    raise NotStaff("This belongs to a foundation that the account you signed in with does not act for.")
