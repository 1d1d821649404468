# SPDX-License-Identifier: Apache-2.0
"""The foundation's answer to an offer over the API: its bundle, as a file to keep beside the offer's."""

from apiflask import APIBlueprint
from flask import Response

from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access
from app.signing.api import BUNDLE, bundle_file
from app.wiring import services

bp = APIBlueprint("grants_api", __name__, url_prefix="/api/v1", tag="Contributions")


@bp.get("/contributions/<contribution_id>/answer")
@bp.doc(
    operation_id="getContributionAnswer",
    summary="The foundation's counter-signature of an offer, or its refusal, as a bundle",
    description="For what was given under an agreement that needs a counter-signature. It holds digests and names "
    "nobody. Give it to `mcla verify --counter-signature`, beside the bundle of the offer.",
    responses={200: BUNDLE, 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def get_contribution_answer(contribution_id: str) -> Response:
    return bundle_file(contribution_id, services().grants.answer_bundle(contribution_id), name="answer.sigstore.json")
