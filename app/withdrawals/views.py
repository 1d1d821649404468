# SPDX-License-Identifier: Apache-2.0
"""Pages of ending: what it does and cannot undo, two questions; and the public notice of what was taken back."""

from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.identity.actor import signed_in
from app.platform.security import WRITES, Access, access, limiter
from app.signing.ending import Endable
from app.signing.errors import AlreadyEnded
from app.signing.review import REASON_NAMES, STAGE_NAMES
from app.wiring import services
from mcla.terms.taking_back import STEPS, limits_at

bp = APIBlueprint("withdrawals", __name__, enable_openapi=False, template_folder="templates")
NO_REASON = {"pointer": "/reason", "detail": "Choose a reason; “No reason” is one."}
NO_STAGE = {"pointer": "/stage", "detail": "Say how far it has come; “I do not know” is an answer."}


@bp.get("/signatures/<ended_id>/end")
@bp.get("/contributions/<ended_id>/end")
@access(Access.SESSION)
def ending(ended_id: str) -> Any:
    """Do you want to end this, and do you know what that means?"""
    found, ended = services().signing.endable(signed_in(), ended_id)
    if ended is not None:
        return redirect(_page_of(found), code=303)
    return _page(found)


@bp.post("/signatures/<ended_id>/end")
@bp.post("/contributions/<ended_id>/end")
@limiter.limit(WRITES)
@access(Access.SESSION)
def end(ended_id: str) -> Any:
    """Make the statement; nothing is ended yet."""
    actor, form = signed_in(), request.form
    found, _ = services().signing.endable(actor, ended_id)
    given = found.type == "contribution"
    reason, stage = (form.get("reason", ""), form.get("stage")) if given else ("none-given", "")
    faults = [*([] if reason in REASON_NAMES else [NO_REASON]), *([] if stage in STAGE_NAMES else [NO_STAGE])]
    if faults:
        return _page(found, faults), 422
    holder = "browser" if form.get("key_holder") == "browser" else "service"
    try:
        signing = services().signing.draft_withdrawal(actor, found.id, reason, stage or None, holder)
    except AlreadyEnded as error:
        return redirect(error.extra["url"], code=303)
    return redirect(f"/withdrawals/review/{signing.id}", code=303)


@bp.get("/withdrawals/<withdrawal_id>")
@access(Access.PUBLIC)
def notice(withdrawal_id: str) -> str:
    """What was taken back, and what is done about it?"""
    case = services().cases.case(withdrawal_id)
    g.foundation = services().projects.project(case.project).foundation
    return render_template(
        "withdrawals/notice.html",
        case=case,
        reasons=REASON_NAMES,
        stages=STAGE_NAMES,
        steps=STEPS,
        limits=limits_at(case.stage),
        rest=services().licences.resting_on(case.root),
    )


def _page_of(found: Endable) -> str:
    return f"/{'contributions' if found.type == 'contribution' else 'signatures'}/{found.id}"


def _page(found: Endable, faults: list[dict[str, str]] | None = None) -> str:
    version = services().agreements.version_by_id(found.signing.agreement_version_id)
    g.foundation = version.foundation
    bound = services().companies.of_record(found.signing.statement_sha256) if found.type == "acceptance" else None
    return render_template(
        "withdrawals/end.html",
        ended=found,
        bound=bound,
        version=version,
        page=_page_of(found),
        reasons=REASON_NAMES,
        stages=STAGE_NAMES,
        given=request.form,
        faults=faults or [],
        outlook=services().cases.outlook(found.signing) if found.type == "contribution" else None,
        rest=services().licences.resting_on(found.root) if found.type == "contribution" else None,
        steps=STEPS,
    )
