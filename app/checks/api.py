# SPDX-License-Identifier: Apache-2.0
"""Checks over the API: one question about a change, one answer. Nothing is written.

Everybody may ask by account. What an address stands for is told to a token of the project alone: without one, the
answer is the same for addresses that are known here and for those that are not.
"""

from apiflask import APIBlueprint
from flask import Response, current_app

from app.checks.schemas import EXAMPLE, CheckIn, CheckOut
from app.platform.bodies import problems
from app.platform.scopes import Scope
from app.platform.security import Access, access
from app.tokens.access import may
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


def _named(change: Change) -> set[str]:
    """What a change is told from others by: its commits, or its files where it names none."""
    return {each.sha for each in change.commits} or {each.sha256 or each.path for each in change.artifacts}
