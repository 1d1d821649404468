# SPDX-License-Identifier: Apache-2.0
"""A file of evidence for the AI Act's exemption over the API: the form for programs of the page at /safe-harbour."""

from apiflask import APIBlueprint
from flask import Response, current_app, json

from app.identity.actor import current_actor
from app.licences.evidence import NamedRelease, evidence_of
from app.licences.schemas.evidence import EvidenceOut, EvidenceQuery
from app.platform.bodies import problems
from app.platform.security import Access, access, limiter
from app.wiring import services

bp = APIBlueprint("evidence_api", __name__, url_prefix="/api/v1", tag="Licences")


@bp.get("/safe-harbour")
@limiter.limit("60/minute")
@bp.input(EvidenceQuery, location="query")
@bp.output(EvidenceOut)
@bp.doc(
    operation_id="getEvidence",
    summary="The evidence that contributions are for the AI Act's exemption for open models, and what is missing",
    description="For contributions that are named together as a release. `shown` is that nothing was found missing, "
    "and no verdict: whoever gives the file answers for it. `mcla export --format safe-harbour --json` makes the same "
    "from proofs, without a service.",
    responses=problems(401, 403, 404, 409, 422, 429),
)
@access(Access.PUBLIC)
def get_evidence(query_data: EvidenceQuery) -> Response:
    named = NamedRelease.read(query_data.contributions, query_data.name, query_data.release)
    found = evidence_of(named, services().contributions, services().certifications, current_actor())
    return current_app.response_class(json.dumps(found.to_dict()), content_type="application/json")
