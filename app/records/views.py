# SPDX-License-Identifier: Apache-2.0
"""The download link on pages: the same file as the API's, with error pages instead of problems."""

from apiflask import APIBlueprint
from flask import Response

from app.platform.security import Access, access
from app.records.api import pdf_response

bp = APIBlueprint("records_pages", __name__, enable_openapi=False)


@bp.get("/records/<record_id>.pdf")
@access(Access.SIGNED_IN)
def record_page(record_id: str) -> Response:
    return pdf_response(record_id)
