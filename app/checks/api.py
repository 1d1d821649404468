# SPDX-License-Identifier: Apache-2.0
"""Checks over the API: one question about a change, one answer; and questions that are asked again, for tokens alone.

Everybody may ask by account. What an address stands for is told to a token of the project alone: without one, the
answer is the same for addresses that are known here and for those that are not.
"""

from apiflask import APIBlueprint
from flask import Response, current_app

from app.checks.schemas import EXAMPLE, CheckIn, CheckOut
from app.checks.waiting import WaitingInfo
from app.checks.waiting_schemas import WAITING_EXAMPLE, WaitingIn, WaitingOut, WaitingQuestion, waiting_out
from app.platform.bodies import problems
from app.platform.scopes import Scope
from app.platform.security import Access, access
from app.tokens.access import may, presented
from app.tokens.limits import checks, count_change
from app.wiring import services
from mcla.checks.change import Change

bp = APIBlueprint("checks", __name__, url_prefix="/api/v1", tag="Checks")


@bp.post("/checks")
@checks()
@bp.input(CheckIn, location="json", example=EXAMPLE)
@bp.output(CheckOut, description="The verdict on the whole, on each person and on each file, each with the next step")
@bp.doc(
    operation_id="checkChange",
    summary="Is everybody and everything in one change covered",
    description="At most 10,000 commits, 100,000 files and 48 MiB. A question that can be read is answered with 200, "
    "whatever the verdict; with `as_of` always the same. Addresses count only with a token of the project that has "
    "the scope `checks:read`.",
    responses=problems(400, 401, 403, 404, 413, 415, 422, 429),
)
@access(Access.PUBLIC, Scope.CHECKS_READ)
def check_change(json_data: Change) -> Response:
    change, wired = json_data, services()
    count_change(change.project, _named(change))
    found = wired.checks.ask(change, may_use_addresses=may(change.project, Scope.CHECKS_READ))
    told = found.to_dict()
    if change.signed and change.head:
        told["envelope"] = wired.seal.sign(found, change.head)
    return current_app.response_class(current_app.json.dumps(told), content_type="application/json")


@bp.post("/checks/waiting")
@checks()
@bp.input(WaitingIn, location="json", example=WAITING_EXAMPLE)
@bp.output(WaitingOut, description="The first answer; with an id where the check is kept")
@bp.doc(
    operation_id="createWaitingCheck",
    summary="Have a check asked again when somebody signs",
    description="Needs a project's token with the scope `checks:wait`; addresses count if it has `checks:read` too. "
    "The question is kept until it is covered, deleted or 90 days old, and asked again after each signature, change of "
    "a list, contribution, exemption, policy or agreement. Another answer is sent to the project's webhook. The same "
    "change again replaces the question, as far as its head is not older than the one that waits.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
)
@access(Access.TOKEN, Scope.CHECKS_WAIT)
def wait(json_data: WaitingQuestion) -> Response:
    addresses = may(json_data.change.project, Scope.CHECKS_READ)
    return _told(services().waiting.register(json_data.change, json_data.reference, addresses=addresses))


@bp.get("/checks/waiting/<waiting_id>")
@checks()
@bp.output(WaitingOut)
@bp.doc(
    operation_id="getWaitingCheck",
    summary="How a waiting check stands",
    description="For a token of the check's project with the scope `checks:wait`.",
    responses=problems(401, 403, 404, 429),
)
@access(Access.TOKEN, Scope.CHECKS_WAIT)
def waiting(waiting_id: str) -> Response:
    return _told(services().waiting.info(_project(), waiting_id))


@bp.delete("/checks/waiting/<waiting_id>")
@checks()
@bp.output({}, status_code=204, description="It is asked no more, and its question is forgotten")
@bp.doc(
    operation_id="deleteWaitingCheck",
    summary="Let a check wait no more",
    description="For a change that was merged or closed. Again changes nothing.",
    responses=problems(401, 403, 404, 429),
)
@access(Access.TOKEN, Scope.CHECKS_WAIT)
def end_waiting(waiting_id: str) -> tuple[str, int]:
    services().waiting.end(_project(), waiting_id)
    return "", 204


def _project() -> str:
    """The project of the request's token, which the guard has made sure of."""
    token = presented()
    return token.project if token else ""


def _told(info: WaitingInfo) -> Response:
    told = current_app.json.dumps(waiting_out(info))
    return current_app.response_class(told, content_type="application/json")


def _named(change: Change) -> set[str]:
    """What a change is told from others by: its commits, or its files where it names none."""
    return {each.sha for each in change.commits} or {each.sha256 or each.path for each in change.artifacts}
