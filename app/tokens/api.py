# SPDX-License-Identifier: Apache-2.0
"""The exchange over the API: a forge's ID token for a token of the project, so that CI keeps no secret."""

from typing import Any

from apiflask import APIBlueprint

from app.platform.bodies import problems
from app.platform.security import Access, access, limiter
from app.tokens.schemas import ExchangeIn, ExchangeOut, exchange_out
from app.tokens.values import read_scopes
from app.wiring import services

bp = APIBlueprint("tokens", __name__, url_prefix="/api/v1", tag="Tokens")


@bp.post("/tokens/exchange")
@limiter.limit("60/minute")
@bp.input(ExchangeIn, location="json")
@bp.output(ExchangeOut)
@bp.doc(
    operation_id="exchangeToken",
    summary="Exchange a forge's ID token for a token of a project",
    description="For jobs of GitHub Actions, GitLab and other issuers that the operator has set up. A rule of the "
    "project has to name the issuer and exactly what the token says. Each ID token works once; what comes of it works "
    "for ten minutes.",
    responses=problems(400, 401, 403, 404, 413, 415, 422, 429),
)
@access(Access.PUBLIC)
def exchange(json_data: ExchangeIn) -> dict[str, Any]:
    project = services().projects.project(json_data.project)
    scopes = read_scopes(json_data.scope) if json_data.scope is not None else None
    return exchange_out(project.slug, services().workloads.exchange(project, json_data.subject_token, scopes))
