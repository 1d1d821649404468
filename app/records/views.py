# SPDX-License-Identifier: Apache-2.0
"""The download links on pages: the same files as the API's, with error pages instead of problems."""

from apiflask import APIBlueprint
from flask import Response

from app.platform.security import Access, access, limiter
from app.records.api import COPIES, pdf_response, redacted_response

bp = APIBlueprint("records_pages", __name__, enable_openapi=False)


@bp.get("/records/<record_id>.pdf")
@access(Access.SIGNED_IN)
def record_page(record_id: str) -> Response:
    return pdf_response(record_id)


@bp.get("/records/<record_id>/redacted.pdf")
@limiter.limit(COPIES)
@access(Access.SIGNED_IN)
def redacted_page(record_id: str) -> Response:
    return redacted_response(record_id, ())
