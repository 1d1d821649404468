# SPDX-License-Identifier: Apache-2.0
"""Pages about licences: the table to filter, one licence, two side by side; they read this release’s data alone."""

from typing import Any

from apiflask import APIBlueprint
from flask import redirect, render_template, request
from werkzeug.datastructures import MultiDict

from app.contributions.verify_views import of_digest
from app.licences import combining, words
from app.licences.choosing import FLOWS, LIMITS, choose, commercial_use, wanted
from app.licences.facts import differing, facts_of
from app.licences.listing import shown
from app.licences.stances import POINTS, SAYS
from app.platform.security import Access, access
from app.tiers.words import STANCE
from app.wiring import services
from mcla.artifacts.digest import read_digest
from mcla.exports.exemption import of as exemption_of
from mcla.licences.asking import QuestionInvalid
from mcla.licences.deciding import evaluate
from mcla.licences.identify import fingerprints
from mcla.licences.records import Licence
from mcla.licences.registry import LicenceAmbiguous, registry
from mcla.tiers.known import terms_of
from mcla.wording import Worded

bp = APIBlueprint("licences", __name__, enable_openapi=False, template_folder="templates")
_LIMIT_NAMES = dict(
    zip(
        LIMITS,
        (Worded("Limits of scale"), Worded("Use restrictions"), Worded("Places left out"), Worded("None of these")),
        strict=True,
    )
)
_FLOW_NAMES = dict(
    zip(
        FLOWS,
        (
            Worded("Use restrictions"),
            Worded("Its text goes along"),
            Worded("A notice file goes along"),
            Worded("Changes are stated"),
            Worded("Words to display"),
            Worded("The model’s name begins with"),
            Worded("The model card is kept and extended"),
        ),
        strict=True,
    )
)


@bp.get("/licences")
@access(Access.PUBLIC)
def table() -> str:
    """What may I combine? All licences, or those that pass the filters."""
    asked = wanted(request.args)
    return _render("table", found=choose(registry(), asked), asked=asked, limits=_LIMIT_NAMES, flows=_FLOW_NAMES)


@bp.get("/licences/compare")
@access(Access.PUBLIC)
def compare() -> Any:
    """Two licences side by side; each can be named by any name that stands for it alone."""
    given = [name.strip() for name in request.args.getlist("licence") if name.strip()]
    if len(given) != 2:
        ask = Worded("Choose two licences.") if given else None
        return _render("compare", given=[*given, "", ""][:2], ask=ask, groups=(), names=_names())
    left, right = (registry().get(name) for name in given)
    if [left.id, right.id] != given:
        query = "&".join(f"licence={licence.id}" for licence in (left, right))
        return redirect(f"/licences/compare?{query}", code=308)
    groups = differing(left, right)
    return _render("compare", given=given, ask=None, left=left, right=right, groups=groups, names=_names())


@bp.get("/licences/check")
@access(Access.PUBLIC)
def check() -> Any:
    """May this be made of that, and go out under these terms? The rules that answer are named."""
    form, answer, owed, faults = request.args, None, {}, []
    if form:
        try:
            answer = evaluate(combining.asked(form), registry())
            owed = combining.owed(answer)
        except QuestionInvalid as error:
            faults = [{"pointer": combining.field_of(error), "detail": error.message}]
    found = {"answer": answer, "owed": owed, "faults": faults}
    page = _render("check", given=form, places=range(1, combining.BASES + 1), names=_names(), **found)
    return page, 400 if faults else 200


@bp.get("/licences/<name>")
@access(Access.PUBLIC)
def one(name: str) -> Any:
    """What is known of one licence. Another name of it leads to its page; a name of several texts lists them."""
    match = registry().find(name)
    if len(match.licences) > 1:
        error = LicenceAmbiguous(Worded("The name %(name)s stands for several texts.", name=name[:80]))
        return _render("several", name=name, several=match.licences, error=error), error.status
    licence = registry().get(name)
    if licence.id != name:
        return redirect(f"/licences/{licence.id}", code=308)
    attached, texts = services().certifications.of_licence(licence.id), fingerprints().of(licence.id)
    reading = exemption_of(licence)
    told = {"groups": facts_of(licence), "harbour": reading, "attached": attached, "texts": texts}
    told["stance"] = STANCE[terms_of(licence, registry()).feed]
    return _render("licence", licence=licence, **told)


@bp.get("/artifacts/<digest>")
@access(Access.PUBLIC)
def artifact(digest: str) -> str:
    """May I use this? What is known of one file: who gave it, what it rests on, what was made from it."""
    result, around = of_digest(digest), shown(services().licences.lineage(digest.lower()))
    bare = read_digest(digest.lower())
    attached = services().certifications.of_artifact(bare)
    return _render("artifact", digest=bare, result=result, lineage=around, attached=attached)


def _names() -> list[Licence]:
    return choose(registry(), wanted(MultiDict()))


def _render(template: str, **given: Any) -> str:
    known = registry()
    said = {"words": words, "known": known, "commercial_use": commercial_use, "points": POINTS, "says": SAYS}
    return render_template(f"licences/{template}.html", **said, **given)
