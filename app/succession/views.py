# SPDX-License-Identifier: Apache-2.0
"""Pages between versions: what changed, and that somebody has seen the news."""

from typing import Any

from apiflask import APIBlueprint
from flask import abort, g, json, redirect, render_template

from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.wiring import services
from mcla.terms.changes import Comparison
from mcla.wording import Joined, Worded

bp = APIBlueprint("succession", __name__, enable_openapi=False, template_folder="templates")
BETWEEN = {
    "same": "Nothing differs but the number.",
    "editorial": "The terms are the same, and only words differ.",
    "notice": "Only what is in the signers’ favour differs. Nobody has to sign again.",
    "scoped": "Only those who give these kinds sign again: %(kinds)s.",
    "material": "Whoever signed the earlier version signs again before giving something new.",
}


def _said(found: Comparison) -> str:
    kinds = Joined(", ", map(Worded, found.kinds))
    return Worded(BETWEEN[found.name], **({"kinds": kinds} if found.name == "scoped" else {}))


@bp.get("/agreements/<slug>/<version>/changes/<since>")
@access(Access.PUBLIC)
def between(slug: str, version: str, since: str) -> str:
    """What changed from an earlier version to this one, in terms and in words."""
    old, new = (services().agreements.version(slug, each) for each in (since, version))
    if old.number >= new.number:
        abort(
            404, Worded("Version %(since)s does not come before %(version)s.", since=since[:32], version=version[:32])
        )
    g.foundation = new.foundation
    comparison, text = services().succession.changes(slug, since, version)
    declared = services().succession.declared(old, new)
    return render_template(
        "succession/between.html",
        old=old,
        new=new,
        comparison=comparison,
        text=text,
        said=_said(comparison),
        declared=declared,
        reason=json.loads(declared.document)["reason"] if declared else "",
    )


@bp.post("/signatures/news")
@limiter.limit(WRITES)
@access(Access.SESSION)
def seen() -> Any:
    """The person has seen which versions came after those they signed."""
    services().succession.seen(signed_in().contributor_id)
    return redirect("/signatures", code=303)
