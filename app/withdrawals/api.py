# SPDX-License-Identifier: Apache-2.0
"""The public side of withdrawals: the signed list for use offline, and the bundle of each."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app

from app.platform.bodies import problems
from app.platform.security import Access, access
from app.signing.api import BUNDLE, bundle_file, conditional
from app.wiring import services

bp = APIBlueprint("withdrawals_api", __name__, tag="Withdrawals")
LIST: Any = {
    "description": "The signed list: a C2SP signed note by the log's key, then one line for each end "
    "(digest of the ended statement, log index of the withdrawal, time).",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@bp.get("/.well-known/mcla/withdrawals")
@bp.doc(
    operation_id="getWithdrawals",
    summary="Everything that was ended, signed and dated, for use without the network",
    description="Covers the log's newest head and names nobody. Keep it beside your proofs and give it to "
    "`mcla verify --withdrawals`; fetch it again by the time of its next update.",
    responses={200: LIST, **problems(503)},
)
@access(Access.PUBLIC)
def get_withdrawals() -> Response:
    response = current_app.response_class(services().withdrawals.snapshot(), content_type="text/plain; charset=utf-8")
    # A cache must ask each time: an older list would look like one that forgot an end.
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return conditional(response)


@bp.get("/api/v1/withdrawals/<withdrawal_id>/bundle")
@bp.doc(
    operation_id="getWithdrawalBundle",
    summary="The public bundle of a withdrawal",
    responses={200: BUNDLE, **problems(404)},
)
@access(Access.PUBLIC)
def get_withdrawal_bundle(withdrawal_id: str) -> Response:
    return bundle_file(withdrawal_id, services().signing.withdrawal_bundle(withdrawal_id))
