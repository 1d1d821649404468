# SPDX-License-Identifier: Apache-2.0
"""`/trust`: how to check this service, and every key that it signs with."""

from apiflask import APIBlueprint
from flask import render_template

from app.platform.security import Access, access
from app.trust.values import STATES, shown
from app.wiring import services
from mcla.log.vkey import VerifierKey

bp = APIBlueprint("trust", __name__, enable_openapi=False, template_folder="templates")


@bp.get("/trust")
@access(Access.PUBLIC)
def trust() -> str:
    """Which keys does this service sign with, and how does somebody hold it to them?"""
    found = services()
    logs = [VerifierKey.of_log(log.name, log.key) for log in found.trust.logs]
    lines = [each.line for each in (*logs, *found.keys.second_log_keys(found.settings.host))]
    rotations = list(reversed(found.feed.rotations()))
    feed = {"standing": found.feed.standing(), "key": found.feed.key, "rotations": rotations}
    return render_template("trust/trust.html", kinds=shown(found.keys), lines=lines, states=STATES, feed=feed)
