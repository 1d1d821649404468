# SPDX-License-Identifier: Apache-2.0
"""Downloading a record over the API: its own signer only; for anybody else it does not exist."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app

from app.identity.actor import current_actor
from app.platform.bodies import problems
from app.platform.problems import SignInRequired
from app.platform.security import Access, access
from app.wiring import services

bp = APIBlueprint("records_api", __name__, url_prefix="/api/v1", tag="Records")

_PDF: dict[str, Any] = {
    "description": "The sealed PDF",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


@bp.get("/records/<record_id>.pdf")
@bp.doc(
    summary="The signed PDF record of one of your signatures or contributions",
    description="409 `record-not-ready` with Retry-After while the record is being made.",
    responses={200: _PDF, **problems(401, 404, 409)},
)
@access(Access.SIGNED_IN)
def get_record(record_id: str) -> Response:
    return pdf_response(record_id)


def pdf_response(record_id: str) -> Response:
    """The record as a file to keep; raises `RecordUnknown` or `RecordNotReady`."""
    actor = current_actor()
    if actor is None:
        raise SignInRequired("Records are for their own signers.")
    pdf = services().records.pdf(actor, record_id)
    response = current_app.response_class(pdf, content_type="application/pdf")
    # `pdf` accepted the id, so it is letters, digits and an underscore: safe in a header and as a file name.
    response.headers["Content-Disposition"] = f'attachment; filename="{record_id}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
