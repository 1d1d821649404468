# SPDX-License-Identifier: Apache-2.0
"""Console pages of checks: the policy that a project keeps here, as it is read, and the bots that need not sign."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.console.views import acting_for
from app.identity.actor import signed_in
from app.licences.stances import POINTS, SAYS
from app.platform.formats import KIND_NAMES
from app.platform.security import WRITES, Access, access, limiter
from app.projects.service import ProjectInfo
from app.wiring import services
from mcla.checks.change import MAX_POLICY_BYTES
from mcla.checks.people import ByAccount, ByAddress
from mcla.checks.policy import Policy, PolicyInvalid, parse_policy
from mcla.errors import MclaError
from mcla.wording import Worded

bp = APIBlueprint(
    "console_checks", __name__, url_prefix="/console/checks", enable_openapi=False, template_folder="templates"
)
Fault = dict[str, str]
VERSIONS_SHOWN = 10


@bp.get("")
@access(Access.STAFF)
def projects() -> str:
    """What does each project's check go by?"""
    mine = {each.id for each in g.staff_of}
    found = [each for each in services().projects.projects() if each.foundation.id in mine]
    kept = {each.slug: services().policies.current(each) for each in found}
    return render_template("console/checks.html", projects=found, kept=kept)


@bp.get("/<slug>")
@access(Access.STAFF)
def project(slug: str) -> str:
    """The policy and the exemptions of one project."""
    return _page(_project(slug), [])


@bp.post("/<slug>/policy")
@limiter.limit(WRITES)
@access(Access.STAFF)
def set_policy(slug: str) -> Any:
    """Keep a policy here, or go back to the repository's own."""
    found = _project(slug)
    # A form sends other line ends than files have, and the digest is over them.
    text = None if "remove" in request.form else request.form.get("text", "").replace("\r\n", "\n")
    try:
        services().policies.set(found, text, _whoever())
    except PolicyInvalid as error:
        return _page(found, [{"pointer": "/text", "detail": str(each)} for each in error.faults]), 422
    except MclaError as error:
        return _page(found, [{"pointer": "/text", "detail": error.message}]), error.status
    return redirect(f"/console/checks/{slug}", code=303)


@bp.post("/<slug>/exemptions")
@limiter.limit(WRITES)
@access(Access.STAFF)
def exempt(slug: str) -> Any:
    """Exempt a bot or an agent until a day."""
    found, form = _project(slug), request.form
    try:
        whom, until = _whom(), _day(form.get("until", ""))
        what, reason = form.get("what", ""), form.get("reason", "")
        services().exemptions.add(found, what, whom, reason, until, _whoever())
    except _Unfit as error:
        return _page(found, [error.fault]), 422
    except MclaError as error:
        return _page(found, [{"pointer": "/whom", "detail": error.message}]), error.status
    return redirect(f"/console/checks/{slug}#exempt", code=303)


@bp.post("/<slug>/exemptions/<exemption_id>/end")
@limiter.limit(WRITES)
@access(Access.STAFF)
def end_exemption(slug: str, exemption_id: str) -> Any:
    """End an exemption now."""
    services().exemptions.end(_project(slug), exemption_id, _whoever())
    return redirect(f"/console/checks/{slug}#exempt", code=303)


class _Unfit(Exception):
    """The form exempts nobody; holds what to put right."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = {"pointer": pointer, "detail": detail}


def _project(slug: str) -> ProjectInfo:
    """A project of a foundation that the account acts for; raises `ProjectUnknown` or `NotStaff`."""
    found = services().projects.project(slug)
    acting_for(found.foundation.id)
    return found


def _whoever() -> str:
    return f"{signed_in().provider} {signed_in().subject}"


def _whom() -> ByAccount | ByAddress:
    """Exactly one account or one address; raises `_Unfit`."""
    subject, address = request.form.get("subject", "").strip(), request.form.get("address", "").strip()
    if bool(subject) == bool(address):
        raise _Unfit("/whom", Worded("Give either an account’s number or an address."))
    return ByAccount(request.form.get("provider", ""), subject) if subject else ByAddress(address.lower())


def _day(text: str) -> datetime:
    """The beginning of a day in UTC; raises `_Unfit`."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise _Unfit("/until", Worded("Give the day on which it ends.")) from None


def _read(text: str | None) -> Policy | None:
    try:
        return None if text is None else parse_policy(text)
    except PolicyInvalid:  # kept by an older version of this service
        return None


def _page(found: ProjectInfo, faults: list[Fault]) -> str:
    now, history = services().clock.now(), services().policies.history(found)
    kept = history[0] if history else None
    exemptions = [(each, each.counts_at(now)) for each in services().exemptions.all(found)]
    return render_template(
        "console/check.html",
        project=found,
        faults=faults,
        given=request.form,
        kept=kept,
        policy=_read(kept.text) if kept else None,
        history=history[:VERSIONS_SHOWN],
        exemptions=exemptions,
        providers={name: each.label for name, each in services().identity.providers.items()},
        kinds=KIND_NAMES,
        most=MAX_POLICY_BYTES,
        points=POINTS,
        says=SAYS,
    )
