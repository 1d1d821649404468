# SPDX-License-Identifier: Apache-2.0
"""Signed decisions over the API: asked for once, kept under an address whose content never changes."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from app.decisions.schemas import EXAMPLE, LICENCE_EXAMPLE, DecisionIn, DecisionPath, LicenceDecisionIn
from app.licences.service import Asked
from app.platform.bodies import problems
from app.platform.security import Access, access, limiter
from app.wiring import services

bp = APIBlueprint("decisions", __name__, url_prefix="/api/v1", tag="Licences")
UNTIL_OVER = "public, max-age=86400, immutable"


def _signed(what: str, *members: str) -> Any:
    """A signed answer in the API document; `members` hold what was decided."""
    return {
        "description": f"The {what} with its envelope (in-toto SVR v0.2 in DSSE, certified for <origin>/decisions)",
        "content": {"application/json": {"schema": {"type": "object", "required": [*members, "expires", "envelope"]}}},
    }


SIGNED, SIGNED_LICENCES = _signed("decision", "outcome", "bases"), _signed("answer", "answer")


@bp.post("/decisions")
@limiter.limit("30/minute")
@bp.input(DecisionIn, location="json", example=EXAMPLE)
@bp.doc(
    operation_id="decideUse",
    summary="A signed decision on a use of these files",
    description="What `POST /licences/evaluate` says today, signed for the files that are named and good for a day. "
    "`mcla gate --decision FILE` demands one before a model is loaded. Under a known licence the rules also hold what "
    "givers of the files declared here against the bases that they declare: what these bar is denied. `bases` says "
    "which declarations were looked at and which were not. One that permits nothing for certain is signed too, and "
    "does not have the property of a permission.",
    responses={201: SIGNED, **problems(400, 404, 409, 413, 415, 422, 429)},
)
@access(Access.PUBLIC)
def decide(json_data: DecisionIn) -> Response:
    asked, decisions = json_data, services().decisions
    terms = Asked(**asked.model_dump(exclude={"use", "files"}))
    return _made(decisions.decide(asked.use, terms, asked.manifest))


@bp.post("/licences/decisions")
@limiter.limit("30/minute")
@bp.input(LicenceDecisionIn, location="json", example=LICENCE_EXAMPLE)
@bp.doc(
    operation_id="decideLicences",
    summary="A signed answer to a question about licences",
    description="What `POST /licences/check` says, signed and good for a day, over the files if they are named; it is "
    "found again at `/decisions/{digest}`. `mcla verify` reads it. An answer that is no yes is signed too, and has no "
    "property.",
    responses={201: SIGNED_LICENCES, **problems(400, 404, 413, 415, 422, 429)},
)
@access(Access.PUBLIC)
def decide_licences(json_data: LicenceDecisionIn) -> Response:
    return _made(services().decisions.decide_licences(json_data.asked, json_data.manifest))


@bp.get("/decisions/<digest>")
@bp.input(DecisionPath, location="path")
@bp.doc(
    operation_id="getDecision",
    summary="A signed decision again, by the SHA-256 of its bytes",
    responses={200: SIGNED, **problems(404)},
)
@access(Access.PUBLIC)
def get_decision(digest: str, path_data: DecisionPath) -> Response:
    del path_data  # documents the digest
    response = Response(services().decisions.document(digest), content_type="application/json")
    response.headers["Cache-Control"] = UNTIL_OVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _made(digest: str) -> Response:
    response = Response(services().decisions.document(digest), status=201, content_type="application/json")
    response.headers["Location"] = f"{services().settings.origin}/api/v1/decisions/{digest}"
    return response
