# SPDX-License-Identifier: Apache-2.0
"""The console's pages of outbound terms: whose there are, writing the next version, looking at it, publishing it.

The pages carry the exact document between them and nothing is kept in between; what is published is read anew, and has
to have the digest that the preview showed. Browsers end lines in two characters; the document that counts has one.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.console.versions import CarriedInvalid
from app.console.views import acting_for
from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.tiers import words
from app.tiers.values import Draft, Owner
from app.wiring import services
from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.tiers.changes import changes
from mcla.tiers.example import example
from mcla.wording import Joined, Worded

bp = APIBlueprint(
    "console_tiers", __name__, url_prefix="/console/tiers", enable_openapi=False, template_folder="templates"
)


@bp.get("")
@access(Access.STAFF)
def owners() -> str:
    """Under which terms may the models of each project be used, and whose come next?"""
    mine = _owners()
    return render_template("console/tiers.html", owners=mine, newest=services().tiers.newest_of(mine))


@bp.get("/write")
@access(Access.STAFF)
def write() -> str:
    """Which terms are to be published? It begins with the newest version, or with an example."""
    owner = _owner(request.args.get("owner", ""))
    newest = services().tiers.newest_of([owner]).get(owner)
    return _write(owner, newest.document if newest else example(), [])


@bp.post("/preview")
@limiter.limit(WRITES)
@access(Access.STAFF)
def preview() -> Any:
    """What publishing the document would do; nothing is stored."""
    owner, document = _owner(request.form.get("owner", "")), _document()
    try:
        found = services().tiers.draft(owner, document)
    except MclaError as error:
        return _write(owner, document, [_fault("/document", error)]), 422
    return _preview(found, [])


@bp.post("/publish")
@limiter.limit(WRITES)
@access(Access.STAFF)
def publish() -> Any:
    """Publish what the preview showed, if the version is typed and nothing was published meanwhile."""
    form, owner, document = request.form, _owner(request.form.get("owner", "")), _document()
    if sha256_hex(document) != form.get("digest"):
        raise CarriedInvalid("The document is not the one that the preview showed.")
    found = services().tiers.draft(owner, document)
    version = found.terms.version
    if form.get("typed", "").strip() != version:
        said = Worded("Type the number %(version)s: it can never be changed afterwards.", version=version)
        return _preview(found, [{"pointer": "/typed", "detail": said}]), 422
    try:
        by = f"{signed_in().provider} {signed_in().subject}"
        services().tiers.publish(owner, document, by, form.get("seen", ""))
    except MclaError as error:
        return _preview(found, [_fault("", error)]), error.status
    return redirect(f"/tiers/{found.terms.id}/{version}", code=303)


def _fault(pointer: str, error: MclaError) -> dict[str, str]:
    return {"pointer": pointer, "detail": Joined(" ", (error.message, error.hint))}


def _document() -> bytes:
    return request.form.get("document", "").replace("\r\n", "\n").encode("utf-8", "replace")


def _owners() -> list[Owner]:
    """Every owner that the account may publish for: each foundation, then its projects."""
    projects = services().projects.projects()
    found = []
    for foundation in g.staff_of:
        found += [Owner(foundation), *(Owner(foundation, each) for each in projects if each.foundation == foundation)]
    return found


def _owner(told: str) -> Owner:
    """`foundation/SLUG` or `project/SLUG`, if the account acts for it; raises `ProjectUnknown` or `NotStaff`."""
    kind, _, slug = told.partition("/")
    if kind == "project":
        project = services().projects.project(slug)
        return Owner(acting_for(project.foundation.id), project)
    return Owner(acting_for(next((each.id for each in g.staff_of if each.slug == slug), "")))


def _write(owner: Owner, document: bytes, faults: list[dict[str, str]]) -> str:
    text = document.decode("utf-8", "replace")
    return render_template("console/tiers_write.html", owner=owner, text=text, faults=faults)


def _preview(found: Draft, faults: list[dict[str, str]]) -> str:
    differing = changes(found.follows.terms, found.terms) if found.follows else ()
    text = found.document.decode("utf-8", "replace")
    shown = {"found": found, "differing": differing, "text": text, "words": words}
    return render_template("console/tiers_preview.html", faults=faults, **shown)
