# SPDX-License-Identifier: Apache-2.0
"""The bundle of a company's signed change, which is public and names nobody; and its document, for its managers."""

from apiflask import APIBlueprint
from flask import Response, current_app

from app.identity.actor import signed_in
from app.platform.bodies import problems
from app.platform.security import Access, access
from app.signing.api import BEARER, BUNDLE, bundle_file
from app.wiring import services

bp = APIBlueprint("companies_api", __name__, tag="Companies")
DOCUMENT: dict[str, object] = {
    "description": "The change itself, whose SHA-256 the signed statement names.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@bp.get("/api/v1/company-changes/<change_id>/bundle")
@bp.doc(
    operation_id="getCompanyChangeBundle",
    summary="The public bundle of a company's change",
    description="It holds a digest of the change, and no name, address or reason.",
    responses={200: BUNDLE, **problems(404)},
)
@access(Access.PUBLIC)
def get_change_bundle(change_id: str) -> Response:
    return bundle_file(change_id, services().companies.history.bundle(change_id))


@bp.get("/api/v1/company-changes/<change_id>/document")
@bp.doc(
    operation_id="getCompanyChangeDocument",
    summary="What a company's change says, for who signed it and the company's managers",
    description="`mcla verify DOCUMENT --bundle BUNDLE` checks it against the proof.",
    responses={200: DOCUMENT, **problems(401, 404)},
    security=BEARER,
)
@access(Access.SIGNED_IN)
def get_change_document(change_id: str) -> Response:
    document = services().companies.history.document(signed_in(), change_id)
    return current_app.response_class(document, content_type="application/json")
