# SPDX-License-Identifier: Apache-2.0
"""Downloading a record over the API: its own signer only; for anybody else it does not exist."""

from collections.abc import Sequence
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify

from app.identity.actor import current_actor
from app.identity.ports import Actor
from app.platform.bodies import problems
from app.platform.problems import SignInRequired
from app.platform.security import Access, access, limiter
from app.records.schemas import CopyQuery, FilePath, RecordFileOut
from app.wiring import services

bp = APIBlueprint("records_api", __name__, url_prefix="/api/v1", tag="Records")

COPIES = "10/minute;60/hour"
"""Each copy is laid out and sealed anew, which takes most of a second."""
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


@bp.get("/records/files/<digest>")
@bp.input(FilePath, location="path")
@bp.output(RecordFileOut, description="How it was sealed, its place in the log, and what came after it")
@bp.doc(
    operation_id="getRecordFile",
    summary="What is known of a sealed PDF, by its digest",
    description="Only who has the file can name it, and nothing of what it says is told. `entry` is a Sigstore bundle "
    "over the file; `superseded` is there once a newer record took its place.",
    responses=problems(404, 422),
)
@access(Access.PUBLIC)
def get_record_file(digest: str, path_data: FilePath) -> Response:
    del digest  # as `path_data` has it
    found = services().records.file(path_data.digest.removeprefix("sha256:"))
    return jsonify(RecordFileOut.of(found).model_dump(mode="json"))


@bp.get("/records/<record_id>/redacted.pdf")
@bp.input(CopyQuery, location="query")
@bp.doc(
    summary="A sealed copy of one of your records for others: without your personal data, but what you show",
    description="It verifies like the record, says what it withholds, and keeps the digest of each field.",
    responses={200: _PDF, **problems(400, 401, 404, 409, 422, 429)},
)
@limiter.limit(COPIES)
@access(Access.SIGNED_IN)
def get_redacted(record_id: str, query_data: CopyQuery) -> Response:
    return redacted_response(record_id, query_data.names())


def pdf_response(record_id: str) -> Response:
    """The record as a file to keep; raises `RecordUnknown` or `RecordNotReady`."""
    return pdf_of(services().records.pdf(_signer(), record_id), record_id)


def redacted_response(record_id: str, show: Sequence[str]) -> Response:
    """A redacted copy as a file to keep; raises as `pdf_response`, and `FieldsInvalid`."""
    return pdf_of(services().record_copies.redacted(_signer(), record_id, show), f"{record_id}-redacted")


def _signer() -> Actor:
    actor = current_actor()
    if actor is None:
        raise SignInRequired("Records are for their own signers.")
    return actor


def pdf_of(pdf: bytes, name: str) -> Response:
    """A PDF as a file to keep, and to be kept by nobody on the way."""
    response = current_app.response_class(pdf, content_type="application/pdf")
    # The id was found, so it is letters, digits and an underscore: safe in a header and as a file name.
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
