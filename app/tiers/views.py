# SPDX-License-Identifier: Apache-2.0
"""Pages of published terms in tiers: which there are, and what somebody may do under one of them."""

from apiflask import APIBlueprint
from flask import render_template

from app.platform.security import Access, access
from app.tiers import words
from app.wiring import services

bp = APIBlueprint("tiers", __name__, enable_openapi=False, template_folder="templates")


@bp.get("/tiers")
@access(Access.PUBLIC)
def everything() -> str:
    """Under which terms may the models of each project be used?"""
    found = services().tiers.everything()
    newest = {each.slug: each for each in reversed(found)}
    return render_template("tiers/list.html", found=[newest[slug] for slug in sorted(newest)])


@bp.get("/tiers/<slug>/<version>")
@access(Access.PUBLIC)
def one(slug: str, version: str) -> str:
    """What may somebody do under these terms, by condition?"""
    shown = services().tiers.version(slug, version)
    versions, today = services().tiers.versions(slug), services().clock.now().date()
    now = next((each for each in versions if each.effective <= today), None)
    return render_template("tiers/terms.html", shown=shown, versions=versions, now=now, today=today, words=words)
