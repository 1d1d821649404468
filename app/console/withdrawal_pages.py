# SPDX-License-Identifier: Apache-2.0
"""Console pages of withdrawals: what waits for an answer, and one case with what is known and the answer's form.

The use cases are those of `mcla-server withdrawals`; a case is for the staff of the foundation that takes the project.
"""

import hashlib
from typing import Any

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.console.views import acting_for
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.platform.security import WRITES, Access, access, limiter
from app.signing.review import REASON_NAMES, STAGE_NAMES
from app.wiring import services
from app.withdrawals.values import Dossier, NewDecision
from mcla.errors import MclaError
from mcla.terms.taking_back import STEPS, Stage, limits_at

bp = APIBlueprint(
    "console_withdrawals",
    __name__,
    url_prefix="/console/withdrawals",
    enable_openapi=False,
    template_folder="templates",
)
Fault = dict[str, str]
MOST_ANSWERED = 100


class _Unfit(Exception):
    """What was sent is no answer; holds what to put right."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.faults = [{"pointer": pointer, "detail": detail}]


@bp.get("")
@access(Access.STAFF)
def listing() -> str:
    """What waits for an answer, the most urgent first, and what was answered last?"""
    mine = [each.id for each in g.staff_of]
    return render_template(
        "console/withdrawals.html",
        waiting=services().cases.waiting_for(mine),
        answered=services().cases.answered_for(mine, MOST_ANSWERED),
        now=services().clock.now(),
        most=MOST_ANSWERED,
        kinds=KIND_NAMES,
        reasons=REASON_NAMES,
        stages=STAGE_NAMES,
    )


@bp.get("/<withdrawal_id>")
@access(Access.STAFF)
def case(withdrawal_id: str) -> str:
    """Does the agreement allow it, and what is done?"""
    return _page(_dossier(withdrawal_id), [])


@bp.post("/<withdrawal_id>/answer")
@limiter.limit(WRITES)
@access(Access.STAFF)
def answer(withdrawal_id: str) -> Any:
    """Answer, or correct the answer; the notice is public at once."""
    found = _dossier(withdrawal_id)
    try:
        services().cases.decide(withdrawal_id, _read_answer(found))
    except _Unfit as error:
        return _page(found, error.faults), 422
    except MclaError as error:
        return _page(found, [{"pointer": "", "detail": error.message}]), error.status
    return redirect(f"/console/withdrawals/{withdrawal_id}", code=303)


@bp.post("/<withdrawal_id>/stage")
@limiter.limit(WRITES)
@access(Access.STAFF)
def stage(withdrawal_id: str) -> Any:
    """Record how far the contribution has come."""
    found = _dossier(withdrawal_id)
    try:
        wanted = request.form.get("reached", "")
        services().cases.reach(found.case.contribution_id, wanted, request.form.get("evidence", "").strip())
    except MclaError as error:
        return _page(found, [{"pointer": "/reached", "detail": error.message}]), error.status
    return redirect(f"/console/withdrawals/{withdrawal_id}", code=303)


def _dossier(withdrawal_id: str) -> Dossier:
    """A case of a foundation that the account acts for; raises `WithdrawalUnknown` or `NotStaff`."""
    found = services().cases.dossier(withdrawal_id)
    acting_for(services().projects.project(found.case.project).foundation.id)
    return found


def _read_answer(found: Dossier) -> NewDecision:
    """The form's answer; raises `_Unfit`."""
    form, upload = request.form, request.files.get("evidence_file")
    said, reached = form.get("answer"), _stage(found)
    if said not in ("allowed", "refused"):
        raise _Unfit("/answer", "Say whether the agreement allows it.")
    if reached is None:
        raise _Unfit("/stage", "Say how far it had come.")
    ticked = [each for each in form.getlist("step") if each in STEPS]
    if said == "allowed":
        promised = found.prospects[reached].steps
        ticked = [each for each in STEPS if each in promised or each in ticked]
        if not ticked:
            raise _Unfit("/step", "Say what is done: at this stage the agreement promises nothing by itself.")
    content = upload.read() if upload else b""
    return NewDecision(
        "allowed" if said == "allowed" else "refused",
        reached,
        ticked or None,
        form.get("replacement", "").strip().removeprefix("sha256:").lower() or None,
        hashlib.sha256(content).hexdigest() if content else None,
        form.get("note", "").strip(),
    )


def _stage(found: Dossier) -> Stage | None:
    return next((each for each in found.prospects if each == request.form.get("stage")), None)


def _page(found: Dossier, faults: list[Fault]) -> str:
    contribution = services().contributions.contribution(found.case.contribution_id, signed_in())
    return render_template(
        "console/withdrawal.html",
        dossier=found,
        case=found.case,
        given=contribution,
        project=services().projects.project(found.case.project),
        now=services().clock.now(),
        entered=request.form,
        ticked=request.form.getlist("step"),
        faults=faults,
        limits=limits_at(found.case.stage),
        rest=services().licences.resting_on(found.case.root),
        kinds=KIND_NAMES,
        reasons=REASON_NAMES,
        stages=STAGE_NAMES,
        steps=STEPS,
    )
