# SPDX-License-Identifier: Apache-2.0
"""The console's page of webhooks: where each project is told, what could not be sent, and sending that again.

The page that shows a new secret is the answer to the form itself, as with tokens.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.console.views import acting_for
from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.projects.service import ProjectInfo
from app.wiring import services
from mcla.errors import MclaError

bp = APIBlueprint(
    "console_webhooks", __name__, url_prefix="/console/webhooks", enable_openapi=False, template_folder="templates"
)


@bp.get("")
@access(Access.STAFF)
def webhooks() -> str:
    """Where is each project told, and what was given up?"""
    return _page([])


@bp.post("/set")
@limiter.limit(WRITES)
@access(Access.STAFF)
def set_webhook() -> Any:
    """Set the address and show the secret, this once."""
    project = _project()
    by = f"{signed_in().provider} {signed_in().subject}"
    try:
        secret = services().webhooks.set(project, request.form.get("url", "").strip(), by)
    except MclaError as error:
        return _page([{"pointer": f"/url-{project.slug}", "detail": error.message}]), error.status
    return render_template("console/webhook_set.html", project=project, secret=secret)


@bp.post("/remove")
@limiter.limit(WRITES)
@access(Access.STAFF)
def remove() -> Any:
    """Send nothing any more."""
    services().webhooks.remove(_project())
    return redirect("/console/webhooks", code=303)


@bp.post("/replay")
@limiter.limit(WRITES)
@access(Access.STAFF)
def replay() -> Any:
    """Send again what was given up."""
    services().webhooks.replay(_project(), request.form.get("delivery") or None)
    return redirect("/console/webhooks", code=303)


def _page(faults: list[dict[str, str]]) -> str:
    mine = {each.id for each in g.staff_of}
    projects = [each for each in services().projects.projects() if each.foundation.id in mine]
    hooks = services().webhooks
    return render_template(
        "console/webhooks.html",
        rows=[(each, hooks.current(each), hooks.dead(each)) for each in projects],
        given=request.form,
        faults=faults,
    )


def _project() -> ProjectInfo:
    """The project of the form, if the account acts for its foundation; raises `ProjectUnknown` or `NotStaff`."""
    project = services().projects.project(request.form.get("project", "").replace("\0", ""))
    acting_for(project.foundation.id)
    return project
