# SPDX-License-Identifier: Apache-2.0
"""The public side of withdrawals: the signed list for use offline, the notices, and the bundle of each."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, url_for

from app.platform.bodies import problems
from app.platform.security import Access, access
from app.platform.tagged import conditional
from app.signing.api import BUNDLE, bundle_file
from app.wiring import services
from app.withdrawals.schemas import NoticesOut, NoticeWithRestOut, PageQuery, notice_out, rest_out

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


@bp.get("/api/v1/withdrawals")
@bp.input(PageQuery, location="query")
@bp.output(NoticesOut)
@bp.doc(
    operation_id="listWithdrawals",
    summary="Notices of contributions that were taken back, in the order of the log",
    description="What was taken back, by digest, how far it had come, what the foundation answered and does about it. "
    "Names nobody. Ask again with `after`, the `log_index` of the last notice you have.",
    responses=problems(422),
)
@access(Access.PUBLIC)
def list_withdrawals(query_data: PageQuery) -> tuple[dict[str, Any], int, dict[str, str]]:
    origin = services().settings.origin
    found = services().cases.cases(query_data.after, query_data.limit)
    more = None
    if len(found) == query_data.limit:
        more = origin + url_for(".list_withdrawals", after=found[-1].log_index, limit=query_data.limit)
    headers = {"Link": f'<{more}>; rel="next"'} if more else {}
    return {"notices": [notice_out(each, origin) for each in found], "next": more}, 200, headers


@bp.get("/api/v1/withdrawals/<withdrawal_id>")
@bp.output(NoticeWithRestOut)
@bp.doc(
    operation_id="getWithdrawal",
    summary="The notice of one contribution that was taken back, with everything downstream of it",
    responses=problems(404),
)
@access(Access.PUBLIC)
def get_withdrawal(withdrawal_id: str) -> dict[str, Any]:
    case = services().cases.case(withdrawal_id)
    return notice_out(case, services().settings.origin) | rest_out(services().licences.resting_on(case.root))


@bp.get("/api/v1/withdrawals/<withdrawal_id>/bundle")
@bp.doc(
    operation_id="getWithdrawalBundle",
    summary="The public bundle of a withdrawal",
    responses={200: BUNDLE, **problems(404)},
)
@access(Access.PUBLIC)
def get_withdrawal_bundle(withdrawal_id: str) -> Response:
    return bundle_file(withdrawal_id, services().signing.withdrawal_bundle(withdrawal_id))
