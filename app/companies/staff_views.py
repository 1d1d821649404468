# SPDX-License-Identifier: Apache-2.0
"""Pages for the foundation's staff: end what a company accepted, and admit somebody in its signatory's place."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from app.companies.addresses import parse_address
from app.companies.changes import Change, EndedByFoundation, SignatoryAdmitted
from app.companies.errors import NotAllowed
from app.companies.pages import drafted, form_page, seen
from app.companies.values import CompanyView
from app.platform.security import WRITES, Access, access, limiter

bp = APIBlueprint("company_staff", __name__, enable_openapi=False)


@bp.get("/companies/<company_id>/end")
@access(Access.SESSION)
def ending(company_id: str) -> str:
    """End what was accepted for this company?"""
    return form_page("companies/staff.html", _hosted(company_id), [], what="end")


@bp.post("/companies/<company_id>/end")
@limiter.limit(WRITES)
@access(Access.SESSION)
def end(company_id: str) -> Any:
    """Make the statement by which the foundation ends it."""
    return drafted(_hosted(company_id), EndedByFoundation, "companies/staff.html", "reason", what="end")


@bp.get("/companies/<company_id>/signatory")
@access(Access.SESSION)
def admitting(company_id: str) -> str:
    """Who may sign for this company in its signatory's place?"""
    return form_page("companies/staff.html", _hosted(company_id), [], what="signatory")


@bp.post("/companies/<company_id>/signatory")
@limiter.limit(WRITES)
@access(Access.SESSION)
def admit(company_id: str) -> Any:
    """Make the statement by which the foundation admits somebody to sign."""

    def wanted() -> Change:
        return SignatoryAdmitted(parse_address(request.form.get("email", "")))

    return drafted(_hosted(company_id), wanted, "companies/staff.html", "email", what="signatory")


def _hosted(company_id: str) -> CompanyView:
    """The company as staff of its foundation see it."""
    view = seen(company_id)
    if "staff" not in view.roles:
        raise NotAllowed(
            "Only staff of the foundation can do this.", hint="Write to the foundation that you signed with."
        )
    return view
