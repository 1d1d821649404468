# SPDX-License-Identifier: Apache-2.0
"""Pages of the release by a second person: which kinds need one, and the files that wait for it."""

from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.agreements.service import PublishedVersion
from app.companies.changes import ReleaseAsked, ordered
from app.companies.forms import Fault, FormUnfit, read_reason, told
from app.companies.pages import as_manager, drafted, form_page, holder
from app.companies.values import ReleaseInfo
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.platform.security import WRITES, Access, access, limiter
from app.signing.errors import SigningError
from app.wiring import services
from mcla.terms.words import tell

bp = APIBlueprint("company_releases", __name__, enable_openapi=False)


@bp.get("/companies/<company_id>/release")
@access(Access.SESSION)
def releasing(company_id: str) -> str:
    """Which kinds wait for a second person?"""
    return form_page("companies/release_rule.html", as_manager(company_id), [])


@bp.post("/companies/<company_id>/release")
@limiter.limit(WRITES)
@access(Access.SESSION)
def ask_release(company_id: str) -> Any:
    """Make the statement that says which kinds wait for a second person."""
    kinds = ordered(request.form.getlist("kind"))
    return drafted(as_manager(company_id), lambda: ReleaseAsked(kinds), "companies/release_rule.html", "kind")


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
            draft = services().companies.releases.draft_gift(signed_in(), release_id, holder())
            return redirect(f"/contributions/review/{draft.id}", code=303)
        draft = services().companies.releases.draft_release(
            signed_in(), release_id, read_reason(request.form), holder()
        )
    except FormUnfit as error:
        return _release(release_id, error.faults), 422
    except SigningError as error:
        if error.extra.get("url"):
            return redirect(urlsplit(error.extra["url"]).path, code=303)
        return _release(release_id, [told("", error)]), error.status
    return redirect(f"/companies/review/{draft.id}", code=303)


def _version(found: ReleaseInfo) -> PublishedVersion | None:
    """The version that the files are to be given under; None while the company has accepted none."""
    if found.agreement is not None:
        return services().agreements.version(found.agreement)
    view = services().companies.view(signed_in(), found.company.id)
    return services().agreements.version(view.slug, view.version) if view.version else None


def _release(release_id: str, faults: list[Fault]) -> str:
    found = services().companies.releases.one(signed_in(), release_id)
    g.foundation = found.company.foundation
    project = services().projects.project(found.project)
    version = _version(found)
    schedule = services().agreements.declarations(version, found.kind) if version else None
    answers = [
        tell(each, found.answers[each.key])
        for each in (schedule.fields if schedule else ())
        if each.key in found.answers
    ]
    return render_template(
        "companies/release.html",
        release=found,
        given=request.form,
        version=version,
        project=project,
        kind_name=KIND_NAMES[found.kind],
        answers=answers,
        text_language=version.terms.agreement.language if version else "en",
        faults=faults,
    )
