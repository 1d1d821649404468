# SPDX-License-Identifier: Apache-2.0
"""The page of a file of evidence for the AI Act's exemption: item by item, with what holds each, also on paper."""

from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import render_template, request

from app.identity.actor import current_actor
from app.licences import words
from app.licences.evidence import NamedRelease, asked_again, evidence_of
from app.platform.security import Access, access, limiter
from app.wiring import services
from mcla.exports.ai_act import DISCLAIMER

bp = APIBlueprint("evidence", __name__, enable_openapi=False, template_folder="templates")
FILES = "60/minute"


@bp.get("/safe-harbour")
@limiter.limit(FILES)
@access(Access.PUBLIC)
def page() -> str:
    """What has a file for a regulator to show of these contributions, and what is missing in it?"""
    given = {name: request.args.get(name, "").strip() for name in ("contributions", "name", "release")}
    if not given["contributions"]:
        return render_template("licences/evidence.html", given=given, file=None, words=words)
    named = NamedRelease.read(given["contributions"], given["name"], given["release"])
    found = evidence_of(named, services().contributions, services().certifications, current_actor())
    told = {"file": found, "query": urlencode(asked_again(named)), "disclaimer": DISCLAIMER}
    return render_template("licences/evidence.html", given=given, words=words, **told)
