# SPDX-License-Identifier: Apache-2.0
"""Coverage over the API: one question, one answer for each kind, for any time. Nothing is written, nobody named."""

from typing import Any

from apiflask import APIBlueprint

from app.coverage.errors import CoverageUnasked
from app.coverage.schemas import CoverageOut, CoverageQuery, coverage_out
from app.platform.bodies import problems
from app.platform.scopes import Scope
from app.platform.security import Access, access
from app.tokens.access import check_project
from app.tokens.limits import questions
from app.wiring import services

bp = APIBlueprint("coverage", __name__, url_prefix="/api/v1", tag="Coverage")


@bp.get("/coverage")
@questions()
@bp.input(CoverageQuery, location="query")
@bp.output(CoverageOut)
@bp.doc(
    operation_id="getCoverage",
    summary="Was an account, a company or a file covered for a kind, under which version, at a time",
    description="Only what was signed, published and logged by then counts, so the answer about a time never changes. "
    "Accounts are asked for by provider and subject alone, never by address. A login is a label: whoever asks by one "
    "alone is told `unknown`, `login-only`, whether or not it is known here. A project's token is not needed; one with "
    "`coverage:read` has a larger share of questions a minute.",
    responses=problems(401, 403, 404, 422, 429),
)
@access(Access.PUBLIC, Scope.COVERAGE_READ)
def get_coverage(query_data: CoverageQuery) -> dict[str, Any]:
    asked, coverage = query_data, services().coverage
    check_project(asked.project)
    by_account = (asked.subject, asked.login) != (None, None)
    if [by_account, asked.company is not None, asked.artifact is not None].count(True) != 1 or by_account != (
        asked.provider is not None
    ):
        raise CoverageUnasked("The question names no subject, or more than one.")
    when = asked.kind, asked.as_of
    if asked.subject is not None and asked.provider is not None:
        return coverage_out(coverage.of_account(asked.project, asked.provider, asked.subject, *when))
    if asked.login is not None:
        return coverage_out(coverage.of_login(asked.project, *when))
    if asked.company is not None:
        return coverage_out(coverage.of_company(asked.project, asked.company, *when))
    return coverage_out(coverage.of_artifact(asked.project, str(asked.artifact), *when))
